#include "serve/server_state.h"

#include <utility>

#include "base/build_info.h"
#include "base/clock.h"
#include "base/format.h"
#include "base/logging.h"
#include "base/process.h"
#include "json/text.h"

namespace millrace::serve {
namespace {

std::string LockPath(const std::string& state_path) { return state_path + ".lock"; }

std::string HostAndPort(const std::string& address, int64_t port) {
  const bool is_any = address == "0.0.0.0" || address == "::";
  const std::string host = is_any ? "127.0.0.1" : address;
  return host.find(':') == std::string::npos ? Format("{}:{}", host, port)
                                             : Format("[{}]:{}", host, port);
}

std::string UrlOf(const std::string& address, int64_t port) {
  return "http://" + HostAndPort(address, port);
}

}  // namespace

std::string ServerState::Url() const { return UrlOf(address, port); }

std::string ServerState::GrpcAddress() const {
  return grpc_port == 0 ? "" : HostAndPort(address, grpc_port);
}

std::string ServerState::MetricsUrl() const {
  return UrlOf(address, metrics_port == 0 ? port : metrics_port);
}

std::string ProgramIdentity() { return Format("{} {}", ProgramVersion(), SourceDigest()); }

std::optional<ServerState> FindServer(const std::string& state_path) {
  const Result<std::string> text = ReadFile(state_path);
  if (!text.ok()) return std::nullopt;
  const Result<json::Json> document = json::Parse(*text, state_path);
  if (!document.ok()) return std::nullopt;
  ServerState state;
  state.process_id = (*document)["process_id"].AsInteger();
  state.start_ticks = (*document)["start_ticks"].AsInteger();
  state.address = (*document)["address"].AsString();
  state.port = (*document)["port"].AsInteger();
  state.metrics_port = (*document)["metrics_port"].AsInteger();
  const json::Json& grpc_port = (*document)["grpc_port"];  // servers of earlier versions lack it
  if (grpc_port.is_number()) state.grpc_port = grpc_port.AsInteger();
  state.program = (*document)["program"].AsString();
  if (state.process_id <= 1 || !ProcessExists(state.process_id)) return std::nullopt;
  const Result<int64_t> ticks = ProcessStartTicks(state.process_id);
  if (!ticks.ok() || *ticks != state.start_ticks) return std::nullopt;
  return state;
}

Result<bool> IsHeld(const std::string& state_path) {
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<FileLock> lock,
                            FileLock::TryLock(LockPath(state_path)));
  return !lock.has_value();
}

Result<ServerRegistration> ServerRegistration::Take(const std::string& state_path) {
  SystemClock clock;
  // Somebody who only looks whether it is held holds it for an instant.
  for (int attempt = 0; attempt < 20; ++attempt) {
    MILLRACE_ASSIGN_OR_RETURN(std::optional<FileLock> lock,
                              FileLock::TryLock(LockPath(state_path)));
    if (lock) return ServerRegistration(state_path, std::move(*lock));
    clock.SleepSeconds(0.01);
  }
  return Unavailable(Format("{}: another server runs with this file", state_path));
}

Status ServerRegistration::Publish(const std::string& address, int64_t port, int64_t metrics_port,
                                   int64_t grpc_port) const {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t ticks, ProcessStartTicks(CurrentProcessId()));
  return WriteFileAtomic(path_,
                         json::WritePretty(json::Json::Of({{"process_id", CurrentProcessId()},
                                                           {"start_ticks", ticks},
                                                           {"address", address},
                                                           {"port", port},
                                                           {"metrics_port", metrics_port},
                                                           {"grpc_port", grpc_port},
                                                           {"program", ProgramIdentity()}})));
}

ServerRegistration::ServerRegistration(ServerRegistration&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}

ServerRegistration& ServerRegistration::operator=(ServerRegistration&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(lock_, other.lock_);
  return *this;
}

ServerRegistration::~ServerRegistration() {
  if (path_.empty()) return;
  const Status removed = RemoveAll(path_);
  if (!removed.ok()) LogWarning(removed.ToString());
}

}  // namespace millrace::serve
