#include "profile/text_shape.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace millrace::profile {

int64_t CountWords(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n';
    if (!space && !inside) ++words;
    inside = !space;
  }
  return words;
}

bool MeansMissingInText(std::string_view text) {
  static constexpr std::array<std::string_view, 10> kWords = {"na",   "n/a",  "nan", "null", "?",
                                                              "#n/a", "n.a.", "nil", "<na>", "\\n"};
  if (text.empty() || text.size() > 4) return false;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return EqualsIgnoreCase(text, word); });
}

}  // namespace millrace::profile
