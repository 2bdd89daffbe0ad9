// Threshold: where a binary model says yes, chosen on validation rows.

#pragma once

#include <optional>
#include <span>
#include <string>

#include "metric/metric.h"
#include "spec/spec.h"

namespace millrace::develop {

struct ThresholdChoice {
  double threshold = 0.5;
  std::string reason;
};

/// Chooses by the user's values per decision; else the best F1 among thresholds that meet the gates
/// on recall and precision (with all of them where none does, said in the reason).
ThresholdChoice ChooseThreshold(const metric::Scored& scored,
                                const std::optional<spec::DecisionValue>& value,
                                std::span<const spec::Gate> gates);

}  // namespace millrace::develop
