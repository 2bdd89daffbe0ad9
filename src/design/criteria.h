// Criteria: what a sentence demands of the model: bounds on metrics, equal treatment of groups, and
// what each kind of decision is worth. A figure that describes the data, today's state, or that
// need not be reached makes no gate.
//
// Pure; the rules and their limits are written in docs/sentences.md.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/gate.h"
#include "spec/spec.h"
#include "table/task.h"

namespace millrace::design {

/// A gate with the words that it comes from.
struct SentenceGate {
  spec::Gate gate;
  std::string reason;  // 'from your sentence: "at least 70%"'
};

/// Words that look like a demand and became none, with why.
struct UnusedDemand {
  std::string words;
  std::string reason;
};

struct Criteria {
  std::vector<SentenceGate> gates;     // under `require`; one per metric and direction
  std::vector<SentenceGate> fairness;  // under `require.fairness`
  /// Traits whose groups are to be treated equally: "sex", "age", "race", "nationality".
  std::vector<std::string> traits;
  std::optional<spec::DecisionValue> value;  // of the decisions of a binary task
  std::string value_reason;
  std::vector<UnusedDemand> unused;
};

/// Reads the demands of `description` that a model of `task` can be held to. `target`: name of the
/// predicted column; a metric's word that is part of it names the column.
Criteria ReadCriteria(std::string_view description, table::Task task, std::string_view target);

}  // namespace millrace::design
