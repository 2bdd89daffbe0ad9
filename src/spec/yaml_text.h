// Texts as YAML scalars.

#pragma once

#include <string>
#include <string_view>

namespace millrace::spec {

/// Returns `text` as a YAML scalar that reads back equal in any position: plain where it is a
/// simple name, else in double quotes. Words with a meaning (auto, null, yes, ...) are quoted.
std::string YamlText(std::string_view text);
/// As YamlText, but numbers and words stay plain: for values whose type the reader knows.
std::string YamlWord(std::string_view text);

}  // namespace millrace::spec
