// Chooses the words or n-grams of a free text that become features. Internal to fit/.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/digest.h"

namespace millrace::fit {

enum class Terms { kWords, kNgrams };  // words and pairs (feature/words.h); feature/ngrams.h

struct WordChoiceOptions {
  Terms terms = Terms::kWords;
  int64_t max_words = 1'000;
  /// Texts that must hold a word.
  int64_t min_texts = 5;
  /// Texts that are read: every k-th, for the smallest k that keeps within it.
  int64_t max_texts = 200'000;
};

struct WordChoice {
  std::vector<std::string> words;  // words and pairs, or n-grams; most texts first, then text
  std::vector<double> weights;     // [words.size()] ln((1 + texts) / (1 + texts with it)) + 1
};

/// Counts the texts that hold a word. A word that stands in every text is left out. With up to a
/// million different words and pairs the choice does not depend on the order of rows; beyond that,
/// rare ones are forgotten on the way. One thread.
class WordChooser {
 public:
  /// `num_texts`: how many texts will come.
  WordChooser(int64_t num_texts, const WordChoiceOptions& options);

  void Add(std::string_view text);
  WordChoice Choose() const;

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return static_cast<size_t>(Hash64(text)); }
  };
  struct Entry {
    int64_t texts = 0;
    int64_t last = 0;  // the text that counted last, from 1
  };

  void Count(std::string_view word);

  WordChoiceOptions options_;
  int64_t step_;
  int64_t num_seen_ = 0;
  int64_t num_texts_ = 0;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> counts_;
};

}  // namespace millrace::fit
