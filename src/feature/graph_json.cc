// The stored form of graphs.

#include <string_view>
#include <utility>
#include <vector>

#include "base/format.h"
#include "feature/graph.h"
#include "feature/node_json.h"

namespace millrace::feature {
namespace {

using json::Json;

// 1: the kinds up to "word". 2: up to "text_statistic". 3: all kinds. 4: treatments.
constexpr int64_t kGraphVersion = 4;
constexpr std::string_view kWhere = "transform graph";

}  // namespace

Json Graph::ToJson() const {
  Json items = Json::MakeArray();
  const Node* previous = nullptr;
  // Graphs that an earlier reader understands keep its version.
  int64_t version = 2;
  for (const Node& node : nodes()) {
    if (node.kind == NodeKind::kGroup) version = 3;
    items.Append(NodeToJson(node, previous));
    previous = &node;
  }
  if (treatments().empty()) {
    return Json::Of({{"version", version}, {"nodes", std::move(items)}});
  }
  Json treated = Json::MakeArray();
  for (const Treatment& treatment : treatments()) treated.Append(TreatmentToJson(treatment));
  return Json::Of({{"version", kGraphVersion},
                   {"nodes", std::move(items)},
                   {"treatments", std::move(treated)}});
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
  std::vector<Treatment> treatments;
  if (version >= 4) {
    MILLRACE_ASSIGN_OR_RETURN(const json::Array* treated,
                              document.RequireArray(kWhere, "treatments"));
    for (const Json& item : *treated) {
      MILLRACE_ASSIGN_OR_RETURN(Treatment treatment, TreatmentFromJson(item));
      treatments.push_back(std::move(treatment));
    }
  }
  Result<Graph> graph = Make(schema, std::move(nodes), std::move(treatments));
  if (!graph.ok()) return Corrupt(Format("{}: {}", kWhere, graph.status().message()));
  return graph;
}

}  // namespace millrace::feature
