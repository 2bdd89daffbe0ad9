// The baseline: the class shares of the training rows, or their mean. What any model must beat.

#pragma once

#include "learner/learner.h"

namespace millrace::learner {

class BaselineLearner final : public Learner {
 public:
  std::string_view name() const override { return "baseline"; }
  std::string_view summary() const override {
    return "The class shares of the training rows, or their mean: what any model must beat.";
  }
  Capabilities capabilities() const override { return {.tasks = "binary multiclass regression"}; }
  std::span<const OptionDescriptor> options() const override { return {}; }
  Result<TrainedModel> Train(const TrainingData& data, const TrainOptions& options) const override;
};

}  // namespace millrace::learner
