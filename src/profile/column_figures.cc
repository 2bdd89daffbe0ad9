// The profile of a column from its evidence.

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "profile/cell_hash.h"
#include "profile/column_evidence.h"
#include "profile/text_shape.h"

namespace millrace::profile {
namespace {

using table::CellState;
using table::ColumnType;

// Of a column that arrives as numbers, so many values show its type: the most frequent ones, the
// ends and a fraction; to write all 20,000 as text would take longer than to read them.
constexpr size_t kNumbersShown = 1'000;
// A reading that was chosen early stands when this share of the later cells at most breaks it.
constexpr double kMostInvalid = 0.05;
constexpr int64_t kNumBins = 20;

bool ByCount(const ValueCount& a, const ValueCount& b) {
  return a.count != b.count ? a.count > b.count : a.value < b.value;
}

}  // namespace

std::string ColumnEvidence::TextOf(double value) const {
  std::string text = FormatDouble(value);
  // As a table of floats is written: 1.0 is no whole number's form.
  if (!is_whole_type_ && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string ColumnEvidence::TextOf(const ValueTable::Entry& entry) const {
  return is_numeric_ ? TextOf(std::bit_cast<double>(entry.bits))
                     : std::string(values_.TextOf(entry));
}

std::string_view ColumnEvidence::SampledText(size_t index) const {
  const uint32_t start = index == 0 ? 0 : sample_ends_[index - 1];
  return std::string_view(sample_bytes_).substr(start, sample_ends_[index] - start);
}

double ColumnEvidence::MeanWords() const {
  if (is_numeric_) return 1.0;
  int64_t words = later_words_;
  int64_t cells = num_later_texts_;
  for (const ValueTable::Entry& entry : values_.entries()) {
    words += entry.count * CountWords(values_.TextOf(entry));
    cells += entry.count;
  }
  return static_cast<double>(words) / static_cast<double>(std::max<int64_t>(1, cells));
}

TypeDecision ColumnEvidence::Decide() const {
  TypeEvidence evidence;
  evidence.name = name_;
  evidence.num_rows = num_rows_;
  evidence.num_empty = num_empty_;
  evidence.num_distinct = values_.size();
  // At the moment that the table is full, what it holds is the evidence.
  evidence.complete = mode_ == Mode::kCounting && !values_.full();
  evidence.mean_words = MeanWords();
  std::vector<std::string> written;
  if (is_numeric_) {
    std::vector<ValueTable::Entry> shown = values_.entries();
    if (shown.size() > kNumbersShown) {
      const auto value = [](const ValueTable::Entry& e) { return std::bit_cast<double>(e.bits); };
      const auto less = [&](const auto& a, const auto& b) { return value(a) < value(b); };
      std::vector<ValueTable::Entry> ends = {*std::min_element(shown.begin(), shown.end(), less),
                                             *std::max_element(shown.begin(), shown.end(), less)};
      for (const ValueTable::Entry& entry : shown) {
        if (std::floor(value(entry)) == value(entry)) continue;
        ends.push_back(entry);
        break;
      }
      std::stable_sort(shown.begin(), shown.end(),
                       [](const auto& a, const auto& b) { return a.count > b.count; });
      shown.resize(kNumbersShown);
      for (const ValueTable::Entry& end : ends) {
        if (std::none_of(shown.begin(), shown.end(),
                         [&](const auto& e) { return e.hash == end.hash; })) {
          shown.push_back(end);
        }
      }
      evidence.complete = false;
    }
    for (const ValueTable::Entry& entry : shown) written.push_back(TextOf(entry));
    for (size_t i = 0; i < shown.size(); ++i) {
      evidence.values.push_back({written[i], shown[i].count});
    }
    return DecideType(evidence);
  }
  const bool from_sample = mode_ != Mode::kCounting && num_sampled() > 0;
  for (const ValueTable::Entry& entry : values_.entries()) {
    const std::string_view text = values_.TextOf(entry);
    if (!from_sample || table::LooksMissing(text)) evidence.values.push_back({text, entry.count});
  }
  for (const OddText& odd : odd_) {
    if (from_sample && odd.is_missing) evidence.values.push_back({odd.text, odd.count});
  }
  for (size_t i = 0; from_sample && i < num_sampled(); ++i) {
    const std::string_view text = SampledText(i);
    if (!text.empty() && !table::LooksMissing(text)) evidence.values.push_back({text, 1});
  }
  return DecideType(evidence);
}

bool ColumnEvidence::WordsMayBeValues() const {
  return mode_ == Mode::kCounting && !fixed_.missing_texts && fixed_.more_missing_texts.empty();
}

// The decision with what the user fixed.
TypeDecision ColumnEvidence::Fixed(TypeDecision decision) const {
  if (fixed_.type && *fixed_.type != decision.type) {
    if (!table::IsNumeric(*fixed_.type)) {
      decision.rules.missing_texts.clear();
      for (const ValueTable::Entry& entry : values_.entries()) {
        const std::string text = TextOf(entry);
        if (MeansMissingInText(text)) decision.rules.missing_texts.push_back(text);
      }
      std::sort(decision.rules.missing_texts.begin(), decision.rules.missing_texts.end());
    }
    decision.type = *fixed_.type;
    decision.reason = "set in the specification";
    decision.is_notable = false;
  }
  table::ReadingRules& rules = decision.rules;
  if (fixed_.missing_texts) rules.missing_texts = *fixed_.missing_texts;
  for (const std::string& text : fixed_.more_missing_texts) {
    auto& words = rules.missing_texts;
    if (std::find(words.begin(), words.end(), text) == words.end()) words.push_back(text);
  }
  if (fixed_.decimal) rules.decimal = *fixed_.decimal;
  if (fixed_.prefix) rules.prefix = *fixed_.prefix;
  if (fixed_.suffix) rules.suffix = *fixed_.suffix;
  if (fixed_.date_order) rules.date_order = *fixed_.date_order;
  if (fixed_.magnitudes) rules.magnitudes = *fixed_.magnitudes;
  return decision;
}

// The early decision, unless the later cells say otherwise.
TypeDecision ColumnEvidence::FinalDecision() const {
  TypeDecision decision;
  if (mode_ == Mode::kCounting) {
    decision = Decide();
  } else {
    decision = provisional_;
    const int64_t later = num_later_texts_ + num_later_missing_ + num_later_invalid_;
    const bool holds = static_cast<double>(num_later_invalid_) <=
                       kMostInvalid * static_cast<double>(std::max<int64_t>(1, later));
    const bool stands = holds || fixed_.type.has_value();
    if (!stands || (mode_ == Mode::kTexts && !is_numeric_)) decision = Decide();
    for (const OddText& odd : odd_) {
      auto& words = decision.rules.missing_texts;
      if (odd.is_missing && std::find(words.begin(), words.end(), odd.text) == words.end() &&
          (table::IsNumeric(decision.type) || MeansMissingInText(odd.text))) {
        words.push_back(odd.text);
      }
    }
    if (decision.type == ColumnType::kInteger && num_later_fractions_ > 0) {
      decision.type = ColumnType::kNumber;
    }
  }
  if (num_infinite_ > 0 && decision.type == ColumnType::kInteger && !is_whole_type_) {
    decision.type = ColumnType::kNumber;
  }
  return Fixed(std::move(decision));
}

ColumnEvidence::ReadValues ColumnEvidence::Read(const table::ValueParser& parser,
                                                ColumnProfile& profile) const {
  ReadValues values;
  const bool numeric = table::IsNumeric(profile.type);
  const bool keep_texts = !numeric || values_.size() <= 2 * kMaxTopValues;
  for (const ValueTable::Entry& entry : values_.entries()) {
    table::Cell cell;
    std::string text;
    if (is_numeric_ && numeric) {
      cell = parser.FromNumber(std::bit_cast<double>(entry.bits));
    } else {
      text = TextOf(entry);
      cell = parser.Parse(text);
    }
    if (cell.state == CellState::kInvalid) {
      values.num_table_invalid += entry.count;
      continue;
    }
    if (cell.state == CellState::kMissing) {
      values.num_table_missing += entry.count;
      profile.missing_words.push_back({TextOf(entry), entry.count});
      continue;
    }
    if (numeric) values.numbers.push_back({cell.number, entry.count});
    if (keep_texts) values.texts.push_back({TextOf(entry), entry.count});
  }
  return values;
}

void ColumnEvidence::FillShape(ColumnProfile& profile) const {
  int64_t length = later_length_;
  int64_t cells = num_later_texts_;
  profile.max_length = later_max_length_;
  for (const ValueTable::Entry& entry : values_.entries()) {
    const auto size = static_cast<int64_t>(is_numeric_ ? 0 : values_.TextOf(entry).size());
    length += entry.count * size;
    cells += entry.count;
    profile.max_length = std::max(profile.max_length, size);
  }
  profile.mean_length =
      static_cast<double>(length) / static_cast<double>(std::max<int64_t>(1, cells));
  profile.mean_words = MeanWords();
}

void ColumnEvidence::FillMoments(const ReadValues& values, ColumnProfile& profile) const {
  PowerSums sums = later_;
  if (mode_ != Mode::kNumbers) {
    sums = {};
    if (!values.numbers.empty()) sums.shift = values.numbers[values.numbers.size() / 2].value;
  }
  for (const WeightedNumber& each : values.numbers) {
    sums.Add(each.value, static_cast<double>(each.count));
  }
  if (sums.count == 0) return;
  const auto n = static_cast<double>(sums.count);
  const double first = sums.sums[0] / n;
  const double second = std::max(0.0, sums.sums[1] / n - first * first);
  profile.minimum = sums.minimum;
  profile.maximum = sums.maximum;
  profile.mean = sums.shift + first;
  if (sums.count < 2) return;
  profile.standard_deviation = std::sqrt(second * n / (n - 1.0));
  if (second <= 0.0) return;
  const double third = sums.sums[2] / n - 3.0 * first * sums.sums[1] / n + 2.0 * std::pow(first, 3);
  const double fourth = sums.sums[3] / n - 4.0 * first * sums.sums[2] / n +
                        6.0 * first * first * sums.sums[1] / n - 3.0 * std::pow(first, 4);
  profile.skewness = third / std::pow(second, 1.5);
  profile.kurtosis = fourth / (second * second) - 3.0;
}

void ColumnEvidence::FillQuantiles(std::vector<WeightedNumber> numbers,
                                   ColumnProfile& profile) const {
  const auto less = [](const auto& a, const auto& b) { return a.value < b.value; };
  const bool each_once =
      std::all_of(numbers.begin(), numbers.end(), [](const auto& n) { return n.count == 1; });
  // A sample needs no order but at the levels.
  if (!each_once) std::sort(numbers.begin(), numbers.end(), less);
  int64_t total = 0;
  for (const WeightedNumber& each : numbers) total += each.count;
  if (total == 0) return;
  size_t at = 0;
  int64_t below = 0;  // cells before numbers[at]
  for (const double level : kQuantileLevels) {
    const auto index = static_cast<int64_t>(level * static_cast<double>(total - 1) + 0.5);
    if (each_once) {
      const auto begin = numbers.begin() + static_cast<std::ptrdiff_t>(at);
      at = static_cast<size_t>(index);
      std::nth_element(begin, numbers.begin() + static_cast<std::ptrdiff_t>(at), numbers.end(),
                       less);
    } else {
      while (below + numbers[at].count <= index) below += numbers[at++].count;
    }
    profile.quantiles.push_back(numbers[at].value);
  }
  if (profile.minimum) profile.quantiles.front() = *profile.minimum;
  if (profile.maximum) profile.quantiles.back() = *profile.maximum;
  // Between the 1st and the 99th percentile; the end bins take the tails.
  const double low = profile.quantiles[1];
  const double high = profile.quantiles[7];
  const int64_t bins = high > low ? kNumBins : 1;
  for (int64_t i = 0; i <= bins; ++i) {
    profile.histogram_edges.push_back(high > low ? low + (high - low) * static_cast<double>(i) /
                                                             static_cast<double>(bins)
                                                 : low + static_cast<double>(i));
  }
  profile.histogram_counts.assign(static_cast<size_t>(bins), 0);
  for (const WeightedNumber& each : numbers) {
    const double bin =
        high > low ? (each.value - low) / (high - low) * static_cast<double>(bins) : 0.0;
    profile.histogram_counts[static_cast<size_t>(
        std::clamp(bin, 0.0, static_cast<double>(bins - 1)))] += each.count;
  }
}

int64_t ColumnEvidence::EstimateDistinct() const {
  DistinctSketch all = distinct_;
  for (const ValueTable::Entry& entry : values_.entries()) all.Add(entry.hash * kSketchSpread);
  return std::llround(all.Estimate());
}

ColumnProfile ColumnEvidence::Finish() const {
  const TypeDecision decision = FinalDecision();
  ColumnProfile profile;
  profile.name = name_;
  profile.num_rows = num_rows_;
  profile.type = decision.type;
  profile.rules = decision.rules;
  profile.reason = decision.reason;
  profile.is_notable = decision.is_notable;
  const table::ValueParser parser({.name = name_, .type = profile.type, .rules = profile.rules});
  ReadValues values = Read(parser, profile);
  for (const OddText& odd : odd_) {
    if (odd.is_missing) profile.missing_words.push_back({odd.text, odd.count});
  }
  std::sort(profile.missing_words.begin(), profile.missing_words.end(), ByCount);
  profile.num_missing = num_empty_ + values.num_table_missing + num_later_missing_;
  const bool complete = mode_ == Mode::kCounting;
  const bool numeric = table::IsNumeric(profile.type);
  // What was no number is a text of a category, when the column ends as one.
  profile.num_invalid =
      num_infinite_ + values.num_table_invalid + (numeric ? num_later_invalid_ : 0);
  const int64_t num_valid = num_rows_ - profile.num_missing - profile.num_invalid;
  const auto num_values =
      static_cast<int64_t>(numeric ? values.numbers.size() : values.texts.size());
  profile.distinct_is_exact = complete;
  profile.num_distinct =
      complete
          ? num_values
          : std::max(num_values, std::min(EstimateDistinct(), std::max<int64_t>(0, num_valid)));
  if (numeric) {
    FillMoments(values, profile);
    std::vector<WeightedNumber> numbers = std::move(values.numbers);
    if (!complete) {
      numbers.clear();
      const table::Column sampled = SampledValues(profile, num_rows_);
      for (int64_t i = 0; i < sampled.size(); ++i) {
        if (sampled.valid(i)) numbers.push_back({sampled.number(i), 1});
      }
    }
    profile.quantiles_are_exact = complete;
    FillQuantiles(std::move(numbers), profile);
  }
  const bool few = complete && num_values <= kMaxTopValues;
  if (!numeric || few) {
    const auto shown = std::min(values.texts.size(), static_cast<size_t>(kMaxTopValues));
    std::partial_sort(values.texts.begin(),
                      values.texts.begin() + static_cast<std::ptrdiff_t>(shown), values.texts.end(),
                      ByCount);
    values.texts.resize(shown);
    profile.top_values = std::move(values.texts);
  }
  profile.is_constant = profile.num_distinct <= 1;
  profile.is_unique = num_valid == num_rows_ && num_rows_ > 1 &&
                      (complete ? profile.num_distinct == num_rows_
                                : static_cast<double>(profile.num_distinct) >
                                      0.95 * static_cast<double>(num_rows_));
  profile.is_sequence = num_rows_ > 1 && is_rising_ && num_empty_ == 0;
  FillShape(profile);
  return profile;
}

table::Column ColumnEvidence::SampledValues(const ColumnProfile& profile, int64_t max_rows) const {
  const table::ValueParser parser({.name = name_, .type = profile.type, .rules = profile.rules});
  const bool numeric = table::IsNumeric(profile.type);
  table::Column column(profile.type);
  const size_t num_rows = std::min(num_sampled(), static_cast<size_t>(max_rows));
  for (size_t k = 0; k < num_rows; ++k) {
    const size_t i = k * num_sampled() / num_rows;
    table::Cell cell;
    std::string text;
    if (is_numeric_ && std::isnan(sample_numbers_[i])) {
      column.AppendMissing();
      continue;
    }
    if (is_numeric_ && numeric) {
      cell = parser.FromNumber(sample_numbers_[i]);
    } else if (is_numeric_) {
      text = TextOf(sample_numbers_[i]);
      cell = parser.Parse(text);
    } else {
      cell = parser.Parse(SampledText(i));
    }
    if (cell.state != CellState::kValue) {
      column.AppendMissing();
    } else if (numeric) {
      column.AppendNumber(cell.number);
    } else {
      column.AppendText(cell.text);
    }
  }
  return column;
}

}  // namespace millrace::profile
