#include "table/value_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "table/date_reader.h"

namespace millrace::table {
namespace {

constexpr size_t kMaxNumberLength = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Compares without case and without allocation.
bool IsWord(std::string_view text, std::string_view lower_word) {
  if (text.size() != lower_word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != lower_word[i]) return false;
  }
  return true;
}

bool IsGroupSign(char c, char decimal) {
  return c == ' ' || c == '\'' || c == '_' || (c == ',' && decimal == '.') ||
         (c == '.' && decimal == ',');
}

// Thousands come in groups of three after the first group: "1,234,567"; "1,23" is refused.
// Writes the number in C form; returns its length, 0 when malformed.
size_t Normalise(std::string_view text, char decimal, std::array<char, kMaxNumberLength>& out) {
  size_t length = 0;
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
    if (text[i] == '-') out[length++] = '-';
    ++i;
  }
  int64_t group_digits = -1;  // digits since the last group sign; -1 before the first
  int64_t whole_digits = 0;
  char group_sign = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (IsDigit(c)) {
      out[length++] = c;
      ++whole_digits;
      if (group_digits >= 0) ++group_digits;
    } else if (IsGroupSign(c, decimal) && whole_digits > 0) {
      if (group_sign != 0 && c != group_sign) return 0;
      if (group_digits >= 0 ? group_digits != 3 : whole_digits > 3) return 0;
      group_sign = c;
      group_digits = 0;
    } else {
      break;
    }
  }
  if (group_digits >= 0 && group_digits != 3) return 0;
  bool fraction = false;
  if (i < text.size() && text[i] == decimal) {
    out[length++] = '.';
    for (++i; i < text.size() && IsDigit(text[i]); ++i) {
      out[length++] = text[i];
      fraction = true;
    }
  }
  if (whole_digits == 0 && !fraction) return 0;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    out[length++] = 'e';
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) {
      if (text[i] == '-') out[length++] = '-';
      ++i;
    }
    if (i == text.size()) return 0;
    for (; i < text.size() && IsDigit(text[i]); ++i) out[length++] = text[i];
  }
  return i == text.size() ? length : 0;
}

std::string_view WithoutAffixes(std::string_view text, const ReadingRules& rules) {
  // A sign may stand before the prefix: -$5.
  if (!rules.prefix.empty() && text.starts_with(rules.prefix)) {
    text = Trim(text.substr(rules.prefix.size()));
  }
  if (!rules.suffix.empty() && text.ends_with(rules.suffix)) {
    text = Trim(text.substr(0, text.size() - rules.suffix.size()));
  }
  return text;
}

std::optional<double> ReadPlainNumber(std::string_view text, char decimal) {
  if (text.empty() || text.size() >= kMaxNumberLength) return std::nullopt;
  std::array<char, kMaxNumberLength> digits;
  const size_t length = Normalise(text, decimal, digits);
  if (length == 0) return std::nullopt;
  double value = 0.0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + length, value);
  if (end != digits.data() + length) return std::nullopt;
  // An underflow (only a negative exponent gets there) reads as zero; an overflow is no number that
  // can be used.
  if (error == std::errc::result_out_of_range) {
    const std::string_view written(digits.data(), length);
    return written.find("e-") != std::string_view::npos ? std::optional<double>(0.0) : std::nullopt;
  }
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> ReadNumber(std::string_view text, const ReadingRules& rules) {
  text = Trim(text);
  if (!rules.prefix.empty() && text.size() > 1 && text.front() == '-' &&
      text.substr(1).starts_with(rules.prefix)) {
    const auto value = ReadPlainNumber(WithoutAffixes(text.substr(1), rules), rules.decimal);
    return value ? std::optional<double>(-*value) : std::nullopt;
  }
  return ReadPlainNumber(WithoutAffixes(text, rules), rules.decimal);
}

std::optional<double> ReadBoolean(std::string_view text) {
  text = Trim(text);
  for (const std::string_view word : {"true", "yes", "y", "t", "on", "1", "1.0", "ja", "oui"}) {
    if (IsWord(text, word)) return 1.0;
  }
  for (const std::string_view word : {"false", "no", "n", "f", "off", "0", "0.0", "nein", "non"}) {
    if (IsWord(text, word)) return 0.0;
  }
  return std::nullopt;
}

std::optional<double> ReadDate(std::string_view text, const ReadingRules& rules) {
  return ReadDateText(Trim(text), rules.date_order);
}

bool LooksMissing(std::string_view text) {
  text = Trim(text);
  if (text.empty()) return true;
  for (const std::string_view word :
       {"na", "n/a", "nan", "null", "none", "?", "-", "#n/a", "nil", "<na>", "missing"}) {
    if (IsWord(text, word)) return true;
  }
  return false;
}

ValueParser::ValueParser(const ColumnSchema& column) : type_(column.type), rules_(column.rules) {}

Cell ValueParser::Parse(std::string_view text) const {
  text = Trim(text);
  if (text.empty()) return Cell{};
  for (const std::string& missing : rules_.missing_texts) {
    if (text == missing) return Cell{};
  }
  std::optional<double> value;
  switch (type_) {
    case ColumnType::kCategory:
    case ColumnType::kText:
      return Cell{.state = CellState::kValue, .text = text};
    case ColumnType::kBoolean:
      value = ReadBoolean(text);
      break;
    case ColumnType::kDate:
      value = ReadDate(text, rules_);
      break;
    case ColumnType::kInteger:
    case ColumnType::kNumber:
      value = ReadNumber(text, rules_);
      break;
  }
  if (!value) {
    // A NaN that was written out is a missing number.
    if (type_ != ColumnType::kBoolean && IsWord(text, "nan")) return Cell{};
    return Cell{.state = CellState::kInvalid, .text = text};
  }
  if (type_ == ColumnType::kInteger && std::floor(*value) != *value) {
    return Cell{.state = CellState::kInvalid, .text = text};
  }
  return Cell{.state = CellState::kValue, .number = *value};
}

Cell ValueParser::FromNumber(double value) const {
  if (std::isnan(value)) return Cell{};
  const bool holds = std::isfinite(value) && IsNumeric(type_) &&
                     (type_ != ColumnType::kInteger || std::floor(value) == value) &&
                     (type_ != ColumnType::kBoolean || value == 0.0 || value == 1.0);
  if (!holds) return Cell{.state = CellState::kInvalid};
  return Cell{.state = CellState::kValue, .number = value};
}

}  // namespace millrace::table
