// Production access: what the commands that touch the served model share: project, specification
// and lock together.

#pragma once

#include <optional>
#include <string>

#include "base/progress.h"
#include "cli/command.h"
#include "deploy/deploy_phase.h"
#include "pipeline/run.h"
#include "spec/spec.h"
#include "store/project.h"

namespace millrace::cli {

/// A project that this process may change. What Inputs() returns points into it.
class OpenProduction {
 public:
  /// Opens the project of the context's folder and takes its lock under the name `actor`
  /// ("millrace promote"). Errors of the parts.
  static Result<OpenProduction> Open(const CommandContext& context, std::string actor);

  /// Returns the inputs of deploy calls; `bundle_object` may be all zero where none is needed.
  /// `progress` is borrowed.
  deploy::DeployInputs Inputs(const Digest& bundle_object, ProgressSink& progress);
  const spec::Spec& spec() const { return spec_; }
  pipeline::Workspace& workspace() { return workspace_; }

  /// Gives the lock back, so that other commands may work.
  void Unlock() { lock_.reset(); }
  /// Takes the lock again. kUnavailable while another command works.
  Status Lock();

 private:
  OpenProduction(spec::Spec spec, pipeline::Workspace workspace, Clock& clock, std::string actor)
      : spec_(std::move(spec)),
        workspace_(std::move(workspace)),
        clock_(&clock),
        actor_(std::move(actor)) {}

  spec::Spec spec_;
  pipeline::Workspace workspace_;
  Clock* clock_;  // never null
  std::string actor_;
  std::optional<store::ProjectLock> lock_;
};

/// Returns the object that holds the bundle that the user named (a digest's beginning, a label), or
/// the newest bundle when `named` is empty. kNotFound.
Result<Digest> BundleObject(const pipeline::Workspace& workspace, const std::string& named);

/// Writes what is in production, a curl command that asks it, and a token that was just made.
void PrintProduction(const deploy::ProductionState& state, CommandContext& context);

}  // namespace millrace::cli
