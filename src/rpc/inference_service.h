// InferenceService: the Open Inference Protocol over gRPC, answered by the same service as HTTP.

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "open_inference.grpc.pb.h"
#include "serve/service.h"

namespace millrace::rpc {

/// Workers for threads that gRPC owns. Thread-safe.
class WorkerPool {
 public:
  explicit WorkerPool(const serve::Service& service) : service_(service) {}

  /// Gives the worker back at its end.
  class Lease {
   public:
    Lease(WorkerPool& pool, std::unique_ptr<serve::Worker> worker)
        : pool_(&pool), worker_(std::move(worker)) {}
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    serve::Worker& operator*() const { return *worker_; }

   private:
    WorkerPool* pool_;
    std::unique_ptr<serve::Worker> worker_;  // null after a move
  };

  /// Returns a worker that nobody uses; makes one when all are taken. Errors as MakeWorker.
  Result<Lease> Take();

 private:
  const serve::Service& service_;
  std::mutex mutex_;  // guards free_
  std::vector<std::unique_ptr<serve::Worker>> free_;
};

/// The calls of `open_inference.proto`. Answers arrive packed where the values of the request did.
/// Tokens come as the metadata "authorization", the key of sticky routing as "x-millrace-key";
/// probes need no token. Calls run on gRPC's threads.
class InferenceService final : public inference::GRPCInferenceService::CallbackService {
 public:
  /// `service` is borrowed for this object's life.
  explicit InferenceService(const serve::Service& service) : service_(service), workers_(service) {}

  grpc::ServerUnaryReactor* ServerLive(grpc::CallbackServerContext* context,
                                       const inference::ServerLiveRequest* request,
                                       inference::ServerLiveResponse* response) override;
  grpc::ServerUnaryReactor* ServerReady(grpc::CallbackServerContext* context,
                                        const inference::ServerReadyRequest* request,
                                        inference::ServerReadyResponse* response) override;
  grpc::ServerUnaryReactor* ModelReady(grpc::CallbackServerContext* context,
                                       const inference::ModelReadyRequest* request,
                                       inference::ModelReadyResponse* response) override;
  grpc::ServerUnaryReactor* ServerMetadata(grpc::CallbackServerContext* context,
                                           const inference::ServerMetadataRequest* request,
                                           inference::ServerMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelMetadata(grpc::CallbackServerContext* context,
                                          const inference::ModelMetadataRequest* request,
                                          inference::ModelMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context,
                                       const inference::ModelInferRequest* request,
                                       inference::ModelInferResponse* response) override;
  grpc::ServerBidiReactor<inference::ModelInferRequest, inference::ModelStreamInferResponse>*
  ModelStreamInfer(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* RepositoryIndex(grpc::CallbackServerContext* context,
                                            const inference::RepositoryIndexRequest* request,
                                            inference::RepositoryIndexResponse* response) override;

  /// One request of a call or a stream.
  grpc::Status Infer(const grpc::CallbackServerContext& context,
                     const inference::ModelInferRequest& request,
                     inference::ModelInferResponse& response);

 private:
  enum class Asks { kNothing, kToken };
  /// `work` by a worker of the pool, where the call may ask.
  grpc::Status ByWorker(const grpc::CallbackServerContext& context, Asks asks,
                        const std::function<Status(serve::Worker&)>& work);

  const serve::Service& service_;
  WorkerPool workers_;
};

/// Returns the gRPC status of a failure.
grpc::Status ToGrpc(const Status& status);

}  // namespace millrace::rpc
