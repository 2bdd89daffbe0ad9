// Chooses the words of a free text that become features. Internal to fit/.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace millrace::fit {

struct WordChoiceOptions {
  int64_t max_words = 1'000;
  /// Texts that must hold a word.
  int64_t min_texts = 5;
  /// Texts that are read: every k-th, for the smallest k that keeps within it.
  int64_t max_texts = 200'000;
};

struct WordChoice {
  std::vector<std::string> words;  // words and pairs (feature/words.h), most texts first, then text
  std::vector<double> weights;     // [words.size()] ln((1 + texts) / (1 + texts with it)) + 1
  int64_t num_texts = 0;           // that were read
};

/// Reads `column` of `relation` once, in row order; `num_texts` is how many are not missing. A word
/// that stands in every text is left out. With up to a million different words and pairs the choice
/// does not depend on the order of rows; beyond that, rare ones are forgotten on the way.
Result<WordChoice> ChooseWords(engine::Engine& engine, const std::string& relation,
                               const std::string& column, int64_t num_texts,
                               const WordChoiceOptions& options);

}  // namespace millrace::fit
