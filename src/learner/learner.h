// Learner: trains one model from features and labels. Each learner is a folder with a descriptor
// table of its options; register_learners.cc lists them all.
//
// Deterministic: same data, options, seed and number of rounds give the same bytes for any number
// of threads. A deadline only ends training early; the number of rounds reached is reported, so
// that a second run can be given it.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/options.h"
#include "base/result.h"
#include "feature/node.h"
#include "model/model.h"
#include "table/matrix.h"
#include "table/task.h"

namespace millrace::learner {

/// What a learner trains on. Everything is borrowed for the call.
struct TrainingData {
  const table::Matrix& features;                // [num_rows, num_features], NaN = missing
  std::span<const feature::FeatureInfo> infos;  // [num_features]
  std::span<const double> labels;               // [num_rows] class indexes, or values
  table::Task task = table::Task::kBinary;
  int64_t num_classes = 0;                   // 2 for binary, 0 for regression
  std::span<const int64_t> train_rows;       // at least one
  std::span<const int64_t> validation_rows;  // may be empty: no early stopping
};

/// Option values of one training, by key, as text; unknown keys are refused.
using OptionValues = std::map<std::string, std::string>;

struct TrainOptions {
  OptionValues values;
  uint64_t seed = 0;
  int num_threads = 1;
  /// Metric for early stopping; one of the task's, better ones first where ties.
  std::string metric;
  /// Trains exactly this many rounds (trees, passes), whatever the validation rows say.
  std::optional<int64_t> fixed_rounds;
  /// kAll: the model keeps every round that was trained, also those after the best one.
  enum class Rounds { kBest, kAll } keep = Rounds::kBest;
  /// Asked between rounds; true ends training with what there is. Null: never.
  std::function<bool()> stop;
};

struct TrainedModel {
  std::unique_ptr<model::Model> model;
  int64_t rounds = 0;                    // that the model holds
  std::vector<double> validation_curve;  // metric after each round; may be empty
  bool stopped_early = false;            // by `stop`
  /// With Rounds::kAll: the model of the first `rounds` rounds, from 1 to those of the curve, out
  /// of `all`, the model above. Null where rounds cannot be taken away.
  std::function<Result<std::unique_ptr<model::Model>>(const model::Model& all, int64_t rounds)>
      first_rounds;
  /// Outputs (after the link) of the validation rows, [num_rows, num_scores]; of a session only.
  std::vector<double> validation_outputs;
};

/// One division of the rows: those to learn from, those to be measured on. Ascending.
struct Fold {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
};

/// What all trainings of a session share. Everything is borrowed for the life of the session.
struct SessionData {
  const table::Matrix& features;                // [num_rows, num_features], NaN = missing
  std::span<const feature::FeatureInfo> infos;  // [num_features]
  std::span<const double> labels;               // [num_rows]
  table::Task task = table::Task::kBinary;
  int64_t num_classes = 0;
  std::span<const Fold> folds;
};

/// Many trainings of one learner on the same rows: what they share (bins, fold subsets) is made
/// once. Thread safety: Train may run in several threads at a time.
class Session {
 public:
  /// Instead of a fold: all rows, without validation.
  static constexpr int64_t kAllRows = -1;
  virtual ~Session() = default;
  /// Trains on one fold. Errors as Learner::Train.
  virtual Result<TrainedModel> Train(int64_t fold, const TrainOptions& options) const = 0;
};

/// What a learner can take.
struct Capabilities {
  std::string_view tasks;  // "binary multiclass regression"
  bool missing_values = true;
  bool categories = true;
};

class Learner {
 public:
  virtual ~Learner() = default;
  virtual std::string_view name() const = 0;
  /// Returns what it trains, in a sentence for the reference page.
  virtual std::string_view summary() const = 0;
  virtual Capabilities capabilities() const = 0;
  virtual std::span<const OptionDescriptor> options() const = 0;
  /// Trains. kInvalidSpec for bad options, kUnsupported for a task it lacks, kInternal when the
  /// engine below fails.
  virtual Result<TrainedModel> Train(const TrainingData& data,
                                     const TrainOptions& options) const = 0;
  /// Starts a session. Unless a learner has something to share, each training stands alone.
  virtual Result<std::unique_ptr<Session>> Open(const SessionData& data) const;
};

/// Returns the value of an option, or its default. kInvalidSpec when it does not validate.
Result<double> NumberOption(const Learner& learner, const OptionValues& values,
                            std::string_view key);
/// Refuses unknown keys and bad values. kInvalidSpec.
Status CheckOptions(const Learner& learner, const OptionValues& values);
/// Refuses options that CheckOptions refuses, tasks that are not supported, and no rows.
Status CheckTraining(const Learner& learner, const TrainingData& data, const TrainOptions& options);

}  // namespace millrace::learner
