#include "expect/pattern.h"

#include <re2/re2.h>

#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::expect {

struct Pattern::Compiled {
  Compiled(const std::string& text, const re2::RE2::Options& options)
      : expression(text, options), written(text) {}
  re2::RE2 expression;
  std::string written;
};

Result<Pattern> Pattern::Compile(const std::string& text) {
  re2::RE2::Options options;  // those of the engine: UTF-8, a dot matches no line break
  options.set_log_errors(false);
  auto compiled = std::make_shared<const Compiled>(text, options);
  if (!compiled->expression.ok()) {
    return InvalidData(
        Format("not a pattern: {}: {}", compiled->expression.error(), Ellipsize(text, 80)));
  }
  return Pattern(std::move(compiled));
}

bool Pattern::MatchesAll(std::string_view text) const {
  // Without groups to fill the matcher stays with its automaton, which keeps its states.
  return compiled_->expression.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(),
                                     re2::RE2::ANCHOR_BOTH, nullptr, 0);
}

const std::string& Pattern::text() const { return compiled_->written; }

}  // namespace millrace::expect
