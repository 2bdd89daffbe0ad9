#include "learner/boosting/boosting_learner.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "learner/boosting/lightgbm_booster.h"
#include "learner/boosting/lightgbm_model_text.h"

namespace millrace::learner {
namespace {

using table::Task;

const OptionDescriptor kOptions[] = {
    {.key = "rounds",
     .type = OptionType::kInteger,
     .default_text = "4000",
     .minimum = 1,
     .maximum = 100000,
     .unit = "rounds",
     .text = "Largest number of rounds.",
     .scale = OptionScale::kLog},
    {.key = "patience",
     .type = OptionType::kInteger,
     .default_text = "40",
     .minimum = 1,
     .maximum = 10000,
     .unit = "rounds",
     .text = "Training ends after this many rounds, and an eighth of the best, without a better "
             "validation metric.",
     .scale = OptionScale::kLog},
    {.key = "learning_rate",
     .type = OptionType::kNumber,
     .default_text = "0.1",
     .minimum = 0.0001,
     .maximum = 1.0,
     .text = "Shrinkage of each tree.",
     .scale = OptionScale::kLog},
    {.key = "leaves",
     .type = OptionType::kInteger,
     .default_text = "31",
     .minimum = 2,
     .maximum = 4096,
     .unit = "leaves",
     .text = "Leaves of a tree.",
     .scale = OptionScale::kLog},
    {.key = "min_leaf_rows",
     .type = OptionType::kInteger,
     .default_text = "20",
     .minimum = 1,
     .maximum = 100000,
     .unit = "rows",
     .text = "Fewest rows of a leaf.",
     .scale = OptionScale::kLog},
    {.key = "feature_share",
     .type = OptionType::kNumber,
     .default_text = "1",
     .minimum = 0.05,
     .maximum = 1.0,
     .text = "Share of the features that each tree may use."},
    {.key = "row_share",
     .type = OptionType::kNumber,
     .default_text = "1",
     .minimum = 0.1,
     .maximum = 1.0,
     .text = "Share of the rows that each tree is grown on."},
    {.key = "l1",
     .type = OptionType::kNumber,
     .default_text = "0",
     .minimum = 0.0,
     .maximum = 1000.0,
     .text = "L1 penalty on leaf values.",
     .scale = OptionScale::kLog},
    {.key = "l2",
     .type = OptionType::kNumber,
     .default_text = "0",
     .minimum = 0.0,
     .maximum = 1000.0,
     .text = "L2 penalty on leaf values.",
     .scale = OptionScale::kLog},
    {.key = "extra_trees",
     .type = OptionType::kBoolean,
     .default_text = "false",
     .text = "Draws one random threshold per feature instead of searching the best."},
    {.key = "loss",
     .type = OptionType::kChoice,
     .default_text = "squared",
     .choices = {"squared", "absolute", "huber", "poisson", "gamma", "tweedie"},
     .text = "Loss of a regression; the last three predict the mean through a logarithm and need "
             "targets that are not negative (gamma: positive)."},
    {.key = "node_feature_share",
     .type = OptionType::kNumber,
     .default_text = "1",
     .minimum = 0.05,
     .maximum = 1.0,
     .text = "Share of the tree's features that each split may use."},
    {.key = "category_l2",
     .type = OptionType::kNumber,
     .default_text = "10",
     .minimum = 0.0,
     .maximum = 1000.0,
     .text = "L2 penalty of splits on categories.",
     .scale = OptionScale::kLog},
    {.key = "min_category_group",
     .type = OptionType::kInteger,
     .default_text = "100",
     .minimum = 1,
     .maximum = 10000,
     .unit = "rows",
     .text = "Fewest rows of a category that may be grouped with others.",
     .scale = OptionScale::kLog},
    {.key = "category_smoothing",
     .type = OptionType::kNumber,
     .default_text = "10",
     .minimum = 0.0,
     .maximum = 1000.0,
     .text = "Rows added to each category's statistics.",
     .scale = OptionScale::kLog},
};

// Classes stop by log loss whatever the metric: it is smooth, and folds that stop by it keep
// probabilities on one scale, which a ranking over all folds needs (measured: docs/benchmarks.md).
std::string_view EngineMetric(Task task, const std::string& metric) {
  if (task == Task::kMulticlass) return "multi_logloss";
  if (task == Task::kBinary) return "binary_logloss";
  return metric == "mae" || metric == "median_absolute_error" ? "l1" : "rmse";
}

// What decides the bins: the same for all trainings of a session.
// Few rows fill few bins, and the cost of a small tree is that of its bins.
std::string DataParameters(std::span<const feature::FeatureInfo> infos, size_t num_rows) {
  std::string text = "verbosity=-1 deterministic=true force_row_wise=true feature_pre_filter=false";
  text += Format(" max_bin={}", std::clamp<size_t>(num_rows / 32, 48, 255));
  std::string categories;
  for (size_t f = 0; f < infos.size(); ++f) {
    if (infos[f].category) categories += Format("{}{}", categories.empty() ? "" : ",", f);
  }
  if (!categories.empty()) text += " categorical_feature=" + categories;
  return text;
}

Result<std::string> TextOption(const Learner& learner, const OptionValues& values,
                               std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const OptionDescriptor* option,
                            FindOption(learner.options(), learner.name(), key));
  const auto given = values.find(std::string(key));
  return given == values.end() ? std::string(option->default_text) : given->second;
}

std::string_view ObjectiveOf(std::string_view loss) {
  if (loss == "squared") return "regression";
  if (loss == "absolute") return "regression_l1";
  return loss;
}

model::Link LinkOf(Task task, std::string_view loss) {
  if (task == Task::kBinary) return model::Link::kSigmoid;
  if (task == Task::kMulticlass) return model::Link::kSoftmax;
  return loss == "poisson" || loss == "gamma" || loss == "tweedie" ? model::Link::kExp
                                                                   : model::Link::kIdentity;
}

Result<std::string> EngineParameters(const BoostingLearner& learner, const SessionData& data,
                                     const TrainOptions& options, std::string_view metric,
                                     size_t num_train) {
  std::string text = DataParameters(data.infos, data.labels.size()) + " first_metric_only=true";
  text += Format(" num_threads={} seed={} metric={}", std::max(1, options.num_threads),
                 options.seed % 2147483647, metric);
  switch (data.task) {
    case Task::kBinary:
      text += " objective=binary";
      break;
    case Task::kMulticlass:
      text += Format(" objective=multiclass num_class={}", data.num_classes);
      break;
    default: {
      MILLRACE_ASSIGN_OR_RETURN(const std::string loss,
                                TextOption(learner, options.values, "loss"));
      text += Format(" objective={}", ObjectiveOf(loss));
    }
  }
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"learning_rate", "learning_rate"},
      {"leaves", "num_leaves"},
      {"min_leaf_rows", "min_data_in_leaf"},
      {"feature_share", "feature_fraction"},
      {"node_feature_share", "feature_fraction_bynode"},
      {"row_share", "bagging_fraction"},
      {"l1", "lambda_l1"},
      {"l2", "lambda_l2"},
      {"category_l2", "cat_l2"},
      {"min_category_group", "min_data_per_group"},
      {"category_smoothing", "cat_smooth"}};
  for (const auto& [ours, theirs] : kNames) {
    MILLRACE_ASSIGN_OR_RETURN(const double value, NumberOption(learner, options.values, ours));
    // A share of very few rows would be none.
    const bool draws =
        ours == "row_share" && value < 1.0 && value * static_cast<double>(num_train) >= 2.0;
    if (ours == "row_share" && !draws) continue;
    text += Format(" {}={}", theirs, FormatDouble(value));
    if (draws) text += " bagging_freq=1";
  }
  MILLRACE_ASSIGN_OR_RETURN(const double extra,
                            NumberOption(learner, options.values, "extra_trees"));
  text += Format(" extra_trees={}", extra != 0.0);
  return text;
}

