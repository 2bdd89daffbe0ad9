// ServerState: what a running server tells about itself in a file, so that others find it and never
// take a process with a reused id for it.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/result.h"

namespace millrace::serve {

struct ServerState {
  int64_t process_id = 0;
  int64_t start_ticks = 0;  // since boot; with the id it names a process for good
  std::string address;      // as asked for: "127.0.0.1"
  int64_t port = 0;
  int64_t metrics_port = 0;  // of probes and /metrics; 0: none of its own
  int64_t grpc_port = 0;     // 0: none
  std::string program;       // version and source digest: "0.1.0 3f9c21ab..."

  friend bool operator==(const ServerState&, const ServerState&) = default;

  /// Returns "http://127.0.0.1:8080": how this machine reaches it, also where it listens on every
  /// address.
  std::string Url() const;
  /// The same for probes and /metrics: a port that asks for no token.
  std::string MetricsUrl() const;
  /// The same for gRPC, without a scheme: "127.0.0.1:8001"; empty where it is not served.
  std::string GrpcAddress() const;
};

/// Returns "<version> <source digest>" of this program.
std::string ProgramIdentity();

/// Returns the server that registered in the file, when that very process is still alive. A file
/// that is absent or unreadable means nobody.
std::optional<ServerState> FindServer(const std::string& state_path);
/// Returns true when a server holds the file, registered already or about to be. kIoError.
Result<bool> IsHeld(const std::string& state_path);

/// The right of one server to one state file; given up when this object dies, or the process.
class ServerRegistration {
 public:
  /// Takes the file for this process. kUnavailable when another server holds it.
  static Result<ServerRegistration> Take(const std::string& state_path);
  /// Writes what others need to find this process, once it listens. kIoError.
  Status Publish(const std::string& address, int64_t port, int64_t metrics_port,
                 int64_t grpc_port) const;
  /// Removes what Publish wrote.
  ~ServerRegistration();
  ServerRegistration(ServerRegistration&& other) noexcept;
  ServerRegistration& operator=(ServerRegistration&& other) noexcept;

 private:
  ServerRegistration(std::string path, FileLock lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;  // empty after a move
  FileLock lock_;
};

}  // namespace millrace::serve
