// QueryText: what can be told of a query to a foreign database before it is sent there.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::engine {

struct QueryText {
  std::string text;      // one statement, without a semicolon at its end
  bool ordered = false;  // it ends in an ORDER BY of its own
};

/// Reads `sql` as one query. kInvalidSpec: empty, several statements, a first word other than
/// SELECT, WITH, VALUES or TABLE, a quote or bracket that is never closed. The database's own
/// parser has the last word; it is asked on a connection that can only read.
Result<QueryText> ReadQuery(std::string_view sql);

/// Returns the parts of "schema.table" outside double quotes: {"schema", "table"}.
std::vector<std::string> SplitTableName(std::string_view name);

}  // namespace millrace::engine
