#include "guide/terms.h"

#include <algorithm>
#include <iterator>

namespace millrace::guide {
namespace {

constexpr std::string_view kEmptyWords[] = {
    "a",    "an",    "and", "are",  "as",  "at",   "be",   "by", "can",   "do",  "does",
    "for",  "from",  "has", "how",  "i",   "in",   "is",   "it", "its",   "my",  "of",
    "on",   "or",    "our", "that", "the", "then", "this", "to", "too",   "was", "what",
    "when", "which", "why", "with", "you", "your", "me",   "if", "should"};

bool IsWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 128;
}

bool SaysNothing(std::string_view word) {
  return std::find(std::begin(kEmptyWords), std::end(kEmptyWords), word) != std::end(kEmptyWords);
}

// A light stemmer: plural, then -ing, -ed and a final e, so that "splits", "splitting" and "split"
// come close ("splitt" and "split" meet by the doubled letter).
std::string StemOf(std::string word) {
  const auto drop = [&word](std::string_view ending, size_t keep) {
    if (word.size() < ending.size() + keep || !word.ends_with(ending)) return false;
    word.resize(word.size() - ending.size());
    return true;
  };
  if (word.ends_with("ies") && word.size() > 4) {
    word.replace(word.size() - 3, 3, "y");
  } else if (!word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is")) {
    drop("s", 3);
  }
  if (drop("ing", 3) || drop("ed", 3)) {
    const size_t n = word.size();
    const bool doubled = word[n - 1] == word[n - 2] && word[n - 1] != 'l' && word[n - 1] != 's';
    if (doubled) word.pop_back();
  }
  drop("e", 3);
  return word;
}

}  // namespace

std::vector<std::string> TermsOf(std::string_view text) {
  std::vector<std::string> all;
  std::vector<std::string> terms;
  std::string word;
  const auto flush = [&] {
    if (word.empty()) return;
    if (!SaysNothing(word)) terms.push_back(StemOf(word));
    all.push_back(StemOf(word));
    word.clear();
  };
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (IsWordByte(lower)) {
      word.push_back(lower);
    } else if (c != '\'') {
      flush();
    }
  }
  flush();
  return terms.empty() ? all : terms;
}

std::vector<std::string_view> SentencesOf(std::string_view text) {
  std::vector<std::string_view> sentences;
  size_t start = 0;
  for (size_t i = 0; i + 2 < text.size(); ++i) {
    const bool ends = text[i] == '.' || text[i] == '?' || text[i] == '!';
    const char next = text[i + 2];
    const bool starts = (next >= 'A' && next <= 'Z') || next == '`' || next == '"';
    if (!ends || text[i + 1] != ' ' || !starts) continue;
    sentences.push_back(text.substr(start, i + 1 - start));
    start = i + 2;
  }
  if (start < text.size()) sentences.push_back(text.substr(start));
  return sentences;
}

}  // namespace millrace::guide
