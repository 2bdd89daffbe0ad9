// Linear models: ridge regression, logistic and multinomial regression with an L2 penalty on
// standardised numbers and one weight per category. Fitted by L-BFGS (Nocedal & Wright 2006,
// algorithm 7.5) in double; sums run over fixed chunks of rows combined in order, so the number of
// threads changes no byte.

#pragma once

#include "learner/learner.h"

namespace millrace::learner {

class LinearLearner final : public Learner {
 public:
  std::string_view name() const override { return "linear"; }
  std::string_view summary() const override {
    return "Ridge, logistic and multinomial regression on standardised numbers and one "
           "weight per category.";
  }
  Capabilities capabilities() const override { return {.tasks = "binary multiclass regression"}; }
  std::span<const OptionDescriptor> options() const override;
  Result<TrainedModel> Train(const TrainingData& data, const TrainOptions& options) const override;
};

}  // namespace millrace::learner
