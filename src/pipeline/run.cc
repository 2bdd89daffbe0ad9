#include "pipeline/run.h"

#include <utility>

#include "pipeline/run_driver.h"

namespace millrace::pipeline {

Result<RunOutcome> RunPipeline(const std::string& project_folder, const spec::Spec& spec,
                               const RunOptions& options, Clock& clock, RunObserver& observer) {
  if (options.last_phase < 1 || options.last_phase > 6) {
    return Internal("RunOptions.last_phase: must be 1 to 6");
  }
  MILLRACE_ASSIGN_OR_RETURN(Workspace workspace, OpenWorkspace(project_folder, clock));
  MILLRACE_ASSIGN_OR_RETURN(const store::ProjectLock lock,
                            store::ProjectLock::Take(workspace.project, options.actor));
  RunDriver driver({.workspace = workspace,
                    .spec = spec,
                    .options = options,
                    .previous_salt = std::nullopt,
                    .clock = clock,
                    .observer = observer});
  MILLRACE_RETURN_IF_ERROR(driver.Start());
  Status end = driver.Drive(BuildingSteps());
  if (end.ok()) end = driver.Drive(ReconcilingSteps(workspace, options));
  return driver.Finish(end);
}

}  // namespace millrace::pipeline
