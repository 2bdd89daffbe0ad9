#include "learner/mlp/mlp_learner.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "learner/mlp/network_start.h"
#include "learner/mlp/network_trainer.h"
#include "model/mlp_model.h"

namespace millrace::learner {
namespace {

using model::NetworkParts;
using table::Task;

const OptionDescriptor kOptions[] = {
    {.key = "width",
     .type = OptionType::kInteger,
     .default_text = "64",
     .minimum = 16,
     .maximum = 1024,
     .unit = "numbers",
     .text = "Size of each hidden layer; rounded up to a multiple of 16.",
     .scale = OptionScale::kLog},
    {.key = "layers",
     .type = OptionType::kInteger,
     .default_text = "2",
     .minimum = 0,
     .maximum = 8,
     .text = "Dense layers after the first hidden one."},
    {.key = "members",
     .type = OptionType::kInteger,
     .default_text = "4",
     .minimum = 1,
     .maximum = 64,
     .text = "Networks that share their weights and are averaged.",
     .scale = OptionScale::kLog},
    {.key = "knots",
     .type = OptionType::kInteger,
     .default_text = "16",
     .minimum = 2,
     .maximum = 256,
     .text = "Places between which a number changes its effect in straight lines.",
     .scale = OptionScale::kLog},
    {.key = "learning_rate",
     .type = OptionType::kNumber,
     .default_text = "0.002",
     .minimum = 1e-6,
     .maximum = 1.0,
     .text = "Size of a step.",
     .scale = OptionScale::kLog},
    {.key = "dropout",
     .type = OptionType::kNumber,
     .default_text = "0.1",
     .minimum = 0.0,
     .maximum = 0.9,
     .text = "Share of hidden numbers that each step leaves out."},
    {.key = "weight_decay",
     .type = OptionType::kNumber,
     .default_text = "0.1",
     .minimum = 0.0,
     .maximum = 10.0,
     .text = "Part of each weight that a step of rate 1 takes away.",
     .scale = OptionScale::kLog},
    {.key = "epochs",
     .type = OptionType::kNumber,
     .default_text = "60",
     .minimum = 0.01,
     .maximum = 100'000,
     .text = "Largest number of passes over the rows; small data may take more, up to 3,000 steps.",
     .scale = OptionScale::kLog},
    {.key = "patience",
     .type = OptionType::kInteger,
     .default_text = "3",
     .minimum = 1,
     .maximum = 1000,
     .unit = "stages",
     .text = "Training ends after so many stages without a better score on the rows left out."},
};

constexpr int64_t kFirstStageSteps = 100;
constexpr double kStageGrowth = 1.2;
constexpr int64_t kFewestLastSteps = 3000;
constexpr size_t kChunkRows = 64;  // of an evaluation

int64_t BatchRows(size_t num_rows) {
  return num_rows < 2000 ? 32 : num_rows < 10'000 ? 64 : num_rows < 40'000 ? 128 : 256;
}

// Steps of all stages up to one, from 1.
int64_t StepsUntil(int64_t stage) {
  double steps = 0.0;
  double more = static_cast<double>(kFirstStageSteps);
  for (int64_t s = 0; s < stage; ++s, more *= kStageGrowth) steps += std::floor(more);
  return static_cast<int64_t>(steps);
}

// Trains stage after stage.
class Training {
 public:
  Training(const TrainingData& data, const NetworkParts& start, const NetworkTraining& how,
           const Rng& rng)
      : data_(data),
        start_(start),
        trainer_(start, how, rng.Fork("steps")),
        rng_(rng.Fork("order")),
        order_(data.train_rows.begin(), data.train_rows.end()),
        next_(order_.size()),
        batch_rows_(std::min(static_cast<size_t>(BatchRows(order_.size())), order_.size())),
        rows_(batch_rows_ * static_cast<size_t>(data.features.num_columns())),
        targets_(batch_rows_) {}

  const std::vector<float>& weights() const { return trainer_.averaged(); }

  int64_t StepsOf(double epochs) const {
    const double steps =
        epochs * std::ceil(static_cast<double>(order_.size()) / static_cast<double>(batch_rows_));
    return std::max(static_cast<int64_t>(steps), kFewestLastSteps);
  }

  void Step() {
    const auto width = static_cast<size_t>(data_.features.num_columns());
    for (size_t i = 0; i < batch_rows_; ++i) {
      if (next_ == order_.size()) {
        rng_.Shuffle(std::span<int64_t>(order_));
        next_ = 0;
      }
      const int64_t row = order_[next_++];
      const std::span<const float> values = data_.features.row(row);
      std::copy(values.begin(), values.end(),
                rows_.begin() + static_cast<std::ptrdiff_t>(i * width));
      targets_[i] = Target(row);
    }
    trainer_.Step(rows_, targets_);
  }