struct Run {
  int64_t rounds = 0;
  std::vector<double> curve;
  std::vector<double> outputs;  // of validation rows after `rounds`
  bool stopped = false;
};

struct RunLimits {
  int64_t rounds = 0;
  int64_t patience = 0;
  bool validates = false;  // early stopping; else exactly `rounds`
  bool scores = false;     // validation outputs are wanted
};

// Adds rounds until the limit, the patience or the caller ends it.
Result<Run> RunRounds(LightGbmBooster& booster, const TrainOptions& options,
                      const RunLimits& limits) {
  Run run;
  double best = 0.0;
  for (int64_t round = 1; round <= limits.rounds; ++round) {
    MILLRACE_ASSIGN_OR_RETURN(const bool grew, booster.Update());
    if (!limits.validates) {
      run.rounds = round;
      if (!grew) break;
    } else if (!grew) {
      break;
    } else {
      MILLRACE_ASSIGN_OR_RETURN(const double value, booster.ValidationMetric());
      run.curve.push_back(value);
      if (run.rounds == 0 || value < best) {
        best = value;
        run.rounds = round;
        MILLRACE_RETURN_IF_ERROR(booster.ValidationOutputs(run.outputs));
      } else if (round >= run.rounds + limits.patience + run.rounds / 8) {
        break;
      }
    }
    if (options.stop && options.stop()) {
      run.stopped = true;
      break;
    }
  }
  run.rounds = std::max<int64_t>(run.rounds, 1);
  if (limits.scores && run.outputs.empty()) {
    MILLRACE_RETURN_IF_ERROR(booster.ValidationOutputs(run.outputs));
  }
  return run;
}

