#include "rpc/grpc_server.h"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <mutex>
#include <utility>

#include "base/format.h"
#include "base/logging.h"
#include "rpc/inference_service.h"

namespace millrace::rpc {
namespace {

// The library writes to the standard error stream unless it is told where.
void TakeMessage(gpr_log_func_args* message) {
  if (message->severity == GPR_LOG_SEVERITY_ERROR) LogWarning(Format("gRPC: {}", message->message));
}

}  // namespace

class GrpcServer::Implementation {
 public:
  explicit Implementation(const serve::Service& service) : calls_(service) {}
  ~Implementation() { Shutdown(0.0); }

  Status Listen(const GrpcOptions& options) {
    gpr_set_log_function(TakeMessage);
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    // As a URI address: brackets around IPv6.
    const bool is_v6 = options.address.find(':') != std::string::npos;
    const std::string where = is_v6 ? Format("[{}]:{}", options.address, options.port)
                                    : Format("{}:{}", options.address, options.port);
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(where, grpc::InsecureServerCredentials(), &port_);
    builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_body_bytes));
    builder.RegisterService(&calls_);
    server_ = builder.BuildAndStart();
    if (server_ == nullptr || port_ == 0) {
      server_.reset();
      return IoError(Format("{}: gRPC cannot listen there", where))
          .WithHint("the port is taken, or the address is not of this machine");
    }
    return {};
  }

  int port() const { return port_; }

  void StopBeingReady() {
    const std::lock_guard lock(mutex_);
    if (server_ == nullptr) return;  // drained
    if (grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService()) {
      health->SetServingStatus(false);
    }
  }

  void Shutdown(double grace_seconds) {
    std::unique_ptr<grpc::Server> server;
    {
      const std::lock_guard lock(mutex_);
      server = std::move(server_);
    }
    if (server == nullptr) return;
    server->Shutdown(std::chrono::system_clock::now() +
                     std::chrono::microseconds(static_cast<int64_t>(grace_seconds * 1e6)));
    server->Wait();
  }

 private:
  InferenceService calls_;
  int port_ = 0;
  std::mutex mutex_;                      // guards server_
  std::unique_ptr<grpc::Server> server_;  // null once it is drained
};

GrpcServer::GrpcServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
GrpcServer::~GrpcServer() = default;

Result<std::unique_ptr<GrpcServer>> GrpcServer::Start(const GrpcOptions& options,
                                                      const serve::Service& service) {
  auto implementation = std::make_unique<Implementation>(service);
  MILLRACE_RETURN_IF_ERROR(implementation->Listen(options));
  return std::make_unique<GrpcServer>(std::move(implementation));
}

int64_t GrpcServer::port() const { return implementation_->port(); }
void GrpcServer::StopBeingReady() { implementation_->StopBeingReady(); }
void GrpcServer::Drain(double grace_seconds) { implementation_->Shutdown(grace_seconds); }

}  // namespace millrace::rpc
