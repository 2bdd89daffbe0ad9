// Criteria: the eleven success criteria of a run, each with a state, the figures behind it, the
// section that proves it and what to do. Pure; nothing that was not measured is called met.
// Internal to the folder.

#pragma once

#include <optional>
#include <vector>

#include "base/status.h"
#include "pipeline/phase_step.h"
#include "report/checkpoint.h"

namespace millrace::pipeline {

/// The phase that ended a run early, and why.
struct PhaseFailure {
  int phase = 0;
  Status status;
};

/// Returns the requirements of a run ("gate." checks of phase 4, overruled by what phase 5 measured
/// in staging), in the order of phase 4.
std::vector<report::Check> RequirementsOf(const PhaseContext& context);

/// Returns "auc 0.848 [0.836, 0.86]" of a check.
std::string FigureOf(const report::Check& check);
/// Returns "0.848 [0.836, 0.86]".
std::string IntervalText(double value, std::optional<double> low, std::optional<double> high);

/// Returns the criteria in order. `sections`: those that the page will hold.
std::vector<report::Criterion> AssessCriteria(const PhaseContext& context,
                                              const std::vector<report::Section>& sections,
                                              const std::optional<PhaseFailure>& failure);

}  // namespace millrace::pipeline
