#include "design/sentence.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace millrace::design {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 128;
}

// Signs of more than one byte, and what they read as; "" is left out.
struct Sign {
  std::string_view bytes;
  std::string_view reads;
};
constexpr std::array kSigns = {Sign{">=", ">="},     Sign{"<=", "<="},    Sign{"\u2265", ">="},
                               Sign{"\u2264", "<="}, Sign{"\u20ac", "$"}, Sign{"\u00a3", "$"},
                               Sign{"\u00b2", "2"},  Sign{"\u2019", ""},  Sign{"\u2018", ""},
                               Sign{"\u201c", ""},   Sign{"\u201d", ""},  Sign{"\u2013", " "},
                               Sign{"\u2014", ";"},  Sign{"\u00a0", " "}};

const Sign* SignAt(std::string_view text) {
  for (const Sign& sign : kSigns) {
    if (text.starts_with(sign.bytes)) return &sign;
  }
  return nullptr;
}

struct NumberWord {
  std::string_view word;
  double value;
};
constexpr std::array kNumberWords = {
    NumberWord{"one", 1},       NumberWord{"two", 2},        NumberWord{"three", 3},
    NumberWord{"four", 4},      NumberWord{"five", 5},       NumberWord{"six", 6},
    NumberWord{"seven", 7},     NumberWord{"eight", 8},      NumberWord{"nine", 9},
    NumberWord{"ten", 10},      NumberWord{"eleven", 11},    NumberWord{"twelve", 12},
    NumberWord{"thirteen", 13}, NumberWord{"fourteen", 14},  NumberWord{"fifteen", 15},
    NumberWord{"sixteen", 16},  NumberWord{"seventeen", 17}, NumberWord{"eighteen", 18},
    NumberWord{"nineteen", 19}, NumberWord{"twenty", 20},    NumberWord{"thirty", 30},
    NumberWord{"forty", 40},    NumberWord{"fifty", 50},     NumberWord{"sixty", 60},
    NumberWord{"seventy", 70},  NumberWord{"eighty", 80},    NumberWord{"ninety", 90}};

std::optional<double> WordValue(std::string_view word) {
  for (const NumberWord& each : kNumberWords) {
    if (each.word == word) return each.value;
  }
  return std::nullopt;
}

// A number in digits or words and the tokens it takes.
struct Number {
  double value = 0.0;
  size_t last = 0;
};

class FigureReader {
 public:
  explicit FigureReader(const Sentence& sentence) : s_(sentence) {}

  std::optional<Figure> At(size_t at) const {
    if (auto share = ShareAt(at)) return share;
    const auto number = NumberAt(at);
    if (!number) return std::nullopt;
    Figure figure{.value = number->value, .first = at, .last = number->last};
    const size_t next = number->last + 1;
    if (at > 0 && s_.Is(at - 1, "$")) {
      figure.unit = FigureUnit::kMoney;
      --figure.first;
      return figure;
    }
    ReadUnit(next, figure);
    return figure;
  }

 private:
  std::optional<Number> NumberAt(size_t at) const {
    if (at >= s_.tokens().size()) return std::nullopt;
    const std::string& text = s_.tokens()[at].text;
    Number number{0.0, at};
    if (IsDigit(text[0]) || text[0] == '.') {
      const auto value = ParseDouble(ReplaceAll(text, ",", ""));
      if (!value) return std::nullopt;
      number.value = *value;
    } else if (const auto word = WordValue(text)) {
      number.value = *word;
      const auto unit =
          at + 1 < s_.tokens().size() ? WordValue(s_.tokens()[at + 1].text) : std::nullopt;
      if (*word >= 20 && unit && *unit < 10) {
        number.value += *unit;
        number.last = at + 1;
      }
    } else if (text == "a" && s_.IsAny(at + 1, {"hundred", "thousand", "million"})) {
      number.value = 1.0;
    } else {
      return std::nullopt;
    }
    for (;;) {
      const double by = s_.IsAny(number.last + 1, {"hundred"})         ? 1e2
                        : s_.IsAny(number.last + 1, {"thousand", "k"}) ? 1e3
                        : s_.IsAny(number.last + 1, {"million", "mn"}) ? 1e6
                                                                       : 0.0;
      if (by == 0.0) return number;
      number.value *= by;
      ++number.last;
    }
  }

