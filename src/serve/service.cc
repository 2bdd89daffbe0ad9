#include "serve/service.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/build_info.h"
#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "serve/openapi.h"

namespace millrace::serve {
namespace {

constexpr int kUnprocessable = 422;
constexpr std::string_view kText = "text/plain; charset=utf-8";

enum class BodyType { kJson, kCsv, kOther };

// The only parameter that is taken is charset=utf-8.
BodyType BodyTypeOf(std::string_view content_type) {
  const std::vector<std::string_view> parts = Split(content_type, ';');
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::string_view parameter = Trim(parts[i]);
    const bool is_charset = EqualsIgnoreCase(parameter.substr(0, 8), "charset=");
    if (is_charset && !EqualsIgnoreCase(parameter.substr(8), "utf-8") &&
        !EqualsIgnoreCase(parameter.substr(8), "\"utf-8\"")) {
      return BodyType::kOther;
    }
  }
  const std::string_view type = Trim(parts.front());
  if (EqualsIgnoreCase(type, "application/json")) return BodyType::kJson;
  return EqualsIgnoreCase(type, "text/csv") ? BodyType::kCsv : BodyType::kOther;
}

bool IsAllowed(const Deployment& deployment, std::string_view authorization) {
  if (deployment.token_hashes.empty()) return true;
  constexpr std::string_view kBearer = "Bearer ";
  if (!EqualsIgnoreCase(authorization.substr(0, kBearer.size()), kBearer)) return false;
  const std::string hash = DigestOf(Trim(authorization.substr(kBearer.size()))).ToHex();
  for (const std::string& allowed : deployment.token_hashes) {
    if (hash == allowed) return true;
  }
  return false;
}

// What a model's name and version in a path mean.
struct Named {
  bool is_known = false;
  const Route* pinned = nullptr;  // null: any route
};

Named FindModel(const Routing& routing, std::string_view model, std::string_view version) {
  Named named;
  named.is_known = model == routing.deployment.name;
  for (const Route& route : routing.routes) {
    if (route.label != model) continue;
    named.is_known = true;
    named.pinned = &route;
  }
  if (!named.is_known || version.empty()) return named;
  constexpr size_t kShortest = 6;
  for (const Route& route : routing.routes) {
    const bool is_it = version.size() >= kShortest &&
                       std::string_view(route.digest).substr(0, version.size()) == version;
    if (is_it && (named.pinned == nullptr || named.pinned == &route)) return {true, &route};
  }
  return {};
}

std::string_view DatatypeOf(table::ColumnType type) {
  switch (type) {
    case table::ColumnType::kInteger:
      return "INT64";
    case table::ColumnType::kNumber:
      return "FP64";
    case table::ColumnType::kBoolean:
      return "BOOL";
    default:
      return "BYTES";
  }
}

ModelDescription DescriptionOf(const Routing& routing, std::string_view model, const Route& shown) {
  ModelDescription description;
  description.name = model;
  for (const Route& route : routing.routes) description.versions.push_back(route.digest);
  for (const table::ColumnSchema& column : shown.bundle->request_schema().columns()) {
    description.inputs.push_back({column.name, DatatypeOf(column.type), {-1}});
  }
  for (const OutputTensor& tensor : OutputTensors(shown.bundle->scorer())) {
    std::vector<int64_t> shape = {-1};
    if (tensor.width != 1) shape.push_back(tensor.width);
    description.outputs.push_back({std::string(tensor.name), tensor.datatype, std::move(shape)});
  }
  return description;
}

json::Json TensorsJson(const std::vector<ModelDescription::Tensor>& tensors) {
  json::Json list = json::Json::MakeArray();
  for (const ModelDescription::Tensor& tensor : tensors) {
    list.Append(json::Json::Of({{"name", tensor.name},
                                {"datatype", tensor.datatype},
                                {"shape", json::Json::ArrayOf(tensor.shape)}}));
  }
  return list;
}

json::Json ToJson(const ModelDescription& description) {
  return json::Json::Of({{"name", description.name},
                         {"versions", json::Json::ArrayOf(description.versions)},
                         {"platform", description.platform},
                         {"inputs", TensorsJson(description.inputs)},
                         {"outputs", TensorsJson(description.outputs)}});
}

Status NoSuchModel(std::string_view model) {
  return NotFound(Format("model: none of this name and version: {}", Ellipsize(model, 80)));
}

// The error form of MLflow's scoring server, without its stack trace.
Response InvocationError(const Status& status) {
  return {StatusOf(status), "application/json",
          json::Write(json::Json::Of(
              {{"error_code", status.code() == Code::kInternal ? "INTERNAL_ERROR" : "BAD_REQUEST"},
               {"message", status.message()}}))};
}

// The error form of the Open Inference Protocol.
Response TensorError(int status, std::string_view message) {
  return {status, "application/json", json::Write(json::Json::Of({{"error", message}}))};
}

Response TensorError(const Status& status) {
  return TensorError(StatusOf(status), status.message());
}

// What is refused before its body is looked at, in the form that the endpoint's clients read.
Response Refusal(const EndpointInfo& info, int status, std::string_view code,
                 std::string_view message) {
  return SpeaksTensors(info) ? TensorError(status, message) : ErrorResponse(status, code, message);
}

Response WrongType(const EndpointInfo& info, std::string_view content_type,
                   std::string_view wanted) {
  return Refusal(info, 415, "unsupported_media_type",
                 Format("content-type: not {}: \"{}\"", wanted, Ellipsize(content_type, 80)));
}

// One line for each field that refuses the request, and one that counts those not listed.
Status RefusalOf(const std::vector<InvalidField>& fields, const std::vector<BrokenRule>& broken) {
  std::vector<std::string> lines;
  for (const InvalidField& field : fields) lines.push_back(field.message);
  int64_t others = -static_cast<int64_t>(fields.size());
  for (const BrokenRule& rule : broken) others += rule.refuses ? rule.count : 0;
  if (others > 0) lines.push_back(Format("{} more fields break a check", others));
  return InvalidData(Join(lines, "\n"));
}

// The form of MLflow's scoring server; its clients know this code.
Response RefusedInvocation(const Status& status, const std::vector<InvalidField>& fields) {
  return {kUnprocessable, "application/json",
          Format("{{\"error_code\":\"INVALID_PARAMETER_VALUE\",\"message\":{},"
                 "\"invalid_fields\":{}}}",
                 json::Quote(status.message()), InvalidFieldsJson(fields))};
}

// The form of the Open Inference Protocol, and of TensorFlow Serving and KServe V1.
Response RefusedTensors(const Status& status, const std::vector<InvalidField>& fields) {
  return {kUnprocessable, "application/json",
          Format("{{\"error\":{},\"invalid_fields\":{}}}", json::Quote(status.message()),
                 InvalidFieldsJson(fields))};
}

}  // namespace

