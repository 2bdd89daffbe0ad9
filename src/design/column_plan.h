// ColumnPlan: what becomes of each column of the source, by the specification and its profile.

#pragma once

#include <string>
#include <vector>

#include "design/design_phase.h"
#include "profile/source_profile.h"
#include "spec/spec.h"
#include "table/task.h"

namespace millrace::design {

/// Returns a plan per column, in source order. Strategies are those that phases 2 and 3 follow; a
/// column that cannot be a feature is kExcluded with the reason.
std::vector<ColumnPlan> PlanColumns(const spec::Spec& spec, const profile::SourceProfile& profile,
                                    table::Task task);

/// Returns the names of the columns that models may use.
std::vector<std::string> FeaturesOf(const std::vector<ColumnPlan>& plans);

}  // namespace millrace::design
