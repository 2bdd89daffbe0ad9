// Binning: the rows of a column in a few named parts: ranges of a number, values of a category,
// missing. Groups of people and slices are made of these.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "table/column.h"
#include "table/schema.h"

namespace millrace::evaluate {

struct Binning {
  std::string column;
  std::vector<std::string> parts;    // "18 to 30", "Month-to-month", "missing"
  std::vector<std::string> phrases;  // "age from 18 to 30", "Contract = Month-to-month"
  std::vector<int32_t> part_of_row;  // [num_rows] index into parts

  int64_t num_parts() const { return static_cast<int64_t>(parts.size()); }
};

struct BinningOptions {
  int64_t max_ranges = 4;     // of a number with more distinct values than max_distinct
  int64_t max_distinct = 10;  // numbers with at most as many stay single values
  int64_t max_values = 20;    // of a category, most frequent first; the rest is "other values"
};

/// Returns the parts that hold at least one row. Ranges lie between quantiles of the rows.
Binning BinColumn(const table::ColumnSchema& schema, const table::Column& column,
                  const BinningOptions& options = {});

/// Returns the crossing of two binnings of the same rows; only parts that hold a row.
Binning Cross(const Binning& left, const Binning& right);

/// Returns a value of a column as people read it: "12.5", "true", "2024-03-01", "missing".
std::string ShowValue(const table::Column& column, int64_t row);

}  // namespace millrace::evaluate
