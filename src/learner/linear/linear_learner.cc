#include "learner/linear/linear_learner.h"

#include <algorithm>
#include <cmath>

#include "base/threads.h"
#include "learner/linear/lbfgs.h"
#include "model/linear_model.h"

namespace millrace::learner {
namespace {

using model::LinearTerm;
using table::Task;

const OptionDescriptor kOptions[] = {
    {.key = "l2",
     .type = OptionType::kNumber,
     .default_text = "1",
     .minimum = 0.0,
     .maximum = 1e6,
     .text = "L2 penalty, in rows.",
     .scale = OptionScale::kLog},
    {.key = "steps",
     .type = OptionType::kInteger,
     .default_text = "200",
     .minimum = 1,
     .maximum = 10000,
     .unit = "steps",
     .text = "Largest number of steps of the optimiser.",
     .scale = OptionScale::kLog},
};

// Fixed, so that sums do not depend on the number of threads.
constexpr int64_t kChunks = 16;
// Standardised numbers beyond this are cut while training, so that one wild value cannot rule.
constexpr double kCut = 10.0;
constexpr int64_t kMaxCategoryColumns = 4096;

std::vector<LinearTerm> MakeTerms(const TrainingData& data) {
  std::vector<LinearTerm> terms;
  int32_t column = 0;
  for (int64_t f = 0; f < data.features.num_columns(); ++f) {
    const feature::FeatureInfo& info = data.infos[static_cast<size_t>(f)];
    LinearTerm term;
    term.first_column = column;
    if (info.category) {
      term.category = 1;
      term.num_columns =
          static_cast<int32_t>(std::clamp<int64_t>(info.cardinality, 1, kMaxCategoryColumns));
    } else {
      double sum = 0.0;
      double count = 0.0;
      for (const int64_t row : data.train_rows) {
        const auto value = static_cast<double>(data.features.at(row, f));
        if (std::isnan(value)) continue;
        sum += value;
        count += 1.0;
      }
      const double mean = count > 0.0 ? sum / count : 0.0;
      double squares = 0.0;
      for (const int64_t row : data.train_rows) {
        const auto value = static_cast<double>(data.features.at(row, f));
        if (!std::isnan(value)) squares += (value - mean) * (value - mean);
      }
      const double deviation = count > 0.0 ? std::sqrt(squares / count) : 0.0;
      term.fill = mean;
      term.shift = mean;
      term.scale = deviation > 0.0 && std::isfinite(1.0 / deviation) ? 1.0 / deviation : 0.0;
      if (!std::isfinite(mean)) term = LinearTerm{.first_column = column, .scale = 0.0};
    }
    column += term.num_columns;
    terms.push_back(term);
  }
  return terms;
}

// The penalised mean loss over the training rows.
class Loss {
 public:
  Loss(const TrainingData& data, const std::vector<LinearTerm>& terms, double l2, int num_threads)
      : data_(data),
        terms_(terms),
        num_columns_(static_cast<size_t>(terms.back().first_column + terms.back().num_columns)),
        num_scores_(data.task == Task::kMulticlass ? static_cast<size_t>(data.num_classes) : 1),
        l2_(l2 / static_cast<double>(data.train_rows.size())),
        num_threads_(num_threads) {
    if (data.task != Task::kRegression) return;
    // The target is standardised, so that one tolerance fits all units.
    const auto rows = static_cast<double>(data.train_rows.size());
    for (const int64_t row : data.train_rows) shift_ += Label(row) / rows;
    double squares = 0.0;
    for (const int64_t row : data.train_rows) {
      squares += (Label(row) - shift_) * (Label(row) - shift_) / rows;
    }
    scale_ = squares > 0.0 ? std::sqrt(squares) : 1.0;
  }

  size_t num_parameters() const { return num_scores_ * (num_columns_ + 1); }
  size_t num_scores() const { return num_scores_; }
  size_t num_columns() const { return num_columns_; }
  double shift() const { return shift_; }
  double scale() const { return scale_; }

  // Parameters: [num_scores, num_columns] weights, then [num_scores] intercepts.
  double operator()(const std::vector<double>& point, std::vector<double>& gradient) const {
    std::vector<std::vector<double>> gradients(kChunks);
    std::vector<double> losses(kChunks);
    const auto num_rows = static_cast<int64_t>(data_.train_rows.size());
    ParallelFor(num_threads_, kChunks, [&](int64_t chunk) {
      const auto c = static_cast<size_t>(chunk);
      gradients[c].assign(point.size(), 0.0);
      losses[c] = AddRows(point, num_rows * chunk / kChunks, num_rows * (chunk + 1) / kChunks,
                          gradients[c]);
    });
    const double per_row = 1.0 / static_cast<double>(num_rows);
    double loss = 0.0;
    std::fill(gradient.begin(), gradient.end(), 0.0);
    for (size_t c = 0; c < kChunks; ++c) {
      loss += losses[c] * per_row;
      for (size_t i = 0; i < point.size(); ++i) gradient[i] += gradients[c][i] * per_row;
    }
    for (size_t i = 0; i < num_scores_ * num_columns_; ++i) {
      loss += 0.5 * l2_ * point[i] * point[i];
      gradient[i] += l2_ * point[i];
    }
    return loss;
  }

 private:
  double Label(int64_t row) const { return data_.labels[static_cast<size_t>(row)]; }

