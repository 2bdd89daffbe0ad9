// Checkpoints and facts as lines for a terminal. Pure: the caller prints.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "report/checkpoint.h"
#include "report/document.h"

namespace millrace::report {

enum class Colour { kOff, kOn };

struct TerminalStyle {
  int64_t width = 100;           // columns; lines are folded at words where they can be
  Colour colour = Colour::kOff;  // a second signal only: the words say the same
};

/// Returns text of the user or of data on one line, without anything that a terminal would obey.
std::string Clean(std::string_view text);
/// Returns the text with blanks up to `width` code points.
std::string Pad(const std::string& text, int64_t width);

/// Returns the checkpoint: a title line, then one line a check, with hints below unmet ones.
/// Control characters of the text are replaced, so that data cannot steer the terminal.
std::string RenderCheckpoint(const Checkpoint& checkpoint, const TerminalStyle& style);
/// Returns facts in aligned columns: name, value, reason.
std::string RenderFacts(const Facts& facts, const TerminalStyle& style);

}  // namespace millrace::report
