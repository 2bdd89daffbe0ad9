// Target encodings while training: each row is encoded without its own fold.

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/format.h"
#include "feature/graph.h"
#include "feature/graph_program.h"
#include "feature/target_encoding.h"

namespace millrace::feature {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

bool HasFolds(const Node& node) { return node.kind == NodeKind::kTarget && !node.folds.empty(); }

// Encodings for the rows of each fold, when `held_out` is out too.
std::vector<TargetEncoding> EncodingsByFold(const Node& node, std::optional<int32_t> held_out) {
  std::vector<TargetEncoding> encodings;
  for (size_t fold = 0; fold < node.folds.size(); ++fold) {
    std::vector<const TargetFold*> used;
    for (size_t other = 0; other < node.folds.size(); ++other) {
      const bool out = other == fold || (held_out && other == static_cast<size_t>(*held_out));
      if (!out) used.push_back(&node.folds[other]);
    }
    encodings.push_back(EncodeTarget(used, node.values.size(), node.smoothing));
  }
  return encodings;
}

}  // namespace

TargetEncoding EncodeTarget(std::span<const TargetFold* const> folds, size_t num_values,
                            double smoothing) {
  TargetEncoding encoding{.encodings = std::vector<double>(num_values)};
  int64_t num_rows = 0;
  double sum = 0.0;
  std::vector<int64_t> counts(num_values);
  for (const TargetFold* fold : folds) {
    num_rows += fold->num_rows;
    sum += fold->sum;
    for (size_t v = 0; v < num_values; ++v) {
      counts[v] += fold->counts[v];
      encoding.encodings[v] += fold->sums[v];
    }
  }
  encoding.mean = num_rows == 0 ? 0.0 : sum / static_cast<double>(num_rows);
  for (size_t v = 0; v < num_values; ++v) {
    // A value that these rows never saw reads as an unseen one, exactly.
    encoding.encodings[v] = counts[v] == 0 ? encoding.mean
                                           : (encoding.encodings[v] + smoothing * encoding.mean) /
                                                 (static_cast<double>(counts[v]) + smoothing);
  }
  return encoding;
}

int64_t Graph::num_folds() const {
  for (const Node& node : nodes()) {
    if (HasFolds(node)) return static_cast<int64_t>(node.folds.size());
  }
  return 0;
}

std::vector<int64_t> Graph::fold_features() const {
  std::vector<int64_t> features;
  for (size_t n = 0; n < nodes().size(); ++n) {
    if (HasFolds(nodes()[n])) features.push_back(static_cast<int64_t>(n));
  }
  return features;
}

// Two folds at least, and as many for each encoding.
Status Graph::CheckFolds() const {
  const auto num_folds = static_cast<size_t>(this->num_folds());
  for (const Node& node : nodes()) {
    if (!HasFolds(node) || (node.folds.size() == num_folds && num_folds >= 2)) continue;
    return InvalidSpec(Format("feature \"{}\": {} folds", node.name, node.folds.size()));
  }
  return {};
}

Result<table::Matrix> Graph::FoldFeatures(const table::Table& rows, std::span<const int32_t> folds,
                                          std::optional<int32_t> held_out) const {
  const auto num_folds = static_cast<int32_t>(this->num_folds());
  const auto known = [&](int32_t fold) { return fold >= 0 && fold < num_folds; };
  const std::vector<int64_t> features = fold_features();
  table::Matrix matrix(rows.num_rows(), static_cast<int64_t>(features.size()));
  if (features.empty()) return matrix;
  if (static_cast<int64_t>(folds.size()) != rows.num_rows() || !std::ranges::all_of(folds, known) ||
      (held_out && !known(*held_out))) {
    return Internal(Format("transform graph: {} folds for {} rows; the graph knows {}",
                           folds.size(), rows.num_rows(), num_folds));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<const table::Column*> columns, program_->Match(rows));
  for (size_t f = 0; f < features.size(); ++f) {
    const auto n = static_cast<size_t>(features[f]);
    const std::vector<TargetEncoding> encodings = EncodingsByFold(nodes()[n], held_out);
    const table::Column& column = *columns[program_->steps[n].column];
    // Encodings read texts, whose missing values a text may stand for.
    const int32_t treatment = program_->steps[n].treatment;
    const Treatment* fill = treatment < 0 ? nullptr : &treatments()[static_cast<size_t>(treatment)];
    const bool filled = fill != nullptr && fill->fill == FillKind::kText;
    for (int64_t row = 0; row < rows.num_rows(); ++row) {
      const TargetEncoding& encoding =
          encodings[static_cast<size_t>(folds[static_cast<size_t>(row)])];
      float& cell = matrix.at(row, static_cast<int64_t>(f));
      if (!column.valid(row) && !filled) {
        cell = kMissing;
        continue;
      }
      const int32_t place =
          program_->steps[n].index->Find(column.valid(row) ? column.text(row) : fill->text);
      cell = ToFloat(place < 0 ? encoding.mean : encoding.encodings[static_cast<size_t>(place)]);
    }
  }
  return matrix;
}

Result<table::Matrix> Graph::ApplyFolds(const table::Table& rows, std::span<const int32_t> folds,
                                        std::optional<int32_t> held_out) const {
  MILLRACE_ASSIGN_OR_RETURN(table::Matrix matrix, Apply(rows));
  MILLRACE_ASSIGN_OR_RETURN(const table::Matrix folded, FoldFeatures(rows, folds, held_out));
  const std::vector<int64_t> features = fold_features();
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    for (size_t f = 0; f < features.size(); ++f) {
      matrix.at(row, features[f]) = folded.at(row, static_cast<int64_t>(f));
    }
  }
  return matrix;
}

Graph Graph::Serving() const {
  auto program = std::make_shared<Program>(*program_);
  for (Node& node : program->nodes) node.folds.clear();
  return Graph(std::move(program));
}

}  // namespace millrace::feature
