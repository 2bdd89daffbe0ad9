#include "profile/column_evidence.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/clock.h"
#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "table/value_parser.h"

namespace millrace::profile {
namespace {

using table::ColumnType;
using table::ReadingRules;

constexpr size_t kSampleRows = 20'000;
constexpr size_t kSmallestHashes = 2'048;
// A column reads as a type when this share of its cells does; the rest must be few words that stand
// for missing, or is counted as invalid.
constexpr double kTypeShare = 0.95;
constexpr size_t kMaxOddWords = 3;

// Words that mean missing in any column; "None" and "-" are kept as categories, because real
// categories are called so.
bool MeansMissingInText(std::string_view text) {
  static constexpr std::string_view kWords[] = {"na", "n/a",  "nan", "null",
                                                "?",  "#n/a", "nil", "<na>"};
  const std::string lower = ToLower(text);
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

int64_t CountWords(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\t' || c == '\n';
    if (!space && !inside) ++words;
    inside = !space;
  }
  return words;
}

bool HasLeadingZero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Returns what stands before the first and after the last digit of a text that holds a number.
std::optional<Affixes> AffixesOf(std::string_view text) {
  const size_t first = text.find_first_of("0123456789");
  if (first == std::string_view::npos) return std::nullopt;
  const size_t last = text.find_last_of("0123456789");
  Affixes affixes;
  affixes.prefix = std::string(Trim(text.substr(0, first)));
  affixes.suffix = std::string(Trim(text.substr(last + 1)));
  while (!affixes.prefix.empty() && (affixes.prefix.back() == '-' || affixes.prefix.back() == '.' ||
                                     affixes.prefix.back() == '+')) {
    affixes.prefix.pop_back();
  }
  // "001.txt" names a file.
  if (affixes.suffix.size() > 1 && affixes.suffix[0] == '.') return std::nullopt;
  if (affixes.prefix.size() > 4 || affixes.suffix.size() > 8) return std::nullopt;
  return affixes;
}

std::string Words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "\"" : ", \"") + word + "\"";
  }
  return text;
}

}  // namespace

ColumnEvidence::ColumnEvidence(std::string name) : name_(std::move(name)) {
  sample_limit_ = ~uint64_t{0};
}

void ColumnEvidence::Add(Present present, std::string_view text) {
  const int64_t row = num_rows_++;
  text = Trim(text);
  if (present == Present::kNo || text.empty()) {
    ++num_empty_;
    return;
  }
  total_length_ += static_cast<int64_t>(text.size());
  max_length_ = std::max(max_length_, static_cast<int64_t>(text.size()));
  total_words_ += CountWords(text);

  const uint64_t value_hash = Hash64(text);
  if (smallest_hashes_.size() < 2 * kSmallestHashes ||
      value_hash < smallest_hashes_[kSmallestHashes - 1]) {
    smallest_hashes_.push_back(value_hash);
    if (smallest_hashes_.size() >= 4 * kSmallestHashes) {
      std::sort(smallest_hashes_.begin(), smallest_hashes_.end());
      smallest_hashes_.erase(std::unique(smallest_hashes_.begin(), smallest_hashes_.end()),
                             smallest_hashes_.end());
      if (smallest_hashes_.size() > 2 * kSmallestHashes) {
        smallest_hashes_.resize(2 * kSmallestHashes);
      }
    }
  }
  const auto known = values_.find(std::string(text));
  if (known != values_.end()) {
    ++known->second;
  } else if (values_.size() < static_cast<size_t>(kMaxTrackedValues)) {
    values_.emplace(std::string(text), 1);
  } else {
    values_complete_ = false;
    ++untracked_;
  }
  const uint64_t row_hash = MixHash(static_cast<uint64_t>(row), 0x5eed);
  if (row_hash <= sample_limit_) {
    sample_.emplace_back(row_hash, std::string(text));
    if (sample_.size() >= 2 * kSampleRows) {
      std::nth_element(sample_.begin(), sample_.begin() + kSampleRows, sample_.end());
      sample_.resize(kSampleRows);
      sample_limit_ = std::max_element(sample_.begin(), sample_.end())->first;
    }
  }
  if (table::LooksMissing(text)) {
    ++num_looks_missing_;
    return;
  }
  static const ReadingRules kPlain;
  const std::optional<double> number = table::ReadNumber(text, kPlain);
  if (!number) return;
  if (num_plain_ == 0) {
    plain_min_ = plain_max_ = *number;
  } else if (*number == previous_number_ + 1.0) {
    ++num_sequence_;
  }
  previous_number_ = *number;
  ++num_plain_;
  plain_min_ = std::min(plain_min_, *number);
  plain_max_ = std::max(plain_max_, *number);
  const double delta = *number - plain_mean_;
  plain_mean_ += delta / static_cast<double>(num_plain_);
  plain_m2_ += delta * (*number - plain_mean_);
  if (std::floor(*number) == *number && text.find_first_of(".eE") == std::string_view::npos) {
    ++num_whole_;
  }
  if (HasLeadingZero(text)) ++num_leading_zero_;
}

