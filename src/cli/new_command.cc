#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "base/threads.h"
#include "cli/commands.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "cli/questions.h"
#include "design/new_project.h"
#include "engine/byte_reader.h"
#include "engine/source_files.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

// Words of the sentence that are files: "... churn next month from customers.csv".
std::vector<std::string> FilesIn(const CommandContext& context, std::string_view description) {
  std::vector<std::string> files;
  for (std::string_view word : Split(description, ' ')) {
    while (!word.empty() && std::string_view(".,;:!?\"'()").find(word.back()) < 9) {
      word.remove_suffix(1);
    }
    const std::string path = context.Resolve(std::string(word));
    if (word.find('.') != std::string_view::npos && FileExists(path) && !IsFolder(path)) {
      files.emplace_back(word);
    }
  }
  return files;
}

Result<std::vector<std::string>> DataOf(const CommandContext& context,
                                        const std::string& description) {
  std::vector<std::string> data = context.arguments.List("--data");
  if (data.empty()) data = FilesIn(context, description);
  if (data.empty()) {
    return InvalidSpec("new: --data is missing, and no word of the description is a file here")
        .WithHint("millrace new \"" + Ellipsize(description, 40) + "\" --data FILE");
  }
  return data;
}

// What comes on standard input becomes a file of the project: later runs read it again.
Result<std::string> KeepStdin(const CommandContext& context, bool force) {
  MILLRACE_RETURN_IF_ERROR(MakeFolders(context.folder));
  const std::string incoming = JoinPath(context.folder, ".standard_input.tmp");
  const auto keep = [&]() -> Result<std::string> {
    MILLRACE_RETURN_IF_ERROR(engine::CopyStdin(incoming));
    MILLRACE_ASSIGN_OR_RETURN(const std::string name, engine::NameByContent(incoming));
    const std::string path = JoinPath(context.folder, "standard_input" + name);
    if (!force && FileExists(path)) {
      return InvalidSpec(Format("{}: there is one already", path))
          .WithHint("move it away, or replace it with --force");
    }
    MILLRACE_RETURN_IF_ERROR(RenameFile(incoming, path));
    return AbsolutePath(path);
  };
  Result<std::string> path = keep();
  if (!path.ok()) static_cast<void>(RemoveAll(incoming));
  return path;
}

Result<design::Known> KnownOf(const Arguments& arguments) {
  design::Known known;
  if (arguments.Has("--task")) known.task = table::TaskFromName(arguments.Text("--task"));
  if (arguments.Has("--target")) known.target = arguments.Text("--target");
  if (arguments.Has("--positive")) known.positive = arguments.Text("--positive");
  if (arguments.Has("--id")) known.id = arguments.Text("--id");
  if (arguments.Has("--not-at-prediction")) {
    known.not_at_prediction = arguments.List("--not-at-prediction");
  }
  return known;
}

}  // namespace

Status RunNew(CommandContext& context) {
  const std::string description = context.arguments.Text("DESCRIPTION");
  if (Trim(description).empty()) {
    return InvalidSpec("new: the description is empty")
        .WithHint("say what should be predicted, in a sentence");
  }
  const bool force = context.arguments.Has("--force");
  if (!force && FileExists(SpecPath(context, ""))) {
    return InvalidSpec(Format("{}: there is one already", SpecPath(context, "")))
        .WithHint("edit it, or replace it with --force; millrace run runs it");
  }
  MILLRACE_ASSIGN_OR_RETURN(std::vector<std::string> data, DataOf(context, description));
  for (std::string& source : data) {
    if (source != "-") continue;
    MILLRACE_ASSIGN_OR_RETURN(source, KeepStdin(context, force));
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto budget, context.arguments.Duration("--budget"));
  MILLRACE_ASSIGN_OR_RETURN(const auto known, KnownOf(context.arguments));
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  ProgressView view(context.output.form(), context.clock);
  MILLRACE_ASSIGN_OR_RETURN(const design::NewProject project,
                            design::MakeNewProject({.description = description,
                                                    .data = data,
                                                    .working_folder = context.folder,
                                                    .project_folder = context.folder,
                                                    .known = known,
                                                    .budget_seconds = budget,
                                                    .source = SourceOptionsOf(context),
                                                    .unanswered = HowToAnswer(context),
                                                    .ask = AskOnTerminal,
                                                    .engine = *engine,
                                                    .progress = view,
                                                    .num_threads = NumProcessors()}));
  MILLRACE_ASSIGN_OR_RETURN(
      const std::string path,
      design::WriteProject(project, context.folder,
                           force ? design::IfExists::kReplace : design::IfExists::kRefuse));
  context.output.Text(project.headline + "\n\n" +
                      report::RenderFacts(project.facts, OutputStyle()));
  for (const design::OpenQuestion& guess : project.guessed) {
    context.output.Text(
        Format("guessed: {} = {}   ({} settles it)\n", guess.key, guess.best_guess, guess.flag));
  }
  const std::string folder = context.in_current_folder ? "" : Format(" -C {}", context.folder);
  context.output.Text(Format("\nwrote {}: every choice with its reason.  Next: millrace{} run\n",
                             context.in_current_folder ? BaseName(path) : path, folder));
  json::Json document = design::ToJson(project);
  document.Set("path", path);
  context.output.Document(std::move(document));
  return {};
}

}  // namespace millrace::cli
