// Supervisor: the operator behind `millrace up`. Keeps the production server alive, watches it
// (RunOperate), and starts retraining when that is due.
//
// One per project: a lock that ends with the process, however it ends. All it must know again after
// a kill lies in the catalog and in .millrace/operator.json, so that a successor goes on: it takes
// over the running server, and does not retrain twice.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/progress.h"
#include "base/result.h"
#include "json/value.h"
#include "operate/operate_phase.h"
#include "spec/spec.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"

namespace millrace::operate {

/// What an operator does, as others read it.
struct SupervisorState {
  int64_t process_id = 0;
  int64_t start_ticks = 0;  // of the process: with the id it names it for good
  int64_t started_micros = 0;
  int64_t pass_micros = 0;  // last pass over the log
  std::string url;          // of production; empty: it does not run now
  int64_t server_process_id = 0;
  int64_t num_restarts = 0;          // of the server, by this operator
  int64_t retrain_process_id = 0;    // 0: none runs
  int64_t num_retrains = 0;          // started by this operator
  int64_t next_retrain_micros = 0;   // not before; after a start
  int64_t num_retrain_failures = 0;  // in a row, ended with an error
  std::string last_error;            // newest failure, as a person reads it; may be empty
};

struct SupervisorInputs {
  const spec::Spec& spec;
  const store::Project& project;
  const store::ObjectStore& objects;
  store::Catalog& catalog;
  Clock& clock;
  ProgressSink& progress;
  std::string server_program;          // empty: millrace-server beside the running program
  double pass_seconds = 5.0;           // between passes over the log
  double tick_seconds = 0.2;           // between looks at the server
  double first_pause_seconds = 1.0;    // before a lost server is started; doubles up to 60 s
  double lock_patience_seconds = 3.0;  // for another command, which may be starting the server
  /// Starts retraining as a child process of this one and returns its id; `reason` is the
  /// trigger's. Not called while one runs, nor when retrain.approve is manual (an alert says so
  /// instead).
  std::function<Result<int64_t>(const std::string& reason)> start_retrain;
  /// Returns true when the operator shall end: usually Interrupted().
  std::function<bool()> stop;
  /// Hears every change of the state; may be empty.
  std::function<void(const SupervisorState&)> changed;
};

/// Runs until `stop`. The server goes on when it returns (StopProduction ends it); a retraining
/// that runs is ended with it. Failures of a pass or a restart are told in the state and as alerts,
/// and tried again with growing pauses. Errors: kUnavailable naming the process when another
/// operator runs; kNotFound when nothing was ever deployed; kIoError.
Result<SupervisorState> RunSupervisor(const SupervisorInputs& inputs);

/// Returns the operator that runs, or nothing.
std::optional<SupervisorState> FindSupervisor(const store::Project& project);
/// Ends the operator that runs: SIGTERM, `grace_seconds`, SIGKILL. None is no error.
Status StopSupervisor(const store::Project& project, double grace_seconds);

json::Json ToJson(const SupervisorState& state);
/// kCorrupt.
Result<SupervisorState> SupervisorStateFromJson(const json::Json& document);

}  // namespace millrace::operate
