// Run: the six phases of a project, one after the other, each found or done, each recorded before
// the next begins, so that a run killed at any instant is continued by the next call.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/progress.h"
#include "base/result.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"
#include "table/task.h"

namespace millrace::pipeline {

/// An opened project: folder, objects and catalog together.
struct Workspace {
  store::Project project;
  store::ObjectStore objects;
  std::unique_ptr<store::Catalog> catalog;
};
/// Opens a project. Errors of the three parts. `clock` is borrowed.
Result<Workspace> OpenWorkspace(const std::string& folder, Clock& clock);

struct RunOutcome;

/// Hears what a run does; called from one thread.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void RunStarted(const std::string& run_id, bool resumed) = 0;
  virtual void PhaseStarted(int phase, const std::string& name) = 0;
  virtual void Progress(const ProgressEvent& event) = 0;
  /// `found`: an earlier run's record was taken.
  virtual void PhaseEnded(const report::Section& section, bool found) = 0;
  /// Called at the end, also of a run that failed (RunPipeline then returns the failure): the
  /// report is written by now, where the disk let it.
  virtual void RunEnded(const RunOutcome& outcome);
};

struct RunOptions {
  int last_phase = 6;                    // 1..6
  std::optional<double> budget_seconds;  // of development, instead of the specification's
  std::optional<int> num_threads;
  std::string actor = "millrace run";
  std::string kind = "run";    // "run", "retrain"
  std::string server_program;  // empty: millrace-server beside the running program
};

struct RunOutcome {
  std::string run_id;
  store::RunStatus status = store::RunStatus::kDone;
  report::Document document;
  std::string report_path;       // reports/<run>/index.html, absolute
  std::optional<Digest> bundle;  // identity
  std::optional<Digest> bundle_object;
  std::string url;        // of production; empty: not deployed
  std::string new_token;  // made by this call, to be shown once; empty: none was made
};

/// Runs or continues: a run that was killed or interrupted is taken up under its id when its inputs
/// are those of now. Takes the project lock. A gate that is not met ends the run before deployment
/// with status kNotMet: no error. The failure of a phase is returned as it is (kCancelled after an
/// interrupt); the report is written whatever the end is, and says it.
Result<RunOutcome> RunPipeline(const std::string& project_folder, const spec::Spec& spec,
                               const RunOptions& options, Clock& clock, RunObserver& observer);

/// Replays phases 1 to 4 of a recorded run from its data, specification and plan into an empty
/// store, and compares bundles byte by byte. Where the source files are no longer those of the run,
/// the replay starts at phase 3 from the recorded rows, and says so.
struct ReplayOutcome {
  Digest recorded;
  Digest replayed;
  bool equal = false;
  std::vector<std::string> differences;  // entries of the bundle that differ
  int first_phase = 1;                   // 1, or 3 when the source is not that of the run
  std::vector<std::string> notes;        // what the reader must know: "data.csv: has changed ..."
};
/// `run_id` empty: the newest run with a bundle. kNotFound for an unknown run and one without a
/// bundle, kCorrupt for damaged objects. Takes no lock and writes nothing into the project.
Result<ReplayOutcome> Replay(const std::string& project_folder, const std::string& run_id,
                             int num_threads, Clock& clock, ProgressSink& progress);

/// Challenger against champion: runs phases 1 to 4 on today's data as a run of kind "retrain", rows
/// staying on the side of the split that the champion had them on; compares both on held-out rows
/// that neither was trained on (paired); stages and promotes the challenger when it is no worse,
/// every gate is met and the specification lets it. Without a champion, met gates are enough.
/// Errors: those of the phases; kInvalidData when the rows of the champion cannot be told from the
/// new ones. A challenger that is not promoted is no error.
struct RetrainOutcome {
  std::string run_id;
  std::optional<Digest> champion;  // bundle in production; none: nothing is deployed
  Digest challenger;
  std::string metric;
  double difference = 0.0;       // primary metric, greater = challenger better
  double low = 0.0, high = 0.0;  // its interval
  int64_t num_rows = 0;          // compared
  bool promoted = false;
  std::string reason;  // of the promotion, or why there was none
  std::string report_path;
  std::string url;  // of production; empty: not deployed
};
struct RetrainOptions {
  std::string reason = "by hand";
  std::optional<double> budget_seconds;
  std::optional<int> num_threads;
  bool promote = true;         // false: compare only
  std::string server_program;  // as in RunOptions
};
Result<RetrainOutcome> RunRetrain(const std::string& project_folder, const spec::Spec& spec,
                                  const RetrainOptions& options, Clock& clock,
                                  RunObserver& observer);

/// A model without a project: design, data and development of one file in a temporary folder.
struct TrainOnceInputs {
  std::vector<std::string> data;
  std::string target;
  std::string description;          // may be empty
  std::optional<table::Task> task;  // nullopt: the one found
  double budget_seconds = 60.0;     // of the whole call
  std::optional<int64_t> memory_bytes;
  std::optional<int> num_threads;
  std::optional<uint64_t> seed;
  std::string out;  // *.mill
};
struct TrainOnceOutcome {
  Digest bundle;
  int64_t bundle_bytes = 0;
  std::string metric;
  double estimate = 0.0, low = 0.0, high = 0.0;  // out of fold
  report::Section section;                       // of development
};
/// Uses every row for training; the estimate is out of fold.
Result<TrainOnceOutcome> TrainOnce(const TrainOnceInputs& inputs, Clock& clock,
                                   ProgressSink& progress);

}  // namespace millrace::pipeline
