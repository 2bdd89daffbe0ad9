// The trained model as it will be served, and the held-out rows with its answers to them: what all
// of phase 4 measures on.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/scorer.h"
#include "data/data_phase.h"
#include "develop/develop_phase.h"
#include "engine/engine.h"
#include "feature/graph.h"
#include "json/value.h"
#include "metric/metric.h"
#include "model/model.h"
#include "store/object_store.h"
#include "table/table.h"

namespace millrace::evaluate {

/// Graph and model of phase 3, loaded and joined. Immutable; copies share them.
struct TrainedModel {
  json::Json graph_document;
  std::string model_bytes;
  std::shared_ptr<const feature::Graph> graph;
  std::shared_ptr<const model::Model> model;
  bundle::Scorer scorer;
};

/// Loads what phase 3 stored. kNotFound, kCorrupt.
Result<TrainedModel> LoadTrained(const data::DataRecord& data,
                                 const develop::DevelopRecord& develop,
                                 const store::ObjectStore& objects);

/// Rows that the model has not seen, in row order.
struct HeldOut {
  table::Task task = table::Task::kBinary;
  std::vector<std::string> class_labels;
  double threshold = 0.5;
  table::Table rows;                  // request columns, then the others that were asked for
  std::vector<int64_t> source_rows;   // [n] 0-based place in the source
  std::vector<double> labels;         // [n] class indexes, or values
  std::vector<double> outputs;        // as metric::Scored wants them
  std::vector<int32_t> output_ranks;  // [n] of RankOutputs; binary only
  std::vector<float> features;        // [n, num_features], what the model saw

  int64_t num_rows() const { return static_cast<int64_t>(labels.size()); }
  /// Returns the width of `outputs`: 1, or the number of classes of a multiclass task.
  int64_t num_outputs() const;
  /// Returns a view; valid as long as this object lives unchanged.
  metric::Scored scored() const;
  /// Returns the loss of each row [n]: negative log probability of the truth (at most 15), or the
  /// absolute error.
  std::vector<double> RowLosses() const;
};

/// Scores rows of any number on several threads; the result does not depend on how many.
Result<bundle::Predictions> ScoreRows(const bundle::Scorer& scorer, const table::Table& rows,
                                      int num_threads);

/// Loads and scores the test rows; `more_columns` are loaded beside the request's. kNotFound,
/// kCorrupt as LoadRows; kInvalidData when there is no test row.
Result<HeldOut> LoadHeldOut(const data::DataRecord& data, const develop::DevelopRecord& develop,
                            const TrainedModel& trained, const store::ObjectStore& objects,
                            engine::Engine& engine, const std::vector<std::string>& more_columns,
                            int num_threads);

}  // namespace millrace::evaluate