std::vector<std::string> ColumnEvidence::WordsThatMeanMissing(bool for_text) const {
  std::vector<std::string> words;
  for (const auto& [value, count] : values_) {
    if (for_text ? MeansMissingInText(value) : table::LooksMissing(value)) words.push_back(value);
  }
  std::sort(words.begin(), words.end());
  return words;
}

std::optional<ColumnEvidence::Decision> ColumnEvidence::DecideNumber() const {
  const int64_t num_cells = num_rows_ - num_empty_ - num_looks_missing_;
  if (num_cells <= 0) return std::nullopt;
  Decision decision;
  decision.rules.missing_texts = WordsThatMeanMissing(false);
  // Codes such as 00501 lose their zeros as numbers.
  if (num_leading_zero_ * 20 > num_cells) return std::nullopt;
  if (num_plain_ == num_cells) {
    decision.type = num_whole_ == num_plain_ ? ColumnType::kInteger : ColumnType::kNumber;
    decision.reason = Format("all {} values are {}", FormatCount(num_plain_),
                             decision.type == ColumnType::kInteger ? "whole numbers" : "numbers");
    return decision;
  }
  // Affixes, decimal comma: judged on the sample.
  std::map<Affixes, int64_t> shapes;
  int64_t considered = 0;
  for (const auto& [hash, text] : sample_) {
    if (table::LooksMissing(text)) continue;
    ++considered;
    if (const auto affixes = AffixesOf(text)) ++shapes[*affixes];
  }
  const auto most =
      std::max_element(shapes.begin(), shapes.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == shapes.end()) return std::nullopt;
  double best_share = 0.0;
  ReadingRules best_rules = decision.rules;
  for (const char decimal : {'.', ','}) {
    ReadingRules rules = decision.rules;
    rules.prefix = most->first.prefix;
    rules.suffix = most->first.suffix;
    rules.decimal = decimal;
    int64_t readable = 0;
    for (const auto& [hash, text] : sample_) {
      if (!table::LooksMissing(text) && table::ReadNumber(text, rules)) ++readable;
    }
    const double share = static_cast<double>(readable) / static_cast<double>(considered);
    if (share > best_share) {
      best_share = share;
      best_rules = rules;
    }
  }
  if (best_share < kTypeShare) return std::nullopt;
  decision.rules = best_rules;
  decision.type = ColumnType::kNumber;
  bool whole = true;
  std::set<std::string> odd_words;
  for (const auto& [hash, text] : sample_) {
    if (table::LooksMissing(text)) continue;
    const auto number = table::ReadNumber(text, best_rules);
    if (!number) {
      odd_words.insert(text);
    } else if (std::floor(*number) != *number ||
               text.find(best_rules.decimal) != std::string::npos) {
      whole = false;
    }
  }
  if (whole) decision.type = ColumnType::kInteger;
  decision.reason = Format("{} of the values are numbers", FormatShare(best_share, 1.0));
  if (!best_rules.prefix.empty() || !best_rules.suffix.empty()) {
    decision.reason += Format(" written {}...{}", best_rules.prefix, best_rules.suffix);
  }
  if (!odd_words.empty() && odd_words.size() <= kMaxOddWords) {
    const std::vector<std::string> odd(odd_words.begin(), odd_words.end());
    decision.reason += Format("; {} read as missing", Words(odd));
    decision.rules.missing_texts.insert(decision.rules.missing_texts.end(), odd.begin(), odd.end());
  }
  return decision;
}

std::optional<ColumnEvidence::Decision> ColumnEvidence::DecideDate() const {
  Decision best;
  double best_share = 0.0;
  for (const char* order : {"ymd", "dmy", "mdy"}) {
    ReadingRules rules;
    rules.date_order = order;
    int64_t readable = 0;
    int64_t considered = 0;
    for (const auto& [hash, text] : sample_) {
      if (table::LooksMissing(text)) continue;
      ++considered;
      if (table::ReadDate(text, rules)) ++readable;
    }
    if (considered == 0) return std::nullopt;
    const double share = static_cast<double>(readable) / static_cast<double>(considered);
    if (share > best_share + 1e-9) {
      best_share = share;
      best.rules = rules;
    }
  }
  if (best_share < kTypeShare) return std::nullopt;
  // Bare digits are numbers unless the name speaks of time.
  if (num_plain_ * 2 > num_rows_ - num_empty_ && !ContainsIgnoreCase(name_, "date")) {
    return std::nullopt;
  }
  best.type = ColumnType::kDate;
  best.rules.missing_texts = WordsThatMeanMissing(false);
  best.reason = Format("{} of the values are dates ({})", FormatShare(best_share, 1.0),
                       best.rules.date_order);
  return best;
}

