#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "base/format.h"

namespace millrace {
namespace {

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

char LowerOf(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

struct Unit {
  std::string_view name;  // lower case
  double factor;
};

constexpr Unit kDurationUnits[] = {{"us", 1e-6},  {"ms", 1e-3},   {"s", 1.0},
                                   {"sec", 1.0},  {"min", 60.0},  {"m", 60.0},
                                   {"h", 3600.0}, {"d", 86400.0}, {"w", 604800.0}};
constexpr Unit kByteUnits[] = {{"b", 1.0},         {"kb", 1e3},           {"mb", 1e6},
                               {"gb", 1e9},        {"tb", 1e12},          {"kib", 1024.0},
                               {"mib", 1048576.0}, {"gib", 1073741824.0}, {"tib", 1099511627776.0}};

// Reads "<number><spaces><unit>"; a bare number has factor 1.
std::optional<double> ParseWithUnit(std::string_view text, std::span<const Unit> units) {
  text = Trim(text);
  size_t digits = 0;
  while (digits < text.size() &&
         ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.')) {
    ++digits;
  }
  // An exponent, as the shortest form of a very small or large number has it: "1e-07s".
  if (digits + 1 < text.size() && text[digits] == 'e') {
    size_t end = digits + 1;
    if (text[end] == '-' || text[end] == '+') ++end;
    const size_t first = end;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end > first) digits = end;
  }
  const std::optional<double> number = ParseDouble(text.substr(0, digits));
  if (!number) return std::nullopt;
  const std::string unit = ToLower(Trim(text.substr(digits)));
  if (unit.empty()) return number;
  for (const Unit& known : units) {
    if (known.name == unit) return *number * known.factor;
  }
  return std::nullopt;
}

// Removes the zeros after the decimal point of "1.500" and "1.50e-07".
std::string WithoutTrailingZeros(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  const size_t exponent = std::min(text.find('e'), text.size());
  size_t end = exponent;
  while (text[end - 1] == '0') --end;
  if (text[end - 1] == '.') --end;
  text.erase(end, exponent - end);
  return text;
}

std::string NonFinite(double value) {
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

std::string OneDecimal(double value, std::string_view unit) {
  return value < 9.95 ? Format("{:.1f} {}", value, unit) : Format("{:.0f} {}", value, unit);
}

// Returns the length of the well-formed UTF-8 sequence at the start of `text`; 0 when malformed.
// Table 3-7 of the Unicode standard.
size_t SequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < low || byte(1) > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  return length;
}

}  // namespace

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string ToLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = LowerOf(c);
  return lower;
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string Join(std::span<const std::string> parts, std::string_view separator) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += separator;
    joined += parts[i];
  }
  return joined;
}

std::string ReplaceAll(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return std::string(text);
  std::string replaced;
  while (true) {
    const size_t found = text.find(from);
    replaced += text.substr(0, found);
    if (found == std::string_view::npos) return replaced;
    replaced += to;
    text.remove_prefix(found + from.size());
  }
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return LowerOf(x) == LowerOf(y); });
}

bool ContainsIgnoreCase(std::string_view text, std::string_view part) {
  const auto equal = [](char x, char y) { return LowerOf(x) == LowerOf(y); };
  return part.empty() ||
         std::search(text.begin(), text.end(), part.begin(), part.end(), equal) != text.end();
}

int64_t EditDistance(std::string_view a, std::string_view b) {
  // Three rows of the table of distances between prefixes: two before, one before, this one.
  std::vector<int64_t> before(b.size() + 1);
  std::vector<int64_t> last(b.size() + 1);
  std::vector<int64_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), int64_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = static_cast<int64_t>(i) + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const int64_t replaced = last[j] + (a[i] == b[j] ? 0 : 1);
      row[j + 1] = std::min({replaced, row[j] + 1, last[j + 1] + 1});
      const bool swapped = i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j];
      if (swapped) row[j + 1] = std::min(row[j + 1], before[j - 1] + 1);
    }
  }
  return row.back();
}