  // Mean loss of the averaged network on the validation rows.
  double ValidationLoss() {
    const auto width = static_cast<size_t>(data_.features.num_columns());
    const size_t num_scores = start_.size.num_scores;
    std::vector<float> rows(kChunkRows * width);
    std::vector<double> scores(kChunkRows * num_scores);
    double loss = 0.0;
    for (size_t first = 0; first < data_.validation_rows.size(); first += kChunkRows) {
      const size_t count = std::min(kChunkRows, data_.validation_rows.size() - first);
      for (size_t i = 0; i < count; ++i) {
        const std::span<const float> values = data_.features.row(data_.validation_rows[first + i]);
        std::copy(values.begin(), values.end(),
                  rows.begin() + static_cast<std::ptrdiff_t>(i * width));
      }
      model::Forward(start_, trainer_.averaged(), std::span(rows).first(count * width), count,
                     nullptr, scratch_);
      model::MeanOutputs(start_.size, count, scratch_, scores);
      for (size_t i = 0; i < count; ++i) {
        loss += Loss(Target(data_.validation_rows[first + i]),
                     std::span(scores).subspan(i * num_scores, num_scores));
      }
    }
    return loss / static_cast<double>(data_.validation_rows.size());
  }

 private:
  double Target(int64_t row) const {
    const double label = data_.labels[static_cast<size_t>(row)];
    return data_.task == Task::kRegression ? (label - start_.shift) / start_.scale : label;
  }

  double Loss(double target, std::span<double> scores) const {
    if (data_.task == Task::kRegression) return (scores[0] - target) * (scores[0] - target);
    model::ApplyLink(start_.link, static_cast<int64_t>(scores.size()), scores);
    const double share = data_.task == Task::kBinary ? (target == 1.0 ? scores[0] : 1.0 - scores[0])
                                                     : scores[static_cast<size_t>(target)];
    return -std::log(std::max(share, 1e-12));
  }

  const TrainingData& data_;
  const NetworkParts& start_;
  NetworkTrainer trainer_;
  Rng rng_;
  std::vector<int64_t> order_;
  size_t next_;
  size_t batch_rows_;
  std::vector<float> rows_;
  std::vector<double> targets_;
  model::NetworkScratch scratch_;
};

Result<std::unique_ptr<model::Model>> ModelOf(NetworkParts parts, std::vector<float> weights) {
  parts.weights = std::move(weights);
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<model::MlpModel> made,
                            model::MlpModel::Make(std::move(parts)));
  return std::unique_ptr<model::Model>(std::move(made));
}

// The networks after each stage that was kept.
struct Stages {
  NetworkParts parts;  // without weights
  std::vector<std::vector<float>> weights;
};

}  // namespace

std::span<const OptionDescriptor> MlpLearner::options() const { return kOptions; }

Result<TrainedModel> MlpLearner::Train(const TrainingData& data,
                                       const TrainOptions& options) const {
  MILLRACE_RETURN_IF_ERROR(CheckTraining(*this, data, options));
  if (data.features.num_columns() == 0) return InvalidData("mlp: no features");
  std::map<std::string_view, double> values;
  for (const OptionDescriptor& option : kOptions) {
    MILLRACE_ASSIGN_OR_RETURN(values[option.key], NumberOption(*this, options.values, option.key));
  }
  const auto whole = [&values](std::string_view key) { return static_cast<int64_t>(values[key]); };
  const Rng rng = Rng(options.seed).Fork("mlp");
  MILLRACE_ASSIGN_OR_RETURN(NetworkParts start,
                            StartNetwork(data,
                                         {.width = (whole("width") + 15) / 16 * 16,
                                          .num_layers = whole("layers"),
                                          .num_members = whole("members"),
                                          .max_knots = whole("knots")},
                                         rng));
  Training training(data, start,
                    {.learning_rate = values["learning_rate"],
                     .weight_decay = values["weight_decay"],
                     .dropout = values["dropout"]},
                    rng);
  const bool validates = !options.fixed_rounds && !data.validation_rows.empty();
  const bool keeps_all = validates && options.keep == TrainOptions::Rounds::kAll;
  const auto stages = std::make_shared<Stages>();
  TrainedModel trained;
  std::vector<float> chosen;
  int64_t best = 0;
  for (int64_t stage = 1, step = 0; !trained.stopped_early; ++stage) {
    const bool last = options.fixed_rounds
                          ? stage >= *options.fixed_rounds
                          : StepsUntil(stage) >= training.StepsOf(values["epochs"]);
    for (; step < StepsUntil(stage); ++step) {
      // The first stage is finished in any case: there is nothing before it.
      trained.stopped_early = stage > 1 && options.stop && options.stop();
      if (trained.stopped_early) break;
      training.Step();
    }
    if (trained.stopped_early) break;
    trained.rounds = stage;
    if (validates) trained.validation_curve.push_back(training.ValidationLoss());
    if (keeps_all) stages->weights.push_back(training.weights());
    const bool better =
        !validates || stage == 1 ||
        trained.validation_curve.back() < trained.validation_curve[static_cast<size_t>(best - 1)];
    if (better) best = stage;
    if (better || keeps_all) chosen = training.weights();
    if (last || (validates && stage - best >= whole("patience"))) break;
  }
  if (!keeps_all) trained.rounds = best;
  start.weights.clear();
  if (keeps_all) {
    stages->parts = start;
    trained.first_rounds = [stages](const model::Model&, int64_t rounds) {
      return ModelOf(stages->parts, stages->weights[static_cast<size_t>(rounds - 1)]);
    };
  }
  MILLRACE_ASSIGN_OR_RETURN(trained.model, ModelOf(std::move(start), std::move(chosen)));
  return trained;
}

}  // namespace millrace::learner
