// Forests: random forest (Breiman 2001) and extremely randomised trees (Geurts, Ernst & Wehenkel
// 2006) on bins that all trainings share. Classes by Gini, numbers by variance.

#pragma once

#include "learner/learner.h"

namespace millrace::learner {

class ForestLearner final : public Learner {
 public:
  std::string_view name() const override { return "forest"; }
  std::string_view summary() const override {
    return "Random forests and extremely randomised trees, on the same shared bins.";
  }
  Capabilities capabilities() const override { return {.tasks = "binary multiclass regression"}; }
  std::span<const OptionDescriptor> options() const override;
  Result<TrainedModel> Train(const TrainingData& data, const TrainOptions& options) const override;
  /// Rows are binned once for all folds and options.
  Result<std::unique_ptr<Session>> Open(const SessionData& data) const override;
};

}  // namespace millrace::learner
