// Preview: what a run would do now: which phases are found, and which must be done.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pipeline/run.h"
#include "spec/spec.h"

namespace millrace::pipeline {

enum class PhaseWork {
  kFound,      // an earlier run's record is taken
  kDone,       // it is done anew, as its inputs are new
  kReconcile,  // wanted and observed state are compared each time
};
/// Returns "found", "to do" or "reconcile".
std::string_view PhaseWorkName(PhaseWork work);

struct PhasePreview {
  int phase = 0;     // 1..6
  std::string name;  // "design"
  PhaseWork work = PhaseWork::kDone;
  std::string title;                     // of the checkpoint that it was found with; else empty
  std::optional<double> budget_seconds;  // of development when it must be done
};

/// Returns what RunPipeline would do with these arguments, in order of phases; after the first
/// phase that must be done, all that depend on it must be done too. Changes nothing and takes no
/// lock. Errors: those of opening the project and of reading its sources.
Result<std::vector<PhasePreview>> PreviewRun(const std::string& project_folder,
                                             const spec::Spec& spec, const RunOptions& options,
                                             Clock& clock);

}  // namespace millrace::pipeline
