#include <string>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "json/text.h"
#include "pipeline/run.h"

namespace millrace::cli {
namespace {

// The run that the user named by the beginning of its id, else the newest one with a report.
Result<std::string> ChooseRun(const pipeline::Workspace& workspace, const std::string& named) {
  MILLRACE_ASSIGN_OR_RETURN(const auto runs, workspace.catalog->ListRuns());
  std::vector<std::string> with_report;
  for (const store::RunRow& run : runs) {
    if (FileExists(JoinPath(workspace.project.ReportFolder(run.id), "index.html"))) {
      with_report.push_back(run.id);
    }
  }
  if (with_report.empty()) {
    return NotFound("there is no report yet").WithHint("millrace run writes one");
  }
  for (const std::string& id : with_report) {
    if (id.substr(0, named.size()) == named) return id;
  }
  std::string hint = DidYouMean(named, with_report);
  if (hint.empty()) hint = "the newest is " + with_report.front();
  return NotFound(Format("no run with a report: {}", named)).WithHint(std::move(hint));
}

// Asks the desktop to show a file.
Status Show(const std::string& path) {
  for (const char* program : {"/usr/bin/xdg-open", "/usr/bin/open", "/usr/bin/wslview"}) {
    if (!FileExists(program)) continue;
    return StartChild({.arguments = {program, path},
                       .stdout_path = "/dev/null",
                       .stderr_path = "/dev/null",
                       .new_session = true})
        .status();
  }
  return NotFound("no program here opens pages").WithHint("open the file yourself: " + path);
}

}  // namespace

Status RunReport(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const std::string run,
                            ChooseRun(workspace, context.arguments.Text("RUN")));
  const std::string folder = workspace.project.ReportFolder(run);
  const std::string page = JoinPath(folder, "index.html");
  json::Json document = json::Json::Of({{"run", run}, {"path", page}});
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListFolder(folder));
  document.Set("files", json::Json::ArrayOf(files));
  if (context.output.json()) {
    const std::string path = JoinPath(folder, "report.json");
    const Result<std::string> text = ReadFile(path);
    if (text.ok()) {
      MILLRACE_ASSIGN_OR_RETURN(json::Json content, json::Parse(*text, path));
      document.Set("document", std::move(content));
    }
  }
  context.output.Text(page + "\n");
  context.output.Document(std::move(document));
  return context.arguments.Has("--open") ? Show(page) : Status();
}

}  // namespace millrace::cli
