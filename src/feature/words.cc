#include "feature/words.h"

#include <algorithm>

namespace millrace::feature {
namespace {

constexpr bool InWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

bool WordReader::Next() {
  while (at_ < text_.size()) {
    while (at_ < text_.size() && !InWord(text_[at_])) ++at_;
    const size_t start = at_;
    while (at_ < text_.size() && InWord(text_[at_])) ++at_;
    const std::string_view run = text_.substr(start, at_ - start);
    if (run.size() < kMinWordBytes || run.size() > kMaxWordBytes) continue;
    Take(run);
    return true;
  }
  return false;
}

void WordReader::Take(std::string_view run) {
  if (size_ > 0) {
    // The word becomes the one before.
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(word_),
              bytes_.begin() + static_cast<std::ptrdiff_t>(size_), bytes_.begin());
    word_ = size_ - word_;
    bytes_[word_++] = ' ';
  }
  std::transform(run.begin(), run.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(word_),
                 Lower);
  size_ = word_ + run.size();
}

int64_t CountWords(std::string_view text) {
  WordReader reader(text);
  int64_t count = 0;
  while (reader.Next()) ++count;
  return count;
}

}  // namespace millrace::feature
