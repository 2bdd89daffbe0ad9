// Fold: text in lines of a limited width.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::cli {

/// Returns `text` broken at blanks into lines of at most `width` columns; a word that is wider is
/// cut. At least one line.
std::vector<std::string> Fold(std::string_view text, int64_t width);

/// Returns the columns that standard output gives to text: those of the terminal, 80 to 100; 100
/// where it is none.
int64_t TextWidth();

}  // namespace millrace::cli
