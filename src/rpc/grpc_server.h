// GrpcServer: the port of the Open Inference Protocol over gRPC, with gRPC's own health and
// reflection services.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "serve/service.h"

namespace millrace::rpc {

struct GrpcOptions {
  std::string address = "127.0.0.1";
  int64_t port = 8001;               // 0: any free one
  int64_t max_body_bytes = 8 << 20;  // of one message; larger ones are RESOURCE_EXHAUSTED
};

/// Answers from Start on until Drain or its end. Any thread may call any method.
class GrpcServer {
 public:
  /// kIoError when the port is taken or the address is not ours. `service` is borrowed.
  static Result<std::unique_ptr<GrpcServer>> Start(const GrpcOptions& options,
                                                   const serve::Service& service);
  ~GrpcServer();
  int64_t port() const;
  /// From now on the health service says NOT_SERVING; calls are answered still.
  void StopBeingReady();
  /// Takes no more calls and lets those in flight end within `grace_seconds`, then ends them.
  void Drain(double grace_seconds);

 private:
  class Implementation;

 public:
  /// For Start only: nobody else can name the type.
  explicit GrpcServer(std::unique_ptr<Implementation> implementation);

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::rpc