  // "nine in ten", "9 out of 10", "two thirds", "half".
  std::optional<Figure> ShareAt(size_t at) const {
    if (s_.Is(at, "half") && !s_.IsAny(at + 1, {"a", "an"})) {
      return Figure{.value = 0.5, .unit = FigureUnit::kShare, .first = at, .last = at};
    }
    const auto number = NumberAt(at);
    if (!number || number->value < 1.0) return std::nullopt;
    const size_t next = number->last + 1;
    for (const auto& [word, parts] :
         {std::pair{"thirds", 3.0}, {"quarters", 4.0}, {"fifths", 5.0}, {"tenths", 10.0}}) {
      if (!s_.Is(next, word) || number->value >= parts) continue;
      return Figure{
          .value = number->value / parts, .unit = FigureUnit::kShare, .first = at, .last = next};
    }
    for (const std::string_view link :
         {"out of every", "out of", "in every", "of every", "in", "of", "from"}) {
      if (!s_.Says(next, link)) continue;
      const auto whole = NumberAt(next + Sentence::LengthOf(link));
      if (!whole || whole->value < 2.0 || number->value > whole->value) continue;
      return Figure{.value = number->value / whole->value,
                    .unit = FigureUnit::kShare,
                    .first = at,
                    .last = whole->last};
    }
    return std::nullopt;
  }

  void ReadUnit(size_t next, Figure& figure) const {
    const auto take = [&figure](FigureUnit unit, double scale, size_t last) {
      figure.unit = unit;
      figure.value *= scale;
      figure.last = last;
    };
    if (s_.IsAny(next, {"%", "percent", "pct"})) {
      take(FigureUnit::kShare, 0.01, s_.Is(next + 1, "points") ? next + 1 : next);
    } else if (s_.Says(next, "per cent")) {
      take(FigureUnit::kShare, 0.01, next + 1);
    } else if (s_.IsAny(next, {"points"}) || s_.Says(next, "percentage points")) {
      take(FigureUnit::kShare, 0.01, s_.Is(next, "points") ? next : next + 1);
    } else if (s_.IsAny(next, {"ms", "msec", "msecs", "millisecond", "milliseconds", "millis"})) {
      take(FigureUnit::kSeconds, 1e-3, next);
    } else if (s_.IsAny(next, {"us", "microsecond", "microseconds"})) {
      take(FigureUnit::kSeconds, 1e-6, next);
    } else if (s_.IsAny(next, {"s", "sec", "secs", "second", "seconds"})) {
      take(FigureUnit::kSeconds, 1.0, next);
    } else if (s_.Is(next, "kb") || s_.Is(next, "mb") || s_.Is(next, "gb")) {
      take(FigureUnit::kBytes, s_.Is(next, "kb") ? 1e3 : s_.Is(next, "mb") ? 1e6 : 1e9, next);
    } else if (s_.IsAny(next, {"requests", "predictions", "answers", "rows", "calls"}) &&
               (s_.Says(next + 1, "per second") || s_.Says(next + 1, "a second"))) {
      take(FigureUnit::kRate, 1.0, next + 2);
    } else if (s_.IsAny(next, {"rps", "qps"})) {
      take(FigureUnit::kRate, 1.0, next);
    } else if (s_.IsAny(next, {"dollar", "dollars", "euro", "euros", "eur", "usd", "pounds", "gbp",
                               "bucks", "cents", "$"})) {
      take(FigureUnit::kMoney, s_.Is(next, "cents") ? 0.01 : 1.0, next);
    } else if (s_.IsAny(next, {"day", "days", "week", "weeks", "month", "months", "year", "years",
                               "hour", "hours", "minute", "minutes", "times", "th"})) {
      take(FigureUnit::kOther, 1.0, next);
    }
  }

