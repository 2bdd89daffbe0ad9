// Terms: texts as comparable words and as sentences.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::guide {

/// Returns the lower-case stems of a text's words, in order; words that say nothing ("the", "of",
/// "how") are left out unless nothing else is there.
std::vector<std::string> TermsOf(std::string_view text);

/// Returns the sentences of a text, each with its full stop; joined by a space they are the text.
std::vector<std::string_view> SentencesOf(std::string_view text);

}  // namespace millrace::guide
