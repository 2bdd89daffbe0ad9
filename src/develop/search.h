// Search: trains candidates on every fold, scores each on rows that its models had not seen, mixes
// the best by greedy selection, and makes the final model: the folds' models together, or each
// chosen candidate trained again on all rows.
//
// Deterministic: data, plan and seed decide every byte; the clock only decides how long the plan
// becomes. Never sees test rows.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/result.h"
#include "develop/folds.h"
#include "develop/plan.h"
#include "develop/portfolio.h"
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
  const Folds& folds;
  table::Task task = table::Task::kBinary;
  int64_t num_classes = 0;
};

struct SearchOptions {
  std::string metric;  // of the task
  uint64_t seed = 7;
  int num_threads = 1;
  /// Second of the clock at which the final model must be there; proposals only.
  double deadline = 0.0;
  /// Rows that will be scored by the final model after the search, before the deadline.
  int64_t rows_scored_after = 0;
  /// Length of the whole, for progress and shares of it.
  double budget_seconds = 60.0;
  /// Largest final model, serialised; a bag beyond it is trained again on all rows instead.
  int64_t max_model_bytes = 20'000'000;
  /// Folds' models of candidates that are kept while searching, as serialised; in memory about five
  /// times that.
  int64_t max_kept_bytes = 60'000'000;
  /// kReplay: the plan's units and rounds are trained as they stand, whatever the clock says.
  enum class Mode { kPropose, kReplay } mode = Mode::kPropose;
};

/// One candidate that was trained on every fold.
struct TrainedUnit {
  WorkUnit unit;              // with the rounds that were trained
  metric::Interval score;     // on the scored rows
  std::vector<double> curve;  // metric of early stopping by round, first fold; may be empty
  int64_t model_bytes = 0;    // of all folds' models, serialised
  int64_t weight = 0;         // in the final mixture; 0: not in it
  std::string note;
};

struct SearchResult {
  table::Task task = table::Task::kBinary;
  Plan plan;                             // what was done
  std::vector<TrainedUnit> units;        // in the order of the plan; the first is the baseline
  std::vector<double> best_so_far;       // score of the best mixture or candidate after each unit
  metric::Interval score;                // of the mixture, on the scored rows
  metric::Interval over_baseline;        // score of the mixture minus that of the baseline, paired
  std::string reason;                    // why these
  std::vector<double> outputs;           // of the mixture, [scored rows, num_scores]
  std::vector<double> baseline_outputs;  // the same of the baseline
  std::unique_ptr<model::Model> model;
  bool ended_by_time = false;
  bool interrupted = false;
};

/// Runs a portfolio (kPropose), then variations of the leaders while time is left; or a recorded
/// plan (kReplay). kCancelled when interrupted before any candidate is done; an interrupt later
/// ends the search with what there is. kInvalidSpec for options that a learner lacks.
Result<SearchResult> Search(const SearchData& data, const Plan& plan,
                            const PortfolioInputs& portfolio, const SearchOptions& options,
                            const learner::Registry& registry, const Clock& clock,
                            ProgressSink& progress);

}  // namespace millrace::develop
