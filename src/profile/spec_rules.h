// Spec rules: what a specification fixes about how the columns of a source are read. Every step
// that profiles a project's source takes them from here, so that all see the same data.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/status.h"
#include "profile/column_evidence.h"
#include "spec/spec.h"

namespace millrace::profile {

/// Returns what the specification fixes, by name of column: what data.columns says of it;
/// data.missing in those of `columns` that data.columns gives no words of their own; and the column
/// of split.column, where it is among `columns`, is one of texts, as it names parts. A name of
/// data.columns that is not among `columns` stays: ProfileSource refuses it.
std::map<std::string, ColumnOverride> OverridesOf(const spec::Spec& spec,
                                                  const std::vector<std::string>& columns);

/// Returns kInvalidSpec where data.time is given and its column, of this type, holds no times (nor
/// numbers that order the rows as times do).
Status CheckTimeType(const spec::DataSource& data, table::ColumnType type);

}  // namespace millrace::profile
