// millrace-server: serves bundles. Links the serving folders only.

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "arguments.h"
#include "base/build_info.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/format.h"
#include "base/logging.h"
#include "base/process.h"
#include "base/text.h"
#include "follower.h"
#include "journal/writer.h"
#include "rpc/grpc_server.h"
#include "serve/http_server.h"
#include "serve/server_state.h"

namespace millrace::serve {
namespace {

constexpr double kGraceSeconds = 10.0;

// Asks the system for SIGTERM when the parent is gone; one that is gone already is noticed here.
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

// What runs between the start and the end of a server.
struct Running {
  std::unique_ptr<HttpServer> server;
  std::unique_ptr<HttpServer> probes;      // may be null
  std::unique_ptr<rpc::GrpcServer> calls;  // may be null
};

Result<Running> Listen(const Arguments& arguments, const HttpOptions& options,
                       const Service& service, const Service& probe_service) {
  Running running;
  MILLRACE_ASSIGN_OR_RETURN(running.server, HttpServer::Start(options, service));
  if (arguments.Has("--metrics-port")) {
    HttpOptions probes = options;
    MILLRACE_ASSIGN_OR_RETURN(const double port,
                              NumberOf(arguments, "--metrics-port", 0, 0, 65535));
    probes.port = static_cast<int64_t>(port);
    probes.num_threads = 1;
    MILLRACE_ASSIGN_OR_RETURN(running.probes, HttpServer::Start(probes, probe_service));
  }
  if (arguments.Has("--grpc-port")) {
    MILLRACE_ASSIGN_OR_RETURN(const double port, NumberOf(arguments, "--grpc-port", 0, 0, 65535));
    MILLRACE_ASSIGN_OR_RETURN(
        running.calls, rpc::GrpcServer::Start({.address = options.address,
                                               .port = static_cast<int64_t>(port),
                                               .max_body_bytes = options.limits.max_body_bytes},
                                              service));
    std::printf("listening on grpc://%s:%lld\n", options.address.c_str(),
                static_cast<long long>(running.calls->port()));
  }
  std::printf("listening on http://%s:%lld\n", options.address.c_str(),
              static_cast<long long>(running.server->port()));
  std::fflush(stdout);
  const std::string port_file = arguments.Get("--port-file");
  if (!port_file.empty()) {
    MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(port_file, Format("{}\n", running.server->port())));
  }
  return running;
}

// Readiness flips first; whoever routes to this server sees it, and requests that come meanwhile
// are answered; then connections end.
void End(const Running& running, Router& router, double delay_seconds) {
  router.StopBeingReady();
  if (running.calls) running.calls->StopBeingReady();
  std::this_thread::sleep_for(std::chrono::milliseconds(static_cast<int64_t>(delay_seconds * 1e3)));
  std::thread calls([&running] {
    if (running.calls) running.calls->Drain(kGraceSeconds);
  });
  running.server->Drain(kGraceSeconds);
  calls.join();
}

Status Serve(const Arguments& arguments) {
  CatchInterrupts();
  signal(SIGHUP, SIG_IGN);  // the deployment file is looked at forty times a second anyway
  MILLRACE_RETURN_IF_ERROR(EndWithParent(arguments.Get("--ends-with")));
  std::optional<ServerRegistration> registration;
  if (arguments.Has("--state-file")) {
    MILLRACE_ASSIGN_OR_RETURN(registration,
                              ServerRegistration::Take(arguments.Get("--state-file")));
  }
  MILLRACE_ASSIGN_OR_RETURN(const double delay, NumberOf(arguments, "--drain-delay", 0, 0, 3600));
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
  if (arguments.Has("--log")) {
    MILLRACE_ASSIGN_OR_RETURN(log, journal::Writer::Open(arguments.Get("--log")));
  }
  const Service service(router, metrics, log.get(), clock);
  const Service probe_service(router, metrics, log.get(), clock, Surface::kProbes);
  MILLRACE_ASSIGN_OR_RETURN(const Running running,
                            Listen(arguments, options, service, probe_service));
  if (registration) {
    const int64_t metrics_port = running.probes ? running.probes->port() : 0;
    const int64_t grpc_port = running.calls ? running.calls->port() : 0;
    MILLRACE_RETURN_IF_ERROR(
        registration->Publish(options.address, running.server->port(), metrics_port, grpc_port));
  }
  std::optional<Follower> follower;
  if (!file.empty()) follower.emplace(file, router, metrics, seen);
  WaitForEnd(follower ? &*follower : nullptr);
  End(running, router, delay);
  return {};
}

int Main(const std::vector<std::string>& words) {
  SetUpLogging(LogLevel::kInfo, LogForm::kText);
  const Result<Arguments> arguments = ReadArguments(words);
  Status status = arguments.status();
  if (status.ok()) {
    if (words.empty() || arguments->Has("--help")) {
      std::fputs(kHelp, stdout);
      return words.empty() ? ExitCode(Code::kInvalidSpec) : 0;
    }
    if (arguments->Has("--version")) {
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

int main(int argc, char** argv) {
  return millrace::serve::Main({argv + 1, argv + (argc > 0 ? argc : 1)});
}
