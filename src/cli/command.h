// Commands: one table in code (commands.cc) from which come parsing, help, completion and the
// reference page.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/terminal.h"
#include "cli/arguments.h"
#include "cli/output.h"

namespace millrace::cli {

/// What every command gets.
struct CommandContext {
  enum class Consent { kAsk, kGiven };

  Arguments arguments;
  std::string folder;               // -C, or the current folder; absolute
  bool in_current_folder = true;    // no -C
  Consent consent = Consent::kAsk;  // kGiven: --yes
  Output& output;
  Clock& clock;

  /// Returns a path of the user's as this process finds it: relative to -C. Stays as typed without
  /// -C, so that errors name what the user named.
  std::string Resolve(const std::string& path) const;
};

using CommandFunction = Status (*)(CommandContext& context);

struct Command {
  enum class Rank { kEveryday, kOther };

  std::string_view topic;    // heading in `help all`: "The pipeline"
  std::string_view name;     // "run", "spec check"
  std::string_view summary;  // one line
  std::string_view example;  // works when pasted
  std::vector<ArgumentSpec> arguments;
  CommandFunction function = nullptr;
  Rank rank = Rank::kOther;  // kEveryday: listed by `millrace` alone
};

/// Returns all commands, in the order of the reference page.
std::span<const Command> AllCommands();
/// Returns the command of this name, or null.
const Command* FindCommand(std::string_view name);

/// Runs the program: words after its name. Returns the exit code. Nothing escapes: no exception,
/// no trace.
int RunProgram(const std::vector<std::string>& words);

/// Returns the text of `millrace` alone, of `help all`, of `COMMAND --help`, of `GROUP --help`
/// (empty when no command starts with that word), and the reference page. `width` in columns.
std::string ShortHelp(int64_t width);
std::string FullHelp(int64_t width);
std::string HelpOf(const Command& command, int64_t width);
std::string HelpOfGroup(std::string_view group, int64_t width);
std::string ReferenceMarkdown();

/// Returns what may stand for the last of `words` (the words after the program's name, the last one
/// as far as it is typed), one per line; empty where a file name is meant.
std::vector<std::string> Complete(std::span<const std::string> words);

}  // namespace millrace::cli
