// From words to a command, and from a status to an exit code.

#include <algorithm>
#include <cstdio>
#include <new>

#include "base/files.h"
#include "base/format.h"
#include "base/logging.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "json/text.h"

namespace millrace::cli {
namespace {

void PrintError(const Status& status, Output::Form form) {
  if (form == Output::Form::kJson) {
    const json::Json document =
        json::Json::Of({{"error", json::Json::Of({{"code", CodeName(status.code())},
                                                  {"message", status.message()},
                                                  {"hint", status.hint()}})}});
    std::fprintf(stderr, "%s\n", json::Write(document).c_str());
    return;
  }
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
}

// Longest match of the words with command names ("spec check" before "spec").
const Command* FindCommand(const std::vector<std::string>& words, size_t* num_words) {
  for (size_t count = std::min<size_t>(words.size(), 2); count > 0; --count) {
    const std::string name = count == 2 ? words[0] + " " + words[1] : words[0];
    for (const Command& command : AllCommands()) {
      if (command.name == name) {
        *num_words = count;
        return &command;
      }
    }
  }
  return nullptr;
}

Status UnknownCommand(const std::vector<std::string>& words) {
  std::vector<std::string> known;
  std::vector<std::string> second;
  for (const Command& command : AllCommands()) {
    const std::string name(command.name);
    const size_t space = name.find(' ');
    known.push_back(name.substr(0, space));
    if (space != std::string::npos && name.substr(0, space) == words[0]) {
      second.push_back(name.substr(space + 1));
    }
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  if (!second.empty()) {
    const std::string given = words.size() > 1 ? words[1] : "";
    std::string hint = given.empty() ? std::string() : DidYouMean(given, second);
    if (hint.empty()) hint = Format("one of: {}", Join(second, ", "));
    return InvalidSpec(given.empty() ? Format("{}: what should be done?", words[0])
                                     : Format("{}: no such command: {}", words[0], given))
        .WithHint(std::move(hint));
  }
  std::string hint = DidYouMean(words[0], known);
  if (hint.empty()) hint = "millrace help all lists the commands";
  return InvalidSpec(Format("no such command: {}", words[0])).WithHint(std::move(hint));
}

// Takes the options that every command has out of the words.
struct GlobalOptions {
  Output::Form form = Output::Form::kText;
  bool help = false;
  std::string folder = ".";
};

Result<GlobalOptions> TakeGlobals(std::vector<std::string>& words) {
  GlobalOptions globals;
  std::vector<std::string> rest;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--json") {
      globals.form = Output::Form::kJson;
    } else if (words[i] == "--help" || words[i] == "-h") {
      globals.help = true;
    } else if (words[i] == "-C") {
      if (i + 1 == words.size()) return InvalidSpec("-C: the folder is missing");
      globals.folder = words[++i];
    } else {
      rest.push_back(words[i]);
    }
  }
  words = std::move(rest);
  globals.folder = AbsolutePath(globals.folder);
  return globals;
}

Status Dispatch(std::vector<std::string> words, const GlobalOptions& globals, Output& output) {
  if (words.empty() || words[0] == "help") {
    const bool all = words.size() > 1 && words[1] == "all";
    if (words.size() > 1 && !all) {
      words.erase(words.begin());
      size_t used = 0;
      const Command* command = FindCommand(words, &used);
      if (command == nullptr) return UnknownCommand(words);
      output.Text(HelpOf(*command));
      return {};
    }
    output.Text(all ? FullHelp() : ShortHelp());
    return {};
  }
  size_t used = 0;
  const Command* command = FindCommand(words, &used);
  if (command == nullptr) return UnknownCommand(words);
  if (globals.help) {
    output.Text(HelpOf(*command));
    return {};
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(used));
  MILLRACE_ASSIGN_OR_RETURN(Arguments arguments,
                            ParseArguments(command->name, command->arguments, words));
  SystemClock clock;
  CommandContext context{.arguments = std::move(arguments),
                         .folder = globals.folder,
                         .output = output,
                         .clock = clock};
  return command->function(context);
}

}  // namespace

void Output::Text(std::string_view text) {
  if (form_ == Form::kJson) return;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Output::Finish() {
  if (form_ != Form::kJson || document_.is_null()) return;
  const std::string text = json::WritePretty(document_);
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

int RunProgram(const std::vector<std::string>& all_words) {
  std::vector<std::string> words = all_words;
  Result<GlobalOptions> globals = TakeGlobals(words);
  if (!globals.ok()) {
    PrintError(globals.status(), Output::Form::kText);
    return ExitCode(globals.status().code());
  }
  CatchInterrupts();
  Output output(globals->form);
  Status status;
  try {
    status = Dispatch(std::move(words), *globals, output);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("out of memory")
                 .WithHint("set develop.budget.memory, or use a machine with more memory");
  }
  output.Finish();
  if (status.ok()) return 0;
  PrintError(status, globals->form);
  return ExitCode(status.code());
}

}  // namespace millrace::cli
