#include "serve/openapi.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/build_info.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "serve/endpoints.h"

namespace millrace::serve {
namespace {

using json::Json;
using Words = std::vector<std::string>;

Json Reference(std::string_view name) {
  return Json::Of({{"$ref", Format("#/components/schemas/{}", name)}});
}

Json ListOf(Json items) { return Json::Of({{"type", "array"}, {"items", std::move(items)}}); }

Json ObjectOf(Json properties, const Words& required) {
  Json object = Json::Of({{"type", "object"}, {"properties", std::move(properties)}});
  if (!required.empty()) object.Set("required", Json::ArrayOf(required));
  return object;
}

Json Typed(std::string_view type) { return Json::Of({{"type", type}}); }

// "; checked: min 0, max 120": bounds are words here, as a request that breaks one may still be
// answered, and a number may come as a text that they would not bind.
std::string CheckedFor(const expect::RowChecks& checks, size_t column) {
  Words words;
  for (const int32_t index : checks.RulesOf(column)) {
    const expect::Rule& rule = checks.rules()[static_cast<size_t>(index)];
    std::string word(expect::RuleName(rule.kind));
    switch (rule.kind) {
      case expect::RuleKind::kMinimum:
      case expect::RuleKind::kMaximum:
        word += " " + FormatDouble(rule.bound);
        break;
      case expect::RuleKind::kMinLength:
      case expect::RuleKind::kMaxLength:
        word += Format(" {}", rule.length);
        break;
      case expect::RuleKind::kPattern:
        word += " " + Ellipsize(rule.pattern->text(), 80);
        break;
      case expect::RuleKind::kValues:
        word += " " + Ellipsize(Join(rule.listed, ", "), 200);
        break;
      case expect::RuleKind::kPresent:
        word = "a value is needed";
    }
    words.push_back(std::move(word));
  }
  return words.empty() ? "" : "; checked: " + Join(words, ", ");
}

bool CanRefuse(const bundle::Bundle& bundle, InvalidRows on_invalid) {
  return std::ranges::any_of(bundle.row_checks().rules(), [&](const expect::Rule& rule) {
    return Refuses(rule.action, on_invalid);
  });
}

Json FieldSchema(const table::ColumnSchema& column, const std::string& checked) {
  Json field = Json::MakeObject();
  switch (column.type) {
    case table::ColumnType::kInteger:
    case table::ColumnType::kNumber:
      field.Set("type", Json::ArrayOf(Words{"number", "string", "null"}));
      break;
    case table::ColumnType::kBoolean:
      field.Set("type", Json::ArrayOf(Words{"boolean", "number", "string", "null"}));
      break;
    case table::ColumnType::kDate:
      field.Set("type", Json::ArrayOf(Words{"string", "number", "null"}));
      break;
    default:
      field.Set("type", Json::ArrayOf(Words{"string", "number", "boolean", "null"}));
  }
  field.Set("description",
            column.derived.empty()
                ? Format("{}{}", table::ColumnTypeName(column.type), checked)
                : Format("{}: {}; null where there is no such row{}",
                         table::ColumnTypeName(column.type), column.derived, checked));
  if (!column.values.empty() && column.values.size() <= 20) {
    field.Set("examples", Json::ArrayOf(column.values));
  }
  return field;
}

Json PredictionSchema(const bundle::Bundle& bundle) {
  if (bundle.class_labels().empty()) {
    return ObjectOf(Json::Of({{"prediction", Typed("number")}}), {"prediction"});
  }
  Json probabilities = Json::MakeObject();
  for (const std::string& label : bundle.class_labels()) {
    probabilities.AppendMember(label,
                               Json::Of({{"type", "number"}, {"minimum", 0}, {"maximum", 1}}));
  }
  return ObjectOf(
      Json::Of({{"prediction",
                 Json::Of({{"type", "string"}, {"enum", Json::ArrayOf(bundle.class_labels())}})},
                {"probabilities", ObjectOf(std::move(probabilities), bundle.class_labels())}}),
      {"prediction", "probabilities"});
}

Json TensorSchema() {
  return ObjectOf(Json::Of({{"name", Typed("string")},
                            {"shape", ListOf(Json::Of({{"type", "integer"}, {"minimum", 0}}))},
                            {"datatype", Typed("string")},
                            {"data", ListOf(Json::MakeObject())}}),
                  {"name", "shape", "datatype", "data"});
}

Json InvalidFieldSchema() {
  return ObjectOf(
      Json::Of({{"row", Json::Of({{"type", "integer"}, {"minimum", 0}})},
                {"column", Typed("string")},
                {"check", Typed("string")},
                {"value", Json::Of({{"type", Json::ArrayOf(Words{"string", "number", "null"})}})},
                {"message", Typed("string")}}),
      {"row", "column", "check", "value", "message"});
}

Json Schemas(const bundle::Bundle& bundle, InvalidRows on_invalid) {
  Json fields = Json::MakeObject();
  Words derived;  // what a row must bring
  const std::vector<table::ColumnSchema>& columns = bundle.request_schema().columns();
  for (size_t i = 0; i < columns.size(); ++i) {
    fields.AppendMember(
        columns[i].name,
        FieldSchema(columns[i],
                    on_invalid == InvalidRows::kAccept ? "" : CheckedFor(bundle.row_checks(), i)));
    if (!columns[i].derived.empty()) derived.push_back(columns[i].name);
  }
  const Json feedback = ObjectOf(
      Json::Of(
          {{"request_id", Typed("string")},
           {"row", Json::Of({{"type", "integer"}, {"minimum", 0}})},
           {"key", Json::Of({{"type", Json::ArrayOf(Words{"string", "number"})}})},
           {"label", Json::Of({{"type", Json::ArrayOf(Words{"string", "number", "boolean"})}})}}),
      {"label"});
  return Json::Of(
      {{"Row", ObjectOf(std::move(fields), derived)},
       {"Rows", ObjectOf(Json::Of({{"rows", ListOf(Reference("Row"))}}), {"rows"})},
       {"Prediction", PredictionSchema(bundle)},
       {"Predictions", ObjectOf(Json::Of({{"request_id", Typed("string")},
                                          {"model", ObjectOf(Json::Of({{"digest", Typed("string")},
                                                                       {"route", Typed("string")}}),
                                                             {"digest", "route"})},
                                          {"predictions", ListOf(Reference("Prediction"))},
                                          {"warnings", ListOf(Typed("string"))},
                                          {"invalid_fields", ListOf(Reference("InvalidField"))}}),
                                {"request_id", "model", "predictions"})},
       {"Feedback", feedback},
       {"FeedbackList",
        ObjectOf(Json::Of({{"feedback", ListOf(Reference("Feedback"))}}), {"feedback"})},
       {"Tensor", TensorSchema()},
       {"InvalidField", InvalidFieldSchema()},
       {"Error",
        ObjectOf(
            Json::Of({{"error", ObjectOf(Json::Of({{"code", Typed("string")},
                                                   {"message", Typed("string")},
                                                   {"details", ListOf(Typed("string"))},
                                                   {"fields", ListOf(Reference("InvalidField"))}}),
                                         {"code", "message", "details"})}}),
            {"error"})}});
}

Json Content(std::string_view type, Json schema) {
  return Json::Of({{std::string(type), Json::Of({{"schema", std::move(schema)}})}});
}

Json BodyOf(Endpoint endpoint) {
  Json content;
  switch (endpoint) {
    case Endpoint::kPredict:
    case Endpoint::kExplain:
      content = Content(
          "application/json",
          Json::Of(
              {{"oneOf", Json::MakeArray().Append(Reference("Rows")).Append(Reference("Row"))}}));
      break;
    case Endpoint::kFeedback:
      content =
          Content("application/json", Json::Of({{"oneOf", Json::MakeArray()
                                                              .Append(Reference("FeedbackList"))
                                                              .Append(Reference("Feedback"))}}));
      break;
    case Endpoint::kInfer:
      content =
          Content("application/json", ObjectOf(Json::Of({{"id", Typed("string")},
                                                         {"inputs", ListOf(Reference("Tensor"))},
                                                         {"outputs", ListOf(Typed("object"))}}),
                                               {"inputs"}));
      break;
    case Endpoint::kInstances:
      content =
          Content("application/json",
                  ObjectOf(Json::Of({{"instances", ListOf(Reference("Row"))}}), {"instances"}));
      break;
    case Endpoint::kInvocations:
      content = Content("application/json", Typed("object"));
      content.Set("text/csv", Json::Of({{"schema", Typed("string")}}));
      break;
    default:
      return {};
  }
  return Json::Of({{"required", true}, {"content", std::move(content)}});
}

Json Answer(std::string_view description, std::string_view schema = "") {
  Json answer = Json::Of({{"description", description}});
  if (!schema.empty()) answer.Set("content", Content("application/json", Reference(schema)));
  return answer;
}

bool ReadsRows(Endpoint endpoint) {
  return endpoint == Endpoint::kPredict || endpoint == Endpoint::kInvocations ||
         endpoint == Endpoint::kInstances || endpoint == Endpoint::kInfer;
}

Json AnswersOf(const EndpointInfo& info, bool can_refuse) {
  Json answers = Json::MakeObject();
  if (info.endpoint == Endpoint::kExplain) {
    answers.Set("501", Answer("not in this version", "Error"));
  } else {
    answers.Set("200", info.endpoint == Endpoint::kPredict ? Answer("predictions", "Predictions")
                                                           : Answer("the answer"));
  }
  if (info.method == "POST") {
    answers.Set("400", Answer("a field or the body is wrong"));
    answers.Set("413", Answer("too many rows or bytes"));
    answers.Set("415", Answer("another content type"));
  }
  if (can_refuse && ReadsRows(info.endpoint)) {
    answers.Set("422", Answer("a field breaks a check of the data",
                              info.endpoint == Endpoint::kPredict ? "Error" : ""));
  }
  if (!info.is_probe)
    answers.Set("401", Answer("no valid bearer token", SpeaksTensors(info) ? "" : "Error"));
  if (info.path.find("{model}") != std::string_view::npos) {
    answers.Set("404", Answer("no such model"));
  }
  if (info.endpoint == Endpoint::kReady || info.endpoint == Endpoint::kModelReady ||
      info.endpoint == Endpoint::kFeedback) {
    answers.Set("503", Answer("not ready, or no log is kept"));
  }
  return answers;
}

}  // namespace

std::string OpenApi(const bundle::Bundle& bundle, InvalidRows on_invalid) {
  const bool can_refuse = CanRefuse(bundle, on_invalid);
  Json paths = Json::MakeObject();
  for (const EndpointInfo& info : AllEndpoints()) {
    Json operation =
        Json::Of({{"summary", info.summary}, {"responses", AnswersOf(info, can_refuse)}});
    Json body = BodyOf(info.endpoint);
    if (!body.is_null()) operation.Set("requestBody", std::move(body));
    if (info.path.find("{model}") != std::string_view::npos) {
      operation.Set("parameters",
                    Json::MakeArray().Append(Json::Of({{"name", "model"},
                                                       {"in", "path"},
                                                       {"required", true},
                                                       {"schema", Typed("string")}})));
    }
    if (info.is_probe) operation.Set("security", Json::MakeArray());
    paths.Set(std::string(info.path), Json::Of({{ToLower(info.method), std::move(operation)}}));
  }
  const Json bearer = Json::Of({{"bearer", Json::Of({{"type", "http"}, {"scheme", "bearer"}})}});
  return json::WritePretty(Json::Of(
      {{"openapi", "3.1.0"},
       {"info", Json::Of({{"title", Format("Predictions of {}", bundle.target())},
                          {"version", ProgramVersion()}})},
       {"security", Json::MakeArray()
                        .Append(Json::MakeObject())
                        .Append(Json::Of({{"bearer", Json::MakeArray()}}))},
       {"paths", std::move(paths)},
       {"components",
        Json::Of({{"schemas", Schemas(bundle, on_invalid)}, {"securitySchemes", bearer}})}}));
}

}  // namespace millrace::serve
