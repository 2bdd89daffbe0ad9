// Gradient boosted trees: LightGBM's leaf-wise engine, histogram bins, early stopping on validation
// rows. The trained trees are converted to model::TreeEnsemble; nothing of the engine is kept.

#pragma once

#include "learner/learner.h"

namespace millrace::learner {

class BoostingLearner final : public Learner {
 public:
  std::string_view name() const override { return "boosting"; }
  std::string_view summary() const override {
    return "Gradient boosted trees, grown leaf by leaf on bins that folds and candidates "
           "share; they end when rows left out gain no more.";
  }
  Capabilities capabilities() const override { return {.tasks = "binary multiclass regression"}; }
  std::span<const OptionDescriptor> options() const override;
  Result<TrainedModel> Train(const TrainingData& data, const TrainOptions& options) const override;
  /// Rows are binned once for all folds and options; a fold's subset is made when first used.
  Result<std::unique_ptr<Session>> Open(const SessionData& data) const override;
};

}  // namespace millrace::learner
