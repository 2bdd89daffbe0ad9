#include "deploy/server_process.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "json/text.h"
#include "net/http_client.h"

namespace millrace::deploy {
namespace {

constexpr double kStartSeconds = 60.0;
constexpr double kPollSeconds = 0.01;

// Returns what the server wrote after `offset`, its last lines.
std::string LastWords(const std::string& path, int64_t offset) {
  const Result<std::string> text = ReadFile(path);
  if (!text.ok() || static_cast<int64_t>(text->size()) <= offset) return "it said nothing";
  const std::string_view rest = Trim(std::string_view(*text).substr(static_cast<size_t>(offset)));
  std::string words;
  for (const std::string_view line : Split(rest, '\n')) {
    constexpr std::string_view kPrefix = "millrace-server: ";
    if (line.substr(0, kPrefix.size()) == kPrefix) words = line.substr(kPrefix.size());
  }
  return words.empty() ? Ellipsize(rest, 400) : words;
}

Status PortTaken(const std::string& address, int64_t port, std::string_view reason) {
  return IoError(Format("{}:{}: the port cannot be used: {}", address, port, reason))
      .WithHint(
          "set deploy.port in millrace.yaml (0: any free one), or stop the program that holds "
          "it");
}

Status EndedEarly(const ServerStart& start, int exit_code, const std::string& words) {
  const std::string message = Format("{}: ended with {}: {}", start.program, exit_code, words);
  if (words.find("cannot listen") != std::string::npos) {
    return IoError(words).WithHint(
        "set deploy.port, deploy.metrics_port and deploy.grpc_port in millrace.yaml (0: any free "
        "one), or stop the "
        "program that holds it");
  }
  if (exit_code == ExitCode(Code::kInvalidSpec)) return InvalidSpec(message);
  if (exit_code == ExitCode(Code::kCorrupt)) return Corrupt(message);
  return IoError(message);
}

std::vector<std::string> ArgumentsOf(const ServerStart& start) {
  std::vector<std::string> arguments = {
      start.program, "--deployment",           start.deployment, "--address",     start.address,
      "--port",      Format("{}", start.port), "--state-file",   start.state_path};
  const auto add = [&arguments](std::string name, std::string value) {
    arguments.push_back(std::move(name));
    arguments.push_back(std::move(value));
  };
  if (!start.journal.empty()) add("--log", start.journal);
  if (start.metrics_port) add("--metrics-port", Format("{}", *start.metrics_port));
  if (start.grpc_port) add("--grpc-port", Format("{}", *start.grpc_port));
  if (start.threads > 0) add("--threads", Format("{}", start.threads));
  if (start.lifetime == Lifetime::kWithCaller) {
    add("--ends-with", Format("{}", CurrentProcessId()));
  }
  return arguments;
}

// Waits for a server that holds the file to tell where it is. `child` 0: not ours.
Result<serve::ServerState> AwaitRegistration(const ServerStart& start, int64_t child,
                                             int64_t output_offset, Clock& clock) {
  const double end = clock.MonotonicSeconds() + kStartSeconds;
  while (clock.MonotonicSeconds() < end) {
    if (auto state = serve::FindServer(start.state_path)) return *std::move(state);
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    if (child != 0) {
      MILLRACE_ASSIGN_OR_RETURN(const std::optional<int> code, PollChild(child));
      if (code) return EndedEarly(start, *code, LastWords(start.output_path, output_offset));
    } else {
      MILLRACE_ASSIGN_OR_RETURN(const bool held, serve::IsHeld(start.state_path));
      if (!held) return Unavailable(Format("{}: the server that started has ended", start.program));
    }
    clock.SleepSeconds(kPollSeconds);
  }
  return Unavailable(
      Format("{}: does not listen after {}", start.program, FormatDuration(kStartSeconds)));
}

}  // namespace

Result<std::string> FindServerProgram(const std::string& named) {
  std::string path = named;
  if (path.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string program, CurrentProgramPath());
    path = JoinPath(FolderName(program), "millrace-server");
  }
  if (!FileExists(path)) {
    return NotFound(Format("{}: the server program is not there", path))
        .WithHint("install millrace-server beside millrace");
  }
  return path;
}

Status CheckPortFree(const std::string& address, int64_t port) {
  namespace asio = boost::asio;
  boost::system::error_code error;
  const auto place =
      asio::ip::make_address(address == "localhost" ? std::string("127.0.0.1") : address, error);
  if (error) return InvalidSpec(Format("deploy.address: not an IP address: {}", address));
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor(context);
  const asio::ip::tcp::endpoint endpoint(place, static_cast<uint16_t>(port));
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1, error);
  return error ? PortTaken(address, port, error.message()) : Status();
}

Result<serve::ServerState> StartServer(const ServerStart& start, Clock& clock) {
  MILLRACE_RETURN_IF_ERROR(MakeFolders(FolderName(start.state_path)));
  MILLRACE_RETURN_IF_ERROR(MakeFolders(FolderName(start.output_path)));
  MILLRACE_ASSIGN_OR_RETURN(const bool held, serve::IsHeld(start.state_path));
  if (held) {
    Result<serve::ServerState> running = AwaitRegistration(start, 0, 0, clock);
    if (running.ok() || running.status().code() != Code::kUnavailable) return running;
  }
  ChildOptions options;
  options.arguments = ArgumentsOf(start);
  options.stdout_path = start.output_path;
  options.stderr_path = start.output_path;
  options.new_session = start.lifetime == Lifetime::kDaemon;
  const int64_t offset = FileExists(start.output_path) ? *FileSize(start.output_path) : 0;
  MILLRACE_ASSIGN_OR_RETURN(const int64_t child, StartChild(options));
  Result<serve::ServerState> state = AwaitRegistration(start, child, offset, clock);
  if (!state.ok()) {
    // Whatever the reason is, no half-started server stays behind.
    const Status stopped = StopProcess(child, 1.0);
    if (!stopped.ok()) return stopped;
  }
  return state;
}

Status StopServer(const std::string& state_path, double grace_seconds, Clock& clock) {
  if (!IsFolder(FolderName(state_path))) return {};
  const double end = clock.MonotonicSeconds() + kStartSeconds;
  while (clock.MonotonicSeconds() < end) {
    if (const auto state = serve::FindServer(state_path)) {
      return StopProcess(state->process_id, grace_seconds);
    }
    MILLRACE_ASSIGN_OR_RETURN(const bool held, serve::IsHeld(state_path));
    if (!held) return {};
    clock.SleepSeconds(kPollSeconds);
  }
  return Unavailable(Format("{}: a server holds it and does not say where it is", state_path));
}

Result<std::vector<ServedRoute>> AskRoutes(const serve::ServerState& server) {
  MILLRACE_ASSIGN_OR_RETURN(const net::Url url, net::ParseUrl(server.Url()));
  net::HttpClient client(url.host, url.port, 5.0);
  MILLRACE_ASSIGN_OR_RETURN(const net::HttpResponse answer, client.Get("/v1/ready"));
  if (answer.status != 200) {
    return Unavailable(Format("{}: not ready: status {}", server.Url(), answer.status));
  }
  const Result<json::Json> document = json::Parse(answer.body, server.Url());
  if (!document.ok()) return Unavailable(Format("{}: not ours: {}", server.Url(), answer.body));
  std::vector<ServedRoute> routes;
  for (const json::Json& item : (*document)["routes"].AsArray()) {
    routes.push_back(
        {item["label"].AsString(), item["digest"].AsString(), item["weight"].AsNumber(1.0)});
  }
  return routes;
}

}  // namespace millrace::deploy