// Bins of all rows, subsets of the folds.
class BoostingSession final : public Session {
 public:
  static Result<std::unique_ptr<Session>> Make(const BoostingLearner& learner,
                                               const SessionData& data) {
    const std::string parameters = DataParameters(data.infos, data.labels.size());
    const std::vector<float> labels(data.labels.begin(), data.labels.end());
    MILLRACE_ASSIGN_OR_RETURN(LightGbmData all,
                              LightGbmData::Make(data.features, labels, parameters));
    return std::unique_ptr<Session>(
        std::make_unique<BoostingSession>(learner, data, std::move(all), parameters));
  }

  BoostingSession(const BoostingLearner& learner, const SessionData& data, LightGbmData all,
                  std::string parameters)
      : learner_(learner),
        data_(data),
        parameters_(std::move(parameters)),
        all_(std::move(all)),
        subsets_(data.folds.size()),
        locks_(data.folds.size()) {}

  Result<TrainedModel> Train(int64_t fold, const TrainOptions& options) const override {
    MILLRACE_ASSIGN_OR_RETURN(const std::string loss, TextOption(learner_, options.values, "loss"));
    const std::string_view metric = EngineMetric(data_.task, options.metric);
    MILLRACE_ASSIGN_OR_RETURN(const std::string parameters,
                              EngineParameters(learner_, data_, options, metric, NumTrain(fold)));
    MILLRACE_ASSIGN_OR_RETURN(const double limit, NumberOption(learner_, options.values, "rounds"));
    MILLRACE_ASSIGN_OR_RETURN(const double patience,
                              NumberOption(learner_, options.values, "patience"));
    MILLRACE_ASSIGN_OR_RETURN(const Subsets rows, RowsOf(fold));
    MILLRACE_ASSIGN_OR_RETURN(LightGbmBooster booster,
                              LightGbmBooster::Make(*rows.train, rows.validation, parameters));
    const bool has_validation = rows.validation != nullptr;
    const RunLimits limits{.rounds = options.fixed_rounds.value_or(static_cast<int64_t>(limit)),
                           .patience = static_cast<int64_t>(patience),
                           .validates = has_validation && !options.fixed_rounds,
                           .scores = has_validation};
    MILLRACE_ASSIGN_OR_RETURN(Run run, RunRounds(booster, options, limits));
    MILLRACE_ASSIGN_OR_RETURN(
        const std::string text,
        booster.ModelText(options.keep == TrainOptions::Rounds::kAll && !run.curve.empty()
                              ? static_cast<int64_t>(run.curve.size())
                              : run.rounds));
    MILLRACE_ASSIGN_OR_RETURN(
        model::TreeParts parts,
        ReadLightGbmModel(text, data_.features.num_columns(), LinkOf(data_.task, loss)));
    // Leaves as float32: half the size, and far below what a tree knows.
    for (double& value : parts.leaf_value) value = static_cast<double>(static_cast<float>(value));
    TrainedModel trained;
    MILLRACE_ASSIGN_OR_RETURN(trained.model, model::TreeEnsemble::Make(std::move(parts)));
    trained.rounds = run.rounds;
    trained.validation_curve = std::move(run.curve);
    trained.stopped_early = run.stopped;
    trained.first_rounds = [](const model::Model& all, int64_t rounds) {
      const auto& trees = static_cast<const model::TreeEnsemble&>(all);
      return Result<std::unique_ptr<model::Model>>(
          trees.First(std::min(rounds * trees.num_scores(), trees.num_trees())));
    };
    trained.validation_outputs = RowMajor(run.outputs, trained.model->num_scores());
    return trained;
  }

