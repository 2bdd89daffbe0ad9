#include "learner/baseline/baseline_learner.h"
#include "learner/boosting/boosting_learner.h"
#include "learner/forest/forest_learner.h"
#include "learner/linear/linear_learner.h"
#include "learner/mlp/mlp_learner.h"
#include "learner/registry.h"

namespace millrace::learner {

Registry RegisterLearners() {
  Registry registry;
  registry.Add(std::make_unique<BaselineLearner>());
  registry.Add(std::make_unique<BoostingLearner>());
  registry.Add(std::make_unique<ForestLearner>());
  registry.Add(std::make_unique<LinearLearner>());
  registry.Add(std::make_unique<MlpLearner>());
  return registry;
}

}  // namespace millrace::learner
