// From words to a command, and from a status to an exit code.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/fold.h"
#include "json/text.h"

namespace millrace::cli {
namespace {

// Options that every command has.
struct GlobalOptions {
  Output::Form form = Output::Form::kText;
  enum class Wish { kRun, kHelp } wish = Wish::kRun;
  CommandContext::Consent consent = CommandContext::Consent::kAsk;
  std::optional<std::string> folder;
};

void PrintError(const Status& status, Output::Form form) {
  if (form == Output::Form::kJson) {
    const json::Json document =
        json::Json::Of({{"error", json::Json::Of({{"code", CodeName(status.code())},
                                                  {"message", status.message()},
                                                  {"hint", status.hint()},
                                                  {"exit_code", ExitCode(status.code())}})}});
    std::fprintf(stderr, "%s\n", json::Write(document).c_str());
    return;
  }
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
}

// Takes the options that every command has out of the words.
Result<GlobalOptions> TakeGlobals(std::vector<std::string>& words) {
  GlobalOptions globals;
  std::vector<std::string> rest;
  for (size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") {
      rest.insert(rest.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (words[i] == "--json") {
      globals.form = Output::Form::kJson;
    } else if (words[i] == "--yes" || words[i] == "-y") {
      globals.consent = CommandContext::Consent::kGiven;
    } else if (words[i] == "--help" || words[i] == "-h") {
      globals.wish = GlobalOptions::Wish::kHelp;
    } else if (words[i] == "-C") {
      if (i + 1 == words.size()) return InvalidSpec("-C: the folder is missing");
      globals.folder = words[++i];
    } else {
      rest.push_back(words[i]);
    }
  }
  words = std::move(rest);
  if (globals.folder && !IsFolder(*globals.folder)) {
    return NotFound(Format("-C: no such folder: {}", *globals.folder));
  }
  return globals;
}

// The command that the words begin with ("spec check" before "spec") and the words that are left.
struct Call {
  const Command* command = nullptr;
  std::vector<std::string> words;
};

Call FindCall(const std::vector<std::string>& words) {
  for (size_t count = std::min<size_t>(words.size(), 2); count > 0; --count) {
    const auto end = words.begin() + static_cast<std::ptrdiff_t>(count);
    const std::string name = Join(std::vector<std::string>(words.begin(), end), " ");
    if (const Command* command = FindCommand(name)) {
      return {.command = command, .words = {end, words.end()}};
    }
  }
  return {};
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

Status ShowHelp(const std::vector<std::string>& words, Output& output) {
  const int64_t width = TextWidth();
  const auto show = [&output](const std::string& text) {
    output.Text(text);
    output.Document(json::Json::Of({{"help", text}}));
    return Status();
  };
  if (words.empty()) return show(ShortHelp(width));
  if (words[0] == "all") return show(FullHelp(width));
  if (words[0] == "reference") return show(ReferenceMarkdown());
  const Call call = FindCall(words);
  if (call.command != nullptr) return show(HelpOf(*call.command, width));
  const std::string group = words.size() == 1 ? HelpOfGroup(words[0], width) : "";
  return group.empty() ? UnknownCommand(words) : show(group);
}

// What the completion scripts call: `completion candidates -- WORD...`.
bool IsCompletion(const std::vector<std::string>& words) {
  return words.size() > 3 && words[0] == "completion" && words[1] == "candidates" &&
         words[2] == "--";
}

Status Dispatch(std::vector<std::string> words, const GlobalOptions& globals, Output& output) {
  if (IsCompletion(words)) {
    for (const std::string& word : Complete(std::span(words).subspan(3))) output.Raw(word + "\n");
    return {};
  }
  if (!words.empty() && words[0] == "--version") words[0] = "version";
  if (words.empty()) return ShowHelp({}, output);
  if (words[0] == "help") return ShowHelp({words.begin() + 1, words.end()}, output);
  if (globals.wish == GlobalOptions::Wish::kHelp) return ShowHelp(words, output);
  Call call = FindCall(words);
  if (call.command == nullptr) {
    if (words[0][0] == '-') {
      return InvalidSpec(Format("no such option: {}", words[0]))
          .WithHint("options stand after the command; millrace help all lists the commands");
    }
    return UnknownCommand(words);
  }
  MILLRACE_ASSIGN_OR_RETURN(
      Arguments arguments, ParseArguments(call.command->name, call.command->arguments, call.words));
  SystemClock clock;
  CommandContext context{.arguments = std::move(arguments),
                         .folder = AbsolutePath(globals.folder.value_or(".")),
                         .in_current_folder = !globals.folder.has_value(),
                         .consent = globals.consent,
                         .output = output,
                         .clock = clock};
  return call.command->function(context);
}

// The boundary: what a library threw past its adapter ends here, in words.
Status DispatchSafely(std::vector<std::string> words, const GlobalOptions& globals,
                      Output& output) {
  try {
    return Dispatch(std::move(words), globals, output);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("out of memory")
        .WithHint("set develop.budget.memory, or use a machine with more memory");
  } catch (const std::exception& error) {
    return Internal(Format("a library failed: {}", error.what()));
  }
}

}  // namespace

std::string CommandContext::Resolve(const std::string& path) const {
  if (in_current_folder || path.empty() || path[0] == '/') return path;
  return JoinPath(folder, path);
}

const Command* FindCommand(std::string_view name) {
  for (const Command& command : AllCommands()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

int RunProgram(const std::vector<std::string>& all_words) {
  std::vector<std::string> words = all_words;
  // A reader that goes away (`| head`) shows as a failed write, which is looked at.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a write over the limit on file sizes fails as any other
  const Result<GlobalOptions> globals = TakeGlobals(words);
  if (!globals.ok()) {
    PrintError(globals.status(), Output::Form::kText);
    return ExitCode(globals.status().code());
  }
  CatchInterrupts();
  Output output(globals->form);
  Status status = DispatchSafely(std::move(words), *globals, output);
  const Status written = output.Finish();
  if (status.ok()) status = written;
  if (status.ok()) return 0;
  PrintError(status, globals->form);
  return ExitCode(status.code());
}

}  // namespace millrace::cli