std::vector<std::string> NearestNames(std::string_view name, std::span<const std::string> known,
                                      int64_t limit) {
  // Very long names are nobody's typing mistake; the distance would cost their product.
  constexpr size_t kLongestName = 200;
  if (name.empty() || name.size() > kLongestName) return {};
  const std::string lower = ToLower(name);
  std::vector<std::pair<int64_t, std::string>> near;
  for (const std::string& candidate : known) {
    if (candidate.empty() || candidate.size() > kLongestName) continue;
    const std::string other = ToLower(candidate);
    const int64_t distance = EditDistance(lower, other);
    const auto longer = static_cast<int64_t>(std::max(lower.size(), other.size()));
    const bool contains =
        std::min(lower.size(), other.size()) >= 3 &&
        (other.find(lower) != std::string::npos || lower.find(other) != std::string::npos);
    if (3 * distance <= longer || contains) near.emplace_back(distance, candidate);
  }
  std::ranges::sort(near);
  std::vector<std::string> names;
  for (auto& [distance, candidate] : near) {
    if (static_cast<int64_t>(names.size()) == limit) break;
    names.push_back(std::move(candidate));
  }
  return names;
}

std::string DidYouMean(std::string_view name, std::span<const std::string> known) {
  const std::vector<std::string> names = NearestNames(name, known);
  if (names.empty()) return "";
  std::string text = "did you mean ";
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += Format("\"{}\"", names[i]);
  }
  return text + '?';
}

std::string FormatDouble(double value) {
  if (!std::isfinite(value)) return NonFinite(value);
  std::array<char, 32> buffer;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), result.ptr);
}

std::string FormatSignificant(double value, int digits) {
  if (!std::isfinite(value)) return NonFinite(value);
  return WithoutTrailingZeros(Format("{:.{}g}", value, std::max(digits, 1)));
}

