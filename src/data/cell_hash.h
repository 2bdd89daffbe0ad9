// Cell hash: of typed rows, for row keys, groups and copies.

#pragma once

#include <cstdint>

#include "table/column.h"

namespace millrace::data {

/// Returns a hash of a cell: equal for equal values (+0 and -0 are equal, all missing are equal).
/// Row keys are made of it: it may not change.
uint64_t HashCell(const table::Column& column, int64_t row);

}  // namespace millrace::data
