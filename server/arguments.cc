#include "arguments.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "base/threads.h"

namespace millrace::serve {
namespace {

const std::vector<std::string>& ValueNames() {
  static const std::vector<std::string> names = {
      "--bundle",      "--deployment", "--address",   "--port",    "--metrics-port",
      "--port-file",   "--state-file", "--log",       "--threads", "--ends-with",
      "--drain-delay", "--grpc-port",  "--on-invalid"};
  return names;
}

const std::vector<std::string>& SwitchNames() {
  static const std::vector<std::string> names = {"--open", "--version", "--help"};
  return names;
}

bool Holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Status Unknown(const std::string& name) {
  std::vector<std::string> known = ValueNames();
  known.insert(known.end(), SwitchNames().begin(), SwitchNames().end());
  return InvalidSpec(Format("{}: unknown argument", name)).WithHint(DidYouMean(name, known));
}

Result<std::vector<std::string>> TokensOfEnvironment() {
  std::vector<std::string> hashes;
  const char* text = std::getenv("MILLRACE_TOKEN_HASHES");
  if (text == nullptr || *text == '\0') return hashes;
  for (const std::string_view part : Split(text, ',')) {
    const Result<Digest> hash = Digest::FromHex(Trim(part));
    if (!hash.ok()) {
      return InvalidSpec("MILLRACE_TOKEN_HASHES: not SHA-256 values in hexadecimal")
          .WithHint("printf %s TOKEN | sha256sum");
    }
    hashes.push_back(hash->ToHex());
  }
  return hashes;
}

}  // namespace

const char* const kHelp =
    R"(millrace-server: serves bundles over HTTP and gRPC

usage: millrace-server --bundle FILE.mill [--port 8080]
       millrace-server --deployment FILE.json --port 0 --port-file FILE --log DIR

  --bundle FILE       serves one bundle; token hashes from MILLRACE_TOKEN_HASHES
  --deployment FILE   serves the routes of this file and follows its changes
  --address ADDRESS   default 127.0.0.1; any other needs token hashes, or --open
  --open              others may ask without a token
  --port N            default 8080; 0: any free one
  --metrics-port N    also answers probes and /metrics there, without a token; 0: any free one
  --grpc-port N       also answers the Open Inference Protocol over gRPC there; 0: any free one
  --port-file FILE    writes the port there once it listens
  --state-file FILE   tells process, address and port there while it runs; one server per file
  --log DIR           keeps predictions and feedback there
  --threads N         default: one per processor
  --drain-delay S     seconds after SIGTERM in which it is not ready and takes requests still;
                      default 0
  --on-invalid WHAT   with --bundle: rows that break a check of the data are answered with a
                      warning (flag, the default) or refused with 422 (reject)
  --ends-with ID      ends when its parent, the process with this id, ends
  --version, --help

Exit codes: 0 done, 2 arguments or deployment, 3 bundle, 4 port, disk or permission.
)";

std::string Arguments::Get(const std::string& name, const std::string& otherwise) const {
  const auto found = values.find(name);
  return found == values.end() ? otherwise : found->second;
}

Result<Arguments> ReadArguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const size_t equals = words[i].find('=');
    const std::string name = words[i].substr(0, equals);
    if (Holds(SwitchNames(), name) && equals == std::string::npos) {
      arguments.values[name] = "1";
      continue;
    }
    if (!Holds(ValueNames(), name)) return Unknown(words[i]);
    if (equals != std::string::npos) {
      arguments.values[name] = words[i].substr(equals + 1);
    } else if (++i < words.size()) {
      arguments.values[name] = words[i];
    } else {
      return InvalidSpec(Format("{}: needs a value", name));
    }
  }
  if (words.empty() || arguments.Has("--help") || arguments.Has("--version")) return arguments;
  if (arguments.Has("--on-invalid") && !arguments.Has("--bundle")) {
    return InvalidSpec("--on-invalid: goes with --bundle; a deployment file says it itself");
  }
  if (arguments.Has("--bundle") == arguments.Has("--deployment")) {
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
  MILLRACE_ASSIGN_OR_RETURN(deployment.token_hashes, TokensOfEnvironment());
  const std::string on_invalid = arguments.Get("--on-invalid", "flag");
  const std::optional<InvalidRows> known = InvalidRowsFromName(on_invalid);
  if (!known) {
    return InvalidSpec(Format("--on-invalid: none of flag, reject, accept: {}", on_invalid));
  }
  deployment.on_invalid = *known;
  return deployment;
}

Result<double> NumberOf(const Arguments& arguments, const std::string& name, double otherwise,
                        double low, double high) {
  if (!arguments.Has(name)) return otherwise;
  const std::optional<double> value = ParseDouble(arguments.Get(name));
  if (!value || !(*value >= low && *value <= high)) {
    return InvalidSpec(Format("{}: not {}..{}: {}", name, low, high, arguments.Get(name)));
  }
  return *value;
}

Result<HttpOptions> OptionsOf(const Arguments& arguments, const Deployment& deployment) {
  HttpOptions options;
  options.address = arguments.Get("--address", options.address);
  options.limits = deployment.limits;
  MILLRACE_ASSIGN_OR_RETURN(const double port, NumberOf(arguments, "--port", 8080, 0, 65535));
  MILLRACE_ASSIGN_OR_RETURN(const double threads,
                            NumberOf(arguments, "--threads", NumProcessors(), 1, 1024));
  for (const double number : {port, threads}) {
    if (number != std::floor(number)) return InvalidSpec("--port, --threads: not a whole number");
  }
  options.port = static_cast<int64_t>(port);
  options.num_threads = static_cast<int>(threads);
  if (!IsLoopback(options.address) && deployment.token_hashes.empty() && !arguments.Has("--open")) {
    return InvalidSpec(Format("--address: {} is reachable by others, and no token is required",
                              options.address))
        .WithHint(
            "list token_hashes (SHA-256 of a token) in the deployment file or in "
            "MILLRACE_TOKEN_HASHES, or say --open");
  }
  return options;
}

}  // namespace millrace::serve