std::string Worker::NextRequestId() {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), next_id++, 16).ptr;
  std::string id;
  id.reserve(id_prefix.size() + 1 + digits.size());
  id += id_prefix;
  id += '-';
  id.append(digits.data(), end);
  return id;
}

Result<Worker> Service::MakeWorker() const {
  Worker worker;
  MILLRACE_ASSIGN_OR_RETURN(worker.id_prefix, RandomHex(8));
  worker.metrics = metrics_.NewThread();
  return worker;
}

void Service::Refresh(Worker& worker) const {
  if (worker.generation == router_.generation()) return;
  worker.generation = router_.generation();
  worker.routing = router_.current();
}

bool Service::Allows(std::string_view authorization, Worker& worker) const {
  Refresh(worker);
  return IsAllowed(worker.routing->deployment, authorization);
}

std::string Service::ModelName(Worker& worker) const {
  Refresh(worker);
  return worker.routing->deployment.name;
}

Result<ModelDescription> Service::Describe(std::string_view model, std::string_view version,
                                           Worker& worker) const {
  Refresh(worker);
  const Routing& routing = *worker.routing;
  const Named named = FindModel(routing, model, version);
  if (!named.is_known) return NoSuchModel(model);
  return DescriptionOf(routing, model, named.pinned ? *named.pinned : routing.routes.front());
}

