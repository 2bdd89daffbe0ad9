// Questions: what a sentence leaves open, asked on a terminal.

#pragma once

#include "cli/command.h"
#include "design/new_project.h"

namespace millrace::cli {

/// Returns what becomes of open questions: guessed with --yes, asked where both standard input and
/// standard error are a terminal, else an error that names the flag.
design::Unanswered HowToAnswer(const CommandContext& context);

/// Asks on standard error and reads a line: a number of a choice, the text itself, or nothing for
/// the best guess. kCancelled at the end of input and on an interrupt.
Result<std::string> AskOnTerminal(const design::OpenQuestion& question);

/// Returns the choice that an answer means: its number, its text (case ignored), or the best guess
/// for an empty answer. kInvalidSpec with the nearest choice for anything else.
Result<std::string> ChoiceOf(const design::OpenQuestion& question, std::string_view answer);

}  // namespace millrace::cli
