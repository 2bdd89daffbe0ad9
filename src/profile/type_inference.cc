#include "profile/type_inference.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "profile/number_form.h"
#include "profile/text_shape.h"
#include "table/value_parser.h"

namespace millrace::profile {
namespace {

using table::ColumnType;
using table::ReadingRules;

constexpr double kTypeShare = 0.95;
// With few odd words without a digit and this many different values, a smaller share is enough.
constexpr double kSmallTypeShare = 0.5;
constexpr int64_t kManyValues = 10;
constexpr size_t kMostSpellings = 12;
// Values without one date among them after which no more are tried, and those whose day is looked
// at.
constexpr size_t kHopeless = 500;
constexpr int64_t kDaysLookedAt = 1'000;
// One order of day and month is right when in so many more rows the date is not earlier than
// before.
constexpr int64_t kRisingMargin = 2;
constexpr double kProseWords = 4.0;
constexpr double kProseDistinct = 0.3;
constexpr int64_t kFewestProse = 50;
// Points in time that columns hold: 1700 to 2199 as text, 2001 to 2039 as seconds of the epoch.
constexpr int64_t kFirstYear = 1700;
constexpr int64_t kLastYear = 2199;
constexpr double kFirstEpoch = 1e9;
constexpr double kLastEpoch = 2.2e9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsAllDigits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

bool HasLeadingZero(std::string_view text) {
  return text.size() > 1 && text[0] == '0' && IsAllDigits(text);
}

std::string Words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "\"" : ", \"") + word + "\"";
  return text;
}

// "pickup_zipCode" -> pickup, zip, code.
std::vector<std::string> WordsOfName(std::string_view name) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool upper = c >= 'A' && c <= 'Z';
    const bool letter = upper || (c >= 'a' && c <= 'z');
    const bool after_lower = i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if (!letter || (upper && after_lower)) words.emplace_back();
    if (letter) words.back() += upper ? static_cast<char>(c + 32) : c;
  }
  std::erase(words, "");
  return words;
}

bool NameHolds(std::string_view name, const std::set<std::string_view>& known) {
  const std::vector<std::string> words = WordsOfName(name);
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return known.contains(word); });
}

// Numbers of these names are codes: nothing is twice as much as another.
bool IsNamedAsCode(std::string_view name) {
  static const std::set<std::string_view> kWords = {
      "zip", "zipcode", "postcode", "postal", "postalcode", "plz",   "fips",
      "ssn", "isbn",    "ean",      "upc",    "iban",       "phone", "telephone"};
  return NameHolds(name, kWords);
}

bool IsNamedAsTime(std::string_view name) {
  static const std::set<std::string_view> kWords = {
      "time",    "timestamp", "date", "datetime", "ts",     "epoch", "created",
      "updated", "modified",  "at",   "when",     "posted", "since"};
  return NameHolds(name, kWords) || ContainsIgnoreCase(name, "date") ||
         ContainsIgnoreCase(name, "time");
}

bool IsInfinite(std::string_view word) {
  if (word.starts_with('-') || word.starts_with('+')) word.remove_prefix(1);
  return EqualsIgnoreCase(word, "inf") || EqualsIgnoreCase(word, "infinity");
}

std::string KindWords(ColumnType type) {
  return type == ColumnType::kInteger ? "whole numbers" : "numbers";
}

void AddMissing(TypeDecision& decision, const std::vector<std::string>& words) {
  auto& known = decision.rules.missing_texts;
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) == known.end()) known.push_back(word);
  }
}

bool HasMissing(const TypeEvidence& evidence) {
  return evidence.num_empty > 0 ||
         std::any_of(evidence.values.begin(), evidence.values.end(),
                     [](const WeightedText& v) { return table::LooksMissing(v.text); });
}

