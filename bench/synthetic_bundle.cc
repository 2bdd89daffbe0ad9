#include "synthetic_bundle.h"

#include <utility>
#include <vector>

#include "base/format.h"
#include "base/rng.h"
#include "bundle/bundle.h"
#include "feature/graph.h"
#include "json/text.h"
#include "model/tree_ensemble.h"

namespace millrace::bench {
namespace {

constexpr int kNumValues = 5;

// Grows a tree by splitting random leaves until there are enough.
void GrowTree(int64_t num_leaves, int64_t num_features, Rng& rng, model::TreeParts& parts) {
  struct Slot {
    int32_t node;  // parent
    bool left;
  };
  const auto first_node = parts.split_feature.size();
  std::vector<Slot> open = {{-1, true}};
  for (int64_t n = 0; n + 1 < num_leaves; ++n) {
    const auto pick = static_cast<size_t>(rng.Below(open.size()));
    const Slot slot = open[pick];
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
    const auto node = static_cast<int32_t>(n);
    if (slot.node >= 0) {
      auto& side = slot.left ? parts.left : parts.right;
      side[first_node + static_cast<size_t>(slot.node)] = node;
    }
    parts.split_feature.push_back(
        static_cast<int32_t>(rng.Below(static_cast<uint64_t>(num_features))));
    parts.threshold.push_back(rng.Normal());
    parts.rule.push_back(static_cast<uint8_t>(2 | (rng.Below(2) * model::kDefaultLeft)));
    parts.left.push_back(0);
    parts.right.push_back(0);
    open.push_back({node, true});
    open.push_back({node, false});
  }
  int32_t leaf = 0;
  for (const Slot& slot : open) {
    if (slot.node >= 0) {
      auto& side = slot.left ? parts.left : parts.right;
      side[first_node + static_cast<size_t>(slot.node)] = ~leaf;
    }
    parts.leaf_value.push_back(0.05 * rng.Normal());
    ++leaf;
  }
  parts.tree_nodes.push_back(static_cast<int32_t>(parts.split_feature.size()));
  parts.tree_leaves.push_back(static_cast<int32_t>(parts.leaf_value.size()));
}

std::string NumberName(int64_t index) { return Format("measure_{}", index); }
std::string CategoryName(int64_t index) { return Format("kind_{}", index); }

}  // namespace

Result<std::string> SyntheticBundle(const SyntheticOptions& options) {
  Rng rng(options.seed);
  std::vector<table::ColumnSchema> columns;
  std::vector<feature::Node> nodes;
  for (int64_t i = 0; i < options.num_numbers; ++i) {
    table::ColumnSchema column;
    column.name = NumberName(i);
    column.type = table::ColumnType::kNumber;
    column.minimum = -3.0;
    column.maximum = 3.0;
    feature::Node node;
    node.column = node.name = column.name;
    columns.push_back(column);
    nodes.push_back(node);
  }
  for (int64_t i = 0; i < options.num_categories; ++i) {
    table::ColumnSchema column;
    column.name = CategoryName(i);
    column.type = table::ColumnType::kCategory;
    for (int v = 0; v < kNumValues; ++v) column.values.push_back(Format("value {}", v));
    feature::Node node;
    node.kind = feature::NodeKind::kCategory;
    node.column = node.name = column.name;
    node.values = column.values;
    columns.push_back(column);
    nodes.push_back(node);
  }
  bundle::BundleParts parts;
  MILLRACE_ASSIGN_OR_RETURN(parts.request_schema, table::Schema::Make(columns));
  MILLRACE_ASSIGN_OR_RETURN(const feature::Graph graph,
                            feature::Graph::Make(parts.request_schema, nodes));
  parts.graph = graph.ToJson();
  model::TreeParts trees;
  trees.num_features = options.num_numbers + options.num_categories;
  trees.link = model::Link::kSigmoid;
  trees.base_scores = {0.0};
  trees.tree_nodes = {0};
  trees.tree_leaves = {0};
  for (int64_t t = 0; t < options.num_trees; ++t) {
    GrowTree(options.num_leaves, trees.num_features, rng, trees);
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto model, model::TreeEnsemble::Make(std::move(trees)));
  parts.model = model->Serialize();
  parts.task = table::Task::kBinary;
  parts.target = "churn";
  parts.class_labels = {"no", "yes"};
  parts.positive = "yes";
  parts.primary_metric = "auc";
  parts.sketches = json::Json::MakeObject();
  if (options.checks == SyntheticOptions::Checks::kAll) {
    for (const table::ColumnSchema& column : columns) {
      expect::ColumnCheck check{.column = column.name, .values = column.values};
      if (column.values.empty()) {
        check.minimum = -1e6;
        check.maximum = 1e6;
      }
      parts.checks.push_back(std::move(check));
    }
  }
  parts.card = "# Synthetic\n";
  parts.provenance = json::Json::MakeObject();
  return bundle::Pack(parts);
}

std::string SyntheticRequest(const SyntheticOptions& options, uint64_t row_number) {
  Rng rng = Rng(options.seed).Fork("request", row_number);
  json::Json row = json::Json::MakeObject();
  for (int64_t i = 0; i < options.num_numbers; ++i) row.Set(NumberName(i), rng.Normal());
  for (int64_t i = 0; i < options.num_categories; ++i) {
    row.Set(CategoryName(i), Format("value {}", rng.Below(kNumValues)));
  }
  json::Json rows = json::Json::MakeArray();
  rows.Append(std::move(row));
  return json::Write(json::Json::Of({{"rows", std::move(rows)}}));
}

}  // namespace millrace::bench
