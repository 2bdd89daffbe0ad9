// MissingMechanism: what the gaps of a column hang on: the target, other columns, time (Rubin 1976,
// "Inference and missing data"). Found by tests of whether rows with and without a value differ.
//
// Gaps that hang on the missing value itself (not at random) look like any of these or like none:
// no test on the observed values can tell. Pure; same rows, same answer.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/document.h"
#include "table/table.h"
#include "table/task.h"

namespace millrace::data {

struct MissingMechanism {
  std::string column;
  double share = 0.0;  // of the rows looked at
  /// p-values, times the number of tests of their kind over all columns (Bonferroni), at most 1;
  /// nothing where there is no such test: no time column, too few rows.
  std::optional<double> by_target;
  std::optional<double> by_other;
  std::string other;  // the column that tells gaps best; set with `by_other`
  std::optional<double> by_time;
  /// "says something of the target", "hangs on age", "changes over time", joined; "at random, as
  /// far as a test can tell" where nothing is found.
  std::string verdict;
};

/// A corrected p-value below this is a finding: one table in twenty without any gives one, per
/// kind.
inline constexpr double kMissingAlpha = 0.05;
/// Rows with and without a value that a test needs, each.
inline constexpr int64_t kMinMissingRows = 20;

/// Tests every column of `features` that has gaps. `rows`: training rows; categories and class
/// targets are compared by their 30 most frequent values (homogeneity), numbers and time by 20
/// ranges of equal rows (homogeneity, and rank: twice the smaller p-value). `time`: name of the
/// time column or "".
std::vector<MissingMechanism> FindMissingMechanisms(const table::Table& rows,
                                                    const std::vector<std::string>& features,
                                                    const std::string& target, table::Task task,
                                                    const std::string& time);

/// Draws the findings for the report page.
report::DataTable MissingTable(const std::vector<MissingMechanism>& mechanisms);

}  // namespace millrace::data
