// What the terminal shows of a new project: one fact a line, with its reason.

#pragma once

#include <string>

#include "design/new_project.h"
#include "engine/source.h"

namespace millrace::design {

/// "customers.csv   7,043 rows, 21 columns, 0.9 MB"; several files are counted.
std::string HeadlineOf(const engine::Source& source, const profile::SourceProfile& profile);

/// Task, target, roles, success criteria, and what to watch in the data.
report::Facts FactsOf(const NewProject& project);

}  // namespace millrace::design
