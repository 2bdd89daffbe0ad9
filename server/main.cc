// millrace-server: serves bundles. Links the serving folders only.

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/build_info.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/format.h"
#include "base/logging.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"
#include "journal/writer.h"
#include "serve/http_server.h"
#include "serve/server_state.h"

namespace millrace::serve {
namespace {

constexpr const char* kHelp =
    R"(millrace-server: serves bundles over HTTP

usage: millrace-server --bundle FILE.mill [--port 8080]
       millrace-server --deployment FILE.json --port 0 --port-file FILE --log DIR

  --bundle FILE       serves one bundle
  --deployment FILE   serves the routes of this file and follows its changes
  --address ADDRESS   default 127.0.0.1; any other needs token hashes in the deployment
  --port N            default 8080; 0: any free one
  --metrics-port N    also answers probes and /metrics there, without a token; 0: any free one
  --port-file FILE    writes the port there once it listens
  --state-file FILE   tells process, address and port there while it runs; one server per file
  --log DIR           keeps predictions and feedback there
  --threads N         default: one per processor
  --ends-with ID      ends when its parent, the process with this id, ends
  --version, --help
)";

struct Arguments {
  std::map<std::string, std::string> values;
  std::string Get(const std::string& name, const std::string& otherwise = "") const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : found->second;
  }
};

Result<Arguments> ReadArguments(int argc, char** argv) {
  const std::vector<std::string> known = {
      "--bundle", "--deployment", "--address",    "--port",      "--port-file",
      "--log",    "--threads",    "--state-file", "--ends-with", "--metrics-port"};
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help" || name == "--version") {
      arguments.values[name] = "1";
      continue;
    }
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return InvalidSpec(Format("{}: unknown argument", name)).WithHint(DidYouMean(name, known));
    }
    if (++i == argc) return InvalidSpec(Format("{}: needs a value", name));
    arguments.values[name] = argv[i];
  }
  const bool has_bundle = arguments.values.count("--bundle") != 0;
  const bool has_deployment = arguments.values.count("--deployment") != 0;
  if (arguments.values.empty() || arguments.values.count("--help") != 0 ||
      arguments.values.count("--version") != 0) {
    return arguments;
  }
  if (has_bundle == has_deployment) {
    return InvalidSpec("arguments: give either --bundle or --deployment")
        .WithHint("millrace-server --help");
  }
  return arguments;
}

Result<Deployment> WantedDeployment(const Arguments& arguments) {
  const std::string file = arguments.Get("--deployment");
  if (!file.empty()) return ReadDeployment(file);
  Deployment deployment;
  RouteSpec route;
  route.bundle = arguments.Get("--bundle");
  route.label = "champion";
  deployment.routes = {std::move(route)};
  return deployment;
}

Result<HttpOptions> OptionsOf(const Arguments& arguments, const Deployment& deployment) {
  HttpOptions options;
  options.address = arguments.Get("--address", options.address);
  options.limits = deployment.limits;
  const std::optional<int64_t> port = ParseInt(arguments.Get("--port", "8080"));
  if (!port) return InvalidSpec(Format("--port: not a number: {}", arguments.Get("--port")));
  options.port = *port;
  const std::optional<int64_t> threads =
      ParseInt(arguments.Get("--threads", Format("{}", NumProcessors())));
  if (!threads || *threads < 1 || *threads > 1024) {
    return InvalidSpec(Format("--threads: not 1..1024: {}", arguments.Get("--threads")));
  }
  options.num_threads = static_cast<int>(*threads);
  if (!IsLoopback(options.address) && deployment.token_hashes.empty()) {
    return InvalidSpec(Format("--address: {} is reachable by others, and no token is required",
                              options.address))
        .WithHint("list token_hashes (SHA-256 of a token) in the deployment file");
  }
  return options;
}

Result<std::unique_ptr<HttpServer>> StartProbes(const Arguments& arguments,
                                                const HttpOptions& main_options,
                                                const Service& service) {
  const std::string text = arguments.Get("--metrics-port");
  const std::optional<int64_t> port = ParseInt(text);
  if (!port) return InvalidSpec(Format("--metrics-port: not a number: {}", text));
  HttpOptions options = main_options;
  options.port = *port;
  options.num_threads = 1;
  return HttpServer::Start(options, service);
}

// Takes over a changed deployment file; a bad one leaves the old routing serving.
class Follower {
 public:
  Follower(std::string path, Router& router, Metrics& metrics, Digest seen)
      : path_(std::move(path)), router_(router), metrics_(metrics), seen_(seen) {}

