#include "feature/text_statistics.h"

#include <cstdint>

namespace millrace::feature {
namespace {

struct StatisticRow {
  TextStatistic statistic;
  std::string_view name;
};
constexpr StatisticRow kStatistics[] = {
    {TextStatistic::kDigits, "digits"},
    {TextStatistic::kPunctuation, "punctuation"},
    {TextStatistic::kUpperShare, "upper_share"},
    {TextStatistic::kMeanWordLength, "mean_word_length"},
};

constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr bool IsPunctuation(char c) {
  return c > ' ' && c < 0x7f && !IsDigit(c) && !IsUpper(c) && !IsLower(c);
}
constexpr bool StartsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

template <typename Test>
int64_t Count(std::string_view text, Test test) {
  int64_t count = 0;
  for (const char c : text) count += test(c) ? 1 : 0;
  return count;
}

double UpperShare(std::string_view text) {
  const int64_t upper = Count(text, IsUpper);
  const int64_t letters = upper + Count(text, IsLower);
  return letters == 0 ? 0.0 : static_cast<double>(upper) / static_cast<double>(letters);
}

double MeanWordLength(std::string_view text) {
  int64_t words = 0;
  int64_t length = 0;
  bool before = false;  // within a word
  for (const char c : text) {
    const bool within = !IsSpace(c);
    words += within && !before ? 1 : 0;
    length += within && StartsCodePoint(c) ? 1 : 0;
    before = within;
  }
  return words == 0 ? 0.0 : static_cast<double>(length) / static_cast<double>(words);
}

}  // namespace

std::string_view TextStatisticName(TextStatistic statistic) {
  for (const StatisticRow& row : kStatistics) {
    if (row.statistic == statistic) return row.name;
  }
  return "digits";
}

std::optional<TextStatistic> TextStatisticFromName(std::string_view name) {
  for (const StatisticRow& row : kStatistics) {
    if (row.name == name) return row.statistic;
  }
  return std::nullopt;
}

double TextStatisticOf(TextStatistic statistic, std::string_view text) {
  switch (statistic) {
    case TextStatistic::kDigits:
      return static_cast<double>(Count(text, IsDigit));
    case TextStatistic::kPunctuation:
      return static_cast<double>(Count(text, IsPunctuation));
    case TextStatistic::kUpperShare:
      return UpperShare(text);
    case TextStatistic::kMeanWordLength:
      return MeanWordLength(text);
  }
  return 0.0;
}

}  // namespace millrace::feature
