// RunDriver: drives the steps of one run: found or done, recorded before the next begins; then the
// report. Internal to the folder.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
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
  /// The caller holds the project lock.
  explicit RunDriver(DriverInputs inputs);

  /// Starts or resumes the run; first and once. A source that cannot be read is no failure yet:
  /// Drive returns it.
  Status Start();
  /// Drives steps, in order and after those driven before; those after options.last_phase are left
  /// out. kGateNotMet when a blocking check is not met; else the failure of the phase.
  Status Drive(const std::vector<std::unique_ptr<PhaseStep>>& steps);
  /// Adds what no step measured to the page.
  void AddSection(report::Section section) { sections_.push_back(std::move(section)); }
  /// Writes the report and ends the run; last and once. `end`: how driving ended. As RunPipeline.
  Result<RunOutcome> Finish(const Status& end);

  /// The records of the phases that are done.
  PhaseContext& context() { return context_; }
  const std::string& run_id() const { return run_.id; }

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
  Status DrivePhase(PhaseStep& step);
  Result<std::optional<Found>> Find(const PhaseStep& step, const Digest& key);
  Status KeepFound(const PhaseStep& step, const Found& found, int64_t started_micros);
  Status RunStep(PhaseStep& step, const Digest& key);
  Status KeepDataVersion();
  Status Commit(const store::PhaseRow& row, const PhaseTraces& traces);
  RunOutcome MakeOutcome(const Status& end);
  store::RunStatus StatusOf(const Status& end) const;

  DriverInputs inputs_;
  ObserverProgress progress_;
  PhaseContext context_;
  StartedRun run_;
  Status sources_;  // of reading the source files
  std::vector<report::Section> sections_;
  std::optional<PhaseFailure> failure_;
  int current_phase_ = 1;
};

}  // namespace millrace::pipeline
