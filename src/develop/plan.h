// Plan: the work units of a search, in order. A time budget decides how long the plan becomes;
// the plan then decides every byte of the result, so a replay needs no clock.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "learner/learner.h"
#include "table/task.h"

namespace millrace::develop {

/// One training: a learner with its option values.
struct WorkUnit {
  std::string name;  // unique in the plan: "boosting, small steps"
  std::string learner;
  learner::OptionValues values;
  /// Rounds to train; 0 in a proposal: found by early stopping.
  int64_t rounds = 0;
};

struct Plan {
  std::vector<WorkUnit> units;
};

json::Json ToJson(const Plan& plan);
/// kCorrupt when the document is no plan or its names repeat.
Result<Plan> PlanFromJson(const json::Json& document);

/// Returns what to try, best first bets first: baseline, linear, then boosted trees from the
/// defaults to diverse settings. `learners` limits the list; empty: all. `values` are laid over
/// each unit of the learner named.
Plan ProposePlan(table::Task task, int64_t num_rows, const std::vector<std::string>& learners,
                 std::span<const std::pair<std::string, learner::OptionValues>> values);

}  // namespace millrace::develop
