#include "serve/service.h"

#include <array>
#include <utility>

#include "base/build_info.h"
#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::serve {
namespace {

constexpr std::array<std::string_view, 11> kEndpoints = {
    "/v1/predict", "/v1/feedback",  "/v1/live", "/v1/ready",       "/v1/explain",     "/metrics",
    "/health",     "/openapi.json", "/ping",    "/v2/health/live", "/v2/health/ready"};

std::string_view EndpointName(std::string_view path) {
  for (const std::string_view name : kEndpoints) {
    if (name == path) return name;
  }
  return "other";
}

Response ErrorOf(const Status& status) {
  const int code = status.code() == Code::kResourceExhausted ? 413 : HttpStatus(status.code());
  return ErrorResponse(code, CodeName(status.code()), status.message());
}

bool IsJsonType(std::string_view content_type) {
  const std::string_view type = Trim(content_type.substr(0, content_type.find(';')));
  return EqualsIgnoreCase(type, "application/json");
}

bool IsAllowed(const Deployment& deployment, std::string_view authorization) {
  if (deployment.token_hashes.empty()) return true;
  constexpr std::string_view kBearer = "Bearer ";
  if (authorization.substr(0, kBearer.size()) != kBearer) return false;
  const std::string hash = DigestOf(Trim(authorization.substr(kBearer.size()))).ToHex();
  for (const std::string& allowed : deployment.token_hashes) {
    if (hash == allowed) return true;
  }
  return false;
}

void AppendPrediction(std::string& out, const bundle::Scorer& scorer,
                      const bundle::Predictions& predictions, int64_t row) {
  if (scorer.class_labels().empty()) {
    out += Format("{{\"prediction\":{}}}", json::Write(json::Json(predictions.output(row))));
    return;
  }
  out += Format("{{\"prediction\":{},\"probabilities\":{{",
                json::Quote(scorer.DecisionLabel(predictions, row)));
  const std::vector<std::string>& labels = scorer.class_labels();
  for (size_t i = 0; i < labels.size(); ++i) {
    const double probability =
        predictions.num_outputs == 1
            ? (i == 1 ? predictions.output(row) : 1.0 - predictions.output(row))
            : predictions.output(row, static_cast<int64_t>(i));
    out += Format("{}{}:{}", i == 0 ? "" : ",", json::Quote(labels[i]),
                  json::Write(json::Json(probability)));
  }
  out += "}}";
}

json::Json FieldSchema(const table::ColumnSchema& column) {
  json::Json field = json::Json::MakeObject();
  switch (column.type) {
    case table::ColumnType::kInteger:
      field.Set("type", json::Json::ArrayOf(std::vector<std::string>{"integer", "string", "null"}));
      break;
    case table::ColumnType::kNumber:
      field.Set("type", json::Json::ArrayOf(std::vector<std::string>{"number", "string", "null"}));
      break;
    case table::ColumnType::kBoolean:
      field.Set("type", json::Json::ArrayOf(std::vector<std::string>{"boolean", "string", "null"}));
      break;
    default:
      field.Set("type", json::Json::ArrayOf(std::vector<std::string>{"string", "null"}));
  }
  if (!column.values.empty() && column.values.size() <= 20) {
    field.Set("examples", json::Json::ArrayOf(column.values));
  }
  return field;
}

std::string OpenApi(const bundle::Bundle& bundle) {
  json::Json fields = json::Json::MakeObject();
  for (const table::ColumnSchema& column : bundle.request_schema().columns()) {
    fields.AppendMember(column.name, FieldSchema(column));
  }
  const json::Json row = json::Json::Of({{"type", "object"}, {"properties", std::move(fields)}});
  const json::Json rows = json::Json::Of(
      {{"type", "object"},
       {"required", json::Json::ArrayOf(std::vector<std::string>{"rows"})},
       {"properties",
        json::Json::Of({{"rows", json::Json::Of({{"type", "array"}, {"items", row}})}})}});
  json::Json paths = json::Json::MakeObject();
  const auto body = [](json::Json schema) {
    return json::Json::Of(
        {{"required", true},
         {"content", json::Json::Of({{"application/json",
                                      json::Json::Of({{"schema", std::move(schema)}})}})}});
  };
  const auto responses = [](std::string_view text) {
    return json::Json::Of(
        {{"200", json::Json::Of({{"description", text}})},
         {"400", json::Json::Of({{"description", "a field or the body is wrong"}})}});
  };
  paths.Set(
      "/v1/predict",
      json::Json::Of({{"post", json::Json::Of({{"summary", Format("Predict {}", bundle.target())},
                                               {"requestBody", body(rows)},
                                               {"responses", responses("predictions")}})}}));
  paths.Set(
      "/v1/feedback",
      json::Json::Of(
          {{"post", json::Json::Of({{"summary", "Tell the label of a prediction"},
                                    {"requestBody", body(json::Json::Of({{"type", "object"}}))},
                                    {"responses", responses("accepted")}})}}));
  for (const char* path : {"/v1/live", "/v1/ready", "/metrics"}) {
    paths.Set(path, json::Json::Of({{"get", json::Json::Of({{"responses", responses("state")}})}}));
  }
  return json::WritePretty(json::Json::Of(
      {{"openapi", "3.1.0"},
       {"info", json::Json::Of({{"title", "Millrace"}, {"version", ProgramVersion()}})},
       {"paths", std::move(paths)}}));
}

}  // namespace

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  json::Json details = json::Json::MakeArray();
  for (const std::string_view line : Split(message, '\n')) details.Append(line);
  const json::Json first = details[size_t{0}];
  return {status, "application/json",
          json::Write(json::Json::Of(
              {{"error",
                json::Json::Of({{"code", code}, {"message", first}, {"details", details}})}}))};
}

