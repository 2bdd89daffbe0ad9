// Search: trains the units of a plan on part of the training rows, scores them on the rest, takes
// the best one (or a mean of the best where that measurably helps) and trains it again on all.
//
// Deterministic: data, plan and seed decide every byte; the clock only decides how much of a
// proposal becomes the plan. Never sees test rows.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/result.h"
#include "develop/plan.h"
#include "feature/node.h"
#include "learner/registry.h"
#include "metric/bootstrap.h"
#include "model/model.h"
#include "table/matrix.h"
#include "table/task.h"

namespace millrace::develop {

/// Training rows of a run; all borrowed.
struct SearchData {
  const table::Matrix& features;                // [num_rows, num_features]
  std::span<const feature::FeatureInfo> infos;  // [num_features]
  std::span<const double> labels;               // [num_rows]
  std::span<const uint64_t> row_keys;           // [num_rows] hashes; equal keys stay together
  table::Task task = table::Task::kBinary;
  int64_t num_classes = 0;
};

struct SearchOptions {
  std::string metric;             // of the task
  double validation_share = 0.2;  // of the rows given, in (0, 0.5]
  uint64_t seed = 7;
  int num_threads = 1;
  double budget_seconds = 60.0;  // for proposals
  /// True: the plan's rounds are trained as they stand, whatever the clock says.
  enum class Mode { kPropose, kReplay } mode = Mode::kPropose;
};

/// One trained unit, scored on the validation rows.
struct TrainedUnit {
  WorkUnit unit;  // with the rounds that were trained
  metric::Interval score;
  std::vector<double> curve;  // metric of early stopping by round; may be empty
  int64_t model_bytes = 0;    // serialised
};

struct SearchResult {
  Plan plan;                            // what was done
  std::vector<TrainedUnit> candidates;  // in the order of the plan
  std::vector<size_t> members;          // candidates in the final model; one, or an ensemble
  metric::Interval score;               // of the members together, on validation rows
  metric::Interval over_baseline;       // score of the members minus that of the baseline, paired
  std::string reason;                   // why these
  std::vector<int64_t> validation_rows;
  std::vector<double> validation_outputs;  // of the members together
  /// Loss of the metric when a feature's validation values are shuffled [num_features], >= 0 is
  /// worse (Breiman 2001, section 10).
  std::vector<double> importance;
  std::unique_ptr<model::Model> model;  // trained on all rows
};

/// Runs the plan. kCancelled when interrupted before any candidate is done; an interrupt later ends
/// the search with what there is. kInvalidSpec for options that a learner lacks.
Result<SearchResult> Search(const SearchData& data, const Plan& plan, const SearchOptions& options,
                            const learner::Registry& registry, const Clock& clock,
                            ProgressSink& progress);

}  // namespace millrace::develop