 private:
  struct FoldData {
    LightGbmData train;
    std::optional<LightGbmData> validation;
  };
  struct Subsets {
    const LightGbmData* train;
    const LightGbmData* validation;
  };

  size_t NumTrain(int64_t fold) const {
    return fold == kAllRows ? data_.labels.size()
                            : data_.folds[static_cast<size_t>(fold)].train.size();
  }

  Result<Subsets> RowsOf(int64_t fold) const {
    if (fold == kAllRows) return Subsets{&all_, nullptr};
    const auto f = static_cast<size_t>(fold);
    const std::lock_guard lock(locks_[f]);
    if (!subsets_[f]) {
      const Fold& rows = data_.folds[f];
      MILLRACE_ASSIGN_OR_RETURN(LightGbmData train, all_.Subset(rows.train, parameters_));
      FoldData made{std::move(train), std::nullopt};
      if (!rows.validation.empty()) {
        MILLRACE_ASSIGN_OR_RETURN(made.validation, all_.Subset(rows.validation, parameters_));
      }
      subsets_[f] = std::move(made);
    }
    return Subsets{&subsets_[f]->train,
                   subsets_[f]->validation ? &*subsets_[f]->validation : nullptr};
  }

  // The engine hands scores out class after class.
  static std::vector<double> RowMajor(const std::vector<double>& outputs, int64_t num_scores) {
    if (num_scores == 1) return outputs;
    const auto width = static_cast<size_t>(num_scores);
    const size_t rows = outputs.size() / width;
    std::vector<double> turned(outputs.size());
    for (size_t k = 0; k < width; ++k) {
      for (size_t r = 0; r < rows; ++r) turned[r * width + k] = outputs[k * rows + r];
    }
    return turned;
  }

  const BoostingLearner& learner_;
  SessionData data_;
  std::string parameters_;
  LightGbmData all_;
  mutable std::vector<std::optional<FoldData>> subsets_;
  mutable std::vector<std::mutex> locks_;
};

}  // namespace

std::span<const OptionDescriptor> BoostingLearner::options() const { return kOptions; }

Result<TrainedModel> BoostingLearner::Train(const TrainingData& data,
                                            const TrainOptions& options) const {
  MILLRACE_RETURN_IF_ERROR(CheckTraining(*this, data, options));
  // A session over the rows that are used, and no others: their values decide the bins.
  std::vector<int64_t> used(data.train_rows.begin(), data.train_rows.end());
  used.insert(used.end(), data.validation_rows.begin(), data.validation_rows.end());
  const table::Matrix features = data.features.Take(used);
  std::vector<double> labels;
  for (const int64_t row : used) labels.push_back(data.labels[static_cast<size_t>(row)]);
  Fold fold;
  for (size_t r = 0; r < used.size(); ++r) {
    (r < data.train_rows.size() ? fold.train : fold.validation).push_back(static_cast<int64_t>(r));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<Session> session,
                            Open({.features = features,
                                  .infos = data.infos,
                                  .labels = labels,
                                  .task = data.task,
                                  .num_classes = data.num_classes,
                                  .folds = std::span<const Fold>(&fold, 1)}));
  return session->Train(data.validation_rows.empty() ? Session::kAllRows : 0, options);
}

Result<std::unique_ptr<Session>> BoostingLearner::Open(const SessionData& data) const {
  return BoostingSession::Make(*this, data);
}

}  // namespace millrace::learner
