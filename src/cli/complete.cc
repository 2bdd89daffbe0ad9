// Completion: what may come next on a command line, from the table of commands.

#include <algorithm>
#include <set>

#include "cli/command.h"

namespace millrace::cli {
namespace {

using Kind = ArgumentSpec::Kind;

std::vector<std::string> StartingWith(const std::set<std::string>& words, std::string_view start) {
  std::vector<std::string> found;
  for (const std::string& word : words) {
    if (std::string_view(word).substr(0, start.size()) == start) found.push_back(word);
  }
  return found;
}

// First or second words of command names.
std::set<std::string> NamesAfter(std::string_view first) {
  std::set<std::string> names;
  for (const Command& command : AllCommands()) {
    const std::string name(command.name);
    const size_t space = name.find(' ');
    if (first.empty()) {
      names.insert(name.substr(0, space));
    } else if (space != std::string::npos && name.substr(0, space) == first) {
      names.insert(name.substr(space + 1));
    }
  }
  return names;
}

std::set<std::string> OptionsOf(const Command& command) {
  std::set<std::string> options{"--json", "--yes", "--help", "-C"};
  for (const ArgumentSpec& spec : command.arguments) {
    if (spec.kind != Kind::kPositional) options.emplace(spec.name);
  }
  return options;
}

std::vector<std::string> Choices(const ArgumentSpec& spec, std::string_view start) {
  return StartingWith({spec.choices.begin(), spec.choices.end()}, start);
}

}  // namespace

std::vector<std::string> Complete(std::span<const std::string> words) {
  if (words.empty()) return StartingWith(NamesAfter(""), "");
  const std::string& current = words.back();
  std::vector<std::string> before(words.begin(), words.end() - 1);
  // A folder given before the command does not matter here.
  while (before.size() >= 2 && before[0] == "-C") before.erase(before.begin(), before.begin() + 2);
  if (before.empty()) {
    std::set<std::string> names = NamesAfter("");
    names.insert("help");
    return StartingWith(names, current);
  }
  if (before[0] == "help") before.erase(before.begin());
  if (before.empty()) return StartingWith(NamesAfter(""), current);
  const Command* command = before.size() > 1 ? FindCommand(before[0] + " " + before[1]) : nullptr;
  if (command == nullptr) command = FindCommand(before[0]);
  if (command == nullptr) {
    return before.size() == 1 ? StartingWith(NamesAfter(before[0]), current)
                              : std::vector<std::string>();
  }
  for (const ArgumentSpec& spec : command->arguments) {
    const bool is_value = spec.kind == Kind::kValue && spec.name == before.back();
    if (is_value) return Choices(spec, current);
  }
  if (!current.empty() && current[0] == '-') return StartingWith(OptionsOf(*command), current);
  for (const ArgumentSpec& spec : command->arguments) {
    if (spec.kind == Kind::kPositional && !spec.choices.empty()) return Choices(spec, current);
  }
  return {};
}

}  // namespace millrace::cli
