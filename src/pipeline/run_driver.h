// RunDriver: drives the steps of one run: found or done, recorded before the next begins; then the
// report. Internal to the folder.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/result.h"
#include "pipeline/criteria.h"
#include "pipeline/phase_step.h"
#include "pipeline/run.h"
#include "pipeline/run_start.h"

namespace millrace::pipeline {

/// All borrowed but the options.
struct DriverInputs {
  Workspace& workspace;
  const spec::Spec& spec;
  RunOptions options;
  std::optional<uint64_t> previous_salt;  // of the split
  Clock& clock;
  RunObserver& observer;
};

class RunDriver {
 public:
  /// `steps` in order; those after options.last_phase are not driven. The caller holds the project
  /// lock.
  RunDriver(DriverInputs inputs, std::vector<std::unique_ptr<PhaseStep>> steps);

  /// Drives the run to its end; once. As RunPipeline.
  Result<RunOutcome> Drive();

  /// The records of the phases that are done.
  const PhaseContext& context() const { return context_; }

 private:
  /// Progress of a phase, handed on.
  class ObserverProgress final : public ProgressSink {
   public:
    explicit ObserverProgress(RunObserver& observer) : observer_(observer) {}
    void Report(const ProgressEvent& event) override { observer_.Progress(event); }

   private:
    RunObserver& observer_;
  };
  /// A record that is there already.
  struct Found {
    Digest record;
    Digest key;  // that it was found under
    PhaseTraces traces;
  };

  Status ReadSources();
  Status DrivePhases();
  Status DrivePhase(PhaseStep& step);
  Result<std::optional<Found>> Find(const PhaseStep& step, const Digest& key);
  Status KeepFound(const PhaseStep& step, const Found& found, int64_t started_micros);
  Status RunStep(PhaseStep& step, const Digest& key);
  Status Commit(const store::PhaseRow& row, const PhaseTraces& traces);
  Result<RunOutcome> Finish(const Status& end);
  store::RunStatus StatusOf(const Status& end) const;

  DriverInputs inputs_;
  std::vector<std::unique_ptr<PhaseStep>> steps_;
  ObserverProgress progress_;
  PhaseContext context_;
  StartedRun run_;
  std::vector<report::Section> sections_;
  std::optional<PhaseFailure> failure_;
  int current_phase_ = 1;
};

}  // namespace millrace::pipeline
