#include "report/terminal.h"

#include <algorithm>
#include <string_view>

#include "base/format.h"
#include "base/text.h"
#include "report/figure.h"

namespace millrace::report {
namespace {

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

// The cells of one check; widths of a column are those of its widest cell.
struct Cells {
  std::string label;
  std::string value;
  std::string interval;
  std::string requirement;
};

Cells CellsOf(const Check& check) {
  Cells cells;
  cells.label = Clean(check.label);
  cells.requirement = Clean(check.requirement);
  if (!check.value) return cells;
  const ShownFigure shown = ShowMeasured(*check.value, check.low, check.high);
  cells.value = shown.value + (check.unit.empty() ? "" : " " + Clean(check.unit));
  cells.interval = shown.interval;
  return cells;
}

constexpr int64_t kMaxLabel = 32;
constexpr int64_t kMinEvidence = 32;  // narrower than this, evidence gets its own line

struct Widths {
  int64_t state = 7;
  int64_t label = 0;
  int64_t value = 0;
  int64_t interval = 0;
  int64_t requirement = 0;

  int64_t label_at() const { return 2 + state + 3; }
};

Widths MeasureWidths(const Checkpoint& checkpoint) {
  Widths widths;
  for (const Check& check : checkpoint.checks) {
    const Cells cells = CellsOf(check);
    widths.state = std::max(widths.state, CountCodePoints(LookOf(check.state).word));
    widths.label = std::max(widths.label, std::min(kMaxLabel, CountCodePoints(cells.label)));
    widths.value = std::max(widths.value, CountCodePoints(cells.value));
    widths.interval = std::max(widths.interval, CountCodePoints(cells.interval));
    widths.requirement = std::max(widths.requirement, CountCodePoints(cells.requirement));
  }
  return widths;
}

void AddCell(const std::string& cell, int64_t width, std::string& line) {
  if (width > 0) line += "  " + Pad(cell, width);
}

std::string Blanks(int64_t count) { return std::string(static_cast<size_t>(count), ' '); }

// One check: state, label, value, interval and requirement in columns, then the evidence where
// there is room, else below.
std::string RenderCheck(const Check& check, const Widths& widths, const TerminalStyle& style) {
  const Cells cells = CellsOf(check);
  std::string line = Pad(cells.label, widths.label);
  if (!cells.value.empty() || !cells.requirement.empty()) {
    AddCell(cells.value, widths.value, line);
    AddCell(cells.interval, widths.interval, line);
    AddCell(cells.requirement, widths.requirement, line);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  const std::string evidence = Clean(check.evidence);
  if (!evidence.empty()) {
    const int64_t room = style.width - widths.label_at() - CountCodePoints(line) - 3;
    const int64_t below = widths.label_at() + 2;
    const int64_t width = std::max(style.width, below + kMinEvidence);
    if (CountCodePoints(evidence) <= room) {
      line += "   " + evidence;
    } else if (room >= kMinEvidence) {
      const int64_t at = widths.label_at() + CountCodePoints(line) + 3;
      line += "   " + Fold(evidence, at, style.width);
    } else {
      line += "\n" + Blanks(below) + Fold(evidence, below, width);
    }
  }
  const StateLook look = LookOf(check.state);
  std::string state = Pad(std::string(look.word), widths.state);
  if (style.colour == Colour::kOn) state = Format("{}{}\x1b[0m", look.colour, state);
  return Format("  {}   {}\n", state, line);
}

// What to do, and where the requirement is written.
std::string RenderHint(const Check& check, const Widths& widths, const TerminalStyle& style) {
  if (check.state == CheckState::kMet) return "";
  std::string hint = Clean(check.fix);
  const std::string source = Clean(check.source);
  if (!source.empty() && hint.find(source) == std::string::npos) {
    hint += (hint.empty() ? "" : "   ") + source;
  }
  if (hint.empty()) return "";
  const int64_t at = widths.label_at();
  return Blanks(at) +
         Fold((check.fix.empty() ? "see: " : "try: ") + hint, at,
              std::max(style.width, at + kMinEvidence)) +
         "\n";
}

}  // namespace

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

std::string RenderCheckpoint(const Checkpoint& checkpoint, const TerminalStyle& style) {
  const Widths widths = MeasureWidths(checkpoint);
  std::string text = Format("checkpoint {}  {}\n", checkpoint.phase, Clean(checkpoint.title));
  for (const Check& check : checkpoint.checks) {
    text += RenderCheck(check, widths, style) + RenderHint(check, widths, style);
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