Status Service::Infer(const TensorCall& tensors, Worker& worker, const Reader& read,
                      const Writer& write) const {
  const double start = clock_.MonotonicSeconds();
  Refresh(worker);
  const Named named = FindModel(*worker.routing, tensors.model, tensors.version);
  Status status = named.is_known ? Status() : NoSuchModel(tensors.model);
  bool is_refused = false;
  if (status.ok()) {
    Request request;
    request.key = tensors.key;
    Call call{request, worker, start, {}, named.pinned, named.pinned != nullptr, {}};
    status = Score(call, read, [&write](const Answered& answered) -> Result<std::string> {
               MILLRACE_RETURN_IF_ERROR(write(answered));
               return std::string();
             }).status();
    is_refused = !call.refused.empty();
  }
  const int code = is_refused ? kUnprocessable : status.ok() ? 200 : StatusOf(status);
  worker.metrics->CountRequest(tensors.method, code, clock_.MonotonicSeconds() - start);
  return status;
}

Response Service::Handle(const Request& request, Worker& worker) const {
  const double start = clock_.MonotonicSeconds();
  Refresh(worker);
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  const std::optional<EndpointMatch> match = FindEndpoint(request.method, path);
  Response response =
      match ? Answer(request, worker, *match)
            : ErrorResponse(404, "not_found", Format("no such path: {}", Ellipsize(path, 80)));
  worker.metrics->CountRequest(match ? match->info.path : "other", response.status,
                               clock_.MonotonicSeconds() - start);
  return response;
}

Response Service::Answer(const Request& request, Worker& worker, const EndpointMatch& match) const {
  const EndpointInfo& info = match.info;
  const bool on_this_port =
      surface_ == Surface::kAll || info.is_probe || info.endpoint == Endpoint::kMetrics;
  if (!on_this_port) return ErrorResponse(404, "not_found", "path: not on this port");
  if (request.method != info.method) {
    return Refusal(info, 405, "method_not_allowed", Format("{}: use {}", info.path, info.method));
  }
  const bool asks = surface_ == Surface::kAll && !info.is_probe;
  if (asks && !IsAllowed(worker.routing->deployment, request.authorization)) {
    return Refusal(info, 401, "unauthorized", "authorization: no valid bearer token");
  }
  return info.method == "GET" ? AnswerGet(worker, match) : AnswerPost(request, worker, match);
}

Response Service::AnswerGet(Worker& worker, const EndpointMatch& match) const {
  const Routing& routing = *worker.routing;
  const Named named = FindModel(routing, match.model, match.version);
  if (!match.model.empty() && !named.is_known) {
    return TensorError(NoSuchModel(match.model));
  }
  const auto answer = [](int status, const json::Json& body) {
    return Response{status, "application/json", json::Write(body)};
  };
  const int ready_status = router_.ready() ? 200 : 503;
  switch (match.info.endpoint) {
    case Endpoint::kLive:
      return {200, "application/json", R"({"live":true})"};
    case Endpoint::kReady:
      return Ready(worker);
    case Endpoint::kVersion:
      return {200, kText, std::string(ProgramVersion())};
    case Endpoint::kMetrics:
      return {200, "text/plain; version=0.0.4; charset=utf-8",
              metrics_.Text(journal_ == nullptr ? 0 : journal_->num_written(),
                            journal_ == nullptr ? 0 : journal_->num_dropped())};
    case Endpoint::kOpenApi:
      return {200, "application/json",
              OpenApi(*routing.routes.front().bundle, routing.deployment.on_invalid)};
    case Endpoint::kServerMetadata:
      return answer(
          200,
          json::Json::Of({{"name", "millrace"},
                          {"version", ProgramVersion()},
                          {"extensions", json::Json::MakeArray().Append("binary_tensor_data")}}));
    case Endpoint::kModels:
      return answer(
          200,
          json::Json::Of({{"models", json::Json::MakeArray().Append(routing.deployment.name)}}));
    case Endpoint::kModelMetadata:
      return answer(200,
                    ToJson(DescriptionOf(routing, match.model,
                                         named.pinned ? *named.pinned : routing.routes.front())));
    default:  // kModelReady, kModelStatus
      return answer(
          ready_status,
          json::Json::Of({{"name", match.model}, {"ready", router_.ready()}, {"live", true}}));
  }
}

