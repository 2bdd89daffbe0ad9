// Words: sentences and column names as comparable words.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::design {

/// Returns the lower-case words of a sentence or a column name: split at anything that is neither
/// letter nor digit, at "aB" and between letters and digits ("SalePrice" -> sale, price).
std::vector<std::string> WordsOf(std::string_view text);

/// Returns a crude stem of an English word, so that "churned", "churners" and "churn" agree. Pure.
std::string Stem(std::string_view word);

/// Returns true when two words have one stem or are listed as meaning the same ("leave", "exited").
bool MeanTheSame(std::string_view a, std::string_view b);

}  // namespace millrace::design