ColumnEvidence::Decision ColumnEvidence::DecideText() const {
  Decision decision;
  decision.rules.missing_texts = WordsThatMeanMissing(true);
  const int64_t num_cells = std::max<int64_t>(1, num_rows_ - num_empty_);
  const double mean_words = static_cast<double>(total_words_) / static_cast<double>(num_cells);
  const double distinct_share =
      values_complete_ ? static_cast<double>(values_.size()) / static_cast<double>(num_cells) : 1.0;
  if (distinct_share > 0.3 && mean_words >= 4.0 && values_.size() > 50) {
    decision.type = ColumnType::kText;
    decision.reason = Format("free text: {} words a value, {} distinct",
                             FormatSignificant(mean_words, 2), FormatShare(distinct_share, 1.0));
  } else {
    decision.type = ColumnType::kCategory;
    decision.reason = Format("{}{} distinct texts", values_complete_ ? "" : "more than ",
                             FormatCount(static_cast<int64_t>(values_.size())));
  }
  return decision;
}

ColumnEvidence::Decision ColumnEvidence::Decide() const {
  const int64_t num_cells = num_rows_ - num_empty_ - num_looks_missing_;
  if (num_cells == 0) {
    Decision decision;
    decision.type = ColumnType::kCategory;
    decision.rules.missing_texts = WordsThatMeanMissing(false);
    decision.reason = "every value is missing";
    return decision;
  }
  // Booleans: at most two distinct words, both spelled as one.
  if (values_complete_ && values_.size() <= 2 + WordsThatMeanMissing(false).size()) {
    std::set<double> seen;
    bool all = true;
    for (const auto& [value, count] : values_) {
      if (table::LooksMissing(value)) continue;
      const auto read = table::ReadBoolean(value);
      all = all && read.has_value();
      if (read) seen.insert(*read);
    }
    if (all && seen.size() == 2) {
      Decision decision;
      decision.type = ColumnType::kBoolean;
      decision.rules.missing_texts = WordsThatMeanMissing(false);
      decision.reason = "two values, yes and no";
      return decision;
    }
  }
  if (auto number = DecideNumber()) {
    if (auto date = DecideDate()) return *date;
    return *number;
  }
  if (auto date = DecideDate()) return *date;
  return DecideText();
}

void ColumnEvidence::FillNumbers(const table::ColumnSchema& column, ColumnProfile& profile) const {
  const table::ValueParser parser(column);
  std::vector<double> sample;
  int64_t sample_invalid = 0;
  int64_t sample_missing = 0;
  for (const auto& [hash, text] : sample_) {
    const table::Cell cell = parser.Parse(text);
    if (cell.state == table::CellState::kValue) sample.push_back(cell.number);
    if (cell.state == table::CellState::kInvalid) ++sample_invalid;
    if (cell.state == table::CellState::kMissing) ++sample_missing;
  }
  std::sort(sample.begin(), sample.end());
  const double scale = sample_.empty() ? 0.0
                                       : static_cast<double>(num_rows_ - num_empty_) /
                                             static_cast<double>(sample_.size());
  if (values_complete_) {
    profile.num_invalid = 0;
    profile.num_missing = num_empty_;
    for (const auto& [value, count] : values_) {
      const table::CellState state = parser.Parse(value).state;
      if (state == table::CellState::kInvalid) profile.num_invalid += count;
      if (state == table::CellState::kMissing) profile.num_missing += count;
    }
  } else {
    profile.num_invalid = std::llround(scale * static_cast<double>(sample_invalid));
    profile.num_missing = num_empty_ + std::llround(scale * static_cast<double>(sample_missing));
  }
  if (sample.empty()) return;
  for (const double level : kQuantileLevels) {
    const auto index = static_cast<size_t>(level * static_cast<double>(sample.size() - 1) + 0.5);
    profile.quantiles.push_back(sample[index]);
  }
  const bool plain = column.rules.prefix.empty() && column.rules.suffix.empty() &&
                     column.rules.decimal == '.' && column.type != ColumnType::kDate &&
                     num_plain_ > 1 && column.type != ColumnType::kBoolean;
  if (plain) {
    profile.minimum = plain_min_;
    profile.maximum = plain_max_;
    profile.mean = plain_mean_;
    profile.standard_deviation = std::sqrt(plain_m2_ / static_cast<double>(num_plain_ - 1));
    profile.quantiles.front() = plain_min_;
    profile.quantiles.back() = plain_max_;
  } else {
    double sum = 0.0;
    double squares = 0.0;
    for (const double value : sample) sum += value;
    const double mean = sum / static_cast<double>(sample.size());
    for (const double value : sample) squares += (value - mean) * (value - mean);
    profile.minimum = sample.front();
    profile.maximum = sample.back();
    profile.mean = mean;
    if (sample.size() > 1) {
      profile.standard_deviation = std::sqrt(squares / static_cast<double>(sample.size() - 1));
    }
  }
  // Between the 1st and the 99th percentile; the end bins take the tails.
  const double low = profile.quantiles[1];
  const double high = profile.quantiles[7];
  const int64_t bins = high > low ? 20 : 1;
  for (int64_t i = 0; i <= bins; ++i) {
    profile.histogram_edges.push_back(high > low ? low + (high - low) * static_cast<double>(i) /
                                                             static_cast<double>(bins)
                                                 : low + static_cast<double>(i));
  }
  profile.histogram_counts.assign(static_cast<size_t>(bins), 0);
  for (const double value : sample) {
    const double at = high > low ? (value - low) / (high - low) * static_cast<double>(bins) : 0.0;
    ++profile.histogram_counts[static_cast<size_t>(
        std::clamp(at, 0.0, static_cast<double>(bins - 1)))];
  }
}