// Whether odd words among numbers or dates can stand for missing.
bool MayBeMissingWords(int64_t num_readable, int64_t num_values, int64_t num_cells, size_t num_odd,
                       bool odd_has_digit) {
  const double share = static_cast<double>(num_readable) / static_cast<double>(num_cells);
  if (num_odd == 0) return true;
  if (num_odd > kMaxOddWords) return share >= kTypeShare && num_values >= kManyValues;
  if (num_values < kManyValues) return !odd_has_digit && share >= kTypeShare;
  return share >= (odd_has_digit ? kTypeShare : kSmallTypeShare);
}

std::optional<TypeDecision> DecideBoolean(const TypeEvidence& evidence) {
  if (!evidence.complete) return std::nullopt;
  std::set<double> seen;
  std::vector<std::string> spellings;
  for (const WeightedText& value : evidence.values) {
    if (table::LooksMissing(value.text)) continue;
    const auto read = table::ReadBoolean(value.text);
    if (!read || spellings.size() >= kMostSpellings) return std::nullopt;
    seen.insert(*read);
    spellings.emplace_back(value.text);
  }
  if (seen.size() != 2) return std::nullopt;
  TypeDecision decision;
  decision.type = ColumnType::kBoolean;
  decision.rules.missing_texts = WordsThatMeanMissing(evidence, MissingIn::kNumbers);
  decision.reason = spellings.size() == 2 ? "two values, yes and no"
                                          : Format("{} spellings of yes and no", spellings.size());
  decision.is_notable = spellings.size() > 2;
  return decision;
}

// Digits that are no quantity: with leading zeros, or of a name that says so.
std::optional<TypeDecision> DecideCode(const TypeEvidence& evidence) {
  int64_t num_cells = 0;
  int64_t num_digits = 0;
  int64_t num_leading = 0;
  std::string_view example;
  std::set<size_t> lengths;
  for (const WeightedText& value : evidence.values) {
    if (table::LooksMissing(value.text)) continue;
    num_cells += value.count;
    if (!IsAllDigits(value.text)) continue;
    num_digits += value.count;
    lengths.insert(value.text.size());
    if (HasLeadingZero(value.text)) {
      if (example.empty()) example = value.text;
      num_leading += value.count;
    }
  }
  if (num_cells == 0 || num_digits * 2 < num_cells) return std::nullopt;
  const bool same_length = lengths.size() == 1 && *lengths.begin() >= 3;
  TypeDecision decision;
  decision.type = ColumnType::kCategory;
  decision.is_notable = true;
  if (num_leading * 20 > num_cells || (num_leading > 0 && same_length)) {
    decision.reason = Format("codes: \"{}\" would lose its zero as a number", example);
  } else if (IsNamedAsCode(evidence.name) && num_digits * 20 >= num_cells * 19 &&
             !lengths.empty() && *lengths.begin() >= 3) {
    decision.reason = "codes, as the name says: no quantity";
  } else {
    return std::nullopt;
  }
  decision.rules.missing_texts = WordsThatMeanMissing(evidence, MissingIn::kText);
  return decision;
}

// Whole numbers that count seconds or milliseconds since 1970.
std::optional<TypeDecision> DecideEpoch(const TypeEvidence& evidence) {
  if (!IsNamedAsTime(evidence.name)) return std::nullopt;
  const ReadingRules plain;
  int64_t num_seconds = 0;
  int64_t num_millis = 0;
  int64_t num_cells = 0;
  for (const WeightedText& value : evidence.values) {
    if (table::LooksMissing(value.text)) continue;
    num_cells += value.count;
    const auto number = table::ReadNumber(value.text, plain);
    if (!number) continue;
    if (*number >= kFirstEpoch && *number <= kLastEpoch) num_seconds += value.count;
    if (*number >= kFirstEpoch * 1e3 && *number <= kLastEpoch * 1e3) num_millis += value.count;
  }
  if (num_cells == 0 || std::max(num_seconds, num_millis) < num_cells) return std::nullopt;
  TypeDecision decision;
  decision.type = ColumnType::kDate;
  decision.is_notable = true;
  decision.rules.missing_texts = WordsThatMeanMissing(evidence, MissingIn::kNumbers);
  decision.rules.date_order = num_seconds > 0 ? "seconds" : "milliseconds";
  decision.reason = Format("{} since 1970, all between 2001 and 2039", decision.rules.date_order);
  return decision;
}

