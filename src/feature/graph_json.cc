// The stored form of nodes and graphs.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "feature/graph.h"

namespace millrace::feature {
namespace {

using json::Json;

struct KindRow {
  NodeKind kind;
  std::string_view name;
};
constexpr KindRow kKinds[] = {
    {NodeKind::kNumber, "number"},
    {NodeKind::kMissing, "missing"},
    {NodeKind::kBoolean, "boolean"},
    {NodeKind::kCategory, "category"},
    {NodeKind::kFrequency, "frequency"},
    {NodeKind::kDatePart, "date_part"},
    {NodeKind::kDateElapsed, "date_elapsed"},
    {NodeKind::kExpression, "expression"},
};
struct PartRow {
  DatePart part;
  std::string_view name;
};
constexpr PartRow kParts[] = {
    {DatePart::kYear, "year"},       {DatePart::kMonth, "month"}, {DatePart::kDay, "day"},
    {DatePart::kWeekday, "weekday"}, {DatePart::kHour, "hour"},
};
constexpr int64_t kGraphVersion = 1;
constexpr std::string_view kWhere = "transform graph";

bool HasValues(NodeKind kind) {
  return kind == NodeKind::kCategory || kind == NodeKind::kFrequency;
}

// `previous` is the node before, or null: its values are named instead of written again.
Json NodeToJson(const Node& node, const Node* previous) {
  Json document = Json::Of({{"kind", NodeKindName(node.kind)}, {"name", node.name}});
  if (node.kind != NodeKind::kExpression) document.Set("column", node.column);
  if (HasValues(node.kind)) {
    if (previous != nullptr && HasValues(previous->kind) && previous->values == node.values) {
      document.Set("values", "as before");
    } else {
      document.Set("values", Json::ArrayOf(node.values));
    }
  }
  switch (node.kind) {
    case NodeKind::kFrequency:
      document.Set("shares", Json::ArrayOf(node.shares));
      break;
    case NodeKind::kDatePart:
      document.Set("part", DatePartName(node.part));
      break;
    case NodeKind::kDateElapsed:
      document.Set("origin", node.origin);
      break;
    case NodeKind::kExpression:
      document.Set("expression", node.expression);
      break;
    case NodeKind::kNumber:
    case NodeKind::kMissing:
    case NodeKind::kBoolean:
    case NodeKind::kCategory:
      break;
  }
  return document;
}

Result<std::vector<std::string>> ValuesFromJson(const Json& document, const Node* previous) {
  const Json& values = document["values"];
  if (values.is_string() && values.AsString() == "as before") {
    if (previous == nullptr || !HasValues(previous->kind)) {
      return Corrupt(Format("{}: no values stand before", kWhere));
    }
    return previous->values;
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(kWhere, "values"));
  std::vector<std::string> texts;
  for (const Json& item : *items) {
    if (!item.is_string()) return Corrupt(Format("{}: values: not a text", kWhere));
    texts.push_back(item.AsString());
  }
  return texts;
}

Result<std::vector<double>> NumbersFromJson(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(kWhere, key));
  std::vector<double> numbers;
  for (const Json& item : *items) {
    if (!item.is_number()) return Corrupt(Format("{}: {}: not a number", kWhere, key));
    numbers.push_back(item.AsNumber());
  }
  return numbers;
}

Result<Node> NodeFromJson(const Json& document, const Node* previous) {
  Node node;
  MILLRACE_ASSIGN_OR_RETURN(const std::string kind, document.RequireString(kWhere, "kind"));
  const auto known = NodeKindFromName(kind);
  if (!known) return Corrupt(Format("{}: unknown kind of node: \"{}\"", kWhere, kind));
  node.kind = *known;
  MILLRACE_ASSIGN_OR_RETURN(node.name, document.RequireString(kWhere, "name"));
  if (node.kind == NodeKind::kExpression) {
    MILLRACE_ASSIGN_OR_RETURN(node.expression, document.RequireString(kWhere, "expression"));
    return node;
  }
  MILLRACE_ASSIGN_OR_RETURN(node.column, document.RequireString(kWhere, "column"));
  if (HasValues(node.kind)) {
    MILLRACE_ASSIGN_OR_RETURN(node.values, ValuesFromJson(document, previous));
  }
  if (node.kind == NodeKind::kFrequency) {
    MILLRACE_ASSIGN_OR_RETURN(node.shares, NumbersFromJson(document, "shares"));
  } else if (node.kind == NodeKind::kDatePart) {
    MILLRACE_ASSIGN_OR_RETURN(const std::string name, document.RequireString(kWhere, "part"));
    const auto part = DatePartFromName(name);
    if (!part) return Corrupt(Format("{}: unknown part of a date: \"{}\"", kWhere, name));
    node.part = *part;
  } else if (node.kind == NodeKind::kDateElapsed) {
    MILLRACE_ASSIGN_OR_RETURN(node.origin, document.RequireNumber(kWhere, "origin"));
  }
  return node;
}

}  // namespace

std::string_view NodeKindName(NodeKind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row.name;
  }
  return "number";
}

std::optional<NodeKind> NodeKindFromName(std::string_view name) {
  for (const KindRow& row : kKinds) {
    if (row.name == name) return row.kind;
  }
  return std::nullopt;
}

std::string_view DatePartName(DatePart part) {
  for (const PartRow& row : kParts) {
    if (row.part == part) return row.name;
  }
  return "year";
}

std::optional<DatePart> DatePartFromName(std::string_view name) {
  for (const PartRow& row : kParts) {
    if (row.name == name) return row.part;
  }
  return std::nullopt;
}

Json Graph::ToJson() const {
  Json items = Json::MakeArray();
  const Node* previous = nullptr;
  for (const Node& node : nodes()) {
    items.Append(NodeToJson(node, previous));
    previous = &node;
  }
  return Json::Of({{"version", kGraphVersion}, {"nodes", std::move(items)}});
}

Result<Graph> Graph::FromJson(const table::Schema& schema, const Json& document) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t version, document.RequireInteger(kWhere, "version"));
  if (version < 1) return Corrupt(Format("{}: format version {}", kWhere, version));
  if (version > kGraphVersion) {
    return Unsupported(Format("{}: format version {}", kWhere, version))
        .WithHint("a newer program wrote it");
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(kWhere, "nodes"));
  std::vector<Node> nodes;
  for (const Json& item : *items) {
    const Node* previous = nodes.empty() ? nullptr : &nodes.back();
    MILLRACE_ASSIGN_OR_RETURN(Node node, NodeFromJson(item, previous));
    nodes.push_back(std::move(node));
  }
  Result<Graph> graph = Make(schema, std::move(nodes));
  if (!graph.ok()) return Corrupt(Format("{}: {}", kWhere, graph.status().message()));
  return graph;
}

}  // namespace millrace::feature
