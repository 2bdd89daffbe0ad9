#include <string>

#include "base/files.h"
#include "base/format.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "operate/github_workflow.h"
#include "store/project.h"

namespace millrace::cli {
namespace {

Status ExportWorkflowFile(CommandContext& context, operate::WorkflowKind kind) {
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  MILLRACE_ASSIGN_OR_RETURN(const store::Project project, store::Project::Open(context.folder));
  const bool replace = context.arguments.Has("--force");
  MILLRACE_ASSIGN_OR_RETURN(const std::string path,
                            operate::ExportWorkflow(spec, project, kind,
                                                    replace ? operate::Overwrite::kReplace
                                                            : operate::Overwrite::kRefuse));
  context.output.Text(Format("{}\n", path));
  context.output.Document(json::Json::Of({{"path", path}}));
  return {};
}

}  // namespace

Status RunExportGithub(CommandContext& context) {
  return ExportWorkflowFile(context, operate::WorkflowKind::kGithub);
}

Status RunExportGitlab(CommandContext& context) {
  return ExportWorkflowFile(context, operate::WorkflowKind::kGitlab);
}

}  // namespace millrace::cli
