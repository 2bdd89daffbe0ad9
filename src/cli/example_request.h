// Example request: a plausible row of a schema and the command line that sends it.

#pragma once

#include <string>
#include <string_view>

#include "json/value.h"
#include "table/schema.h"

namespace millrace::cli {

/// Returns {"rows": [{...}]} with a value for every column: the most frequent value of a category,
/// the middle of the range of a number, a day for a date. Pure.
json::Json ExampleRequest(const table::Schema& schema);

/// Returns `text` as one word of a POSIX shell.
std::string ShellWord(std::string_view text);

/// Returns the curl command that sends the example request to `url`, on one line; with the token
/// that the service asks for unless it is empty.
std::string ExampleCurl(std::string_view url, const table::Schema& schema, std::string_view token);

}  // namespace millrace::cli
