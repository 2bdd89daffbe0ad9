// PersonalWords: common first and last names, titles and words for streets, by which columns of
// names and addresses are recognised. A few hundred words: enough to tell a column of names from
// one of products, never to tell a single word.

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::data {

/// Words are in lower case.
bool IsCommonName(std::string_view word);
bool IsNameTitle(std::string_view word);   // "mr", "mrs", "dr"
bool IsStreetWord(std::string_view word);  // "street", "rd", "strasse"

/// Returns the words of a column's name in lower case: "firstName", "first_name" -> first, name.
std::vector<std::string> NameParts(std::string_view column);

}  // namespace millrace::data
