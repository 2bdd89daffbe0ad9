// The stored form of nodes and graphs.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "feature/graph.h"
#include "feature/graph_program.h"

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
    {NodeKind::kTarget, "target"},
    {NodeKind::kTextLength, "text_length"},
    {NodeKind::kWordCount, "word_count"},
    {NodeKind::kWord, "word"},
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

Json FoldsToJson(const std::vector<TargetFold>& folds) {
  Json items = Json::MakeArray();
  for (const TargetFold& fold : folds) {
    items.Append(Json::Of({{"rows", fold.num_rows},
                           {"sum", fold.sum},
                           {"counts", Json::ArrayOf(fold.counts)},
                           {"sums", Json::ArrayOf(fold.sums)}}));
  }
  return items;
}

// `previous` is the node before, or null: its values are named instead of written again.
Json NodeToJson(const Node& node, const Node* previous) {
  Json document = Json::Of({{"kind", NodeKindName(node.kind)}, {"name", node.name}});
  if (node.kind != NodeKind::kExpression) document.Set("column", node.column);
  if (UsesValues(node.kind)) {
    if (previous != nullptr && UsesValues(previous->kind) && previous->values == node.values) {
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
    case NodeKind::kTarget:
      document.Set("encodings", Json::ArrayOf(node.encodings));
      document.Set("mean", node.mean);
      document.Set("smoothing", node.smoothing);
      if (!node.folds.empty()) document.Set("folds", FoldsToJson(node.folds));
      break;
    case NodeKind::kWord:
      document.Set("word", node.word);
      document.Set("weight", node.weight);
      break;
    case NodeKind::kNumber:
    case NodeKind::kMissing:
    case NodeKind::kBoolean:
    case NodeKind::kCategory:
    case NodeKind::kTextLength:
    case NodeKind::kWordCount:
      break;
  }
  return document;
}

Result<std::vector<std::string>> ValuesFromJson(const Json& document, const Node* previous) {
  const Json& values = document["values"];
  if (values.is_string() && values.AsString() == "as before") {
    if (previous == nullptr || !UsesValues(previous->kind)) {
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

Result<std::vector<TargetFold>> FoldsFromJson(const Json& document) {
  std::vector<TargetFold> folds;
  if (!document.Has("folds")) return folds;
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(kWhere, "folds"));
  for (const Json& item : *items) {
    TargetFold fold;
    MILLRACE_ASSIGN_OR_RETURN(fold.num_rows, item.RequireInteger(kWhere, "rows"));
    MILLRACE_ASSIGN_OR_RETURN(fold.sum, item.RequireNumber(kWhere, "sum"));
    MILLRACE_ASSIGN_OR_RETURN(fold.sums, NumbersFromJson(item, "sums"));
    MILLRACE_ASSIGN_OR_RETURN(const json::Array* counts, item.RequireArray(kWhere, "counts"));
    for (const Json& count : *counts) {
      if (!count.is_integer()) return Corrupt(Format("{}: counts: not a count", kWhere));
      fold.counts.push_back(count.AsInteger());
    }
    folds.push_back(std::move(fold));
  }
  return folds;
}

// Reads the members of a kind into `node`, which holds its kind, name and column.
Result<Node> WithMembers(Node node, const Json& document, const Node* previous) {
  if (UsesValues(node.kind)) {
    MILLRACE_ASSIGN_OR_RETURN(node.values, ValuesFromJson(document, previous));
  }
  switch (node.kind) {
    case NodeKind::kFrequency: {
      MILLRACE_ASSIGN_OR_RETURN(node.shares, NumbersFromJson(document, "shares"));
      return node;
    }
    case NodeKind::kDatePart: {
      MILLRACE_ASSIGN_OR_RETURN(const std::string name, document.RequireString(kWhere, "part"));
      const auto part = DatePartFromName(name);
      if (!part) return Corrupt(Format("{}: unknown part of a date: \"{}\"", kWhere, name));
      node.part = *part;
      return node;
    }
    case NodeKind::kDateElapsed: {
      MILLRACE_ASSIGN_OR_RETURN(node.origin, document.RequireNumber(kWhere, "origin"));
      return node;
    }
    case NodeKind::kTarget: {
      MILLRACE_ASSIGN_OR_RETURN(node.encodings, NumbersFromJson(document, "encodings"));
      MILLRACE_ASSIGN_OR_RETURN(node.mean, document.RequireNumber(kWhere, "mean"));
      MILLRACE_ASSIGN_OR_RETURN(node.smoothing, document.RequireNumber(kWhere, "smoothing"));
      MILLRACE_ASSIGN_OR_RETURN(node.folds, FoldsFromJson(document));
      return node;
    }
    case NodeKind::kWord: {
      MILLRACE_ASSIGN_OR_RETURN(node.word, document.RequireString(kWhere, "word"));
      MILLRACE_ASSIGN_OR_RETURN(node.weight, document.RequireNumber(kWhere, "weight"));
      return node;
    }
    default:
      return node;
  }
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
  return WithMembers(std::move(node), document, previous);
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