// Cells that read as dates in an order, and how often the next one is not earlier.
struct DateForm {
  ReadingRules rules;
  int64_t num_cells = 0;
  int64_t num_readable = 0;
  int64_t num_values = 0;
  int64_t num_rising = 0;
  int64_t num_plain_digits = 0;
  int64_t num_first_days = 0;
  double earliest = 1e300;
  double latest = -1e300;
  std::set<std::string> odd;
  bool odd_has_digit = false;
};

DateForm ReadAsDates(const TypeEvidence& evidence, const char* order) {
  static const double kFirst = 86400.0 * static_cast<double>(DaysFromCivil(kFirstYear, 1, 1));
  static const double kLast = 86400.0 * static_cast<double>(DaysFromCivil(kLastYear + 1, 1, 1));
  DateForm form;
  form.rules.date_order = order;
  double previous = -1e300;
  size_t num_looked_at = 0;
  for (const WeightedText& value : evidence.values) {
    if (++num_looked_at > kHopeless && form.num_values == 0) break;
    if (table::LooksMissing(value.text)) continue;
    form.num_cells += value.count;
    const auto date = table::ReadDate(value.text, form.rules);
    // A far date such as 9999-12-31 stands for "never": it is readable and set aside later.
    const bool never = date && value.text.find("9999") != std::string_view::npos;
    if (!date || ((*date < kFirst || *date >= kLast) && !never)) {
      if (form.odd.size() <= kMaxOddWords) form.odd.emplace(value.text);
      form.odd_has_digit =
          form.odd_has_digit || std::any_of(value.text.begin(), value.text.end(), IsDigit);
      continue;
    }
    form.num_readable += value.count;
    ++form.num_values;
    if (IsAllDigits(value.text)) form.num_plain_digits += value.count;
    // Days beyond the first ones are not looked at: what is no row of months shows early.
    const bool look = form.num_values <= kDaysLookedAt;
    const std::string written = look ? FormatUtc(static_cast<int64_t>(*date * 1e6)) : "";
    if (!look || (written.size() >= 10 && written.compare(8, 2, "01") == 0)) ++form.num_first_days;
    if (*date >= previous) ++form.num_rising;
    form.earliest = std::min(form.earliest, *date);
    form.latest = std::max(form.latest, *date);
    previous = *date;
  }
  return form;
}

enum class Preference { kFirst, kSecond, kNone };

// Tells two readings of the same cells apart. The one that reads more wins. With years of two
// digits, that of the smaller span ("31/12/23" is no day of 2031). Else time mostly moves on from
// row to row, and months begin on their first day.
Preference Compare(const DateForm& a, const DateForm& b) {
  const auto by = [](bool first) { return first ? Preference::kFirst : Preference::kSecond; };
  if (a.num_readable != b.num_readable) return by(a.num_readable > b.num_readable);
  const double span_a = a.latest - a.earliest;
  const double span_b = b.latest - b.earliest;
  const bool other_year = a.rules.date_order == "ymd" || b.rules.date_order == "ymd";
  if (other_year) return by(span_a < span_b);
  const bool months_a = a.num_first_days == a.num_values;
  const bool months_b = b.num_first_days == b.num_values;
  if (months_a != months_b) return by(months_a);
  if (std::abs(a.num_rising - b.num_rising) >= kRisingMargin) {
    return by(a.num_rising > b.num_rising);
  }
  return a.earliest == b.earliest && a.latest == b.latest && span_a == 0.0 ? Preference::kSecond
                                                                           : Preference::kNone;
}

