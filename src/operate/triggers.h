// Triggers: when a model should be trained again, from what was observed. Pure.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "operate/operate_phase.h"
#include "spec/spec.h"
#include "store/catalog.h"

namespace millrace::operate {

/// What is known of earlier trainings, as the catalog tells.
struct TrainingHistory {
  std::optional<int64_t> last_retrain_micros;  // start of the newest run of kind "retrain"
  std::optional<int64_t> last_trained_micros;  // end of the newest run or retrain that was done
};
TrainingHistory HistoryOf(std::span<const store::RunRow> runs);

/// Returns one trigger per kind in `plan.on`. Drift and performance look at windows of the bundles
/// in production that closed after the newest retrain began; a retrain, whatever its end, starts
/// the cool-down.
std::vector<Trigger> EvaluateTriggers(const spec::RetrainPlan& plan,
                                      std::span<const Window> windows,
                                      std::span<const std::string> production,
                                      const TrainingHistory& history, int64_t now_micros);

}  // namespace millrace::operate
