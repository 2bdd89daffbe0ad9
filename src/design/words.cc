#include "design/words.h"

#include <algorithm>
#include <array>

namespace millrace::design {
namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Bytes of UTF-8 beyond ASCII count as letters, so that names in any language stay whole.
bool IsLetter(char c) { return IsUpper(c) || IsLower(c) || static_cast<unsigned char>(c) >= 128; }

bool StartsWord(char before, char now) {
  return (IsLower(before) && IsUpper(now)) || (IsDigit(before) != IsDigit(now));
}

// Words that name one outcome; stems, one group a line.
constexpr std::string_view kGroups[][8] = {
    {"churn", "leav", "left", "exit", "attrition", "quit", "cancel", "resign"},
    {"surviv", "die", "death", "dead"},
    {"income", "earn", "salary", "wage", "pay"},
    {"price", "cost", "worth", "value"},
    {"count", "cnt", "number", "rent", "rental", "demand"},
    {"quality", "rat", "score", "grade"},
    {"default", "repay"},
    {"class", "species", "kind", "type", "category", "label"},
    {"purchase", "buy", "bought", "convert", "subscrib"},
    {"fraud", "fraudulent"},
    {"sick", "disease", "ill", "diagnosis"},
};

}  // namespace

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto flush = [&] {
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (!IsLetter(c) && !IsDigit(c)) {
      flush();
      continue;
    }
    if (!word.empty() && StartsWord(text[i - 1], c)) flush();
    word.push_back(IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c);
  }
  flush();
  return words;
}

std::string Stem(std::string_view word) {
  if (word == "species") return std::string(word);
  constexpr std::array<std::string_view, 9> kEndings = {"ers", "ing", "ed", "er", "es",
                                                        "is",  "e",   "s",  "or"};
  for (const std::string_view ending : kEndings) {
    if (word.size() >= ending.size() + 3 && word.ends_with(ending)) {
      word.remove_suffix(ending.size());
      break;
    }
  }
  return std::string(word);
}

bool MeanTheSame(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const std::string left = Stem(a);
  const std::string right = Stem(b);
  if (left == right) return true;
  for (const auto& group : kGroups) {
    const auto holds = [&](const std::string& stem) {
      return std::any_of(std::begin(group), std::end(group), [&](std::string_view member) {
        return !member.empty() && Stem(member) == stem;
      });
    };
    if (holds(left) && holds(right)) return true;
  }
  return false;
}

}  // namespace millrace::design
