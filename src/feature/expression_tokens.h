// Tokens of the expression language. Internal to feature/.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::feature {

enum class TokenKind {
  kNumber,  // 1, .5, 2e-3
  kText,    // 'it''s'
  kWord,    // bare name, function or key word
  kQuoted,  // "column"
  kSign,    // operator, bracket or comma; "!=" comes as "<>"
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  size_t offset = 0;    // of its first byte
  std::string text;     // content: quotes taken off, doubled ones single
  double number = 0.0;  // kNumber: finite
};

/// Returns the message "where:line:column: what" of a place in `text` (columns count code points).
std::string AtPlace(std::string_view where, std::string_view text, size_t offset,
                    std::string_view what);

/// Reads all tokens; the last one is kEnd. kInvalidSpec with the place.
Result<std::vector<Token>> ReadTokens(std::string_view text, std::string_view where);

}  // namespace millrace::feature
