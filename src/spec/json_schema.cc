#include "spec/json_schema.h"

#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "spec/keys.h"
#include "spec/locator.h"

namespace millrace::spec {
namespace {

using json::Json;

// Numbers, with a unit or without.
constexpr std::string_view kDurationPattern =
    "^\\s*[0-9.]+(e[+-]?[0-9]+)?\\s*([uU][sS]|[mM][sS]|[sS]|[sS][eE][cC]|[mM][iI][nN]|[mM]|[hH]|"
    "[dD]|[wW])?\\s*$";
constexpr std::string_view kBytesPattern =
    "^\\s*[0-9.]+(e[+-]?[0-9]+)?\\s*([kKmMgGtT][iI]?)?[bB]?\\s*$";
constexpr std::string_view kGatePattern = "^\\s*(>=|<=|>|<)\\s*[-+0-9.].*$";

Json AnyOf(Json first, Json second) {
  Json any = Json::MakeArray();
  any.Append(std::move(first)).Append(std::move(second));
  return Json::Of({{"anyOf", std::move(any)}});
}

// A text may be written without quotes where YAML takes it for a number or a truth value.
Json AnyScalar() {
  return Json::Of(
      {{"type", Json::ArrayOf(std::vector<std::string>{"string", "number", "boolean"})}});
}

Json Limited(std::string_view type, const OptionDescriptor& option) {
  Json schema = Json::Of({{"type", type}});
  if (option.minimum) schema.Set("minimum", *option.minimum);
  if (option.maximum) schema.Set("maximum", *option.maximum);
  return schema;
}

Json Pattern(std::string_view pattern) {
  return Json::Of({{"type", "string"}, {"pattern", pattern}});
}

Json ScalarSchema(const OptionDescriptor& option) {
  switch (option.type) {
    case OptionType::kBoolean:
      return Json::Of({{"type", "boolean"}});
    case OptionType::kInteger:
      return Limited("integer", option);
    case OptionType::kNumber:
      return Limited("number", option);
    case OptionType::kChoice:
      return Json::Of({{"enum", Json::ArrayOf(option.choices)}});
    case OptionType::kDuration:
      return AnyOf(Limited("number", option), Pattern(kDurationPattern));
    case OptionType::kBytes:
      return AnyOf(Limited("integer", option), Pattern(kBytesPattern));
    case OptionType::kText:
    case OptionType::kList:
      return AnyScalar();
  }
  return AnyScalar();
}

Json ListOrOne(Json item) {
  Json list = Json::Of({{"type", "array"}, {"items", item}});
  return AnyOf(std::move(item), std::move(list));
}

Json ItemSchema(const OptionDescriptor& option) {
  if (option.choices.empty()) return AnyScalar();
  return Json::Of({{"enum", Json::ArrayOf(option.choices)}});
}

// {sqlite: FILE, table: NAME} and its like.
Json DatabaseSchema() {
  Json properties = Json::MakeObject();
  for (const DatabaseKey& key : kDatabaseKeys) {
    properties.AppendMember(std::string(key.name), Json::Of({{"type", "string"}}));
  }
  return Json::Of(
      {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}});
}

Json SchemaOf(const Key& key, const ParseOptions& options);

// A map with the key's children; an empty one may be left blank.
Json GroupSchema(const Key& group, const ParseOptions& options) {
  Json properties = Json::MakeObject();
  Json required = Json::MakeArray();
  for (const Key& child : group.children) {
    if (child.presence == Presence::kReserved) continue;
    properties.AppendMember(std::string(child.option.key), SchemaOf(child, options));
    if (child.presence == Presence::kRequired) required.Append(child.option.key);
  }
  Json schema = Json::Of(
      {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}});
  if (required.size() > 0) {
    schema.Set("required", std::move(required));
  } else {
    schema.Set("type", Json::ArrayOf(std::vector<std::string>{"object", "null"}));
  }
  return schema;
}

