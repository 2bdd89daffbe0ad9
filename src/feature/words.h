// Words of a free text, the same in fit/ and in the graph (docs/formats/graph.md).
//
// A word is a run of letters, digits and bytes above 0x7f (other scripts), 2 to 40 bytes long,
// ASCII letters in lower case; longer and shorter runs are passed over. A pair is two words that
// follow each other, joined by one space. No allocation.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace millrace::feature {

inline constexpr size_t kMinWordBytes = 2;
inline constexpr size_t kMaxWordBytes = 40;

/// Walks over the words of a text. The text must outlive it; one thread.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  /// Moves to the next word; false at the end.
  bool Next();
  /// Returns the word; valid until Next.
  std::string_view word() const { return {bytes_.data() + word_, size_ - word_}; }
  /// Returns the word before and this one, joined by a space; empty at the first word.
  std::string_view pair() const {
    return word_ == 0 ? std::string_view() : std::string_view(bytes_.data(), size_);
  }

 private:
  void Take(std::string_view run);

  std::string_view text_;
  size_t at_ = 0;
  std::array<char, 2 * kMaxWordBytes + 1> bytes_;  // [word before, space,] word
  size_t word_ = 0;                                // where the word begins
  size_t size_ = 0;
};

/// Returns the number of words.
int64_t CountWords(std::string_view text);

}  // namespace millrace::feature
