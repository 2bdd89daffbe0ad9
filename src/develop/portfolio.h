// Portfolio: what is tried, in order: strong and unlike each other first, then variations of the
// leaders.

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "develop/plan.h"
#include "learner/learner.h"
#include "table/task.h"

namespace millrace::develop {

/// What decides the list.
struct PortfolioInputs {
  table::Task task = table::Task::kBinary;
  int64_t num_rows = 0;
  int64_t num_features = 0;
  int64_t num_scores = 1;             // classes of a multiclass task
  bool positive_target = false;       // regression: every training value is above 0
  std::vector<std::string> learners;  // only these (and the baseline); empty: all
  /// Laid over each unit of the learner named.
  std::vector<std::pair<std::string, learner::OptionValues>> values;
};

/// Returns the ordered list; the baseline comes first.
std::vector<WorkUnit> MakePortfolio(const PortfolioInputs& inputs);

/// Returns a variation of a boosting unit: each of its settings moves a random way on its scale.
WorkUnit Vary(const WorkUnit& leader, const PortfolioInputs& inputs, std::string name, Rng rng);

/// Returns how many candidates the rows bear before choosing among them fits noise.
int64_t MaxCandidates(int64_t num_rows);

}  // namespace millrace::develop