Json GatesSchema(const Key& key, const ParseOptions& options) {
  const bool fairness = key.option.key == "fairness";
  Json properties = Json::MakeObject();
  for (const GateMetric& metric : fairness ? FairnessMetrics() : RequirementMetrics()) {
    Json gate = ListOrOne(Pattern(kGatePattern));
    gate.Set("description", metric.text);
    properties.AppendMember(std::string(metric.name), std::move(gate));
  }
  for (const Key& child : key.children) {
    properties.AppendMember(std::string(child.option.key), SchemaOf(child, options));
  }
  return Json::Of({{"type", Json::ArrayOf(std::vector<std::string>{"object", "null"})},
                   {"additionalProperties", false},
                   {"properties", std::move(properties)}});
}

Json LearnersSchema(const ParseOptions& options) {
  Json schema = Json::Of({{"type", Json::ArrayOf(std::vector<std::string>{"object", "null"})}});
  if (options.learners.empty()) return schema;
  Json properties = Json::MakeObject();
  for (const LearnerDescriptor& learner : options.learners) {
    Json values = Json::MakeObject();
    for (const OptionDescriptor& option : learner.options) {
      Json value = ScalarSchema(option);
      value.Set("description", option.text);
      values.AppendMember(std::string(option.key), std::move(value));
    }
    properties.AppendMember(
        std::string(learner.name),
        Json::Of({{"type", Json::ArrayOf(std::vector<std::string>{"object", "null"})},
                  {"additionalProperties", false},
                  {"properties", std::move(values)}}));
  }
  schema.Set("additionalProperties", false).Set("properties", std::move(properties));
  return schema;
}

Json ShapeSchema(const Key& key, const ParseOptions& options) {
  switch (key.shape) {
    case Shape::kValue:
      return ScalarSchema(key.option);
    case Shape::kTextList:
      return ListOrOne(ItemSchema(key.option));
    case Shape::kSources:
      return ListOrOne(AnyOf(AnyScalar(), DatabaseSchema()));
    case Shape::kGroup:
      return GroupSchema(key, options);
    case Shape::kGroupList: {
      Json schema = Json::Of({{"type", Json::ArrayOf(std::vector<std::string>{"array", "null"})}});
      schema.Set("items", GroupSchema(key, options));
      return schema;
    }
    case Shape::kNamedGroups: {
      Json schema = Json::Of({{"type", Json::ArrayOf(std::vector<std::string>{"object", "null"})}});
      schema.Set("additionalProperties", GroupSchema(key, options));
      return schema;
    }
    case Shape::kGates:
      return GatesSchema(key, options);
    case Shape::kLearnerOptions:
      return LearnersSchema(options);
  }
  return Json();
}

Json SchemaOf(const Key& key, const ParseOptions& options) {
  Json schema = ShapeSchema(key, options);
  const bool scalar_or_list =
      key.shape == Shape::kValue || key.shape == Shape::kTextList || key.shape == Shape::kSources;
  if (key.automatic == Automatic::kAuto && key.option.type != OptionType::kText) {
    schema = AnyOf(Json::Of({{"const", "auto"}}), std::move(schema));
  }
  std::string text(key.option.text);
  if (!key.option.unit.empty()) text += Format(" Unit: {}.", key.option.unit);
  schema.Set("description", std::move(text));
  const std::string_view fallback = key.option.default_text;
  if (key.shape == Shape::kValue && !fallback.empty() && fallback != "\"\"") {
    const bool number =
        key.option.type == OptionType::kInteger || key.option.type == OptionType::kNumber;
    schema.Set("default",
               number && fallback != "auto" ? ScalarToJson(key, fallback) : Json(fallback));
  }
  if (scalar_or_list && !key.example.empty() && key.shape == Shape::kValue) {
    Json examples = Json::MakeArray();
    const std::string_view example = key.example;
    const bool quoted = example.starts_with('"');
    examples.Append(quoted ? example.substr(1, example.size() - 2) : example);
    schema.Set("examples", std::move(examples));
  }
  return schema;
}

}  // namespace

Json JsonSchema(const ParseOptions& options) {
  const Json root = GroupSchema(RootKey(), options);
  Json required = Json::MakeArray();
  required.Append("problem").Append("data");
  Json schema = Json::Of(
      {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "millrace.yaml"}});
  schema.Set("type", "object");
  schema.Set("additionalProperties", false);
  schema.Set("required", std::move(required));
  schema.Set("properties", root["properties"]);
  return schema;
}

}  // namespace millrace::spec
