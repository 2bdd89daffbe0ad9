#include "fit/word_choice.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/digest.h"
#include "base/format.h"
#include "feature/words.h"

namespace millrace::fit {
namespace {

constexpr size_t kMaxTracked = 1'000'000;

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return static_cast<size_t>(Hash64(text)); }
};

// Counts the texts that hold a word.
class WordCounter {
 public:
  void Add(std::string_view text) {
    ++num_texts_;
    feature::WordReader reader(text);
    while (reader.Next()) {
      Count(reader.word());
      if (!reader.pair().empty()) Count(reader.pair());
    }
    for (int64_t rare = 1; counts_.size() > kMaxTracked; ++rare) {
      std::erase_if(counts_, [&](const auto& entry) { return entry.second.texts <= rare; });
    }
  }

  int64_t num_texts() const { return num_texts_; }

  // Most texts first, ties by text.
  std::vector<std::pair<std::string, int64_t>> Ranked(int64_t min_texts) const {
    std::vector<std::pair<std::string, int64_t>> ranked;
    for (const auto& [word, entry] : counts_) {
      if (entry.texts >= min_texts && entry.texts < num_texts_) {
        ranked.emplace_back(word, entry.texts);
      }
    }
    std::ranges::sort(ranked, [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return ranked;
  }

 private:
  struct Entry {
    int64_t texts = 0;
    int64_t last = 0;  // the text that counted last, from 1
  };

  void Count(std::string_view word) {
    auto found = counts_.find(word);
    if (found == counts_.end()) found = counts_.emplace(std::string(word), Entry{}).first;
    if (found->second.last == num_texts_) return;
    found->second.last = num_texts_;
    ++found->second.texts;
  }

  int64_t num_texts_ = 0;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> counts_;
};

}  // namespace

Result<WordChoice> ChooseWords(engine::Engine& engine, const std::string& relation,
                               const std::string& column, int64_t num_texts,
                               const WordChoiceOptions& options) {
  const int64_t step =
      std::max<int64_t>(1, (num_texts + options.max_texts - 1) / options.max_texts);
  WordCounter counter;
  int64_t seen = 0;
  const std::string quoted = engine::QuoteIdentifier(column);
  MILLRACE_RETURN_IF_ERROR(engine.Stream(
      Format("SELECT CAST({0} AS VARCHAR) AS value FROM {1} AS rows WHERE {0} IS NOT NULL", quoted,
             relation),
      [&](const table::Table& batch) -> Status {
        for (int64_t row = 0; row < batch.num_rows(); ++row) {
          if (seen++ % step == 0) counter.Add(batch.column(0).text(row));
        }
        return {};
      }));
  WordChoice choice{.num_texts = counter.num_texts()};
  for (auto& [word, texts] : counter.Ranked(options.min_texts)) {
    if (static_cast<int64_t>(choice.words.size()) == options.max_words) break;
    choice.words.push_back(std::move(word));
    choice.weights.push_back(std::log((1.0 + static_cast<double>(choice.num_texts)) /
                                      (1.0 + static_cast<double>(texts))) +
                             1.0);
  }
  return choice;
}

}  // namespace millrace::fit
