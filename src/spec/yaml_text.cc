#include "spec/yaml_text.h"

#include <algorithm>

#include "base/text.h"
#include "json/text.h"

namespace millrace::spec {
namespace {

constexpr std::string_view kReserved[] = {"auto", "null", "none", "true", "false", "yes",
                                          "no",   "on",   "off",  "y",    "n"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsPlainSign(char c) {
  return IsLetter(c) || IsDigit(c) || c == '.' || c == '/' || c == '-' || c == '+';
}

bool AllPlain(std::string_view text) { return std::ranges::all_of(text, IsPlainSign); }

std::string Quoted(std::string_view text) {
  // JSON leaves DEL as it is; the reader takes no raw control characters.
  return ReplaceAll(json::Quote(text), "\x7f", "\\x7f");
}

}  // namespace

std::string YamlText(std::string_view text) {
  const bool reserved = std::ranges::any_of(
      kReserved, [&](std::string_view word) { return EqualsIgnoreCase(word, text); });
  if (text.empty() || reserved || !IsLetter(text[0]) || !AllPlain(text)) return Quoted(text);
  return std::string(text);
}

std::string YamlWord(std::string_view text) {
  if (!text.empty() && (IsLetter(text[0]) || IsDigit(text[0])) && AllPlain(text) &&
      !EqualsIgnoreCase(text, "null")) {
    return std::string(text);
  }
  return Quoted(text);
}

}  // namespace millrace::spec
