// Plan: the folds and the work units of a search, in order. A time budget decides how long the plan
// becomes; the plan then decides every byte of the result, so a replay needs no clock.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "learner/learner.h"

namespace millrace::develop {

/// What becomes of a chosen candidate.
enum class FinalForm {
  kBag,    // the folds' models together
  kRefit,  // trained again on all rows
};
std::string_view FinalFormName(FinalForm form);  // "bag", "refit"

/// One candidate: a learner with its option values, trained on every fold.
struct WorkUnit {
  std::string name;  // unique in the plan: "boosting, small steps"
  std::string learner;
  learner::OptionValues values;
  /// Rounds per fold; empty in a proposal: found by early stopping.
  std::vector<int64_t> rounds;
  FinalForm final_form = FinalForm::kBag;  // where it is chosen
  bool cut_short = false;                  // a fold ended by the time limit
};

struct Plan {
  int64_t num_folds = 0;
  std::vector<WorkUnit> units;
};

json::Json ToJson(const Plan& plan);
/// kCorrupt when the document is no plan or its names repeat.
Result<Plan> PlanFromJson(const json::Json& document);

}  // namespace millrace::develop