Response Service::AnswerPost(const Request& request, Worker& worker,
                             const EndpointMatch& match) const {
  if (!request.content_encoding.empty() &&
      !EqualsIgnoreCase(request.content_encoding, "identity")) {
    return Refusal(
        match.info, 415, "unsupported_media_type",
        Format("content-encoding: not taken: \"{}\"", Ellipsize(request.content_encoding, 80)));
  }
  Call call{request, worker, clock_.MonotonicSeconds(), {}, nullptr, false, {}};
  if (!match.model.empty()) {
    const Named named = FindModel(*worker.routing, match.model, match.version);
    if (!named.is_known) {
      return TensorError(NoSuchModel(match.model));
    }
    call.route = named.pinned;
    call.is_pinned = named.pinned != nullptr;
  }
  const Endpoint endpoint = match.info.endpoint;
  if (endpoint == Endpoint::kExplain) {
    return ErrorResponse(501, "unsupported", "explain: this server does not explain predictions");
  }
  const BodyType type = BodyTypeOf(request.content_type);
  if (endpoint == Endpoint::kInvocations && type == BodyType::kOther) {
    return WrongType(match.info, request.content_type, "application/json or text/csv");
  }
  // Clients of the protocol name no type, and a body that goes on with packed tensors is no JSON.
  const bool is_tensors = endpoint == Endpoint::kInfer &&
                          (!request.json_length.empty() || request.content_type.empty());
  if (endpoint != Endpoint::kInvocations && type != BodyType::kJson && !is_tensors) {
    return WrongType(match.info, request.content_type, "application/json");
  }
  switch (endpoint) {
    case Endpoint::kFeedback:
      return Feedback(request, worker);
    case Endpoint::kInvocations:
    case Endpoint::kInstances:
      return Invoke(call, endpoint);
    case Endpoint::kInfer:
      return Infer(call, match.model);
    default:
      return Predict(call);
  }
}

Response Service::Ready(const Worker& worker) const {
  json::Json routes = json::Json::MakeArray();
  for (const serve::Route& route : worker.routing->routes) {
    routes.Append(json::Json::Of(
        {{"label", route.label}, {"digest", route.digest}, {"weight", route.weight}}));
  }
  const bool ready = router_.ready();
  return {ready ? 200 : 503, "application/json",
          json::Write(
              json::Json::Of({{"ready", ready}, {"live", true}, {"routes", std::move(routes)}}))};
}

