// What SQL says of the columns of the training rows: counts, extremes, quantiles, frequent values.
// Internal to fit/.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "table/schema.h"

namespace millrace::fit {

/// What is asked of one column, besides counts and extremes.
struct ColumnQuestion {
  table::ColumnSchema column;
  bool categories = false;        // category and text columns
  std::vector<double> quantiles;  // numeric columns: shares in [0, 1]
};

struct Categories {
  std::vector<std::string> values;  // most rows first, ties by text
  std::vector<double> shares;       // [values.size()] of all rows
};

struct ColumnStatistics {
  double rows = 0.0;
  double present = 0.0;
  double minimum = 0.0;           // numeric columns with a value
  double maximum = 0.0;           //
  double with_hours = 0.0;        // dates that are not at midnight
  std::vector<double> quantiles;  // as asked for: values of rows; empty without a value
  Categories categories;
};

struct CategoryOptions {
  int64_t min_rows = 2;  // that hold a value
  int64_t max_values = 1'000;
};

/// Asks one statement for each hundred columns, which reads them from `relation` once. Results are
/// in the order of `questions` and depend neither on threads nor on the order of rows.
Result<std::vector<ColumnStatistics>> CollectStatistics(
    engine::Engine& engine, const std::string& relation,
    const std::vector<ColumnQuestion>& questions, const CategoryOptions& options);

}  // namespace millrace::fit
