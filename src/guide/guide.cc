#include "guide/guide.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "guide/entries.h"
#include "guide/terms.h"

namespace millrace::guide {
namespace {

constexpr double kSaturation = 1.2;     // k1
constexpr double kLengthWeight = 0.75;  // b
constexpr double kTitleWeight = 4.0;
constexpr double kTagWeight = 2.0;
constexpr double kTitleBonus = 100.0;  // above any sum of terms
constexpr int64_t kBytesPerToken = 4;

std::vector<Entry> Gather() {
  std::vector<Entry> entries;
  for (const auto& table : {DesignSkills(), DataSkills(), ModelSkills(), EvaluationSkills(),
                            OperationSkills(), Examples(), Guides(), Agents()}) {
    entries.insert(entries.end(), table.begin(), table.end());
  }
  return entries;
}

// Weighted counts of the terms of one entry.
struct Document {
  std::map<std::string, double, std::less<>> counts;
  double length = 0.0;
};

// Words of a title, sorted: a query of the same words means that entry.
std::vector<std::string> TitleKey(std::string_view text) {
  std::vector<std::string> terms = TermsOf(text);
  std::sort(terms.begin(), terms.end());
  return terms;
}

struct Index {
  std::vector<Document> documents;  // as AllEntries()
  std::vector<std::vector<std::string>> titles;
  std::map<std::string, double, std::less<>> rarity;  // idf by term
  double mean_length = 1.0;
};

void AddTerms(std::string_view text, double weight, Document& document) {
  for (std::string& term : TermsOf(text)) {
    document.counts[std::move(term)] += weight;
    document.length += weight;
  }
}

Index MakeIndex() {
  Index index;
  std::map<std::string, double, std::less<>> holders;
  double total = 0.0;
  for (const Entry& entry : AllEntries()) {
    Document document;
    AddTerms(entry.title, kTitleWeight, document);
    AddTerms(entry.tags, kTagWeight, document);
    AddTerms(entry.text, 1.0, document);
    total += document.length;
    for (const auto& [term, count] : document.counts) holders[term] += 1.0;
    index.documents.push_back(std::move(document));
    index.titles.push_back(TitleKey(entry.title));
  }
  const auto size = static_cast<double>(std::max<size_t>(1, index.documents.size()));
  for (const auto& [term, count] : holders) {
    index.rarity[term] = std::log(1.0 + (size - count + 0.5) / (count + 0.5));
  }
  index.mean_length = std::max(1.0, total / size);
  return index;
}

double Score(const Index& index, const Document& document, const std::vector<std::string>& terms) {
  double score = 0.0;
  const double norm = 1.0 - kLengthWeight + kLengthWeight * document.length / index.mean_length;
  for (const std::string& term : terms) {
    const auto count = document.counts.find(term);
    if (count == document.counts.end()) continue;
    const double tf = count->second;
    score += index.rarity.find(term)->second * tf * (kSaturation + 1.0) / (tf + kSaturation * norm);
  }
  return score;
}

// The whole text, or as many whole sentences as fit into `room` tokens; "" when none does.
std::string Fit(const Entry& entry, int64_t room) {
  const int64_t title = CountTokens(entry.title);
  if (title + CountTokens(entry.text) <= room) return std::string(entry.text);
  std::string text;
  for (const std::string_view sentence : SentencesOf(entry.text)) {
    std::string longer = text.empty() ? std::string(sentence) : text + " " + std::string(sentence);
    if (title + CountTokens(longer) > room) break;
    text = std::move(longer);
  }
  return text;
}

std::vector<std::string> NearestTitles(std::string_view query) {
  std::vector<std::string> titles;
  for (const Entry& entry : AllEntries()) titles.emplace_back(entry.title);
  return NearestNames(query, titles);
}

}  // namespace

std::string_view CategoryName(Category category) {
  switch (category) {
    case Category::kSkill:
      return "skill";
    case Category::kExample:
      return "example";
    case Category::kGuide:
      return "guide";
    case Category::kAgent:
      return "agent";
  }
  return "";
}

std::optional<Category> CategoryFromName(std::string_view name) {
  for (const Category category :
       {Category::kSkill, Category::kExample, Category::kGuide, Category::kAgent}) {
    if (CategoryName(category) == name) return category;
  }
  return std::nullopt;
}

std::span<const Entry> AllEntries() {
  static const std::vector<Entry> entries = Gather();
  return entries;
}

const Entry* FindEntry(std::string_view id) {
  for (const Entry& entry : AllEntries()) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

std::string Cite(std::string_view id) {
  const Entry* entry = FindEntry(id);
  MILLRACE_CHECK(entry != nullptr, "a decision cites an entry that the guide does not have");
  return "guide: " + std::string(entry->title);
}

bool IsOfPhase(const Entry& entry, int phase) {
  return phase >= 1 && phase <= 9 &&
         entry.phases.find(static_cast<char>('0' + phase)) != std::string_view::npos;
}

std::vector<std::string_view> SeeAlso(const Entry& entry) {
  return entry.see.empty() ? std::vector<std::string_view>() : Split(entry.see, ' ');
}

int64_t CountTokens(std::string_view text) {
  return (static_cast<int64_t>(text.size()) + kBytesPerToken - 1) / kBytesPerToken;
}

Answer Search(std::string_view query, const SearchOptions& options) {
  static const Index index = MakeIndex();
  const std::span<const Entry> entries = AllEntries();
  const std::vector<std::string> terms = TermsOf(query);
  const std::vector<std::string> key = TitleKey(query);
  std::vector<Hit> matches;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    if (options.category && entry.category != *options.category) continue;
    if (options.phase && !IsOfPhase(entry, *options.phase)) continue;
    double score = Score(index, index.documents[i], terms);
    if (!key.empty() && index.titles[i] == key) score += kTitleBonus;
    if (score > 0.0 || terms.empty()) matches.push_back({&entry, score, "", false});
  }
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Hit& a, const Hit& b) { return a.score > b.score; });
  Answer answer;
  answer.num_matches = static_cast<int64_t>(matches.size());
  for (Hit& hit : matches) {
    if (static_cast<int64_t>(answer.hits.size()) >= options.max_hits) break;
    hit.text = Fit(*hit.entry, options.max_tokens - answer.num_tokens);
    if (hit.text.empty()) break;
    hit.is_cut = hit.text.size() < hit.entry->text.size();
    answer.num_tokens += CountTokens(hit.entry->title) + CountTokens(hit.text);
    answer.hits.push_back(std::move(hit));
    if (answer.hits.back().is_cut) break;
  }
  if (matches.empty()) answer.nearest = NearestTitles(query);
  return answer;
}

}  // namespace millrace::guide
