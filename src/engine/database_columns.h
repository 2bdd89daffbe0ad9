// Checks that readers of databases share.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::engine {

/// kInvalidData when there is no column, when two differ in case only or a name is empty.
Status CheckColumnNames(std::string_view where, const std::vector<std::string>& names);

/// Returns the table to read when none was named: the only one. kInvalidSpec listing them.
Result<std::string> OnlyTable(std::string_view where, const std::vector<std::string>& tables);

/// Returns kNotFound for a table, with the nearest of `tables`.
Status NoSuchTable(std::string_view where, std::string_view name,
                   const std::vector<std::string>& tables);

/// Returns the first line of a library's message, without "ERROR:" and the like before it.
std::string FirstLine(std::string_view message);

}  // namespace millrace::engine
