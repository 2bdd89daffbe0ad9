// FoldComparison: what a small model scores when rows of one group (or of one stretch of time) may
// lie on both sides, and when they may not. The difference is what a random split would flatter.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/quality/quality_rows.h"
#include "engine/engine.h"
#include "metric/bootstrap.h"
#include "table/task.h"

namespace millrace::data {

struct FoldComparisonInputs {
  engine::Engine& engine;
  const QualityRows& rows;
  const std::vector<std::string>& features;
  table::Task task = table::Task::kBinary;
  int64_t num_classes = 2;  // 0 for regression
  uint64_t seed = 7;
};

struct FoldComparison {
  std::string column;     // of the groups or times; "" for the order of the rows
  std::string metric;     // auc, accuracy or r2
  double together = 0.0;  // rows of a group on both sides
  double apart = 0.0;     // a group on one side only
  metric::Interval loss;  // together - apart, same rows and resamples, 95 %
  int64_t num_rows = 0;
  int64_t num_groups = 0;
  /// By order only: what the place of a row, as one more feature, adds where neighbours lie on both
  /// sides. Nothing: the order follows from the columns, as in a table that lists all combinations.
  metric::Interval place_adds;
  bool sorted_by_target = false;  // the place alone explains all of the target
};

/// Returns true when the place of a row tells what its columns do not.
bool PlaceTells(const FoldComparison& comparison);

/// A difference counts from this size on, when its interval lies above 0.
inline constexpr double kFlattery = 0.02;
bool Flatters(const FoldComparison& comparison);

/// Returns columns whose values repeat like ids of something with several rows (patients, devices):
/// at least 50 values, most rows share theirs with another, none holds a tenth of the rows, and the
/// name says so, or the values are codes with digits. Names come first, then the most values; at
/// most 2.
std::vector<std::string> GroupCandidates(const QualityRows& rows,
                                         const std::vector<std::string>& columns);

/// Compares on at most 4,000 training rows, whole groups. kUnsupported, with the reason, when there
/// is too little.
Result<FoldComparison> CompareByGroup(const FoldComparisonInputs& inputs,
                                      const std::string& column);

/// Compares by stretches of rows that follow one another: in the order of `time`, or as they lie in
/// the source ("").
Result<FoldComparison> CompareByOrder(const FoldComparisonInputs& inputs, const std::string& time);

}  // namespace millrace::data