  const Sentence& s_;
};

}  // namespace

Sentence::Sentence(std::string_view description) : description_(description) {
  ReadTokens();
  ReadFigures();
}

void Sentence::ReadTokens() {
  const std::string& text = description_;
  const auto add = [this](std::string word, size_t begin, size_t end, bool is_break) {
    tokens_.push_back({std::move(word), begin, end, is_break});
  };
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    const size_t begin = i;
    const bool figure = IsDigit(c) || (c == '.' && i + 1 < text.size() && IsDigit(text[i + 1]));
    if (const Sign* sign = SignAt(std::string_view(text).substr(i))) {
      i += sign->bytes.size();
      if (sign->reads == "2" && !tokens_.empty() && tokens_.back().end == begin) {
        tokens_.back().text += '2';  // "R" and a raised two
        tokens_.back().end = i;
      } else if (!sign->reads.empty() && sign->reads != " ") {
        add(std::string(sign->reads), begin, i, sign->reads == ";");
      }
    } else if (figure) {
      while (i < text.size() &&
             (IsDigit(text[i]) || ((text[i] == '.' || text[i] == ',') && i + 1 < text.size() &&
                                   IsDigit(text[i + 1])))) {
        ++i;
      }
      add(text.substr(begin, i - begin), begin, i, false);
    } else if (IsLetter(c)) {
      std::string word;
      while (i < text.size() && SignAt(std::string_view(text).substr(i)) == nullptr &&
             (IsLetter(text[i]) || IsDigit(text[i]))) {
        word += text[i++];
      }
      // "don't" and "don\u2019t" are one word.
      const bool mark = i < text.size() && text[i] == '\'';
      const bool raised = std::string_view(text).substr(i).starts_with("\u2019");
      const size_t after = i + (mark ? 1 : raised ? 3 : 0);
      if (after > i && after < text.size() && IsLetter(text[after])) {
        for (i = after; i < text.size() && IsLetter(text[i]);) word += text[i++];
      }
      add(ToLower(word), begin, i, false);
    } else {
      ++i;
      if (std::string_view(",;:.!?()").find(c) != std::string_view::npos) {
        add(std::string(1, c), begin, i, true);
      } else if (std::string_view("%$<>=").find(c) != std::string_view::npos) {
        add(std::string(1, c), begin, i, false);
      }
    }
  }
}

void Sentence::ReadFigures() {
  const FigureReader reader(*this);
  for (size_t i = 0; i < tokens_.size(); ++i) {
    auto figure = reader.At(i);
    if (!figure) continue;
    i = figure->last;
    figures_.push_back(*figure);
  }
}

bool Sentence::Is(size_t at, std::string_view word) const {
  return at < tokens_.size() && tokens_[at].text == word;
}

bool Sentence::IsAny(size_t at, std::initializer_list<std::string_view> words) const {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return Is(at, word); });
}

bool Sentence::Says(size_t at, std::string_view phrase) const {
  for (const std::string_view word : Split(phrase, ' ')) {
    if (!Is(at++, word)) return false;
  }
  return true;
}

size_t Sentence::LengthOf(std::string_view phrase) { return Split(phrase, ' ').size(); }

std::pair<size_t, size_t> Sentence::ClauseOf(size_t at) const {
  size_t first = at;
  while (first > 0 && !tokens_[first - 1].is_break) --first;
  size_t last = at;
  while (last < tokens_.size() && !tokens_[last].is_break) ++last;
  return {first, last};
}

bool Sentence::AnySaid(size_t first, size_t last, std::span<const std::string_view> phrases) const {
  for (size_t i = first; i < last; ++i) {
    for (const std::string_view phrase : phrases) {
      if (i + LengthOf(phrase) <= last && Says(i, phrase)) return true;
    }
  }
  return false;
}

std::string Sentence::Words(size_t first, size_t last) const {
  const size_t begin = tokens_[first].begin;
  return description_.substr(begin, tokens_[last].end - begin);
}

}  // namespace millrace::design
