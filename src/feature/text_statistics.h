// Numbers that describe the signs of a text, whatever it says.

#pragma once

#include <optional>
#include <string_view>

namespace millrace::feature {

enum class TextStatistic {
  kDigits,          // how many ASCII digits
  kPunctuation,     // how many ASCII signs that are neither letters, digits nor spaces
  kUpperShare,      // share of ASCII letters that are capital, [0, 1]; 0 without letters
  kMeanWordLength,  // code points per run between white space; 0 without one
};
std::string_view TextStatisticName(TextStatistic statistic);  // "digits", ...
std::optional<TextStatistic> TextStatisticFromName(std::string_view name);

/// Returns the statistic; finite, 0 for the empty text. No allocation.
double TextStatisticOf(TextStatistic statistic, std::string_view text);

}  // namespace millrace::feature
