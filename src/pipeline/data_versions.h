// Data versions of runs: what phase 2 read is stored beside what it found. Internal to the folder.

#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "pipeline/phase_step.h"
#include "pipeline/run.h"

namespace millrace::pipeline {

/// All borrowed; the context holds the record of phase 2.
struct DataVersionInputs {
  Workspace& workspace;
  const PhaseContext& context;
  std::string run;
  Clock& clock;
};

/// Stores the source files of a run under its data version, by digest only above `data.keep`.
/// The caller holds the project lock. kInvalidData when a file changed since it was read.
Status RecordDataVersion(const DataVersionInputs& inputs);

}  // namespace millrace::pipeline
