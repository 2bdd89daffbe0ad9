// The stored form of nodes and graphs.

#include <utility>

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

Json NodeToJson(const Node& node) {
  Json document =
      Json::Of({{"kind", NodeKindName(node.kind)}, {"column", node.column}, {"name", node.name}});
  if (node.kind == NodeKind::kCategory || node.kind == NodeKind::kFrequency) {
    document.Set("values", Json::ArrayOf(node.values));
  }
  if (node.kind == NodeKind::kFrequency) document.Set("shares", Json::ArrayOf(node.shares));
  if (node.kind == NodeKind::kDatePart) document.Set("part", DatePartName(node.part));
  if (node.kind == NodeKind::kDateElapsed) document.Set("origin", node.origin);
  return document;
}

Result<Node> NodeFromJson(const Json& document) {
  constexpr std::string_view kWhere = "transform graph";
  Node node;
  MILLRACE_ASSIGN_OR_RETURN(const std::string kind, document.RequireString(kWhere, "kind"));
  const auto known = NodeKindFromName(kind);
  if (!known) return Corrupt(Format("{}: unknown kind of node: \"{}\"", kWhere, kind));
  node.kind = *known;
  MILLRACE_ASSIGN_OR_RETURN(node.column, document.RequireString(kWhere, "column"));
  MILLRACE_ASSIGN_OR_RETURN(node.name, document.RequireString(kWhere, "name"));
  for (const Json& value : document["values"].AsArray()) node.values.push_back(value.AsString());
  for (const Json& share : document["shares"].AsArray()) node.shares.push_back(share.AsNumber());
  if (node.kind == NodeKind::kDatePart) {
    const auto part = DatePartFromName(document["part"].AsString());
    if (!part) return Corrupt(Format("{}: unknown date part", kWhere));
    node.part = *part;
  }
  node.origin = document["origin"].AsNumber();
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
  Json nodes = Json::MakeArray();
  for (const Node& node : nodes_) nodes.Append(NodeToJson(node));
  return Json::Of({{"version", kGraphVersion}, {"nodes", std::move(nodes)}});
}

Result<Graph> Graph::FromJson(const table::Schema& schema, const Json& document) {
  MILLRACE_ASSIGN_OR_RETURN(const int64_t version,
                            document.RequireInteger("transform graph", "version"));
  if (version > kGraphVersion) {
    return Unsupported(Format("transform graph: format version {}", version))
        .WithHint("a newer program wrote it");
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items,
                            document.RequireArray("transform graph", "nodes"));
  std::vector<Node> nodes;
  for (const Json& item : *items) {
    MILLRACE_ASSIGN_OR_RETURN(Node node, NodeFromJson(item));
    nodes.push_back(std::move(node));
  }
  Result<Graph> graph = Make(schema, std::move(nodes));
  if (!graph.ok()) return Corrupt(Format("transform graph: {}", graph.status().message()));
  return graph;
}

}  // namespace millrace::feature
