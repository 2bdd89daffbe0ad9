// Commands: one table in code (commands.cc) from which come parsing, help, completion and the
// reference page.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "cli/arguments.h"
#include "json/value.h"

namespace millrace::cli {

/// Where a command writes its result. Text goes to stdout as it comes; with --json one document is
/// printed at the end instead.
class Output {
 public:
  enum class Form { kText, kJson };
  explicit Output(Form form) : form_(form) {}

  bool json() const { return form_ == Form::kJson; }
  /// Prints text to stdout (dropped with --json).
  void Text(std::string_view text);
  /// Sets the document that --json prints.
  void Document(json::Json document) { document_ = std::move(document); }
  /// Prints what is due at the end.
  void Finish();

 private:
  Form form_;
  json::Json document_;
};

/// What every command gets.
struct CommandContext {
  Arguments arguments;
  std::string folder;  // -C, or the current folder; absolute
  Output& output;
  Clock& clock;
};

using CommandFunction = Status (*)(CommandContext& context);

struct Command {
  std::string_view name;     // "run", "spec check"
  std::string_view summary;  // one line
  std::string_view example;  // works when pasted
  std::vector<ArgumentSpec> arguments;
  CommandFunction function = nullptr;
  bool everyday = false;  // listed by `millrace` alone
};

/// Returns all commands, in the order of the reference page.
std::span<const Command> AllCommands();

/// Runs the program: words after its name. Returns the exit code.
int RunProgram(const std::vector<std::string>& words);

/// Returns the text of `millrace` alone, of `help all`, of `COMMAND --help`, and of the reference
/// page.
std::string ShortHelp();
std::string FullHelp();
std::string HelpOf(const Command& command);
std::string ReferenceMarkdown();

}  // namespace millrace::cli
