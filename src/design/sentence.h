// Sentence: the words of a description with its figures read: percentages, shares in words ("nine
// in ten"), times, sizes, rates and sums of money, each with the place it stands at.
//
// Pure. English words; anything else stays a word.

#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::design {

/// A word, number, comparison sign or punctuation mark.
struct Token {
  std::string text;  // lower case, apostrophes dropped: "don't" is "dont"
  size_t begin = 0;  // bytes of the description: [begin, end)
  size_t end = 0;
  bool is_break = false;  // ends a clause: , ; : . ! ? ( )
};

enum class FigureUnit {
  kPlain,    // a bare number
  kShare,    // "70%", "nine in ten": value in shares, 0.7
  kSeconds,  // "20 ms": value in seconds
  kBytes,    // "50 MB"
  kRate,     // "200 requests per second"
  kMoney,    // "$500", "500 euros"
  kOther,    // a count of something else: "30 days", "50 customers more"
};

struct Figure {
  double value = 0.0;
  FigureUnit unit = FigureUnit::kPlain;
  size_t first = 0;  // tokens [first, last]
  size_t last = 0;
};

class Sentence {
 public:
  explicit Sentence(std::string_view description);

  const std::vector<Token>& tokens() const { return tokens_; }
  const std::vector<Figure>& figures() const { return figures_; }
  /// True where token `at` exists and is `word`.
  bool Is(size_t at, std::string_view word) const;
  bool IsAny(size_t at, std::initializer_list<std::string_view> words) const;
  /// True where the words of `phrase` (space separated) stand from `at` on.
  bool Says(size_t at, std::string_view phrase) const;
  /// Returns the first entry of `table` whose `phrase` stands from `at` on, or null.
  template <typename Entry, size_t kSize>
  const Entry* PhraseAt(size_t at, const std::array<Entry, kSize>& table) const {
    for (const Entry& entry : table) {
      if (Says(at, entry.phrase)) return &entry;
    }
    return nullptr;
  }
  /// Number of tokens of a phrase.
  static size_t LengthOf(std::string_view phrase);
  /// Tokens [first, last) of the clause that `at` stands in: between two breaks.
  std::pair<size_t, size_t> ClauseOf(size_t at) const;
  /// True when a phrase stands anywhere in tokens [first, last).
  bool AnySaid(size_t first, size_t last, std::span<const std::string_view> phrases) const;
  /// The description's own words of tokens [first, last].
  std::string Words(size_t first, size_t last) const;

 private:
  void ReadTokens();
  void ReadFigures();

  std::string description_;
  std::vector<Token> tokens_;
  std::vector<Figure> figures_;
};

}  // namespace millrace::design
