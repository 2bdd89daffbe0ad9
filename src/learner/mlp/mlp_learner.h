// Multilayer perceptrons: networks (model/network.h) for what changes smoothly with its features,
// where trees need many steps. Features are prepared from the training rows: knots at quantiles of
// numbers, codes of categories, a vector of its own for missing values.
//
// A round is a stage of training: some steps, more in each stage than in the one before, so that
// few stages reach far; the network of each is the average of the last steps. Stages do not depend
// on how many follow. One thread trains a network, so the number of threads changes no byte.

#pragma once

#include "learner/learner.h"

namespace millrace::learner {

class MlpLearner final : public Learner {
 public:
  std::string_view name() const override { return "mlp"; }
  std::string_view summary() const override {
    return "Networks with a vector per category and piecewise linear numbers, for what "
           "changes smoothly.";
  }
  Capabilities capabilities() const override { return {.tasks = "binary multiclass regression"}; }
  std::span<const OptionDescriptor> options() const override;
  /// kUnsupported where the network would have more than 32 million weights.
  Result<TrainedModel> Train(const TrainingData& data, const TrainOptions& options) const override;
};

}  // namespace millrace::learner
