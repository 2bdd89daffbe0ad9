#include "fit/target_encodings.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "feature/target_encoding.h"
#include "feature/text_index.h"
#include "fit/feature_names.h"

namespace millrace::fit {
namespace {

using feature::Node;
using feature::NodeKind;
using feature::TargetFold;

Status CheckRows(const TargetRows& rows) {
  const auto num_rows = static_cast<size_t>(rows.rows.num_rows());
  const bool fits = rows.targets.size() == num_rows && rows.folds.size() == num_rows &&
                    rows.num_folds >= 2 && rows.labels.size() != 1 &&
                    std::ranges::all_of(rows.folds, [&](int32_t fold) {
                      return fold >= 0 && fold < rows.num_folds;
                    });
  if (fits) return {};
  return Internal(Format("target encodings: {} rows, {} targets, {} folds of {}, {} labels",
                         num_rows, rows.targets.size(), rows.folds.size(), rows.num_folds,
                         rows.labels.size()));
}

// What is averaged: the value, or 1 for rows of one class.
struct Output {
  std::string suffix;
  std::optional<double> class_index;
};

std::vector<Output> OutputsOf(const TargetRows& rows, const TargetOptions& options) {
  if (rows.labels.empty()) return {{"target", std::nullopt}};
  if (rows.labels.size() == 2) return {{"target", 1.0}};
  std::vector<Output> outputs;
  if (static_cast<int64_t>(rows.labels.size()) > options.max_classes) return outputs;
  for (size_t label = 0; label < rows.labels.size(); ++label) {
    outputs.push_back({"target " + rows.labels[label], static_cast<double>(label)});
  }
  return outputs;
}

std::vector<TargetFold> CountFolds(const Node& category, const std::vector<int32_t>& places,
                                   const TargetRows& rows, const Output& output) {
  std::vector<TargetFold> folds(static_cast<size_t>(rows.num_folds));
  for (TargetFold& fold : folds) {
    fold.counts.resize(category.values.size());
    fold.sums.resize(category.values.size());
  }
  for (size_t row = 0; row < places.size(); ++row) {
    const double target = output.class_index
                              ? (rows.targets[row] == *output.class_index ? 1.0 : 0.0)
                              : rows.targets[row];
    TargetFold& fold = folds[static_cast<size_t>(rows.folds[row])];
    ++fold.num_rows;
    fold.sum += target;
    if (places[row] < 0) continue;
    const auto place = static_cast<size_t>(places[row]);
    ++fold.counts[place];
    fold.sums[place] += target;
  }
  return folds;
}

// Nothing when sums leave the range of numbers.
std::optional<Node> Encode(const Node& category, const std::vector<int32_t>& places,
                           const TargetRows& rows, const Output& output, double smoothing) {
  Node node{.kind = NodeKind::kTarget,
            .column = category.column,
            .name = Format("{} {}", category.column, output.suffix),
            .values = category.values};
  node.smoothing = smoothing;
  node.folds = CountFolds(category, places, rows, output);
  std::vector<const TargetFold*> all;
  for (const TargetFold& fold : node.folds) all.push_back(&fold);
  feature::TargetEncoding encoding = feature::EncodeTarget(all, node.values.size(), smoothing);
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::isfinite(encoding.mean) || !std::ranges::all_of(encoding.encodings, finite)) {
    return std::nullopt;
  }
  node.encodings = std::move(encoding.encodings);
  node.mean = encoding.mean;
  return node;
}

std::vector<int32_t> PlacesOf(const Node& category, const table::Column& column) {
  const std::optional<feature::TextIndex> index = feature::TextIndex::Make(category.values);
  std::vector<int32_t> places;
  places.reserve(static_cast<size_t>(column.size()));
  for (int64_t row = 0; row < column.size(); ++row) {
    places.push_back(column.valid(row) ? index->Find(column.text(row)) : -1);
  }
  return places;
}

}  // namespace

Result<FittedGraph> AddTargetEncodings(const FittedGraph& fitted, const table::Schema& schema,
                                       const TargetRows& rows, const TargetOptions& options) {
  MILLRACE_RETURN_IF_ERROR(CheckRows(rows));
  const std::vector<Output> outputs = OutputsOf(rows, options);
  const std::vector<Node>& old_nodes = fitted.graph.nodes();
  std::vector<FeatureReason> reasons = fitted.reasons;
  FeatureNames names(schema, old_nodes);
  std::vector<Node> nodes;
  std::vector<Node> waiting;  // encodings of the column that the walk is in
  for (size_t n = 0; n < old_nodes.size(); ++n) {
    const Node& node = old_nodes[n];
    nodes.push_back(node);
    if (node.kind == NodeKind::kCategory &&
        static_cast<int64_t>(node.values.size()) >= options.min_categories) {
      const auto index = rows.rows.schema().Find(node.column);
      if (!index || table::IsNumeric(rows.rows.column(*index).type())) {
        return Internal(Format("target encodings: the rows lack \"{}\"", node.column));
      }
      const std::vector<int32_t> places = PlacesOf(node, rows.rows.column(*index));
      for (const Output& output : outputs) {
        std::optional<Node> encoded = Encode(node, places, rows, output, options.smoothing);
        if (!encoded) continue;
        encoded->name = names.Take(encoded->name);
        waiting.push_back(*std::move(encoded));
      }
    }
    const bool last_of_column = n + 1 == old_nodes.size() || old_nodes[n + 1].column != node.column;
    if (!last_of_column || waiting.empty()) continue;
    for (FeatureReason& reason : reasons) {
      if (reason.column == node.column) reason.strategy += ", and the mean target of the value";
    }
    std::ranges::move(waiting, std::back_inserter(nodes));
    waiting.clear();
  }
  MILLRACE_ASSIGN_OR_RETURN(feature::Graph graph, feature::Graph::Make(schema, std::move(nodes),
                                                                       fitted.graph.treatments()));
  return FittedGraph{std::move(graph), std::move(reasons), fitted.treatments};
}

}  // namespace millrace::fit
