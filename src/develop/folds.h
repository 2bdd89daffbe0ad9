// Folds: how training rows are divided so that every score is of rows that the model had not seen.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "learner/learner.h"
#include "table/task.h"

namespace millrace::develop {

/// The rows to divide; all borrowed.
struct FoldRows {
  std::span<const double> labels;  // [num_rows] class indexes, or values
  /// [num_rows] hashes of keys or groups; rows with an equal one stay together.
  std::span<const uint64_t> keys;
  /// [num_rows] seconds; empty unless the order in time must be kept.
  std::span<const double> times;
  /// Seconds; training rows closer than this before the first validation row of a fold are left
  /// out.
  double embargo_seconds = 0.0;
  /// [num_rows] 1 where a person states that the row is for validation; empty unless some are.
  std::span<const uint8_t> validation;
  table::Task task = table::Task::kBinary;
};

struct FoldPlan {
  int64_t num_folds = 8;          // 1: one hold-out of `validation_share`
  int64_t num_repeats = 1;        // of several folds, each time with other parts
  double validation_share = 0.2;  // of a hold-out
  uint64_t seed = 7;
  friend bool operator==(const FoldPlan&, const FoldPlan&) = default;
};

struct Folds {
  std::vector<learner::Fold> folds;
  /// Rows that stand in some fold's validation part, ascending.
  std::vector<int64_t> scored_rows;
  int64_t num_repeats = 1;  // validation parts that each scored row stands in
  std::string scheme;       // "8 folds, stratified by class", for people
};

/// Divides rows. Without times: each row is in one validation part (several folds) or at most one
/// (hold-out); classes, or tenths of a numeric target, are spread evenly; independent of row order.
/// Repeats follow one another, each a division of its own. Stated validation rows are the one
/// validation part, all others its training part, whatever the plan and the times say; kInvalidData
/// when one of the two is empty.
/// With times: each validation part lies after its training part (forward chaining); ties of a time
/// stay on one side. kInvalidData when there are fewer keys than folds.
Result<Folds> MakeFolds(const FoldRows& rows, const FoldPlan& plan);

/// Returns how many folds pay for themselves: 5 below 80 rows, 8 where a quick model on all of them
/// costs at most a quarter of the budget, else 5, 4 or a hold-out.
int64_t ChooseNumFolds(int64_t num_rows, int64_t num_features, int64_t num_scores,
                       double budget_seconds, int num_threads);

}  // namespace millrace::develop
