// Spec rules: what a specification fixes about how the columns of a source are read. Every step
// that profiles a project's source takes them from here, so that all see the same data.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "profile/column_evidence.h"
#include "profile/source_profile.h"
#include "spec/spec.h"

namespace millrace::profile {

/// Returns what data.columns says of each column, by name; the column of split.column, where it is
/// among `columns`, is one of texts, as it names parts.
std::map<std::string, ColumnOverride> OverridesOf(const spec::Spec& spec,
                                                  const std::vector<std::string>& columns);

/// Sets the reading rules of the specification in a profile: data.missing, and of data.columns the
/// decimal sign, prefix, suffix and order of dates.
void ApplySpecRules(const spec::DataSource& data, SourceProfile& profile);

}  // namespace millrace::profile