std::optional<TypeDecision> DecideDate(const TypeEvidence& evidence) {
  std::optional<DateForm> best;
  bool tie = false;
  for (const char* order : {"ymd", "dmy", "mdy"}) {
    DateForm form = ReadAsDates(evidence, order);
    if (form.num_readable == 0) continue;
    const Preference preference = best ? Compare(form, *best) : Preference::kFirst;
    tie = preference == Preference::kNone || (tie && preference == Preference::kSecond);
    if (preference == Preference::kFirst) best = std::move(form);
  }
  if (!best || !MayBeMissingWords(best->num_readable, best->num_values, best->num_cells,
                                  best->odd.size(), best->odd_has_digit)) {
    return std::nullopt;
  }
  const double share =
      static_cast<double>(best->num_readable) / static_cast<double>(best->num_cells);
  if (share < kTypeShare && best->odd.size() > kMaxOddWords) return std::nullopt;
  // Bare digits are numbers unless the name speaks of time.
  if (best->num_plain_digits * 2 > best->num_cells && !IsNamedAsTime(evidence.name)) {
    return std::nullopt;
  }
  TypeDecision decision;
  decision.type = ColumnType::kDate;
  decision.rules = best->rules;
  decision.rules.missing_texts = WordsThatMeanMissing(evidence, MissingIn::kNumbers);
  decision.reason =
      Format("{} of the values are dates ({})", FormatShare(share, 1.0), best->rules.date_order);
  if (tie) decision.reason += "; day and month could change places, the day is taken to come first";
  decision.is_notable = best->rules.date_order != "ymd" || best->num_plain_digits > 0;
  if (!best->odd.empty() && best->odd.size() <= kMaxOddWords) {
    const std::vector<std::string> odd(best->odd.begin(), best->odd.end());
    decision.reason += Format("; {} read as missing", Words(odd));
    decision.is_notable = true;
    AddMissing(decision, odd);
  }
  for (const WeightedText& value : evidence.values) {
    if (value.text.find("9999") == std::string_view::npos) continue;
    const auto date = table::ReadDate(value.text, best->rules);
    if (!date || FormatUtc(static_cast<int64_t>(*date * 1e6)).compare(0, 4, "9999") != 0) continue;
    AddMissing(decision, {std::string(value.text)});
    decision.reason += Format("; \"{}\" stands for never", value.text);
    decision.is_notable = true;
  }
  return decision;
}

