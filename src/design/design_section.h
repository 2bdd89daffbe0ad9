// What phase 1 puts on the report page, and its checkpoint.

#pragma once

#include <vector>

#include "design/approach.h"
#include "design/design_phase.h"
#include "design/feasibility.h"
#include "design/infer.h"
#include "design/later_columns.h"
#include "engine/source.h"
#include "report/document.h"

namespace millrace::design {

/// Draws the section from what was decided and measured. `leaks` and `later` as found on a sample,
/// `feasibility` as a probe says; empty: no gate on quality, or nothing to probe.
report::Section MakeDesignSection(const Situation& situation, const engine::Source& source,
                                  const std::vector<ColumnNote>& leaks,
                                  const std::vector<LaterColumn>& later,
                                  const std::vector<Feasibility>& feasibility);

}  // namespace millrace::design
