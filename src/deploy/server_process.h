// ServerProcess: starts, finds and stops millrace-server processes by their state file, so that a
// process of somebody else is never taken for ours, and no server is started twice.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "serve/server_state.h"

namespace millrace::deploy {

enum class Lifetime {
  kDaemon,      // outlives the caller and its terminal
  kWithCaller,  // ends when the caller's process ends
};

struct ServerStart {
  std::string program;     // path of millrace-server
  std::string deployment;  // file that it follows
  std::string state_path;
  std::string output_path;  // where its messages are appended
  std::string journal;      // folder of predictions; empty: none are kept
  std::string address = "127.0.0.1";
  int64_t port = 0;                     // 0: any free one
  std::optional<int64_t> metrics_port;  // of probes and /metrics; nullopt: none of its own
  std::optional<int64_t> grpc_port;     // nullopt: no gRPC
  int64_t threads = 0;                  // 0: one per processor
  Lifetime lifetime = Lifetime::kDaemon;
};

/// Returns the path of millrace-server: `named` when not empty, else the one beside the running
/// program. kNotFound naming the place.
Result<std::string> FindServerProgram(const std::string& named);

/// Starts a server and waits until it listens. One that holds the state file already is returned
/// instead, whatever its address is. kIoError naming the port and what to do when it is taken;
/// other failures with the server's own words and code; kUnavailable after 60 s.
Result<serve::ServerState> StartServer(const ServerStart& start, Clock& clock);

/// Returns ok when nobody listens there; kIoError naming the port and what to do otherwise. Port 0
/// is always free.
Status CheckPortFree(const std::string& address, int64_t port);

/// Ends the server of the state file: SIGTERM, `grace_seconds` to drain, then SIGKILL. None is no
/// error. One that is just starting is waited for.
Status StopServer(const std::string& state_path, double grace_seconds, Clock& clock);

/// One route that a server answers with.
struct ServedRoute {
  std::string label;
  std::string digest;  // of the bundle
  double weight = 1.0;
};
/// Asks a server what it serves. kUnavailable when it does not answer or is not ready.
Result<std::vector<ServedRoute>> AskRoutes(const serve::ServerState& server);

}  // namespace millrace::deploy
