#include "report/terminal.h"

#include <algorithm>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "report/figure.h"

namespace millrace::report {
namespace {

// Text of the user, on one line and without anything that a terminal would obey.
std::string Clean(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    clean += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
  return clean;
}

std::string Pad(const std::string& text, int64_t width) {
  const int64_t missing = width - CountCodePoints(text);
  return missing > 0 ? text + std::string(static_cast<size_t>(missing), ' ') : text;
}

// Folds `text` at blanks so that lines end before `width`; continuation lines start at `indent`.
std::string Fold(const std::string& text, int64_t indent, int64_t width) {
  std::string folded;
  int64_t column = indent;
  for (const std::string_view word : Split(text, ' ')) {
    if (word.empty()) continue;
    const int64_t length = CountCodePoints(word);
    if (column > indent && column + 1 + length > width) {
      folded += "\n" + std::string(static_cast<size_t>(indent), ' ');
      column = indent;
    } else if (column > indent) {
      folded += ' ';
      ++column;
    }
    folded += word;
    column += length;
  }
  return folded;
}

struct StateLook {
  std::string_view word;
  std::string_view colour;
};

StateLook LookOf(CheckState state) {
  switch (state) {
    case CheckState::kMet:
      return {"met", "\x1b[32m"};
    case CheckState::kNotMet:
      return {"NOT MET", "\x1b[31m"};
    case CheckState::kWarning:
      return {"warning", "\x1b[33m"};
    case CheckState::kNotMeasured:
      return {"not measured", "\x1b[2m"};
  }
  return {"", ""};
}

std::string MeasuredText(const Check& check) {
  std::string text;
  if (check.value) {
    text = ShowNumber(*check.value);
    if (!check.unit.empty()) text += " " + Clean(check.unit);
    if (check.low && check.high) {
      text += Format("  [{}, {}]", ShowNumber(*check.low), ShowNumber(*check.high));
    }
  }
  if (!check.requirement.empty()) text += (text.empty() ? "" : "   ") + Clean(check.requirement);
  if (!check.evidence.empty()) text += (text.empty() ? "" : "   ") + Clean(check.evidence);
  return text;
}

}  // namespace

std::string RenderCheckpoint(const Checkpoint& checkpoint, const TerminalStyle& style) {
  int64_t label_width = 0;
  int64_t state_width = 7;
  for (const Check& check : checkpoint.checks) {
    label_width = std::max(label_width, CountCodePoints(Clean(check.label)));
    state_width = std::max(state_width, CountCodePoints(LookOf(check.state).word));
  }
  label_width = std::min<int64_t>(label_width, 32);
  const int64_t indent = 2 + state_width + 3 + label_width + 2;
  const int64_t width = std::max(style.width, indent + 20);
  std::string text = Format("checkpoint {}  {}\n", checkpoint.phase, Clean(checkpoint.title));
  for (const Check& check : checkpoint.checks) {
    const StateLook look = LookOf(check.state);
    std::string state = Pad(std::string(look.word), state_width);
    if (style.colour == Colour::kOn) state = Format("{}{}\x1b[0m", look.colour, state);
    const std::string label = Clean(check.label);
    const std::string rest = Fold(MeasuredText(check), indent, width);
    text += Format("  {}   {}{}{}\n", state, rest.empty() ? label : Pad(label, label_width + 2),
                   CountCodePoints(label) > label_width && !rest.empty() ? "  " : "", rest);
    if (check.state == CheckState::kMet) continue;
    std::string hint = Clean(check.fix);
    if (!check.source.empty()) hint += (hint.empty() ? "" : "   ") + Clean(check.source);
    if (!hint.empty()) {
      const int64_t at = 2 + state_width + 3;
      text += Format("{}{}\n", std::string(static_cast<size_t>(at), ' '),
                     Fold((check.fix.empty() ? "see: " : "try: ") + hint, at, width));
    }
  }
  return text;
}

std::string RenderFacts(const Facts& facts, const TerminalStyle& style) {
  int64_t name_width = 0;
  int64_t value_width = 0;
  for (const Fact& fact : facts.facts) {
    name_width = std::max(name_width, CountCodePoints(Clean(fact.name)));
    value_width = std::max(value_width, CountCodePoints(Clean(fact.value)));
  }
  value_width = std::min<int64_t>(value_width, 32);
  const int64_t indent = 2 + name_width + 3 + value_width + 2;
  std::string text = facts.title.empty() ? "" : Clean(facts.title) + "\n";
  for (const Fact& fact : facts.facts) {
    std::string line = Format("  {}   {}  {}", Pad(Clean(fact.name), name_width),
                              Pad(Clean(fact.value), value_width),
                              Fold(Clean(fact.reason), indent, std::max(style.width, indent + 20)));
    while (!line.empty() && line.back() == ' ') line.pop_back();
    text += line + "\n";
  }
  return text;
}

}  // namespace millrace::report
