// The form of a delimited text file, found from its first lines: encoding, delimiter, header.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/source.h"

namespace millrace::engine {

struct DelimitedForm {
  std::string encoding;   // "utf-8", "utf-16", "latin-1"
  std::string delimiter;  // one character
  std::vector<std::string> columns;
};

/// Reads the head of `path` and finds its form. What the options say is taken as it is. A column
/// without a name is called "column_N" (N from 1). Errors: kInvalidData for binary content, a
/// header without rows, duplicate names, one column where another delimiter stands in the options.
Result<DelimitedForm> SniffDelimited(Engine& engine, const std::string& path,
                                     const SourceOptions& options);

/// Splits one line at `delimiter` outside double quotes; quotes are taken off and doubled ones
/// become one.
std::vector<std::string> SplitDelimitedLine(std::string_view line, char delimiter);

}  // namespace millrace::engine
