// Help texts and the reference page, all from the table of commands.

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/fold.h"

namespace millrace::cli {
namespace {

using Kind = ArgumentSpec::Kind;
using Presence = ArgumentSpec::Presence;

// "  left   right", `right` in as many lines as it needs.
std::string Row(std::string_view left, std::string_view right, size_t left_width, int64_t width) {
  std::string text = Format("  {:<{}}  ", left, left_width);
  const size_t indent = left_width + 4;
  const std::vector<std::string> lines = Fold(right, width - static_cast<int64_t>(indent));
  return text + Join(lines, "\n" + std::string(indent, ' ')) + "\n";
}

std::string NameOf(const ArgumentSpec& spec) {
  std::string name(spec.name);
  if (!spec.value_name.empty()) name += " " + std::string(spec.value_name);
  return name;
}

std::string MeaningOf(const ArgumentSpec& spec) {
  std::string text(spec.text);
  if (spec.choices.empty()) return text;
  const std::vector<std::string> choices(spec.choices.begin(), spec.choices.end());
  return text + (text.empty() ? "" : ": ") + Join(choices, ", ");
}

std::string UsageOf(const Command& command) {
  std::string usage = "millrace " + std::string(command.name);
  bool options = false;
  for (const ArgumentSpec& spec : command.arguments) {
    const bool required = spec.presence == Presence::kRequired;
    if (spec.kind == Kind::kPositional) {
      usage += required ? Format(" {}", spec.name) : Format(" [{}]", spec.name);
    } else if (required) {
      usage += " " + NameOf(spec);
    } else {
      options = true;
    }
  }
  return options ? usage + " [options]" : usage;
}

size_t WidestName() {
  size_t widest = 0;
  for (const Command& command : AllCommands()) widest = std::max(widest, command.name.size());
  return widest;
}

constexpr std::string_view kEverywhere =
    "Every command takes -C FOLDER (work there), --json (results as JSON), --yes (take the best "
    "guess where a question is open) and --help.";

}  // namespace

std::string ShortHelp(int64_t width) {
  std::string text = "Millrace builds a machine-learning pipeline from its description.\n\n";
  size_t widest = 0;
  for (const Command& command : AllCommands()) {
    if (command.rank == Command::Rank::kEveryday) widest = std::max(widest, command.name.size());
  }
  for (const Command& command : AllCommands()) {
    if (command.rank != Command::Rank::kEveryday) continue;
    text += Row(command.name, command.summary, widest + 1, width);
  }
  return text +
         "\nmillrace COMMAND --help shows an example; millrace help all lists every command.\n";
}

std::string FullHelp(int64_t width) {
  const size_t widest = WidestName();
  std::string text;
  std::string_view topic;
  for (const Command& command : AllCommands()) {
    if (command.topic != topic) {
      topic = command.topic;
      text += Format("{}{}\n", text.empty() ? "" : "\n", topic);
    }
    text += Row(command.name, command.summary, widest, width);
  }
  return text + "\n" + Join(Fold(kEverywhere, width), "\n") + "\n";
}

std::string HelpOf(const Command& command, int64_t width) {
  std::string text = Format("{}\n\n  {}\n", command.summary, UsageOf(command));
  size_t widest = 0;
  for (const ArgumentSpec& spec : command.arguments) {
    widest = std::max(widest, NameOf(spec).size());
  }
  if (!command.arguments.empty()) text += "\n";
  for (const ArgumentSpec& spec : command.arguments) {
    text += Row(NameOf(spec), MeaningOf(spec), widest, width);
  }
  return text + Format("\nExample\n  {}\n", command.example);
}

std::string HelpOfGroup(std::string_view group, int64_t width) {
  const std::string prefix = std::string(group) + " ";
  std::string text;
  for (const Command& command : AllCommands()) {
    if (command.name.substr(0, prefix.size()) != prefix) continue;
    text += Row(command.name, command.summary, WidestName(), width);
  }
  return text;
}

std::string ReferenceMarkdown() {
  std::string text =
      "# Commands\n\nMade from the table of commands by `millrace help reference`; a test keeps it "
      "current. Every command takes `-C FOLDER` (work there), `--json` (results as JSON), `--yes` "
      "(take the best guess where a question is open) and `--help`.\n\n"
      "Results go to standard output, progress and questions to standard error. Exit codes: 0 "
      "done, 1 a gate or check is not met, 2 usage or specification, 3 data, 4 environment (disk, "
      "port, network, permission), 5 a bug of ours, 130 interrupted.\n";
  std::string_view topic;
  for (const Command& command : AllCommands()) {
    if (command.topic != topic) {
      topic = command.topic;
      text += Format("\n## {}\n", topic);
    }
    text += Format("\n### {}\n\n{}.\n\n    {}\n", command.name, command.summary, UsageOf(command));
    if (!command.arguments.empty()) text += "\n| argument | meaning |\n|---|---|\n";
    for (const ArgumentSpec& spec : command.arguments) {
      text += Format("| `{}` | {} |\n", NameOf(spec), ReplaceAll(MeaningOf(spec), "|", "\\|"));
    }
    text += Format("\nExample: `{}`\n", command.example);
  }
  return text;
}

}  // namespace millrace::cli
