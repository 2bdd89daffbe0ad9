#include <string>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/production_access.h"
#include "cli/project_access.h"
#include "deploy/production.h"
#include "operate/supervisor.h"

namespace millrace::cli {
namespace {

// Starts `millrace retrain` on the project; what it says goes to the logs folder.
Result<int64_t> StartRetrain(const store::Project& project, const std::string& reason) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string program, CurrentProgramPath());
  const std::string log = JoinPath(project.logs_folder(), "retrain.log");
  MILLRACE_RETURN_IF_ERROR(MakeFolders(project.logs_folder()));
  return StartChild({.arguments = {program, "-C", project.folder(), "retrain", "--reason", reason},
                     .working_folder = project.folder(),
                     .stdout_path = log,
                     .stderr_path = log});
}

// Tells what has changed since the last state, a line each.
class Teller {
 public:
  void Tell(const operate::SupervisorState& state) {
    if (state.num_restarts > last_.num_restarts) {
      Note(Format("the service had ended; it answers again at {}\n", state.url));
    }
    if (state.num_retrains > last_.num_retrains) Note("retraining has started\n");
    if (last_.retrain_process_id != 0 && state.retrain_process_id == 0) {
      Note("retraining has ended; millrace status tells how\n");
    }
    if (!state.last_error.empty() && state.last_error != last_.last_error) {
      Note(state.last_error + "\n");
    }
    last_ = state;
  }

 private:
  operate::SupervisorState last_;
};

Status Supervise(CommandContext& context, OpenProduction& open, double pass_seconds) {
  SilentProgress progress;
  Teller teller;
  pipeline::Workspace& workspace = open.workspace();
  return operate::RunSupervisor(
             {.spec = open.spec(),
              .project = workspace.project,
              .objects = workspace.objects,
              .catalog = *workspace.catalog,
              .clock = context.clock,
              .progress = progress,
              .server_program = "",
              .pass_seconds = pass_seconds,
              .start_retrain =
                  [&workspace](const std::string& reason) {
                    return StartRetrain(workspace.project, reason);
                  },
              .stop = Interrupted,
              .changed = [&teller](const operate::SupervisorState& state) { teller.Tell(state); }})
      .status();
}

}  // namespace

Status RunUp(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto every, context.arguments.Duration("--every"));
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open, OpenProduction::Open(context, "millrace up"));
  SilentProgress progress;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState state,
                            deploy::StartProduction(open.Inputs(Digest(), progress)));
  open.Unlock();
  PrintProduction(state, context);
  context.output.FlushDocument();
  if (context.arguments.Has("--detach")) return {};
  Note("\nwatching; Ctrl-C ends the watch, the service goes on; millrace down ends it\n");
  MILLRACE_RETURN_IF_ERROR(Supervise(context, open, every.value_or(5.0)));
  Note(Format("the service goes on at {}\n", state.url));
  return {};
}

}  // namespace millrace::cli