std::string FormatFixed(double value, int decimals) {
  if (!std::isfinite(value)) return NonFinite(value);
  std::string text = Format("{:.{}f}", value, std::max(decimals, 0));
  // "-0.00" reads as an error.
  if (text[0] == '-' && text.find_first_of("123456789") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string FormatFigure(double value) {
  const double size = std::abs(value);
  if (!(size >= 1e3 && size < 1e15)) return FormatSignificant(value, 4);
  return FormatCount(std::llround(value));
}

std::string FormatFigure(double value, double resolution) {
  const double size = std::abs(value);
  if (!(resolution > 0.0) || !std::isfinite(resolution) || !(size < 1e15) ||
      std::max(size, resolution) < 1e-6) {
    return FormatFigure(value);
  }
  const int decimals = std::clamp(1 - static_cast<int>(std::floor(std::log10(resolution))), 0, 8);
  if (decimals == 0) return FormatCount(std::llround(value));
  std::string text = FormatFixed(value, decimals);
  if (size < 1e3) return text;
  const size_t point = text.find('.');
  const std::string whole = FormatCount(static_cast<int64_t>(std::trunc(value)));
  // Rounding may carry into the whole part: then the plain form is right.
  return FormatFixed(std::trunc(value), 0) == text.substr(0, point) ? whole + text.substr(point)
                                                                    : text;
}

std::string FormatCount(int64_t count) {
  std::string digits = Format("{}", count);
  const size_t first = digits[0] == '-' ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string FormatBytes(int64_t bytes) {
  constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
  const double size = static_cast<double>(bytes);
  if (std::fabs(size) < 1000.0) return Format("{} B", bytes);
  double scaled = size / 1000.0;
  size_t unit = 0;
  // 899.5 kB and more reads better as 0.9 MB.
  while (std::fabs(scaled) >= 899.5 && unit + 1 < std::size(kUnits)) {
    scaled /= 1000.0;
    ++unit;
  }
  return OneDecimal(scaled, kUnits[unit]);
}

std::string FormatDuration(double seconds) {
  if (!std::isfinite(seconds)) return NonFinite(seconds);
  if (seconds < 0) return "-" + FormatDuration(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 0.9995e-3) return OneDecimal(seconds * 1e6, "us");
  if (seconds < 0.9995) return OneDecimal(seconds * 1e3, "ms");
  if (seconds < 59.5) return OneDecimal(seconds, "s");
  if (seconds > 1e15) return Format("{:.3g} d", seconds / 86400.0);
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  const auto two_parts = [](int64_t large, std::string_view large_unit, int64_t small,
                            std::string_view small_unit) {
    if (small == 0) return Format("{} {}", large, large_unit);
    return Format("{} {} {} {}", large, large_unit, small, small_unit);
  };
  if (whole < 3600) return two_parts(whole / 60, "min", whole % 60, "s");
  const int64_t minutes = (whole + 30) / 60;
  if (minutes < 1440) return two_parts(minutes / 60, "h", minutes % 60, "min");
  const int64_t hours = (whole + 1800) / 3600;
  return two_parts(hours / 24, "d", hours % 24, "h");
}

std::string WithArticle(std::string_view noun) {
  const bool is_vowel = !noun.empty() && ToLower(noun).find_first_of("aeiou") == 0;
  return Format("{} {}", is_vowel ? "an" : "a", noun);
}

std::string FormatShare(double numerator, double denominator) {
  if (denominator == 0.0) return "-";
  return FormatFixed(100.0 * numerator / denominator, 1) + " %";
}

std::string Ellipsize(std::string_view text, int64_t width) {
  if (CountCodePoints(text) <= width) return std::string(text);
  const int64_t kept = std::max<int64_t>(width - 3, 0);
  int64_t seen = 0;
  size_t end = 0;
  while (end < text.size()) {
    if (!IsContinuation(text[end]) && ++seen > kept) break;
    ++end;
  }
  const auto dots = static_cast<size_t>(std::clamp<int64_t>(width, 0, 3));
  return std::string(text.substr(0, end)) + std::string(dots, '.');
}

int64_t CountCodePoints(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return !IsContinuation(c); });
}

bool IsValidUtf8(std::string_view bytes) { return ValidUtf8Prefix(bytes) == bytes.size(); }

size_t ValidUtf8Prefix(std::string_view bytes) {
  size_t end = 0;
  while (end < bytes.size()) {
    const size_t length = SequenceLength(bytes.substr(end));
    if (length == 0) break;
    end += length;
  }
  return end;
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      out += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

std::optional<int64_t> ParseInt(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

std::optional<double> ParseDouble(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  // from_chars accepts "inf" and "nan": a number starts with a digit or a point.
  const size_t first = text.starts_with('-') ? 1 : 0;
  if (first >= text.size()) return std::nullopt;
  if (text[first] != '.' && (text[first] < '0' || text[first] > '9')) return std::nullopt;
  double value = 0.0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  if (result.ptr != end) return std::nullopt;
  if (result.ec == std::errc::result_out_of_range) {
    // Too small is zero or a subnormal, too large is refused; from_chars does not say which.
    const size_t exponent = text.find_first_of("eE");
    const bool tiny = exponent == std::string_view::npos
                          ? text.find_first_of("123456789") > text.find('.')
                          : text.substr(exponent + 1).starts_with('-');
    return tiny ? std::optional<double>(first == 1 ? -0.0 : 0.0) : std::nullopt;
  }
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<double> ParseDuration(std::string_view text) {
  const std::optional<double> seconds = ParseWithUnit(text, kDurationUnits);
  if (!seconds || !std::isfinite(*seconds)) return std::nullopt;
  return seconds;
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  const std::optional<double> bytes = ParseWithUnit(text, kByteUnits);
  if (!bytes || !(*bytes < 9.2e18)) return std::nullopt;
  return static_cast<int64_t>(std::llround(*bytes));
}

}  // namespace millrace
