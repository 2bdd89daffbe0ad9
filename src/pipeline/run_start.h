// RunStart: a new run in the catalog, or the one that was killed or interrupted with the same
// inputs. Internal to the folder.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"
#include "pipeline/run.h"
#include "pipeline/sources.h"
#include "spec/spec.h"

namespace millrace::pipeline {

/// Names of artefacts that every run has.
inline constexpr std::string_view kInputsArtefact = "inputs.json";
inline constexpr std::string_view kSpecArtefact = "spec.json";

/// What a run is a function of; stored as its first artefact.
struct RunInputs {
  const spec::Spec& spec;
  std::vector<SourceContent> sources;  // empty when they cannot be read
  std::optional<double> budget_seconds;
  std::optional<uint64_t> previous_salt;
  std::vector<std::string> released;  // rows of the quarantine that are kept
  std::string kind;                   // "run", "retrain"
  std::string actor;                  // for the audit
};

struct StartedRun {
  std::string id;
  bool resumed = false;
  int64_t created_micros = 0;
};

/// Starts or resumes a run. The caller holds the project lock: any other run that is still marked
/// as running was killed, and is marked as interrupted.
Result<StartedRun> StartOrResume(Workspace& workspace, const RunInputs& inputs, Clock& clock);

}  // namespace millrace::pipeline
