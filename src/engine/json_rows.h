// Rows of JSON: one object a line, objects one after the other, an array of objects, or arrays one
// after the other, of which the first holds the names.

#pragma once

#include <string>

#include "base/result.h"

namespace millrace::engine {

/// Copies the records of `path` (plain or packed, UTF-8 or UTF-16; `name` stands in messages) to
/// the RowFile `out`. Members of nested objects are columns with dotted names, arrays stay text,
/// null and absent are NULL. Columns stand in the order of their first appearance. kInvalidData
/// with the line: not JSON, not an object, an array without a value for each name, a name twice in
/// one record, a record beyond 16 MB, more than 10,000 columns, no record. Reads the file twice.
Status CopyJson(const std::string& path, const std::string& name, const std::string& out);

}  // namespace millrace::engine
