#include "learner/boosting/boosting_learner.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "learner/boosting/lightgbm_booster.h"
#include "learner/boosting/lightgbm_model_text.h"
#include "model/constant_model.h"

namespace millrace::learner {
namespace {

using table::Task;

const OptionDescriptor kOptions[] = {
    {.key = "rounds",
     .type = OptionType::kInteger,
     .default_text = "2000",
     .minimum = 1,
     .maximum = 100000,
     .unit = "rounds",
     .text = "Largest number of rounds.",
     .scale = OptionScale::kLog},
    {.key = "patience",
     .type = OptionType::kInteger,
     .default_text = "50",
     .minimum = 1,
     .maximum = 10000,
     .unit = "rounds",
     .text = "Training ends after this many rounds without a better validation metric.",
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
    {.key = "max_bins",
     .type = OptionType::kInteger,
     .default_text = "255",
     .minimum = 15,
     .maximum = 255,
     .unit = "bins",
     .text = "Bins of a numeric feature."},
    {.key = "category_smoothing",
     .type = OptionType::kNumber,
     .default_text = "10",
     .minimum = 0.0,
     .maximum = 1000.0,
     .text = "Rows added to each category's statistics.",
     .scale = OptionScale::kLog},
};

std::string_view EngineMetric(const TrainingData& data, const std::string& metric) {
  if (data.task == Task::kRegression) return metric == "mae" ? "l1" : "rmse";
  if (data.task == Task::kMulticlass) return metric == "accuracy" ? "multi_error" : "multi_logloss";
  if (metric == "auc") return "auc";
  return metric == "average_precision" ? "average_precision" : "binary_logloss";
}

bool GreaterIsBetter(std::string_view engine_metric) {
  return engine_metric == "auc" || engine_metric == "average_precision";
}

Result<std::string> EngineParameters(const BoostingLearner& learner, const TrainingData& data,
                                     const TrainOptions& options, std::string_view metric) {
  std::string text =
      "verbosity=-1 deterministic=true force_row_wise=true first_metric_only=true "
      "feature_pre_filter=false";
  text += Format(" num_threads={} seed={} metric={}", std::max(1, options.num_threads),
                 options.seed % 2147483647, metric);
  switch (data.task) {
    case Task::kBinary:
      text += " objective=binary";
      break;
    case Task::kMulticlass:
      text += Format(" objective=multiclass num_class={}", data.num_classes);
      break;
    default:
      text += " objective=regression";
  }
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"learning_rate", "learning_rate"},
      {"leaves", "num_leaves"},
      {"min_leaf_rows", "min_data_in_leaf"},
      {"feature_share", "feature_fraction"},
      {"row_share", "bagging_fraction"},
      {"l1", "lambda_l1"},
      {"l2", "lambda_l2"},
      {"extra_trees", "extra_trees"},
      {"max_bins", "max_bin"},
      {"category_smoothing", "cat_smooth"}};
  for (const auto& [ours, theirs] : kNames) {
    MILLRACE_ASSIGN_OR_RETURN(const double value, NumberOption(learner, options.values, ours));
    text += ours == "extra_trees" ? Format(" {}={}", theirs, value != 0.0)
                                  : Format(" {}={}", theirs, FormatDouble(value));
    if (ours == "row_share" && value < 1.0) text += " bagging_freq=1";
  }
  std::string categories;
  for (size_t f = 0; f < data.infos.size(); ++f) {
    if (data.infos[f].category) categories += Format("{}{}", categories.empty() ? "" : ",", f);
  }
  if (!categories.empty()) text += " categorical_feature=" + categories;
  return text;
}

std::vector<float> LabelsOfRows(const TrainingData& data, std::span<const int64_t> rows) {
  std::vector<float> labels;
  labels.reserve(rows.size());
  for (const int64_t row : rows) {
    labels.push_back(static_cast<float>(data.labels[static_cast<size_t>(row)]));
  }
  return labels;
}

struct Trained {
  int64_t rounds = 0;
  std::vector<double> curve;
  bool stopped = false;
};

// Adds rounds until the limit, the patience or the caller ends it.
Result<Trained> RunRounds(LightGbmBooster& booster, const TrainOptions& options, int64_t limit,
                          int64_t patience, bool validates, bool greater) {
  Trained trained;
  double best = 0.0;
  for (int64_t round = 1; round <= limit; ++round) {
    MILLRACE_ASSIGN_OR_RETURN(const bool grew, booster.Update());
    if (!grew) {
      if (!validates) trained.rounds = round;
      break;
    }
    if (!validates) {
      trained.rounds = round;
    } else {
      MILLRACE_ASSIGN_OR_RETURN(const double value, booster.ValidationMetric());
      trained.curve.push_back(value);
      const bool better = trained.rounds == 0 || (greater ? value > best : value < best);
      if (better) {
        best = value;
        trained.rounds = round;
      } else if (round - trained.rounds >= patience) {
        break;
      }
    }
    if (options.stop && options.stop()) {
      trained.stopped = true;
      break;
    }
  }
  trained.rounds = std::max<int64_t>(trained.rounds, 1);
  return trained;
}

}  // namespace

std::span<const OptionDescriptor> BoostingLearner::options() const { return kOptions; }

Result<TrainedModel> BoostingLearner::Train(const TrainingData& data,
                                            const TrainOptions& options) const {
  MILLRACE_RETURN_IF_ERROR(CheckTraining(*this, data, options));
  const std::string_view metric = EngineMetric(data, options.metric);
  MILLRACE_ASSIGN_OR_RETURN(const std::string parameters,
                            EngineParameters(*this, data, options, metric));
  MILLRACE_ASSIGN_OR_RETURN(const double limit, NumberOption(*this, options.values, "rounds"));
  MILLRACE_ASSIGN_OR_RETURN(const double patience, NumberOption(*this, options.values, "patience"));
  const table::Matrix train = data.features.Take(data.train_rows);
  const std::vector<float> train_labels = LabelsOfRows(data, data.train_rows);
  const bool validates = !options.fixed_rounds && !data.validation_rows.empty();
  const table::Matrix validation =
      validates ? data.features.Take(data.validation_rows) : table::Matrix();
  const std::vector<float> validation_labels =
      validates ? LabelsOfRows(data, data.validation_rows) : std::vector<float>();
  const LightGbmBooster::Rows validation_part{validation, validation_labels};
  MILLRACE_ASSIGN_OR_RETURN(
      LightGbmBooster booster,
      LightGbmBooster::Make({train, train_labels}, validates ? &validation_part : nullptr,
                            parameters));
  const int64_t rounds = options.fixed_rounds.value_or(static_cast<int64_t>(limit));
  MILLRACE_ASSIGN_OR_RETURN(
      Trained run, RunRounds(booster, options, rounds, static_cast<int64_t>(patience), validates,
                             GreaterIsBetter(metric)));
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, booster.ModelText(run.rounds));
  const model::Link link = data.task == Task::kBinary       ? model::Link::kSigmoid
                           : data.task == Task::kMulticlass ? model::Link::kSoftmax
                                                            : model::Link::kIdentity;
  MILLRACE_ASSIGN_OR_RETURN(model::TreeParts parts,
                            ReadLightGbmModel(text, data.features.num_columns(), link));
  TrainedModel trained;
  MILLRACE_ASSIGN_OR_RETURN(trained.model, model::TreeEnsemble::Make(std::move(parts)));
  trained.rounds = run.rounds;
  trained.validation_curve = std::move(run.curve);
  trained.stopped_early = run.stopped;
  return trained;
}

}  // namespace millrace::learner
