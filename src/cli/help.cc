// Help texts and the reference page, all from the table of commands.

#include <algorithm>

#include "base/format.h"
#include "cli/command.h"

namespace millrace::cli {
namespace {

std::string Row(std::string_view left, std::string_view right, size_t width) {
  std::string line = "  " + std::string(left);
  line.append(left.size() < width ? width - left.size() : 1, ' ');
  return line + "  " + std::string(right) + "\n";
}

std::string NameOf(const ArgumentSpec& spec) {
  std::string name(spec.name);
  if (!spec.value_name.empty()) name += " " + std::string(spec.value_name);
  return name;
}

std::string UsageOf(const Command& command) {
  std::string usage = "millrace " + std::string(command.name);
  bool options = false;
  for (const ArgumentSpec& spec : command.arguments) {
    if (spec.kind == ArgumentSpec::Kind::kPositional) {
      usage += spec.required ? Format(" {}", spec.name) : Format(" [{}]", spec.name);
    } else if (spec.required) {
      usage += " " + NameOf(spec);
    } else {
      options = true;
    }
  }
  return options ? usage + " [options]" : usage;
}

}  // namespace

std::string ShortHelp() {
  std::string text = "Millrace builds a machine-learning pipeline from its description.\n\n";
  for (const Command& command : AllCommands()) {
    if (command.everyday) text += Row(command.name, command.summary, 10);
  }
  text += "\nmillrace COMMAND --help shows an example. millrace help all lists every command.\n";
  return text;
}

std::string FullHelp() {
  size_t width = 0;
  for (const Command& command : AllCommands()) width = std::max(width, command.name.size());
  std::string text;
  for (const Command& command : AllCommands()) text += Row(command.name, command.summary, width);
  text += "\nEvery command takes -C FOLDER (work there), --json (results as JSON) and --help.\n";
  return text;
}

std::string HelpOf(const Command& command) {
  std::string text = Format("{}\n\n  {}\n", command.summary, UsageOf(command));
  size_t width = 0;
  for (const ArgumentSpec& spec : command.arguments) width = std::max(width, NameOf(spec).size());
  if (!command.arguments.empty()) text += "\n";
  for (const ArgumentSpec& spec : command.arguments) text += Row(NameOf(spec), spec.text, width);
  if (!command.example.empty()) text += Format("\nExample:\n  {}\n", command.example);
  return text;
}

std::string ReferenceMarkdown() {
  std::string text =
      "# Commands\n\nMade from the table of commands by `tools/reference`; do not edit by hand. "
      "Every "
      "command takes `-C FOLDER`, `--json` and `--help`.\n\n"
      "Exit codes: 0 done, 1 a gate or check is not met, 2 usage or specification, 3 data, 4 "
      "environment, 5 a bug of ours, 130 interrupted.\n";
  for (const Command& command : AllCommands()) {
    text += Format("\n## {}\n\n{}\n\n    {}\n", command.name, command.summary, UsageOf(command));
    if (!command.arguments.empty()) text += "\n| argument | meaning |\n|---|---|\n";
    for (const ArgumentSpec& spec : command.arguments) {
      text += Format("| `{}` | {} |\n", NameOf(spec), spec.text);
    }
    if (!command.example.empty()) text += Format("\nExample: `{}`\n", command.example);
  }
  return text;
}

}  // namespace millrace::cli
