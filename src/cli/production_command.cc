#include <string>

#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/production_access.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "deploy/deploy_phase.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

Result<deploy::ProductionState> Observe(OpenProduction& open) {
  return deploy::ObserveProduction(open.workspace().project);
}

}  // namespace

Status RunDeploy(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open, OpenProduction::Open(context, "millrace deploy"));
  MILLRACE_ASSIGN_OR_RETURN(const Digest object,
                            BundleObject(open.workspace(), context.arguments.Text("BUNDLE")));
  ProgressView view(context.output.form(), context.clock);
  view.PhaseStarted(5, "deploy");
  const Result<deploy::DeployRecord> record = deploy::RunDeploy(open.Inputs(object, view));
  if (!record.ok()) return record.status();
  view.PhaseEnded(record->section, false);
  context.output.Text(report::RenderCheckpoint(record->section.checkpoint, OutputStyle()) + "\n");
  MILLRACE_ASSIGN_OR_RETURN(deploy::ProductionState state, Observe(open));
  state.new_token = record->new_token;
  PrintProduction(state, context);
  return {};
}

Status RunPromote(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open, OpenProduction::Open(context, "millrace promote"));
  MILLRACE_ASSIGN_OR_RETURN(const Digest object,
                            BundleObject(open.workspace(), context.arguments.Text("BUNDLE")));
  SilentProgress progress;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState state,
                            deploy::Promote(open.Inputs(object, progress)));
  PrintProduction(state, context);
  return {};
}

Status RunRollback(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open,
                            OpenProduction::Open(context, "millrace rollback"));
  SilentProgress progress;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState state,
                            deploy::Rollback(open.Inputs(Digest(), progress)));
  PrintProduction(state, context);
  return {};
}

Status RunDown(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState state,
                            deploy::ObserveProduction(workspace.project));
  MILLRACE_RETURN_IF_ERROR(deploy::StopProduction(workspace.project));
  context.output.Text(state.running ? Format("{} has ended\n", state.url)
                                    : std::string("no service of this project is running\n"));
  context.output.Document(json::Json::Of({{"was_running", state.running}, {"running", false}}));
  return {};
}

}  // namespace millrace::cli
