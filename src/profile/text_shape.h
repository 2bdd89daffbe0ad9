// Small facts of a text. Internal to the folder.

#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::profile {

/// Returns the number of words between white space.
int64_t CountWords(std::string_view text);

/// Returns true for the words that mean missing in any column: "NA", "?", "null". "None" and "-"
/// are kept as categories, because real categories are called so.
bool MeansMissingInText(std::string_view text);

}  // namespace millrace::profile
