// Phase 3: from training rows to a fitted graph, a chosen model and its decision threshold.
//
// Deterministic given the plan: the clock decides only how long the recorded plan becomes.

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
#include "develop/plan.h"
#include "engine/engine.h"
#include "json/value.h"
#include "metric/bootstrap.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/object_store.h"

namespace millrace::develop {

/// One line of the leaderboard.
struct LeaderboardEntry {
  WorkUnit unit;
  metric::Interval score;  // primary metric on validation rows
  bool chosen = false;     // part of the final model
};

struct DevelopRecord {
  Digest graph_object;  // feature::Graph as JSON text
  Digest model_object;  // model.bin
  Digest plan_object;   // plan as JSON text
  Plan plan;
  std::string metric;                         // primary
  metric::Interval score;                     // of the chosen model on validation rows
  std::vector<LeaderboardEntry> leaderboard;  // best first
  double threshold = 0.5;                     // binary only
  std::string threshold_reason;
  std::string reason;  // why the winner
  int64_t num_validation = 0;
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
  const Clock& clock;
  int num_threads = 1;
  /// A recorded plan: trained as it stands (replay). Absent: proposed within the budget.
  std::optional<Plan> plan;
};

/// Runs phase 3. Errors: those of the fit and of the learners; kUnsupported for a task without
/// learners; kCancelled when interrupted before the first model.
Result<DevelopRecord> RunDevelop(const DevelopInputs& inputs);

}  // namespace millrace::develop