  void Look() {
    const Result<std::string> text = ReadFile(path_);
    if (!text.ok()) return;
    const Digest digest = DigestOf(*text);
    if (digest == seen_) return;
    seen_ = digest;
    const Status status = Take();
    if (!status.ok()) {
      metrics_.CountFailedSwap();
      LogError(Format("deployment refused, the old one serves on: {}", status.ToString()));
      return;
    }
    metrics_.CountSwap();
    LogInfo(Format("deployment taken over: {}", digest.Short()));
  }

 private:
  Status Take() {
    MILLRACE_ASSIGN_OR_RETURN(const Deployment deployment, ReadDeployment(path_));
    if (deployment.token_hashes.empty() && !router_.current()->deployment.token_hashes.empty()) {
      return InvalidSpec(Format("{}: token_hashes: a running server does not drop them", path_));
    }
    const std::shared_ptr<const Routing> current = router_.current();
    MILLRACE_ASSIGN_OR_RETURN(auto routing, LoadRouting(deployment, current.get()));
    router_.Swap(std::move(routing));
    return {};
  }

  const std::string path_;
  Router& router_;
  Metrics& metrics_;
  Digest seen_;
};

// Asks the system for SIGTERM when the parent is gone; a parent that is gone already is noticed
// here.
Status EndWithParent(const std::string& parent) {
  if (parent.empty()) return {};
  const std::optional<int64_t> id = ParseInt(parent);
  if (!id) return InvalidSpec(Format("--ends-with: not a process id: {}", parent));
  if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) return IoError("--ends-with: the system refuses");
  if (getppid() != *id) return Cancelled(Format("process {}: has ended", *id));
  return {};
}

void WaitForEnd(Follower* follower) {
  while (!Interrupted()) {
    if (follower != nullptr) follower->Look();
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
}

Status Serve(const Arguments& arguments) {
  CatchInterrupts();
  signal(SIGHUP, SIG_IGN);  // the deployment file is looked at forty times a second anyway
  MILLRACE_RETURN_IF_ERROR(EndWithParent(arguments.Get("--ends-with")));
  std::optional<ServerRegistration> registration;
  const std::string state_file = arguments.Get("--state-file");
  if (!state_file.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(registration, ServerRegistration::Take(state_file));
  }
  const std::string file = arguments.Get("--deployment");
  Digest seen;
  if (!file.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
    seen = DigestOf(text);
  }
  MILLRACE_ASSIGN_OR_RETURN(const Deployment deployment, WantedDeployment(arguments));
  MILLRACE_ASSIGN_OR_RETURN(const HttpOptions options, OptionsOf(arguments, deployment));
  MILLRACE_ASSIGN_OR_RETURN(auto routing, LoadRouting(deployment, nullptr));
  Router router(std::move(routing));
  Metrics metrics;
  SystemClock clock;
  std::unique_ptr<journal::Writer> log;
  if (!arguments.Get("--log").empty()) {
    MILLRACE_ASSIGN_OR_RETURN(log, journal::Writer::Open(arguments.Get("--log")));
  }
  const Service service(router, metrics, log.get(), clock);
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<HttpServer> server,
                            HttpServer::Start(options, service));
  std::printf("listening on http://%s:%lld\n", options.address.c_str(),
              static_cast<long long>(server->port()));
  std::fflush(stdout);
  const std::string port_file = arguments.Get("--port-file");
  if (!port_file.empty()) {
    MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(port_file, Format("{}\n", server->port())));
  }
  const Service probe_service(router, metrics, log.get(), clock, Surface::kProbes);
  std::unique_ptr<HttpServer> probes;
  if (!arguments.Get("--metrics-port").empty()) {
    MILLRACE_ASSIGN_OR_RETURN(probes, StartProbes(arguments, options, probe_service));
  }
  if (registration) {
    const int64_t metrics_port = probes ? probes->port() : 0;
    MILLRACE_RETURN_IF_ERROR(registration->Publish(options.address, server->port(), metrics_port));
  }
  std::optional<Follower> follower;
  if (!file.empty()) follower.emplace(file, router, metrics, seen);
  WaitForEnd(follower ? &*follower : nullptr);
  server->Drain(10.0);
  return {};
}

int Main(int argc, char** argv) {
  SetUpLogging(LogLevel::kInfo, LogForm::kText);
  const Result<Arguments> arguments = ReadArguments(argc, argv);
  Status status = arguments.status();
  if (status.ok()) {
    if (arguments->values.empty() || !arguments->Get("--help").empty()) {
      std::fputs(kHelp, stdout);
      return arguments->values.empty() ? 2 : 0;
    }
    if (!arguments->Get("--version").empty()) {
      std::printf("millrace-server %s\n", std::string(ProgramVersion()).c_str());
      return 0;
    }
    status = Serve(*arguments);
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "millrace-server: %s\n", status.ToString().c_str());
  return ExitCode(status.code());
}

}  // namespace
}  // namespace millrace::serve

int main(int argc, char** argv) { return millrace::serve::Main(argc, argv); }
