// TargetLeaks: columns that are another way of writing the target: one column that tells it alone,
// or numbers that sum to it ("casual + registered = cnt").

#pragma once

#include <string>
#include <vector>

#include "design/infer.h"
#include "table/table.h"
#include "table/task.h"

namespace millrace::design {

/// Returns the features that give the target away, in table order, each with the figures. Rows
/// without a target are left out; fewer than 100 others: none is found. The target of a
/// classification is a text column. Cost: features^2 additions on a few rows, one pass for the
/// rest.
std::vector<ColumnNote> FindTargetLeaks(const table::Table& rows, const std::string& target,
                                        table::Task task, const std::vector<std::string>& features);

}  // namespace millrace::design