Result<std::string> Service::Score(Call& call, const Reader& reader, const Encoder& encoder) const {
  Worker& worker = call.worker;
  const Routing& routing = *worker.routing;
  call.request_id = worker.NextRequestId();
  const std::string_view key = call.request.key;
  if (call.route == nullptr) {
    call.route = &routing.RouteOf(key.empty() ? std::string_view(call.request_id) : key);
  }
  ReadOptions options{.key_field = routing.deployment.sticky_by,
                      .max_rows = routing.deployment.limits.max_rows,
                      .keep_json = journal_ != nullptr,
                      .on_invalid = routing.deployment.on_invalid};
  const auto read = [&]() -> Result<RowTexts> {
    const auto& schema = call.route->bundle->scorer().shared_schema();
    if (!worker.rows || worker.rows->shared_schema() != schema) {
      worker.rows = std::make_unique<table::Table>(schema);
    }
    worker.rows->Clear();
    options.checks = &call.route->bundle->row_checks();
    return reader(options, *worker.rows);
  };
  MILLRACE_ASSIGN_OR_RETURN(RowTexts texts, read());
  if (!call.is_pinned && key.empty() && routing.routes.size() > 1 && !texts.keys.front().empty()) {
    const serve::Route* sticky = &routing.RouteOf(texts.keys.front());
    if (sticky != call.route) {
      call.route = sticky;
      MILLRACE_ASSIGN_OR_RETURN(texts, read());
    }
  }
  if (!texts.broken.empty()) CountInvalid(call, texts);
  if (texts.is_refused) {
    call.refused = std::move(texts.invalid);
    std::erase_if(call.refused, [](const InvalidField& field) { return !field.refuses; });
    worker.metrics->CountRoute(call.route->label, kUnprocessable,
                               clock_.MonotonicSeconds() - call.start);
    return RefusalOf(call.refused, texts.broken);
  }
  const bundle::Scorer& scorer = call.route->bundle->scorer();
  Status status = scorer.ScoreInto(*worker.rows, worker.predictions);
  Result<std::string> body = status.ok() ? encoder({scorer, worker.predictions, *call.route,
                                                    call.request_id, texts.warnings, texts.invalid})
                                         : Result<std::string>(std::move(status));
  worker.metrics->CountRoute(call.route->label, body.ok() ? 200 : StatusOf(body.status()),
                             clock_.MonotonicSeconds() - call.start);
  if (!body.ok()) return body;
  if (!scorer.class_labels().empty()) {
    for (int64_t row = 0; row < worker.predictions.num_rows; ++row) {
      worker.metrics->CountPredictions(scorer.DecisionLabel(worker.predictions, row), 1);
    }
  }
  Log(call, texts);
  return body;
}

Response Service::Predict(Call& call) const {
  Result<std::string> body = Score(
      call,
      [&call](const ReadOptions& options, table::Table& rows) {
        return call.worker.reader.ReadRows(call.request.body, options, rows);
      },
      [](const Answered& answered) -> Result<std::string> { return NativeAnswer(answered); });
  if (!call.refused.empty()) return RefusedResponse(body.status().message(), call.refused);
  if (!body.ok()) return ErrorOf(body.status());
  return {200, "application/json", *std::move(body)};
}

Response Service::Invoke(Call& call, Endpoint endpoint) const {
  bool probabilities = false;
  const auto reader = [&](const ReadOptions& options, table::Table& rows) -> Result<RowTexts> {
    if (BodyTypeOf(call.request.content_type) == BodyType::kCsv) {
      return call.worker.reader.ReadCsv(call.request.body, options, rows);
    }
    MILLRACE_ASSIGN_OR_RETURN(InvocationRows read,
                              call.worker.reader.ReadInvocation(call.request.body, options, rows));
    probabilities = read.probabilities;
    return std::move(read.texts);
  };
  Result<std::string> body =
      Score(call, reader, [&probabilities](const Answered& answered) -> Result<std::string> {
        return InvocationAnswer(answered, probabilities);
      });
  if (!call.refused.empty()) {
    return endpoint == Endpoint::kInstances ? RefusedTensors(body.status(), call.refused)
                                            : RefusedInvocation(body.status(), call.refused);
  }
  if (!body.ok()) return InvocationError(body.status());
  return {200, "application/json", *std::move(body)};
}

