#include "learner/baseline/baseline_learner.h"

#include <algorithm>
#include <cmath>

#include "model/constant_model.h"

namespace millrace::learner {
namespace {

// Classes that the training rows lack keep a small share, so that logarithms stay finite.
constexpr double kSmallestShare = 1e-6;

}  // namespace

Result<TrainedModel> BaselineLearner::Train(const TrainingData& data,
                                            const TrainOptions& options) const {
  MILLRACE_RETURN_IF_ERROR(CheckTraining(*this, data, options));
  const auto rows = static_cast<double>(data.train_rows.size());
  std::vector<double> scores;
  model::Link link = model::Link::kIdentity;
  if (data.task == table::Task::kRegression) {
    double sum = 0.0;
    for (const int64_t row : data.train_rows) sum += data.labels[static_cast<size_t>(row)];
    scores.push_back(sum / rows);
  } else {
    std::vector<double> shares(static_cast<size_t>(data.num_classes));
    for (const int64_t row : data.train_rows) {
      shares[static_cast<size_t>(data.labels[static_cast<size_t>(row)])] += 1.0 / rows;
    }
    for (double& share : shares) share = std::max(share, kSmallestShare);
    if (data.task == table::Task::kBinary) {
      link = model::Link::kSigmoid;
      scores.push_back(std::log(shares[1] / shares[0]));
    } else {
      link = model::Link::kSoftmax;
      for (const double share : shares) scores.push_back(std::log(share));
    }
  }
  TrainedModel trained;
  MILLRACE_ASSIGN_OR_RETURN(trained.model, model::ConstantModel::Make(data.features.num_columns(),
                                                                      link, std::move(scores)));
  trained.rounds = 1;
  return trained;
}

}  // namespace millrace::learner
