// Phase 4: from a trained model to measured performance, fairness, weak spots, requirement
// verdicts, a model card and the sealed bundle.
//
// Held-out rows only decide what is reported, never what the model is. Deterministic: data, model,
// specification and seed decide every byte of the bundle, for any number of threads; the clock is
// read for latency gates alone, whose figures stay out of bundle and card.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/progress.h"
#include "base/result.h"
#include "data/data_phase.h"
#include "develop/develop_phase.h"
#include "engine/engine.h"
#include "json/value.h"
#include "metric/bootstrap.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/object_store.h"

namespace millrace::evaluate {

/// One figure on the held-out rows.
struct MeasuredMetric {
  std::string name;        // of metric/: "auc"
  metric::Interval value;  // all NaN where it is not defined
};

/// The gap between groups of one sensitive column.
struct MeasuredGap {
  std::string column;  // "gender"
  std::string name;    // of spec::FairnessMetrics(): "equalized_odds_difference"
  metric::Interval value;
  std::string evidence;  // "true positive rate 0.83 (F) against 0.69 (M)"
};

/// The result of phase 4.
struct EvaluateRecord {
  Digest bundle;         // identity: SHA-256 of the bundle's manifest
  Digest bundle_object;  // the *.mill file in the object store
  int64_t bundle_bytes = 0;
  int64_t num_test = 0;
  std::string primary_metric;
  /// Every metric of the task, in report order.
  std::vector<MeasuredMetric> metrics;
  /// Primary metric of the model minus that of the best constant answer, on the same resamples.
  metric::Interval over_baseline;
  /// Per sensitive column; empty where a column has fewer than two groups of enough rows.
  std::vector<MeasuredGap> gaps;
  std::string card;  // Markdown with YAML front matter, as in the bundle
  /// The checkpoint holds the verdicts: ids "gate.auc", "fairness.<metric>.<column>",
  /// "edge.<case>", "evaluate.better_than_baseline".
  report::Section section;

  /// Returns the metric of this name, or null.
  const MeasuredMetric* FindMetric(std::string_view name) const;
  /// Returns true when every blocking check is met.
  bool passed() const { return section.checkpoint.passed(); }
};

json::Json ToJson(const EvaluateRecord& record);
/// kCorrupt when the document is no record.
Result<EvaluateRecord> EvaluateRecordFromJson(const json::Json& document);

struct EvaluateInputs {
  const spec::Spec& spec;
  const data::DataRecord& data;
  const develop::DevelopRecord& develop;
  const store::ObjectStore& objects;
  engine::Engine& engine;
  ProgressSink& progress;
  Clock& clock;  // latency gates only
  int num_threads = 1;
  /// Written into the bundle as it stands: run, data version, seeds; no wall-clock figure.
  json::Json provenance;
};

/// Runs phase 4. A requirement that is not met is no error: the record says so in its checkpoint.
/// Errors: kNotFound or kCorrupt for objects of earlier phases; kCorrupt when the model answers no
/// finite number on golden rows; kCancelled.
Result<EvaluateRecord> RunEvaluate(const EvaluateInputs& inputs);

}  // namespace millrace::evaluate