void ColumnEvidence::FillTexts(ColumnProfile& profile) const {
  profile.num_missing = num_empty_;
  for (const std::string& word : profile.rules.missing_texts) {
    const auto found = values_.find(word);
    if (found != values_.end()) profile.num_missing += found->second;
  }
}

ColumnProfile ColumnEvidence::Finish(
    const std::optional<ColumnType>& fixed_type,
    const std::optional<std::vector<std::string>>& fixed_missing) const {
  Decision decision = Decide();
  if (fixed_type && *fixed_type != decision.type) {
    if (!table::IsNumeric(*fixed_type)) decision.rules.missing_texts = WordsThatMeanMissing(true);
    decision.type = *fixed_type;
    decision.reason = "set in the specification";
  }
  if (fixed_missing) decision.rules.missing_texts = *fixed_missing;
  ColumnProfile profile;
  profile.name = name_;
  profile.num_rows = num_rows_;
  profile.type = decision.type;
  profile.rules = decision.rules;
  profile.reason = decision.reason;
  const std::set<std::string> missing(decision.rules.missing_texts.begin(),
                                      decision.rules.missing_texts.end());
  std::vector<ValueCount> valid;
  for (const auto& [value, count] : values_) {
    if (missing.contains(value)) {
      profile.missing_words.push_back({value, count});
    } else {
      valid.push_back({value, count});
    }
  }
  const auto by_count = [](const ValueCount& a, const ValueCount& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  };
  std::sort(profile.missing_words.begin(), profile.missing_words.end(), by_count);
  std::sort(valid.begin(), valid.end(), by_count);
  profile.distinct_is_exact = values_complete_;
  profile.num_distinct = static_cast<int64_t>(valid.size());
  if (!values_complete_) {
    std::vector<uint64_t> hashes = smallest_hashes_;
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    if (hashes.size() > kSmallestHashes) {
      const double kth = UnitFromHash(hashes[kSmallestHashes - 1]);
      const int64_t estimate = std::llround(static_cast<double>(kSmallestHashes - 1) / kth);
      profile.num_distinct =
          std::max(profile.num_distinct, std::min(estimate, num_rows_ - num_empty_));
    }
  }
  const bool few = values_complete_ && valid.size() <= static_cast<size_t>(kMaxTopValues);
  if (!table::IsNumeric(profile.type) || few) {
    valid.resize(std::min(valid.size(), static_cast<size_t>(kMaxTopValues)));
    profile.top_values = std::move(valid);
  }
  if (table::IsNumeric(profile.type)) {
    FillNumbers({.name = name_, .type = profile.type, .rules = profile.rules}, profile);
  } else {
    FillTexts(profile);
  }
  const int64_t num_valid = num_rows_ - profile.num_missing - profile.num_invalid;
  profile.is_constant = profile.num_distinct <= 1;
  profile.is_unique = num_valid == num_rows_ && num_rows_ > 1 &&
                      (values_complete_ ? profile.num_distinct == num_rows_
                                        : static_cast<double>(profile.num_distinct) >
                                              0.95 * static_cast<double>(num_rows_));
  profile.is_sequence = num_rows_ > 1 && num_sequence_ == num_rows_ - 1;
  const double cells = static_cast<double>(std::max<int64_t>(1, num_rows_ - num_empty_));
  profile.mean_length = static_cast<double>(total_length_) / cells;
  profile.max_length = max_length_;
  profile.mean_words = static_cast<double>(total_words_) / cells;
  return profile;
}

}  // namespace millrace::profile