Result<Worker> Service::MakeWorker() const {
  Worker worker;
  MILLRACE_ASSIGN_OR_RETURN(worker.id_prefix, RandomHex(8));
  return worker;
}

Response Service::Handle(const Request& request, Worker& worker) const {
  const double start = clock_.MonotonicSeconds();
  if (worker.generation != router_.generation()) {
    worker.generation = router_.generation();
    worker.routing = router_.current();
  }
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  Response response = Route(request, worker, path);
  metrics_.CountRequest(EndpointName(path), response.status, clock_.MonotonicSeconds() - start);
  return response;
}

Response Service::Route(const Request& request, Worker& worker, std::string_view path) const {
  if (EndpointName(path) == "other") {
    return ErrorResponse(404, "not_found", Format("no such path: {}", Ellipsize(path, 80)));
  }
  const bool is_post = path == "/v1/predict" || path == "/v1/feedback" || path == "/v1/explain";
  if (request.method != (is_post ? "POST" : "GET")) {
    return ErrorResponse(405, "method_not_allowed",
                         Format("{}: use {}", path, is_post ? "POST" : "GET"));
  }
  if (path == "/v1/live" || path == "/v2/health/live" || path == "/health" || path == "/ping") {
    return {200, "application/json", R"({"live":true})"};
  }
  if (path == "/v1/ready" || path == "/v2/health/ready") return Ready(worker);
  if (surface_ == Surface::kProbes && path != "/metrics") {
    return ErrorResponse(404, "not_found", Format("{}: not on this port", path));
  }
  if (surface_ == Surface::kAll && !IsAllowed(worker.routing->deployment, request.authorization)) {
    return ErrorResponse(401, "unauthorized", "authorization: no valid bearer token");
  }
  if (path == "/metrics") {
    return {200, "text/plain; version=0.0.4; charset=utf-8",
            metrics_.Text(journal_ == nullptr ? 0 : journal_->num_written(),
                          journal_ == nullptr ? 0 : journal_->num_dropped())};
  }
  if (path == "/openapi.json") {
    return {200, "application/json", OpenApi(*worker.routing->routes.front().bundle)};
  }
  if (path == "/v1/explain") {
    return ErrorResponse(501, "unsupported", "explain: this server does not explain predictions");
  }
  if (!IsJsonType(request.content_type)) {
    return ErrorResponse(
        415, "unsupported_media_type",
        Format("content-type: not application/json: \"{}\"", Ellipsize(request.content_type, 80)));
  }
  return path == "/v1/predict" ? Predict(request, worker) : Feedback(request, worker);
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

Response Service::Predict(const Request& request, Worker& worker) const {
  const double start = clock_.MonotonicSeconds();
  const Routing& routing = *worker.routing;
  const std::string request_id = Format("{}-{:x}", worker.id_prefix, worker.next_id++);
  const int64_t max_rows = routing.deployment.limits.max_rows;
  const std::string& sticky_by = routing.deployment.sticky_by;
  const serve::Route* route =
      &routing.RouteOf(request.key.empty() ? std::string_view(request_id) : request.key);
  const auto read = [&]() -> Result<RowTexts> {
    const auto& schema = route->bundle->scorer().shared_schema();
    if (!worker.rows || worker.rows->shared_schema() != schema) {
      worker.rows = std::make_unique<table::Table>(schema);
    }
    worker.rows->Clear();
    return worker.reader.ReadRows(request.body, sticky_by, max_rows, *worker.rows);
  };
  Result<RowTexts> texts = read();
  if (!texts.ok()) return ErrorOf(texts.status());
  if (request.key.empty() && routing.routes.size() > 1 && !texts->keys.front().empty()) {
    const serve::Route* sticky = &routing.RouteOf(texts->keys.front());
    if (sticky != route) {
      route = sticky;
      texts = read();
      if (!texts.ok()) return ErrorOf(texts.status());
    }
  }
  const bundle::Scorer& scorer = route->bundle->scorer();
  const Status scored = scorer.ScoreInto(*worker.rows, worker.predictions);
  if (!scored.ok()) {
    Response failed = ErrorOf(scored);
    metrics_.CountRoute(route->label, failed.status, clock_.MonotonicSeconds() - start);
    return failed;
  }
  Response response;
  response.body = Format(
      "{{\"request_id\":\"{}\",\"model\":{{\"digest\":\"{}\",\"route\":{}}},"
      "\"predictions\":[",
      request_id, route->digest, json::Quote(route->label));
  for (int64_t row = 0; row < worker.predictions.num_rows; ++row) {
    if (row > 0) response.body += ',';
    AppendPrediction(response.body, scorer, worker.predictions, row);
    if (!scorer.class_labels().empty()) {
      metrics_.CountPredictions(scorer.DecisionLabel(worker.predictions, row), 1);
    }
  }
  response.body += "]}";
  Log(worker, *route, *texts, request_id, request.key);
  metrics_.CountRoute(route->label, response.status, clock_.MonotonicSeconds() - start);
  return response;
}

void Service::Log(const Worker& worker, const serve::Route& route, const RowTexts& texts,
                  std::string_view request_id, std::string_view key) const {
  if (journal_ == nullptr) return;
  const bundle::Predictions& predictions = worker.predictions;
  for (int64_t row = 0; row < predictions.num_rows; ++row) {
    const auto i = static_cast<size_t>(row);
    journal::PredictionRecord record;
    record.request_id = request_id;
    record.row_index = row;
    record.row_key = texts.keys[i].empty() ? std::string(key) : texts.keys[i];
    record.time_micros = clock_.NowMicros();
    record.bundle = route.digest;
    record.route = route.label;
    record.row_json = texts.json[i];
    const auto begin = predictions.outputs.begin() + row * predictions.num_outputs;
    record.outputs.assign(begin, begin + predictions.num_outputs);
    record.decision = predictions.decisions.empty() ? -1 : predictions.decisions[i];
    journal_->Append(record);
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
  if (!committed.ok())
    return ErrorResponse(503, "unavailable", "feedback: the log cannot be written");
  return {200, "application/json", Format("{{\"accepted\":{}}}", items->size())};
}

}  // namespace millrace::serve
