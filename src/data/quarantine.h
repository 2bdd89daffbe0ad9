// Quarantine: rows that were set aside, each with file, line, column, value and rule.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::data {

struct QuarantinedRow {
  std::string file;
  int64_t line = 0;    // 1-based line of the file, or row number (from 1) where lines are unknown
  std::string column;  // may be empty
  std::string value;
  std::string rule;  // "missing target", "too many columns", "check: age <= 120", ...
  /// Names the row by its content: the same cells, the same name, wherever it stands. Set where a
  /// check set the row aside, so that it can be put back; empty otherwise.
  std::string row;
};

/// Returns the name of a row by its cells as the source holds them: `names` and `cells` [columns];
/// a cell without a text is null. 16 hexadecimal digits.
std::string NameOfRow(const std::vector<std::string>& names,
                      const std::vector<const std::string*>& cells);

/// Returns JSON lines, one row each, in the given order.
std::string WriteQuarantine(const std::vector<QuarantinedRow>& rows);
/// Reads what WriteQuarantine wrote. kCorrupt.
Result<std::vector<QuarantinedRow>> ReadQuarantine(std::string_view lines);

}  // namespace millrace::data
