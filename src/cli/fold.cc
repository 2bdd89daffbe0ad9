#include "cli/fold.h"

#include "base/terminal.h"
#include "base/text.h"

namespace millrace::cli {

std::vector<std::string> Fold(std::string_view text, int64_t width) {
  std::vector<std::string> lines{""};
  for (const std::string_view word : Split(text, ' ')) {
    const int64_t used = CountCodePoints(lines.back());
    if (used > 0 && used + 1 + CountCodePoints(word) > width) lines.emplace_back();
    if (!lines.back().empty()) lines.back() += ' ';
    lines.back() += Ellipsize(word, width);
  }
  return lines;
}

int64_t TextWidth() {
  const Terminal terminal = DescribeTerminal(1);
  return terminal.interactive ? terminal.width : 100;
}

}  // namespace millrace::cli
