// Monitor: turns records of the log into windows, joins labels, measures drift and performance.
// Works on a MonitorStore; the caller commits. One thread at a time.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "journal/cursor.h"
#include "json/value.h"
#include "operate/monitor_state.h"
#include "operate/reference.h"
#include "spec/spec.h"

namespace millrace::operate {

/// Rows that are kept for late labels, over all windows; the oldest windows lose theirs first.
inline constexpr int64_t kMaxKeptRows = 1'000'000;
/// Labelled rows below which a window gets no performance figure.
inline constexpr int64_t kMinLabelledRows = 30;

/// Compares the counts of a window with the reference of its bundle. `drift_psi` as in
/// monitor.drift_psi. Columns of `dates` move on with time by themselves, which is no drift: only
/// whether they are there is compared.
std::vector<ColumnDrift> MeasureDrift(const sketch::ReferenceSketches& reference,
                                      const sketch::ReferenceSketches& now, double drift_psi,
                                      const std::set<std::string>& dates = {});
/// Returns the name under which drift of an output is told.
std::string OutputName(const sketch::ReferenceSketches& reference, size_t output);

class Monitor {
 public:
  Monitor(MonitorStore& store, ReferenceFinder& references, const spec::MonitorPlan& plan);

  /// Takes the records of one read of the log: closes windows that they fill, joins labels.
  /// `now_micros` is the time of closing.
  Status Take(const journal::NewRecords& records, int64_t now_micros);
  /// To be called when the log is read to its end: closes windows that are old enough, gives up
  /// labels that found no prediction, measures performance where labels came.
  Status Settle(int64_t now_micros);
  /// Adds an alert unless one with this id is remembered.
  void Raise(Alert alert);

 private:
  // A window that is being filled; rows wait until they are counted together.
  struct Filling {
    std::shared_ptr<const Reference> reference;
    std::optional<sketch::ReferenceSketches> counts;
    json::Array rows;
    std::vector<double> outputs;
    std::vector<int32_t> decisions;
  };
  using RouteKey = std::pair<std::string, std::string>;  // route, bundle

  Status AddPrediction(const journal::PredictionRecord& record, int64_t now_micros);
  Result<int64_t> WindowFor(const journal::PredictionRecord& record, int64_t now_micros);
  Status AddRow(int64_t number, const journal::PredictionRecord& record);
  Status CountWaiting(Filling& filling);
  Status CountAll();
  Status Close(int64_t number, int64_t now_micros);
  Result<Filling*> FillingOf(int64_t number);
  void Forget();

  Status JoinLabels(std::vector<journal::FeedbackRecord> feedback);
  Status MeasurePerformance(int64_t number, int64_t now_micros);

  MonitorStore& store_;
  ReferenceFinder& references_;
  const spec::MonitorPlan& plan_;
  std::map<int64_t, Filling> filling_;
  std::map<RouteKey, int64_t> open_;
};

}  // namespace millrace::operate