std::optional<TypeDecision> DecideNumber(const TypeEvidence& evidence) {
  NumberForm form = ReadAsNumbers(evidence, {});
  if (form.num_cells <= 0) return std::nullopt;
  TypeDecision decision;
  if (form.num_readable < form.num_cells) {
    auto other = FindNumberForm(evidence);
    if (other && other->num_readable > form.num_readable) form = std::move(*other);
    auto multiplied = FindMagnitudeForm(evidence);
    if (multiplied && multiplied->num_readable > form.num_readable) form = std::move(*multiplied);
  }
  if (!MayBeMissingWords(form.num_readable, form.num_values, form.num_cells, form.odd_words.size(),
                         form.odd_has_digit)) {
    return std::nullopt;
  }
  decision.rules = form.rules;
  decision.rules.missing_texts = WordsThatMeanMissing(evidence, MissingIn::kNumbers);
  decision.type = form.is_whole ? ColumnType::kInteger : ColumnType::kNumber;
  const bool floats_of_a_tool =
      !form.is_whole && form.is_written_whole && form.has_point_zero && HasMissing(evidence);
  if (floats_of_a_tool) decision.type = ColumnType::kInteger;
  const bool all = form.num_readable == form.num_cells;
  if (all && evidence.complete) {
    decision.reason =
        Format("all {} values are {}", FormatCount(form.num_readable), KindWords(decision.type));
  } else {
    decision.reason = Format(
        "{} of the values are {}",
        FormatShare(static_cast<double>(form.num_readable) / static_cast<double>(form.num_cells),
                    1.0),
        KindWords(decision.type));
  }
  if (floats_of_a_tool) {
    decision.reason += ", written with \".0\" because some are missing";
    decision.is_notable = true;
  }
  if (!form.rules.prefix.empty() || !form.rules.suffix.empty()) {
    decision.reason += Format(" written {}...{}", form.rules.prefix, form.rules.suffix);
    decision.is_notable = true;
  }
  if (form.rules.magnitudes) {
    decision.reason += ", k and M behind them multiply";
    decision.is_notable = true;
  }
  if (form.rules.decimal == ',') {
    decision.reason += " with a decimal comma";
    decision.is_notable = true;
  }
  if (!form.odd_words.empty() && form.odd_words.size() <= kMaxOddWords) {
    std::vector<std::string> odd = form.odd_words;
    const auto is_infinite = [](const std::string& word) { return IsInfinite(word); };
    const bool infinite = std::any_of(odd.begin(), odd.end(), is_infinite);
    std::erase_if(odd, is_infinite);
    if (!odd.empty()) decision.reason += Format("; {} read as missing", Words(odd));
    if (infinite) decision.reason += "; values without bound read as missing";
    decision.is_notable = true;
    AddMissing(decision, form.odd_words);
  }
  if (const auto sentinel = FindSentinel(evidence, form.rules)) {
    decision.reason += Format("; {} in {} cells stands for missing: {}", Words(sentinel->texts),
                              FormatCount(sentinel->count), sentinel->why);
    decision.is_notable = true;
    AddMissing(decision, sentinel->texts);
  }
  return decision;
}

TypeDecision DecideText(const TypeEvidence& evidence) {
  TypeDecision decision;
  decision.rules.missing_texts = WordsThatMeanMissing(evidence, MissingIn::kText);
  const int64_t num_cells = std::max<int64_t>(1, evidence.num_rows - evidence.num_empty);
  const double distinct_share = evidence.complete ? static_cast<double>(evidence.num_distinct) /
                                                        static_cast<double>(num_cells)
                                                  : 1.0;
  if (distinct_share > kProseDistinct && evidence.mean_words >= kProseWords &&
      evidence.num_distinct > kFewestProse) {
    decision.type = ColumnType::kText;
    decision.reason =
        Format("free text: {} words a value, {} distinct",
               FormatSignificant(evidence.mean_words, 2), FormatShare(distinct_share, 1.0));
  } else {
    decision.type = ColumnType::kCategory;
    decision.reason = Format("{}{} distinct texts", evidence.complete ? "" : "more than ",
                             FormatCount(evidence.num_distinct));
  }
  return decision;
}

}  // namespace

std::vector<std::string> WordsThatMeanMissing(const TypeEvidence& evidence, MissingIn where) {
  std::set<std::string> words;
  for (const WeightedText& value : evidence.values) {
    const bool missing = where == MissingIn::kText ? MeansMissingInText(value.text)
                                                   : table::LooksMissing(value.text);
    if (missing) words.emplace(value.text);
  }
  return {words.begin(), words.end()};
}

TypeDecision DecideType(const TypeEvidence& evidence) {
  const bool nothing = std::all_of(evidence.values.begin(), evidence.values.end(),
                                   [](const auto& v) { return table::LooksMissing(v.text); });
  if (nothing) {
    TypeDecision decision;
    decision.rules.missing_texts = WordsThatMeanMissing(evidence, MissingIn::kNumbers);
    decision.reason = "every value is missing";
    return decision;
  }
  if (auto decision = DecideBoolean(evidence)) return *decision;
  if (auto decision = DecideCode(evidence)) return *decision;
  if (auto decision = DecideEpoch(evidence)) return *decision;
  if (auto decision = DecideDate(evidence)) return *decision;
  if (auto decision = DecideNumber(evidence)) return *decision;
  return DecideText(evidence);
}

}  // namespace millrace::profile
