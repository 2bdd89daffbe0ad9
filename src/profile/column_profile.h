// What a column holds: counts, moments, quantiles, top values, and the type that the values show,
// with the reason. Made in one pass over the cells as text, in row order, so that the same file
// gives the same profile on any machine and for any number of threads.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "table/schema.h"

namespace millrace::profile {

/// A value and how many rows hold it.
struct ValueCount {
  std::string value;
  int64_t count = 0;
};

struct ColumnProfile {
  std::string name;
  int64_t num_rows = 0;
  int64_t num_missing = 0;   // under `rules`
  int64_t num_invalid = 0;   // cells that `type` cannot hold; read as missing, counted
  int64_t num_distinct = 0;  // of valid cells
  /// False above kMaxTrackedValues: then an estimate with a standard error of 0.8 %.
  bool distinct_is_exact = true;
  /// Inferred reading: type and rules, and why.
  table::ColumnType type = table::ColumnType::kText;
  table::ReadingRules rules;
  std::string reason;                     // "all 7,032 values are numbers; 11 blanks are missing"
  bool is_notable = false;                // the reading should be seen: a new project spells it out
  std::vector<ValueCount> missing_words;  // texts taken as missing, besides the empty one
  /// Marks that help to find roles.
  bool is_constant = false;  // one distinct value at most
  bool is_unique = false;    // every valid cell differs and none is missing
  bool is_sequence = false;  // whole numbers that rise by one from row to row
  /// Numeric types only (dates in seconds since 1970-01-01 UTC).
  std::optional<double> minimum, maximum, mean, standard_deviation;  // of all rows
  std::optional<double> skewness, kurtosis;  // of all rows; kurtosis is 0 for a normal distribution
  /// At kQuantileLevels. From all rows when there are at most kMaxTrackedValues distinct ones, else
  /// from the sample: with 20,000 rows, the share below a quantile is off by 0.7 % at most in 95 of
  /// 100 cases (the ends are exact).
  std::vector<double> quantiles;
  bool quantiles_are_exact = true;
  std::vector<double> histogram_edges;    // at most 21
  std::vector<int64_t> histogram_counts;  // rows, of all or of the sample as the quantiles
  /// Texts, and numbers with few values: most frequent first, ties by value.
  std::vector<ValueCount> top_values;  // at most kMaxTopValues
  double mean_length = 0.0;            // bytes of valid cells as text
  int64_t max_length = 0;
  double mean_words = 0.0;  // white-space separated words of valid cells
};

inline constexpr int64_t kMaxTrackedValues = 20'000;
inline constexpr int64_t kMaxTopValues = 200;
inline constexpr double kQuantileLevels[] = {0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1};

json::Json ToJson(const ColumnProfile& profile);
Result<ColumnProfile> ColumnProfileFromJson(const json::Json& document);

}  // namespace millrace::profile
