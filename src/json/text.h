// JSON text: reading documents with a place in errors, writing them deterministically.

#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace millrace::json {

/// Limits of Parse.
struct ParseLimits {
  int max_depth = 64;
};

/// Reads one document (RFC 8259; UTF-8; duplicate keys refused). Errors: kInvalidData
/// "where:line:column: what". Numbers outside double range are refused; whole numbers outside
/// 64 bits become doubles.
Result<Json> Parse(std::string_view text, std::string_view where, ParseLimits limits = {});

/// Writes compactly. Doubles in their shortest form that reads back equal; NaN and infinities as
/// null; bytes that are not UTF-8 as U+FFFD. Same value, same bytes; a double that is whole keeps a
/// ".0", so that it reads back as a double.
std::string Write(const Json& value);
/// Writes indented by two spaces, short arrays of scalars on one line, with a final newline.
std::string WritePretty(const Json& value);
/// Appends one number as Write writes it: for texts that are made without a document.
void AppendNumber(std::string& out, double number);
/// Returns `text` as a JSON string literal with quotes.
std::string Quote(std::string_view text);

}  // namespace millrace::json
