// ProbeModel: small boosted trees (a forest where classes are many) on a sample of rows, for the
// checks that ask "can this be told from that?". One thread; same rows and seed, same figures.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/quality/quality_rows.h"
#include "engine/engine.h"
#include "feature/node.h"
#include "table/matrix.h"
#include "table/task.h"

namespace millrace::data {

/// Features of some rows, as a fitted graph without labels makes them.
struct EncodedRows {
  table::Matrix matrix;  // [rows, features]
  std::vector<feature::FeatureInfo> infos;
};

/// Encodes `rows` (indexes into `from`) by their columns `features`. Errors of FitGraph:
/// kInvalidData when no feature comes out.
Result<EncodedRows> EncodeRows(engine::Engine& engine, const QualityRows& from,
                               const std::vector<int64_t>& rows,
                               const std::vector<std::string>& features);

struct ProbePlan {
  table::Task task = table::Task::kBinary;
  int64_t num_classes = 2;  // 0 for regression
  uint64_t seed = 7;
};

/// Trains once per fold on all other rows and scores the fold's. `folds` [rows]: 0, 1, ...
/// Returns outputs [rows, scores], scores = 1 or the classes of a multiclass task. kUnsupported
/// when a fold leaves nothing to learn from, or one class only.
Result<std::vector<double>> OutOfFold(const EncodedRows& rows, const std::vector<double>& labels,
                                      const std::vector<int64_t>& folds, const ProbePlan& plan);

}  // namespace millrace::data
