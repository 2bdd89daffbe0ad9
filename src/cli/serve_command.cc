#include <memory>
#include <string>

#include "base/format.h"
#include "base/process.h"
#include "base/threads.h"
#include "cli/commands.h"
#include "cli/example_request.h"
#include "cli/project_access.h"
#include "journal/writer.h"
#include "serve/http_server.h"

namespace millrace::cli {
namespace {

constexpr double kLookSeconds = 0.1;
constexpr double kDrainSeconds = 10.0;

Result<serve::HttpOptions> OptionsOf(const CommandContext& context) {
  serve::HttpOptions options;
  options.address = context.arguments.TextOr("--address", options.address);
  MILLRACE_ASSIGN_OR_RETURN(const auto port, context.arguments.Integer("--port", 0, 65535));
  MILLRACE_ASSIGN_OR_RETURN(const auto threads, context.arguments.Integer("--threads", 1, 1024));
  options.port = port.value_or(options.port);
  options.num_threads = static_cast<int>(threads.value_or(NumProcessors()));
  if (!serve::IsLoopback(options.address) && !context.arguments.Has("--token")) {
    return InvalidSpec(Format("--address: {} is reachable by others, and no token is required",
                              options.address))
        .WithHint("--token makes one that clients must send, and prints it");
  }
  return options;
}

// Answers until an interrupt.
Status Answer(const CommandContext& context, const serve::HttpOptions& options,
              const FoundBundle& found, const std::string& token, journal::Writer* log) {
  serve::Deployment deployment;
  const std::string on_invalid = context.arguments.TextOr("--on-invalid", "flag");
  if (on_invalid != "flag" && on_invalid != "reject") {
    return InvalidSpec(Format("--on-invalid: neither flag nor reject: {}", on_invalid));
  }
  if (on_invalid == "reject") deployment.on_invalid = serve::InvalidRows::kReject;
  deployment.routes = {{.bundle = found.path, .digest = "", .weight = 1.0, .label = "champion"}};
  if (!token.empty()) deployment.token_hashes = {DigestOf(token).ToHex()};
  MILLRACE_ASSIGN_OR_RETURN(auto routing, serve::LoadRouting(deployment, nullptr));
  serve::Router router(std::move(routing));
  serve::Metrics metrics;
  const serve::Service service(router, metrics, log, context.clock);
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<serve::HttpServer> server,
                            serve::HttpServer::Start(options, service));
  const std::string url = Format("http://{}:{}", options.address, server->port());
  const std::string curl = ExampleCurl(url, found.bundle->request_schema(), token);
  context.output.Text(Format("{} answers at {}\n\n  {}\n\n", found.origin, url, curl));
  context.output.Document(json::Json::Of({{"url", url},
                                          {"bundle", found.bundle->digest().ToHex()},
                                          {"token", token},
                                          {"curl", curl}}));
  context.output.FlushDocument();
  Note("Ctrl-C ends it\n");
  while (!Interrupted()) context.clock.SleepSeconds(kLookSeconds);
  server->Drain(kDrainSeconds);
  Note("ended\n");
  return {};
}

}  // namespace

Status RunServe(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const serve::HttpOptions options, OptionsOf(context));
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle found,
                            FindBundle(context, context.arguments.Text("BUNDLE")));
  std::string token;
  if (context.arguments.Has("--token")) {
    MILLRACE_ASSIGN_OR_RETURN(token, RandomHex(24));
  }
  std::unique_ptr<journal::Writer> log;
  if (context.arguments.Has("--log")) {
    MILLRACE_ASSIGN_OR_RETURN(
        log, journal::Writer::Open(context.Resolve(context.arguments.Text("--log"))));
  }
  return Answer(context, options, found, token, log.get());
}

}  // namespace millrace::cli
