#include "profile/number_form.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "table/value_parser.h"

namespace millrace::profile {
namespace {

using table::ReadingRules;

constexpr size_t kMaxPrefix = 4;
constexpr size_t kMaxSuffix = 12;
// A number stands for missing when at least this share of the cells, and this many, hold it.
constexpr double kSentinelShare = 0.005;
constexpr int64_t kSentinelCount = 5;
constexpr size_t kSentinelOthers = 10;
constexpr double kSentinelGap = 2.0;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool HasDigit(std::string_view text) { return std::any_of(text.begin(), text.end(), IsDigit); }

// Returns whether `text` is empty or one of the words of `known`, which stand between spaces.
bool IsOneOf(std::string_view text, std::string_view known) {
  if (text.empty()) return true;
  return Format(" {} ", known).find(Format(" {} ", ToLower(text))) != std::string::npos;
}

constexpr std::string_view kCurrencies =
    "$ \xe2\x82\xac \xc2\xa3 \xc2\xa5 \xe2\x82\xb9 # usd eur gbp jpy inr chf aud cad cny sek nok "
    "dkk "
    "rs rs. r$ us$ ca$ a$ c$ kr kr. fr. rm s$ hk$ nz$";

// Units that stand right behind a number.
constexpr std::string_view kUnits =
    "% $ \xe2\x82\xac \xc2\xa3 \xc2\xa5 \xe2\x82\xb9 \xc2\xb0 \xc2\xb0"
    "c \xc2\xb0"
    "f kg g mg t lb lbs oz cm mm m km mi ft in yd l ml cl cc gal kmpl km/kg mpg kmh km/h mph m/s "
    "kph "
    "hp bhp ps kw kwh w mw mwh v mv a ma mah nm rpm kb mb gb tb kib mib gib hz khz mhz ghz ms s "
    "sec "
    "secs min mins h hr hrs hours hour d day days week weeks month months mo yr yrs year years y "
    "pt "
    "pts x px dpi ppm ppb db pa kpa hpa bar psi c f cal kcal j kj usd eur gbp chf inr kr sqft sqm "
    "m2 "
    "m3 ha ac acres pct percent";

struct Affixes {
  std::string prefix;
  std::string suffix;
  friend auto operator<=>(const Affixes&, const Affixes&) = default;
};

// Returns what stands before the first and after the last digit of a text that may hold a number.
std::optional<Affixes> AffixesOf(std::string_view text) {
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    text = Trim(text.substr(1, text.size() - 2));
  }
  size_t first = text.find_first_of("0123456789");
  if (first == std::string_view::npos) return std::nullopt;
  const size_t last = text.find_last_of("0123456789");
  while (first > 0 &&
         (text[first - 1] == '-' || text[first - 1] == '.' || text[first - 1] == '+')) {
    --first;
  }
  Affixes affixes;
  std::string_view prefix = Trim(text.substr(0, first));
  if (!prefix.empty() && (prefix.front() == '-' || prefix.front() == '+')) {
    prefix = Trim(prefix.substr(1));
  }
  const std::string_view suffix = text.substr(last + 1);
  affixes.prefix = std::string(prefix);
  affixes.suffix = std::string(Trim(suffix));
  // "001.txt" names a file, "5:" a place.
  if (affixes.suffix.size() > 1 && affixes.suffix[0] == '.') return std::nullopt;
  if (affixes.suffix == ".") affixes.suffix.clear();
  if (affixes.prefix.size() > kMaxPrefix || affixes.suffix.size() > kMaxSuffix) return std::nullopt;
  if (!IsOneOf(affixes.prefix, kCurrencies)) return std::nullopt;
  const bool apart = !suffix.empty() && suffix.front() == ' ';
  if (!apart && !IsOneOf(affixes.suffix, kUnits)) return std::nullopt;
  if (apart && affixes.suffix.find(' ') != std::string::npos) return std::nullopt;
  return affixes;
}

// Returns the letter of "5k", "$1.2M" in lower case, 0 where none stands behind the number; nothing
// where the rest is no number.
std::optional<char> MagnitudeLetter(std::string_view text) {
  if (text.empty() || !HasDigit(text)) return std::nullopt;
  std::string_view rest = text;
  char letter = 0;
  if (!IsDigit(text.back()) && text.back() != ')') {
    const std::string end = ToLower(text.substr(text.size() - std::min<size_t>(2, text.size())));
    const size_t length = end == "bn" ? 2 : 1;
    letter = length == 2 ? 'b' : end.back();
    if (letter != 'k' && letter != 'm' && letter != 'b') return std::nullopt;
    rest = Trim(text.substr(0, text.size() - length));
    if (rest.empty() || !IsDigit(rest.back())) return std::nullopt;
  }
  return letter;
}

bool IsPlainWhole(std::string_view text) { return text.find_first_of(".eE,") == text.npos; }

bool EndsInPointZero(std::string_view text) { return text.size() > 2 && text.ends_with(".0"); }

bool IsNines(double value) {
  for (double nines = 99.0; nines < 1e10; nines = nines * 10.0 + 9.0) {
    if (std::abs(value) == nines) return true;
  }
  return value == -9.0;
}

bool MayStandForMissing(double value) {
  return IsNines(value) || value == -200.0 || value == -100.0 || value == -1000.0 ||
         value == -32768.0 || value == -2147483648.0;
}

}  // namespace

