#include "fit/word_choice.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "feature/ngrams.h"
#include "feature/words.h"

namespace millrace::fit {
namespace {

constexpr size_t kMaxTracked = 1'000'000;

}  // namespace

WordChooser::WordChooser(int64_t num_texts, const WordChoiceOptions& options)
    : options_(options),
      step_(std::max<int64_t>(1, (num_texts + options.max_texts - 1) / options.max_texts)) {}

void WordChooser::Count(std::string_view word) {
  auto found = counts_.find(word);
  if (found == counts_.end()) found = counts_.emplace(std::string(word), Entry{}).first;
  if (found->second.last == num_texts_) return;
  found->second.last = num_texts_;
  ++found->second.texts;
}

void WordChooser::Add(std::string_view text) {
  if (num_seen_++ % step_ != 0) return;
  ++num_texts_;
  if (options_.terms == Terms::kNgrams) {
    feature::NgramReader reader(text, feature::kMinNgram, feature::kMaxNgram);
    while (reader.Next()) Count(reader.ngram());
  } else {
    feature::WordReader reader(text);
    while (reader.Next()) {
      Count(reader.word());
      if (!reader.pair().empty()) Count(reader.pair());
    }
  }
  for (int64_t rare = 1; counts_.size() > kMaxTracked; ++rare) {
    std::erase_if(counts_, [&](const auto& entry) { return entry.second.texts <= rare; });
  }
}

WordChoice WordChooser::Choose() const {
  std::vector<std::pair<std::string, int64_t>> ranked;
  for (const auto& [word, entry] : counts_) {
    if (entry.texts >= options_.min_texts && entry.texts < num_texts_) {
      ranked.emplace_back(word, entry.texts);
    }
  }
  std::ranges::sort(ranked, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  WordChoice choice;
  for (auto& [word, texts] : ranked) {
    if (static_cast<int64_t>(choice.words.size()) >= options_.max_words) break;
    choice.words.push_back(std::move(word));
    choice.weights.push_back(
        std::log((1.0 + static_cast<double>(num_texts_)) / (1.0 + static_cast<double>(texts))) +
        1.0);
  }
  return choice;
}

}  // namespace millrace::fit
