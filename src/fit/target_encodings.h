// Adds target encodings to a fitted graph: for a category of many values, the smoothed mean of the
// target among the rows with the same value (feature::TargetFold has the formula).
//
// Leak-free by construction: sums are kept per fold, so that Graph::FoldFeatures encodes a row
// without its own fold and without the held-out one. Nothing that belongs to a fold depends on rows
// outside it. Not for rows that are split by time: a fold would be encoded by later ones.
// Deterministic: sums run in row order.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "fit/fit_graph.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::fit {

/// Training rows with their targets; all borrowed.
struct TargetRows {
  const table::Table& rows;             // hold the columns of the graph
  std::span<const double> targets;      // [num_rows] class indexes, or values
  std::span<const int32_t> folds;       // [num_rows] in [0, num_folds)
  int32_t num_folds = 0;                // at least 2
  std::span<const std::string> labels;  // of classes, in order; empty for numbers
};

struct TargetOptions {
  /// Categories of fewer values are left to the learners.
  int64_t min_categories = 10;
  /// Rows of the overall mean that each value is mixed with.
  double smoothing = 20.0;
  /// Above so many classes there is no encoding: it would take a feature per class.
  int64_t max_classes = 10;
};

/// Returns the graph with one more feature ("city target"; for three and more classes "city target
/// <label>", one per class) per category of enough values, directly after the last other feature of
/// that category. Where nothing is added the graph is as before. kInternal when sizes do not fit
/// together.
Result<FittedGraph> AddTargetEncodings(const FittedGraph& fitted, const table::Schema& schema,
                                       const TargetRows& rows, const TargetOptions& options = {});

}  // namespace millrace::fit
