// Phase 6: watches a deployed model: reads the prediction log, closes windows, measures drift and
// performance in each, raises alerts, and says when to retrain.
//
// A reconciler: it may be called at any time, any number of times, by several processes (one at a
// time goes on, the others wait). What was read is remembered in the catalog (states "operate*")
// together with the windows, in one transaction, so that a kill at any instant neither loses nor
// repeats a window. An alert is sent at least once, always with the same id.
//
// The server writes the log that is read here: `.millrace/logs`.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/progress.h"
#include "base/result.h"
#include "json/value.h"
#include "metric/bootstrap.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"

namespace millrace::operate {

/// Drift of one column (or of predictions) in a window (sketch/drift.h).
struct ColumnDrift {
  std::string column;  // "prediction", "prediction <class>" and "decision" for what the model said
  double psi = 0.0;
  double jensen_shannon = 0.0;
  double kolmogorov_smirnov = 0.0;  // 0 for texts
  double p_value = 1.0;             // of "as in the reference"
  bool significant = false;         // after correction for the number of columns
  bool alarm = false;               // significant, and psi at or above monitor.drift_psi
};

/// One closed window of predictions of one route.
struct Window {
  int64_t number = 0;  // 1, 2, ...
  std::string route;   // "champion", "challenger"
  std::string bundle;  // digest
  int64_t first_micros = 0;
  int64_t last_micros = 0;
  int64_t num_rows = 0;
  int64_t num_labelled = 0;        // grows while feedback arrives
  int64_t closed_micros = 0;       // 0: open
  std::vector<ColumnDrift> drift;  // empty: open, or the bundle holds no reference
  /// Primary metric on labelled rows; absent with too few of them.
  std::optional<metric::Interval> performance;
  bool performance_alarm = false;  // the whole interval lies beyond the allowed drop
};

/// Something a person must know. Sent once to every target of monitor.alerts.
struct Alert {
  std::string id;    // stable: "drift.window-12"
  std::string kind;  // "drift", "performance", "silence", "server", "retrain"
  std::string text;  // one sentence with figures
  int64_t time_micros = 0;
  bool delivered = false;  // to all targets; retried by the next call
  friend bool operator==(const Alert&, const Alert&) = default;
};

enum class TriggerState { kQuiet, kDue, kCoolingDown };
struct Trigger {
  std::string kind;  // "drift", "performance", "schedule"
  TriggerState state = TriggerState::kQuiet;
  std::string reason;
  std::string cause;  // stable id of what made it due: "drift.window-12"; empty: quiet
};

/// Windows and alerts that are remembered; older ones are forgotten.
inline constexpr int64_t kMaxWindows = 200;
inline constexpr int64_t kMaxAlerts = 200;

struct OperateRecord {
  std::vector<Window> windows;    // newest last, at most 200
  std::vector<Alert> alerts;      // newest last, at most 200
  std::vector<Trigger> triggers;  // one per kind in spec.retrain.on
  int64_t num_predictions = 0;    // read so far
  int64_t num_labels = 0;         // joined to a prediction
  int64_t num_unmatched = 0;      // labels of no prediction that is remembered
  int64_t open_rows = 0;          // of windows that are not closed yet
  bool retrain_due = false;
  report::Section section;
};

json::Json ToJson(const OperateRecord& record);
Result<OperateRecord> OperateRecordFromJson(const json::Json& document);

struct OperateInputs {
  const spec::Spec& spec;
  const store::Project& project;
  const store::ObjectStore& objects;
  store::Catalog& catalog;
  Clock& clock;
  ProgressSink& progress;
};

/// Remembers an alert that the next pass sends, unless one with this id is remembered.
Status RaiseAlert(const OperateInputs& inputs, Alert alert);

/// The folder of the prediction log, as the production server writes it.
std::string PredictionLogFolder(const store::Project& project);

/// One pass: reads what is new in the log, closes windows that are full or old enough, sends
/// alerts, evaluates triggers. kNotFound when nothing was ever deployed. An alert target that does
/// not answer is no error: the alert stays undelivered and is said.
Result<OperateRecord> RunOperate(const OperateInputs& inputs);

}  // namespace millrace::operate
