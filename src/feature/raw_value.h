// RawValue: one value of a row before the transform graph: what the parser (table/value_parser.h)
// made of a cell or a request field.

#pragma once

#include <string_view>

#include "table/column.h"

namespace millrace::feature {

struct RawValue {
  bool missing = true;
  double number = 0.0;    // numeric columns; booleans 0/1, dates seconds since 1970-01-01 UTC
  std::string_view text;  // category and text columns; borrowed
};

/// Returns the value of a row; its text is valid as long as the column is not changed.
RawValue RawValueAt(const table::Column& column, int64_t row);

}  // namespace millrace::feature
