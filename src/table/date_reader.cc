#include "table/date_reader.h"

#include <array>
#include <cstdint>

#include "base/clock.h"
#include "base/text.h"

namespace millrace::table {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Takes tokens off the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  bool Take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void SkipSpaces() {
    while (peek() == ' ') ++at_;
  }
  // Takes digits; `length` tells how many.
  int64_t Number(int* length) {
    int64_t value = 0;
    *length = 0;
    while (IsDigit(peek()) && *length < 15) {
      value = value * 10 + (text_[at_++] - '0');
      ++*length;
    }
    return value;
  }
  // Takes a word written in any case.
  bool TakeWord(std::string_view lower) {
    if (text_.size() - at_ < lower.size()) return false;
    for (size_t i = 0; i < lower.size(); ++i) {
      if (Lower(text_[at_ + i]) != lower[i]) return false;
    }
    at_ += lower.size();
    return true;
  }
  // Takes the name of a day of the week or its first three letters, with a comma or space behind.
  void SkipDayOfWeek() {
    static constexpr std::array<std::string_view, 7> kDays = {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    if (!IsLetter(peek())) return;
    const size_t start = at_;
    for (const std::string_view day : kDays) {
      if ((TakeWord(day) || TakeWord(day.substr(0, 3))) && (peek() == ',' || peek() == ' ')) {
        Take(',');
        SkipSpaces();
        return;
      }
      at_ = start;
    }
  }
  // Takes letters and returns 1..12 for a month's name or its first three letters, else 0.
  int Month() {
    static constexpr std::array<std::string_view, 12> kMonths = {
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december"};
    const size_t start = at_;
    while (IsLetter(peek())) ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    if (word.size() < 3) return 0;
    for (size_t m = 0; m < kMonths.size(); ++m) {
      if (word.size() > kMonths[m].size()) continue;
      if (word.size() != 3 && word.size() != kMonths[m].size()) continue;
      bool same = true;
      for (size_t i = 0; i < word.size(); ++i) same = same && Lower(word[i]) == kMonths[m][i];
      if (same) return static_cast<int>(m) + 1;
    }
    return 0;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

struct Day {
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
};

int64_t FullYear(int64_t year, int length) {
  if (length == 2) return year < 70 ? 2000 + year : 1900 + year;
  return year;
}

// Reads the date at the front.
std::optional<Day> ReadDay(Scanner& scanner, std::string_view order) {
  int first_length = 0;
  if (IsLetter(scanner.peek())) {  // Jan 31, 2024
    const int month = scanner.Month();
    scanner.Take('.');
    scanner.SkipSpaces();
    int length = 0;
    scanner.Take('-');
    const int64_t day = scanner.Number(&length);
    if (month != 0 && length == 4) return Day{day, month, 1};  // Jan 2024
    if (month == 0 || length == 0 || length > 2) return std::nullopt;
    scanner.Take(',');
    scanner.SkipSpaces();
    const int64_t year = scanner.Number(&length);
    if (length != 4) return std::nullopt;
    return Day{year, month, day};
  }
  const int64_t first = scanner.Number(&first_length);
  if (first_length == 8) return Day{first / 10000, first / 100 % 100, first % 100};
  if (first_length == 0 || first_length == 3 || first_length > 4) return std::nullopt;
  const char separator = scanner.peek();
  if (separator != '-' && separator != '/' && separator != '.' && separator != ' ') {
    return std::nullopt;
  }
  scanner.Take(separator);
  int second_length = 0;
  int64_t second = 0;
  bool named_month = false;
  if (IsLetter(scanner.peek())) {
    second = scanner.Month();
    if (second == 0) return std::nullopt;
    named_month = true;
    scanner.Take('.');
  } else {
    if (separator == ' ') return std::nullopt;
    second = scanner.Number(&second_length);
    if (second_length == 0 || second_length > 2) return std::nullopt;
  }
  if (scanner.done() && first_length == 4 && (second_length == 2 || named_month) &&
      (separator == '-' || separator == '/')) {
    return Day{first, second, 1};  // 2024-01
  }
  if (separator == ' ') scanner.Take(',');  // 31 January, 2024
  if (!scanner.Take(separator)) return std::nullopt;
  int third_length = 0;
  const int64_t third = scanner.Number(&third_length);
  if (first_length == 4) {
    if (third_length == 0 || third_length > 2) return std::nullopt;
    return Day{first, second, third};
  }
  if (third_length != 4 && third_length != 2) return std::nullopt;
  if (named_month) return Day{FullYear(third, third_length), second, first};
  if (order == "ymd" && third_length == 2) {
    return first_length == 2 ? std::optional<Day>(Day{FullYear(first, 2), second, third})
                             : std::nullopt;
  }
  const int64_t year = FullYear(third, third_length);
  if (order == "dmy") return Day{year, second, first};
  if (order == "mdy") return Day{year, first, second};
  return std::nullopt;
}

// Reads "12:30", "12:30:05.25", "1:05 PM"; seconds of the day.
std::optional<double> ReadTime(Scanner& scanner) {
  int length = 0;
  int64_t hour = scanner.Number(&length);
  if (length == 0 || length > 2 || !scanner.Take(':')) return std::nullopt;
  const int64_t minute = scanner.Number(&length);
  if (length != 2 || minute > 59) return std::nullopt;
  double seconds = 0.0;
  if (scanner.Take(':')) {
    const int64_t whole = scanner.Number(&length);
    if (length != 2 || whole > 60) return std::nullopt;
    seconds = static_cast<double>(whole);
    if (scanner.Take('.')) {
      double unit = 1.0;
      const int64_t fraction = scanner.Number(&length);
      if (length == 0) return std::nullopt;
      for (int i = 0; i < length; ++i) unit *= 10.0;
      seconds += static_cast<double>(fraction) / unit;
    }
  }
  scanner.SkipSpaces();
  const char half = Lower(scanner.peek());
  if (half == 'a' || half == 'p') {
    scanner.Take(scanner.peek());
    if (!scanner.Take('m') && !scanner.Take('M')) return std::nullopt;
    if (hour < 1 || hour > 12) return std::nullopt;
    hour = hour % 12 + (half == 'p' ? 12 : 0);
  }
  if (hour > 24 || (hour == 24 && (minute > 0 || seconds > 0.0))) return std::nullopt;
  return static_cast<double>(hour * 3600 + minute * 60) + seconds;
}

// Reads "Z", "+02:00", "-0500", or nothing; seconds east of UTC.
std::optional<double> ReadOffset(Scanner& scanner) {
  if (scanner.done() || scanner.Take('Z') || scanner.Take('z')) return 0.0;
  if (scanner.TakeWord("utc") || scanner.TakeWord("gmt")) {
    if (scanner.done()) return 0.0;
  }
  const bool east = scanner.Take('+');
  if (!east && !scanner.Take('-')) return std::nullopt;
  int length = 0;
  int64_t hours = scanner.Number(&length);
  int64_t minutes = 0;
  if (length == 4) {
    minutes = hours % 100;
    hours /= 100;
  } else if (length != 2) {
    return std::nullopt;
  } else if (scanner.Take(':')) {
    minutes = scanner.Number(&length);
    if (length != 2) return std::nullopt;
  }
  if (hours > 14 || minutes > 59) return std::nullopt;
  const double seconds = static_cast<double>(hours * 3600 + minutes * 60);
  return east ? seconds : -seconds;
}

constexpr double kLastSecond = 253402300799.0;  // of the year 9999

// Reads digits, with a fraction or not, as time since 1970 in 1 / `per_second` seconds.
std::optional<double> ReadEpoch(std::string_view text, double per_second) {
  const bool before = !text.empty() && text.front() == '-';
  Scanner scanner(before ? text.substr(1) : text);
  int length = 0;
  double value = static_cast<double>(scanner.Number(&length));
  if (length == 0 || length > 15) return std::nullopt;
  if (scanner.Take('.')) {
    const int64_t fraction = scanner.Number(&length);
    if (length == 0) return std::nullopt;
    double unit = 1.0;
    for (int i = 0; i < length; ++i) unit *= 10.0;
    value += static_cast<double>(fraction) / unit;
  }
  value /= per_second;
  if (!scanner.done() || value > kLastSecond) return std::nullopt;
  return before ? -value : value;
}

}  // namespace

std::optional<double> ReadDateText(std::string_view text, std::string_view order) {
  if (order == "seconds" || order == "milliseconds") {
    if (const auto time = ReadEpoch(text, order == "seconds" ? 1.0 : 1000.0)) return time;
    order = "ymd";
  }
  if (text.size() < 6 || text.size() > 48) return std::nullopt;
  Scanner scanner(text);
  scanner.SkipDayOfWeek();
  const std::optional<Day> day = ReadDay(scanner, order);
  if (!day || day->month < 1 || day->month > 12 || day->year < 1 || day->year > 9999 ||
      !IsValidDate(day->year, static_cast<int>(day->month), static_cast<int>(day->day))) {
    return std::nullopt;
  }
  double seconds =
      86400.0 * static_cast<double>(DaysFromCivil(day->year, static_cast<int>(day->month),
                                                  static_cast<int>(day->day)));
  if (scanner.done()) return seconds;
  scanner.Take(',');
  if (!scanner.Take('T') && !scanner.Take('t') && !scanner.Take(' ')) return std::nullopt;
  scanner.SkipSpaces();
  const std::optional<double> time = ReadTime(scanner);
  if (!time) return std::nullopt;
  scanner.SkipSpaces();
  const std::optional<double> offset = ReadOffset(scanner);
  if (!offset || !scanner.done()) return std::nullopt;
  return seconds + *time - *offset;
}

}  // namespace millrace::table
