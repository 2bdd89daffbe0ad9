#include "rpc/inference_service.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/build_info.h"
#include "base/format.h"
#include "serve/packed_tensor.h"

namespace millrace::rpc {
namespace {

using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using serve::PackedTensor;

constexpr std::string_view kInfer = "/inference.GRPCInferenceService/ModelInfer";

std::string_view MetadataOf(const CallbackServerContext& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  if (found == context.client_metadata().end()) return {};
  return {found->second.data(), found->second.size()};
}

ServerUnaryReactor* Finish(CallbackServerContext* context, const grpc::Status& status) {
  ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

grpc::Status Unauthenticated() {
  return {grpc::StatusCode::UNAUTHENTICATED, "authorization: no valid bearer token"};
}

template <typename Values>
std::string_view BytesOf(const Values& values) {
  return {reinterpret_cast<const char*>(values.data()),
          static_cast<size_t>(values.size()) * sizeof(*values.data())};
}

// Where the message keeps the values of a datatype: narrow integers lie in wider fields.
void TakeContents(const inference::InferTensorContents& contents, PackedTensor& tensor) {
  const auto take = [&tensor](std::string_view storage, std::string_view bytes) {
    tensor.storage = serve::FindTensorType(storage);
    tensor.bytes = bytes;
  };
  const serve::TensorType& type = *tensor.type;
  switch (type.kind) {
    case serve::TensorKind::kBytes:
      for (const std::string& text : contents.bytes_contents()) tensor.texts.emplace_back(text);
      return;
    case serve::TensorKind::kBool:
      return take("BOOL", BytesOf(contents.bool_contents()));
    case serve::TensorKind::kFloat:
      return type.width == 4 ? take("FP32", BytesOf(contents.fp32_contents()))
                             : take("FP64", BytesOf(contents.fp64_contents()));
    case serve::TensorKind::kInteger:
      break;
  }
  const bool is_wide = type.width == 8;
  if (type.low < 0) {
    return is_wide ? take("INT64", BytesOf(contents.int64_contents()))
                   : take("INT32", BytesOf(contents.int_contents()));
  }
  return is_wide ? take("UINT64", BytesOf(contents.uint64_contents()))
                 : take("UINT32", BytesOf(contents.uint_contents()));
}

Result<std::vector<PackedTensor>> TensorsOf(const inference::ModelInferRequest& request,
                                            const serve::ReadOptions& options) {
  const bool is_raw = request.raw_input_contents_size() > 0;
  if (is_raw && request.raw_input_contents_size() != request.inputs_size()) {
    return InvalidData(Format("raw_input_contents: {} for {} inputs",
                              request.raw_input_contents_size(), request.inputs_size()));
  }
  std::vector<PackedTensor> tensors;
  for (int i = 0; i < request.inputs_size(); ++i) {
    const auto& input = request.inputs(i);
    const std::vector<int64_t> shape(input.shape().begin(), input.shape().end());
    MILLRACE_ASSIGN_OR_RETURN(
        PackedTensor tensor,
        serve::StartTensor(input.name(), input.datatype(), shape, options.max_rows));
    if (is_raw) {
      if (input.has_contents()) {
        return InvalidData(
            Format("inputs.{}: values both in contents and in raw_input_contents", input.name()));
      }
      MILLRACE_RETURN_IF_ERROR(serve::TakeRaw(request.raw_input_contents(i), tensor));
    } else {
      TakeContents(input.contents(), tensor);
    }
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

void AddOutput(const serve::Answered& answered, const serve::OutputTensor& tensor, bool is_raw,
               inference::ModelInferResponse& response) {
  inference::ModelInferResponse::InferOutputTensor& output = *response.add_outputs();
  const int64_t rows = answered.predictions.num_rows;
  output.set_name(std::string(tensor.name));
  output.set_datatype(std::string(tensor.datatype));
  output.add_shape(rows);
  if (tensor.width != 1) output.add_shape(tensor.width);
  if (is_raw) {
    response.add_raw_output_contents(serve::PackOutput(answered, tensor));
    return;
  }
  inference::InferTensorContents& contents = *output.mutable_contents();
  for (int64_t row = 0; row < rows; ++row) {
    if (tensor.datatype == "BYTES") {
      contents.add_bytes_contents(
          std::string(answered.scorer.DecisionLabel(answered.predictions, row)));
      continue;
    }
    for (int64_t i = 0; i < tensor.width; ++i) {
      contents.add_fp64_contents(serve::OutputValue(answered, tensor, row, i));
    }
  }
}

Status WriteAnswer(const serve::Answered& answered, const inference::ModelInferRequest& request,
                   inference::ModelInferResponse& response) {
  std::vector<serve::WantedOutput> wanted;
  for (const auto& output : request.outputs()) wanted.push_back({.name = output.name()});
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<serve::OutputTensor> tensors,
                            serve::OutputsOf(answered.scorer, wanted));
  response.set_model_name(request.model_name());
  response.set_model_version(answered.route.digest);
  response.set_id(request.id());
  auto& parameters = *response.mutable_parameters();
  parameters["request_id"].set_string_param(std::string(answered.request_id));
  parameters["route"].set_string_param(answered.route.label);
  if (!answered.invalid.empty()) {
    parameters["invalid_fields"].set_string_param(serve::InvalidFieldsJson(answered.invalid));
  }
  const bool is_raw = request.raw_input_contents_size() > 0;
  for (const serve::OutputTensor& tensor : tensors) AddOutput(answered, tensor, is_raw, response);
  return {};
}

void AddTensors(
    const std::vector<serve::ModelDescription::Tensor>& tensors,
    google::protobuf::RepeatedPtrField<inference::ModelMetadataResponse::TensorMetadata>& list) {
  for (const serve::ModelDescription::Tensor& tensor : tensors) {
    inference::ModelMetadataResponse::TensorMetadata& item = *list.Add();
    item.set_name(tensor.name);
    item.set_datatype(std::string(tensor.datatype));
    for (const int64_t size : tensor.shape) item.add_shape(size);
  }
}

// One stream: a request is read, answered and written before the next is read. A request that fails
// is answered with its error and ends nothing. Deletes itself at the end.
class InferStream final : public grpc::ServerBidiReactor<inference::ModelInferRequest,
                                                         inference::ModelStreamInferResponse> {
 public:
  InferStream(InferenceService& service, const CallbackServerContext& context)
      : service_(service), context_(context) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      Finish(grpc::Status::OK);
      return;
    }
    response_.Clear();
    const grpc::Status status =
        service_.Infer(context_, request_, *response_.mutable_infer_response());
    if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
      Finish(status);
      return;
    }
    if (!status.ok()) {
      response_.mutable_infer_response()->Clear();
      response_.mutable_infer_response()->set_id(request_.id());
      response_.set_error_message(status.error_message());
    }
    StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (ok) {
      StartRead(&request_);
    } else {
      Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

 private:
  InferenceService& service_;
  const CallbackServerContext& context_;
  inference::ModelInferRequest request_;
  inference::ModelStreamInferResponse response_;
};

}  // namespace

grpc::Status ToGrpc(const Status& status) {
  const auto code = [&status] {
    switch (status.code()) {
      case Code::kOk:
        return grpc::StatusCode::OK;
      case Code::kInvalidSpec:
      case Code::kInvalidData:
        return grpc::StatusCode::INVALID_ARGUMENT;
      case Code::kNotFound:
        return grpc::StatusCode::NOT_FOUND;
      case Code::kUnsupported:
        return grpc::StatusCode::UNIMPLEMENTED;
      case Code::kGateNotMet:
        return grpc::StatusCode::FAILED_PRECONDITION;
      case Code::kCorrupt:
        return grpc::StatusCode::DATA_LOSS;
      case Code::kResourceExhausted:
        return grpc::StatusCode::RESOURCE_EXHAUSTED;
      case Code::kCancelled:
        return grpc::StatusCode::CANCELLED;
      case Code::kIoError:
      case Code::kUnavailable:
        return grpc::StatusCode::UNAVAILABLE;
      case Code::kInternal:
        return grpc::StatusCode::INTERNAL;
    }
    return grpc::StatusCode::INTERNAL;
  }();
  return {code, status.message()};
}

WorkerPool::Lease::~Lease() {
  if (worker_ == nullptr) return;
  const std::lock_guard lock(pool_->mutex_);
  pool_->free_.push_back(std::move(worker_));
}

Result<WorkerPool::Lease> WorkerPool::Take() {
  {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<serve::Worker> worker = std::move(free_.back());
      free_.pop_back();
      return Lease(*this, std::move(worker));
    }
  }
  MILLRACE_ASSIGN_OR_RETURN(serve::Worker worker, service_.MakeWorker());
  return Lease(*this, std::make_unique<serve::Worker>(std::move(worker)));
}

grpc::Status InferenceService::ByWorker(const CallbackServerContext& context, Asks asks,
                                        const std::function<Status(serve::Worker&)>& work) {
  const Result<WorkerPool::Lease> worker = workers_.Take();
  if (!worker.ok()) return ToGrpc(worker.status());
  const bool may_ask =
      asks == Asks::kNothing || service_.Allows(MetadataOf(context, "authorization"), **worker);
  return may_ask ? ToGrpc(work(**worker)) : Unauthenticated();
}

grpc::Status InferenceService::Infer(const CallbackServerContext& context,
                                     const inference::ModelInferRequest& request,
                                     inference::ModelInferResponse& response) {
  if (context.IsCancelled()) return grpc::Status::CANCELLED;  // also past its deadline
  const serve::TensorCall call{.method = kInfer,
                               .model = request.model_name(),
                               .version = request.model_version(),
                               .key = MetadataOf(context, "x-millrace-key")};
  return ByWorker(context, Asks::kToken, [&](serve::Worker& worker) {
    return service_.Infer(
        call, worker,
        [&](const serve::ReadOptions& options, table::Table& rows) -> Result<serve::RowTexts> {
          MILLRACE_ASSIGN_OR_RETURN(const std::vector<PackedTensor> tensors,
                                    TensorsOf(request, options));
          return worker.reader.ReadPacked(tensors, options, rows);
        },
        [&](const serve::Answered& answered) { return WriteAnswer(answered, request, response); });
  });
}

ServerUnaryReactor* InferenceService::ServerLive(CallbackServerContext* context,
                                                 const inference::ServerLiveRequest* /*request*/,
                                                 inference::ServerLiveResponse* response) {
  response->set_live(true);
  return Finish(context, grpc::Status::OK);
}

ServerUnaryReactor* InferenceService::ServerReady(CallbackServerContext* context,
                                                  const inference::ServerReadyRequest* /*request*/,
                                                  inference::ServerReadyResponse* response) {
  response->set_ready(service_.ready());
  return Finish(context, grpc::Status::OK);
}

ServerUnaryReactor* InferenceService::ModelReady(CallbackServerContext* context,
                                                 const inference::ModelReadyRequest* request,
                                                 inference::ModelReadyResponse* response) {
  return Finish(context, ByWorker(*context, Asks::kNothing, [&](serve::Worker& worker) {
                  const Status known =
                      service_.Describe(request->name(), request->version(), worker).status();
                  response->set_ready(known.ok() && service_.ready());
                  return known;
                }));
}

ServerUnaryReactor* InferenceService::ServerMetadata(
    CallbackServerContext* context, const inference::ServerMetadataRequest* /*request*/,
    inference::ServerMetadataResponse* response) {
  return Finish(context, ByWorker(*context, Asks::kToken, [&](serve::Worker& /*worker*/) {
                  response->set_name("millrace");
                  response->set_version(std::string(ProgramVersion()));
                  return Status();
                }));
}

ServerUnaryReactor* InferenceService::ModelMetadata(CallbackServerContext* context,
                                                    const inference::ModelMetadataRequest* request,
                                                    inference::ModelMetadataResponse* response) {
  return Finish(context, ByWorker(*context, Asks::kToken, [&](serve::Worker& worker) -> Status {
                  MILLRACE_ASSIGN_OR_RETURN(
                      const serve::ModelDescription model,
                      service_.Describe(request->name(), request->version(), worker));
                  response->set_name(model.name);
                  for (const std::string& version : model.versions) response->add_versions(version);
                  response->set_platform(std::string(model.platform));
                  AddTensors(model.inputs, *response->mutable_inputs());
                  AddTensors(model.outputs, *response->mutable_outputs());
                  return {};
                }));
}

ServerUnaryReactor* InferenceService::ModelInfer(CallbackServerContext* context,
                                                 const inference::ModelInferRequest* request,
                                                 inference::ModelInferResponse* response) {
  return Finish(context, Infer(*context, *request, *response));
}

grpc::ServerBidiReactor<inference::ModelInferRequest, inference::ModelStreamInferResponse>*
InferenceService::ModelStreamInfer(CallbackServerContext* context) {
  return new InferStream(*this, *context);
}

ServerUnaryReactor* InferenceService::RepositoryIndex(
    CallbackServerContext* context, const inference::RepositoryIndexRequest* request,
    inference::RepositoryIndexResponse* response) {
  return Finish(context, ByWorker(*context, Asks::kToken, [&](serve::Worker& worker) -> Status {
                  const std::string name = service_.ModelName(worker);
                  MILLRACE_ASSIGN_OR_RETURN(const serve::ModelDescription model,
                                            service_.Describe(name, "", worker));
                  const bool is_ready = service_.ready();
                  if (request->ready() && !is_ready) return {};
                  for (const std::string& version : model.versions) {
                    inference::RepositoryIndexResponse::ModelIndex& item = *response->add_models();
                    item.set_name(name);
                    item.set_version(version);
                    item.set_state(is_ready ? "READY" : "UNAVAILABLE");
                  }
                  return {};
                }));
}

}  // namespace millrace::rpc
