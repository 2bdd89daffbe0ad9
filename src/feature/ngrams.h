// Character n-grams of a text, the same in fit/ and in the graph (docs/formats/graph.md): runs of
// characters, ASCII letters in lower case, white space as one space, one space before the text and
// one after it. A character is a byte and up to three continuation bytes that follow it. No
// allocation.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace millrace::feature {

/// Characters of the n-grams that fit/ looks for, and the most that a graph may hold.
inline constexpr size_t kMinNgram = 3;
inline constexpr size_t kMaxNgram = 5;
inline constexpr size_t kMostNgramCharacters = 8;

/// Returns the number of characters of an n-gram.
size_t NgramCharacters(std::string_view ngram);

/// Walks over all n-grams of `min` to `max` characters (1 <= min <= max <= kMostNgramCharacters),
/// by their last character, shorter ones first. The text must outlive it; one thread.
class NgramReader {
 public:
  NgramReader(std::string_view text, size_t min, size_t max);

  /// Moves to the next n-gram; false at the end.
  bool Next();
  /// Returns the n-gram; valid until Next.
  std::string_view ngram() const;

 private:
  enum class State { kBefore, kText, kAfter };

  bool ReadCharacter();
  void Append(std::string_view character);

  std::string_view text_;
  size_t min_;
  size_t max_;
  size_t at_ = 0;
  State state_ = State::kBefore;
  size_t length_ = 0;                                   // of the n-gram, in characters
  std::array<char, 4 * kMostNgramCharacters> bytes_{};  // the last characters
  std::array<size_t, kMostNgramCharacters> sizes_{};    // their bytes
  size_t num_characters_ = 0;
  size_t num_bytes_ = 0;
  bool after_space_ = false;
};

}  // namespace millrace::feature