Response Service::Infer(Call& call, std::string_view model) const {
  const std::string_view body = call.request.body;
  size_t json_length = body.size();
  if (!call.request.json_length.empty()) {
    const std::optional<int64_t> length = ParseInt(call.request.json_length);
    if (!length || *length < 0 || static_cast<uint64_t>(*length) > body.size()) {
      return TensorError(InvalidData(Format("inference-header-content-length: not 0..{}: \"{}\"",
                                            body.size(), Ellipsize(call.request.json_length, 40))));
    }
    json_length = static_cast<size_t>(*length);
  }
  TensorRows read;
  Response response;
  const auto reader = [&](const ReadOptions& options, table::Table& rows) -> Result<RowTexts> {
    MILLRACE_ASSIGN_OR_RETURN(
        read, call.worker.reader.ReadTensors(body.substr(0, json_length), body.substr(json_length),
                                             options, rows));
    return std::move(read.texts);
  };
  Result<std::string> answer =
      Score(call, reader, [&](const Answered& answered) -> Result<std::string> {
        MILLRACE_ASSIGN_OR_RETURN(TensorBody tensors, TensorAnswer(answered, model, read));
        response.json_length = tensors.json_length;
        return std::move(tensors.bytes);
      });
  if (!call.refused.empty()) return RefusedTensors(answer.status(), call.refused);
  if (!answer.ok()) return TensorError(answer.status());
  response.body = *std::move(answer);
  if (response.json_length >= 0) response.content_type = "application/octet-stream";
  return response;
}

void Service::CountInvalid(const Call& call, const RowTexts& texts) const {
  const expect::RowChecks& checks = call.route->bundle->row_checks();
  for (const BrokenRule& broken : texts.broken) {
    call.worker.metrics->CountInvalid(
        checks.ColumnOf(broken.rule),
        expect::RuleName(checks.rules()[static_cast<size_t>(broken.rule)].kind),
        broken.refuses ? "rejected" : "flagged", broken.count);
  }
}

void Service::Log(const Call& call, const RowTexts& texts) const {
  if (journal_ == nullptr) return;
  const bundle::Predictions& predictions = call.worker.predictions;
  const int64_t now = clock_.NowMicros();
  for (int64_t row = 0; row < predictions.num_rows; ++row) {
    const auto i = static_cast<size_t>(row);
    const auto width = static_cast<size_t>(predictions.num_outputs);
    const journal::PredictionView prediction{
        .request_id = call.request_id,
        .row_index = row,
        .row_key = texts.keys[i].empty() ? call.request.key : std::string_view(texts.keys[i]),
        .time_micros = now,
        .bundle = call.route->digest,
        .route = call.route->label,
        .row_json = texts.json[i],
        .outputs = std::span(predictions.outputs).subspan(i * width, width),
        .decision = predictions.decisions.empty() ? -1 : predictions.decisions[i]};
    journal_->Append(prediction, call.worker.scratch);
  }
}

Response Service::Feedback(const Request& request, Worker& worker) const {
  Result<std::vector<FeedbackItem>> items =
      worker.reader.ReadFeedback(request.body, worker.routing->deployment.limits.max_rows);
  if (!items.ok()) return ErrorOf(items.status());
  if (journal_ == nullptr) {
    return ErrorResponse(503, "unavailable",
                         "feedback: this server keeps no log (start with --log)");
  }
  for (FeedbackItem& item : *items) {
    journal::FeedbackRecord record;
    record.request_id = std::move(item.request_id);
    record.row_index = item.row_index;
    record.row_key = std::move(item.row_key);
    record.time_micros = clock_.NowMicros();
    record.label = std::move(item.label);
    if (!journal_->Append(record)) {
      return ErrorResponse(503, "unavailable", "feedback: the log is full");
    }
  }
  // A label that was accepted is on disk.
  const Status committed = journal_->Commit();
  if (!committed.ok()) {
    return ErrorResponse(503, "unavailable", "feedback: the log cannot be written");
  }
  return {200, "application/json", Format("{{\"accepted\":{}}}", items->size())};
}

}  // namespace millrace::serve