  // The design row as (column, value) pairs.
  void Design(int64_t row, std::vector<std::pair<size_t, double>>& design) const {
    design.clear();
    for (size_t f = 0; f < terms_.size(); ++f) {
      const LinearTerm& term = terms_[f];
      const auto value = static_cast<double>(data_.features.at(row, static_cast<int64_t>(f)));
      const auto column = static_cast<size_t>(term.first_column);
      if (term.category != 0) {
        if (value >= 0.0 && value < static_cast<double>(term.num_columns)) {
          design.emplace_back(column + static_cast<size_t>(value), 1.0);
        }
      } else if (!std::isnan(value)) {  // a missing one sits at the mean: 0 after the shift
        const double scaled = std::clamp((value - term.shift) * term.scale, -kCut, kCut);
        if (scaled != 0.0) design.emplace_back(column, scaled);
      }
    }
  }

  double AddRows(const std::vector<double>& point, int64_t first, int64_t last,
                 std::vector<double>& gradient) const {
    std::vector<std::pair<size_t, double>> design;
    std::vector<double> scores(num_scores_);
    double loss = 0.0;
    for (int64_t i = first; i < last; ++i) {
      const int64_t row = data_.train_rows[static_cast<size_t>(i)];
      Design(row, design);
      for (size_t k = 0; k < num_scores_; ++k) {
        double score = point[num_scores_ * num_columns_ + k];
        for (const auto& [column, value] : design)
          score += value * point[k * num_columns_ + column];
        scores[k] = score;
      }
      loss += TurnIntoResiduals(Label(row), scores);
      for (size_t k = 0; k < num_scores_; ++k) {
        for (const auto& [column, value] : design) {
          gradient[k * num_columns_ + column] += scores[k] * value;
        }
        gradient[num_scores_ * num_columns_ + k] += scores[k];
      }
    }
    return loss;
  }

  // Replaces scores by the derivative of the row's loss; returns the loss.
  double TurnIntoResiduals(double label, std::vector<double>& scores) const {
    if (data_.task == Task::kRegression) {
      const double error = scores[0] - (label - shift_) / scale_;
      scores[0] = error;
      return 0.5 * error * error;
    }
    if (data_.task == Task::kBinary) {
      const double margin = label == 1.0 ? scores[0] : -scores[0];
      const double loss =
          margin > 0.0 ? std::log1p(std::exp(-margin)) : -margin + std::log1p(std::exp(margin));
      scores[0] = 1.0 / (1.0 + std::exp(-scores[0])) - label;
      return loss;
    }
    const double largest = *std::max_element(scores.begin(), scores.end());
    double sum = 0.0;
    const double own = scores[static_cast<size_t>(label)] - largest;
    for (double& score : scores) {
      score = std::exp(score - largest);
      sum += score;
    }
    for (double& score : scores) score /= sum;
    scores[static_cast<size_t>(label)] -= 1.0;
    return std::log(sum) - own;
  }

  const TrainingData& data_;
  const std::vector<LinearTerm>& terms_;
  size_t num_columns_;
  size_t num_scores_;
  double l2_;
  int num_threads_;
  double shift_ = 0.0;
  double scale_ = 1.0;
};

}  // namespace

std::span<const OptionDescriptor> LinearLearner::options() const { return kOptions; }

Result<TrainedModel> LinearLearner::Train(const TrainingData& data,
                                          const TrainOptions& options) const {
  MILLRACE_RETURN_IF_ERROR(CheckTraining(*this, data, options));
  if (data.features.num_columns() == 0) return InvalidData("linear: no features");
  MILLRACE_ASSIGN_OR_RETURN(const double l2, NumberOption(*this, options.values, "l2"));
  MILLRACE_ASSIGN_OR_RETURN(const double steps, NumberOption(*this, options.values, "steps"));
  std::vector<LinearTerm> terms = MakeTerms(data);
  const Loss loss(data, terms, l2, options.num_threads);
  LbfgsOptions lbfgs;
  lbfgs.max_steps = options.fixed_rounds.value_or(static_cast<int64_t>(steps));
  lbfgs.stop = options.stop;
  const LbfgsOutcome fitted =
      MinimiseLbfgs([&loss](const std::vector<double>& point,
                            std::vector<double>& gradient) { return loss(point, gradient); },
                    std::vector<double>(loss.num_parameters()), lbfgs);
  model::LinearParts parts;
  parts.num_scores = static_cast<int64_t>(loss.num_scores());
  const size_t num_weights = loss.num_scores() * loss.num_columns();
  parts.weights.assign(fitted.point.begin(),
                       fitted.point.begin() + static_cast<std::ptrdiff_t>(num_weights));
  parts.intercepts.assign(fitted.point.begin() + static_cast<std::ptrdiff_t>(num_weights),
                          fitted.point.end());
  if (data.task == Task::kRegression) {
    for (double& weight : parts.weights) weight *= loss.scale();
    parts.intercepts[0] = parts.intercepts[0] * loss.scale() + loss.shift();
  }
  parts.link = data.task == Task::kBinary       ? model::Link::kSigmoid
               : data.task == Task::kMulticlass ? model::Link::kSoftmax
                                                : model::Link::kIdentity;
  parts.terms = std::move(terms);
  TrainedModel trained;
  MILLRACE_ASSIGN_OR_RETURN(trained.model, model::LinearModel::Make(std::move(parts)));
  trained.rounds = fitted.steps;
  trained.stopped_early = !fitted.converged && fitted.steps < lbfgs.max_steps;
  return trained;
}

}  // namespace millrace::learner
