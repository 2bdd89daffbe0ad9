// Phase 3: from split rows to a trained model: a baseline, candidates of several learners, their
// tuning within a budget, and the choice of what answers.
//
// Only rows of the training part are read; the test part belongs to phase 4. The clock decides
// which units of work are done, never what a unit computes: the plan that comes out is recorded,
// and the same inputs with that plan give the same bytes for any number of threads.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/progress.h"
#include "base/result.h"
#include "data/data_phase.h"
#include "engine/engine.h"
#include "json/value.h"
#include "metric/bootstrap.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/object_store.h"
#include "table/schema.h"

namespace millrace::develop {

/// One line of the leaderboard: something that was trained and measured on rows it had not seen.
struct Candidate {
  std::string name;        // "boosted trees, deep", unique in the record
  std::string learner;     // of the registry; "ensemble"
  json::Json options;      // as given to the learner
  metric::Interval score;  // primary metric, on held-out folds of the training part
  int64_t num_folds = 0;   // 1: a hold-out
  int64_t rounds = 0;      // of the model(s), median over folds
  int64_t model_bytes = 0;
  bool chosen = false;  // is the answer, or a member of it
  std::string note;     // "ended early: validation got no better"; may be empty
};

/// The result of phase 3.
struct DevelopRecord {
  Digest graph_object;  // feature::Graph as JSON
  Digest model_object;  // model::Model::Serialize()
  /// Raw columns that the graph reads: what a request must hold.
  table::Schema request_schema;
  /// Units of work that were done, with all that a replay needs ({"units": [...]}).
  json::Json plan;
  std::string primary_metric;
  /// Binary: the decision is p >= threshold, chosen on out-of-fold predictions; 0.5 otherwise.
  double threshold = 0.5;
  std::string threshold_reason;
  /// What was done to the probabilities so that they come true as often as they say, in words;
  /// empty for numbers.
  std::string calibration;
  /// Out-of-fold estimate of the answer, and of the baseline, of the primary metric.
  metric::Interval estimate;
  metric::Interval baseline;
  std::vector<Candidate> leaderboard;  // best first; the baseline is in it
  report::Section section;
};

json::Json ToJson(const DevelopRecord& record);
/// kCorrupt when the document is no record.
Result<DevelopRecord> DevelopRecordFromJson(const json::Json& document);

struct DevelopInputs {
  const spec::Spec& spec;
  const data::DataRecord& data;
  const store::ObjectStore& objects;
  engine::Engine& engine;
  ProgressSink& progress;
  Clock& clock;
  int num_threads = 1;
  int64_t memory_bytes = 0;  // 0: no limit but the machine's
  /// Seconds until which the answer must be there, from the call on; spec.develop.budget when
  /// absent.
  std::optional<double> seconds;
  /// Rows that the final model will score once the answer is there, within the same seconds.
  int64_t rows_scored_after = 0;
  /// A recorded plan: exactly its units are done, whatever the clock says (replay).
  std::optional<json::Json> plan;
};

/// Runs phase 3. Interrupted (base/process.h) or out of time, it ends with the best so far; without
/// any model yet it is kCancelled. Errors: kInvalidData when no feature is left; kInvalidSpec for
/// learner names and options; kResourceExhausted when nothing fits into memory_bytes.
Result<DevelopRecord> RunDevelop(const DevelopInputs& inputs);

}  // namespace millrace::develop
