// Pattern: a regular expression (RE2 syntax) that a whole text must match, as the engine's
// regexp_full_match reads it. Linear in the length of the text, whatever the pattern.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::expect {

/// Value type; copies share the compiled form. Const use from many threads.
class Pattern {
 public:
  /// kInvalidData with RE2's words when `text` is not a pattern, or one that is too large.
  static Result<Pattern> Compile(const std::string& text);

  /// Returns true when the whole text (UTF-8) matches. Allocates while its automaton meets states
  /// that it has not seen, never afterwards.
  bool MatchesAll(std::string_view text) const;
  const std::string& text() const;

 private:
  struct Compiled;
  explicit Pattern(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace millrace::expect
