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
  std::string rule;  // "missing target", "too many columns", ...
};

/// Returns JSON lines, one row each, in the given order.
std::string WriteQuarantine(const std::vector<QuarantinedRow>& rows);
/// Reads what WriteQuarantine wrote. kCorrupt.
Result<std::vector<QuarantinedRow>> ReadQuarantine(std::string_view lines);

}  // namespace millrace::data