NumberForm ReadAsNumbers(const TypeEvidence& evidence, const ReadingRules& rules) {
  NumberForm form;
  form.rules = rules;
  std::set<std::string> odd;
  for (const WeightedText& value : evidence.values) {
    if (table::LooksMissing(value.text)) continue;
    form.num_cells += value.count;
    const auto number = table::ReadNumber(value.text, rules);
    if (!number) {
      if (odd.size() <= kMaxOddWords) odd.emplace(value.text);
      form.odd_has_digit = form.odd_has_digit || HasDigit(value.text);
      continue;
    }
    form.num_readable += value.count;
    ++form.num_values;
    const bool whole = std::floor(*number) == *number;
    const bool point_zero = whole && rules.decimal == '.' && EndsInPointZero(value.text);
    form.has_point_zero = form.has_point_zero || point_zero;
    // A comma may only group thousands where the point is the decimal sign.
    const bool plain =
        value.text.find_first_of(rules.decimal == '.' ? ".eE" : ",eE") == std::string_view::npos;
    form.is_whole = form.is_whole && whole && plain;
    form.is_written_whole =
        form.is_written_whole && whole && (point_zero || IsPlainWhole(value.text));
  }
  form.odd_words.assign(odd.begin(), odd.end());
  return form;
}

std::optional<NumberForm> FindNumberForm(const TypeEvidence& evidence) {
  std::map<Affixes, int64_t> shapes;
  for (const WeightedText& value : evidence.values) {
    if (table::LooksMissing(value.text)) continue;
    if (const auto affixes = AffixesOf(value.text)) shapes[*affixes] += value.count;
  }
  if (shapes.empty()) return std::nullopt;
  // Prefix and suffix are each optional when reading, so "$5" and "5" go together; the most common
  // affix that is there at all decides.
  Affixes best;
  int64_t most = 0;
  for (const auto& [affixes, count] : shapes) {
    if (affixes.prefix.empty() && affixes.suffix.empty()) continue;
    if (count > most) {
      most = count;
      best = affixes;
    }
  }
  std::optional<NumberForm> found;
  for (const char decimal : {'.', ','}) {
    ReadingRules rules;
    rules.prefix = best.prefix;
    rules.suffix = best.suffix;
    rules.decimal = decimal;
    NumberForm form = ReadAsNumbers(evidence, rules);
    if (!found || form.num_readable > found->num_readable) found = std::move(form);
  }
  return found;
}

std::optional<NumberForm> FindMagnitudeForm(const TypeEvidence& evidence) {
  bool any = false;
  std::map<std::string, int64_t> prefixes;
  for (const WeightedText& value : evidence.values) {
    if (table::LooksMissing(value.text)) continue;
    const auto letter = MagnitudeLetter(value.text);
    if (!letter) continue;
    any = any || *letter == 'k' || *letter == 'm';
    const size_t digits = value.text.find_last_of("0123456789");
    if (const auto affixes = AffixesOf(value.text.substr(0, digits + 1))) {
      prefixes[affixes->prefix] += value.count;
    }
  }
  if (!any) return std::nullopt;
  ReadingRules rules;
  rules.magnitudes = true;
  int64_t most = 0;
  for (const auto& [prefix, count] : prefixes) {
    if (prefix.empty() || count <= most) continue;
    most = count;
    rules.prefix = prefix;
  }
  return ReadAsNumbers(evidence, rules);
}

std::optional<Sentinel> FindSentinel(const TypeEvidence& evidence, const ReadingRules& rules) {
  std::map<double, int64_t> counts;
  for (const WeightedText& value : evidence.values) {
    if (table::LooksMissing(value.text)) continue;
    if (const auto number = table::ReadNumber(value.text, rules)) counts[*number] += value.count;
  }
  if (counts.size() <= kSentinelOthers) return std::nullopt;
  int64_t num_cells = 0;
  for (const auto& [number, count] : counts) num_cells += count;
  const auto lowest = counts.begin();
  const auto highest = std::prev(counts.end());
  for (const auto& end : {lowest, highest}) {
    const double value = end->first;
    if (!MayStandForMissing(value) || end->second < kSentinelCount ||
        static_cast<double>(end->second) < kSentinelShare * static_cast<double>(num_cells)) {
      continue;
    }
    const bool is_low = end == lowest;
    const double nearest = is_low ? std::next(lowest)->first : std::prev(highest)->first;
    const double range = is_low ? highest->first - nearest : nearest - lowest->first;
    const bool is_far = std::abs(value - nearest) > kSentinelGap * range;
    const bool is_only_negative = is_low && value < 0.0 && nearest >= 0.0;
    if (!is_far && !is_only_negative) continue;
    Sentinel sentinel{.value = value, .texts = {}, .count = end->second, .why = ""};
    std::set<std::string> texts;
    for (const WeightedText& text : evidence.values) {
      if (table::ReadNumber(text.text, rules) == value) texts.emplace(text.text);
    }
    sentinel.texts.assign(texts.begin(), texts.end());
    sentinel.why = is_far ? "far from all other values" : "the only negative value, and repeated";
    return sentinel;
  }
  return std::nullopt;
}

}  // namespace millrace::profile
