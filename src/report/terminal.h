// Checkpoints and facts as lines for a terminal. Pure: the caller prints.

#pragma once

#include <cstdint>
#include <string>

#include "report/checkpoint.h"
#include "report/document.h"

namespace millrace::report {

enum class Colour { kOff, kOn };

struct TerminalStyle {
  int64_t width = 100;           // columns; lines are folded at words where they can be
  Colour colour = Colour::kOff;  // a second signal only: the words say the same
};

/// Returns the checkpoint: a title line, then one line a check, with hints below unmet ones.
/// Control characters of the text are replaced, so that data cannot steer the terminal.
std::string RenderCheckpoint(const Checkpoint& checkpoint, const TerminalStyle& style);
/// Returns facts in aligned columns: name, value, reason.
std::string RenderFacts(const Facts& facts, const TerminalStyle& style);

}  // namespace millrace::report
