// The one parser from text to value: CSV cells, JSON strings and request fields all pass here, so
// training and serving cannot read the same text differently.
//
// Thread safety: const use from many threads. No allocation in Parse.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "table/schema.h"

namespace millrace::table {

enum class CellState { kValue, kMissing, kInvalid };

/// One value read from text.
struct Cell {
  CellState state = CellState::kMissing;
  double number = 0.0;    // numeric types
  std::string_view text;  // kCategory, kText: a view into the input
};

/// Reads cells of one column by its type and rules.
class ValueParser {
 public:
  explicit ValueParser(const ColumnSchema& column);

  /// Returns the value, missing (empty, a missing text, NaN), or invalid ("n/a" in a number column,
  /// 1e400, an infinity, 2023-02-30). Never throws, never allocates.
  Cell Parse(std::string_view text) const;
  /// Returns the value of a number that arrived as a number (JSON, Parquet): missing when a missing
  /// text writes that number; checks finiteness, wholeness for integers, 0/1 for booleans.
  Cell FromNumber(double value) const;

 private:
  ColumnType type_;
  ReadingRules rules_;
  std::vector<double> missing_numbers_;  // what the missing texts that are numbers mean
};

/// The single readers that ValueParser combines; also used by type inference.
/// Each returns nothing when the whole trimmed text is not such a value. Numbers: sign, thousands
/// in groups of three, exponent; "(1,234)" is below zero, as accounts write it.
std::optional<double> ReadNumber(std::string_view text, const ReadingRules& rules);
/// Accepts true/false, yes/no, y/n, t/f, on/off, 1/0, ja/nein, oui/non, wahr/falsch, vrai/faux, in
/// any case.
std::optional<double> ReadBoolean(std::string_view text);
/// Accepts what ReadDateText does. Seconds since the epoch.
std::optional<double> ReadDate(std::string_view text, const ReadingRules& rules);
/// Returns true for the empty text and the usual words for missing (NA, N/A, NaN, null, none, ?,
/// -, #N/A), in any case: what inference counts, not what reading applies.
bool LooksMissing(std::string_view text);

}  // namespace millrace::table
