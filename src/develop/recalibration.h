// Recalibration: a map from the mixture's probabilities to ones that come true as often as they
// say, where rows that the map was not fitted on show that it helps.
//
// Maps keep the order of the probabilities (model/calibrated_model.h), so auc stays and no ties
// appear. They are fitted by maximum likelihood with a weak pull towards no change.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "develop/folds.h"
#include "metric/bootstrap.h"
#include "metric/curves.h"
#include "metric/metric.h"
#include "model/calibrated_model.h"
#include "table/task.h"

namespace millrace::develop {

/// What was found about the mixture's probabilities.
struct Recalibration {
  std::optional<model::CalibrationMap> map;  // nothing: left as they are
  /// Of the map's form, or of the best one tried where none is taken: mean log loss after minus
  /// before, of rows that each map was not fitted on; 95 % interval over rows.
  metric::Interval change;
  std::vector<metric::CalibrationBin> bins_before;
  std::vector<metric::CalibrationBin> bins_after;  // of honest_outputs; empty where none is taken
  /// [scored rows, num_scores] by maps that were fitted without the row's part; empty where none
  /// is taken.
  std::vector<double> honest_outputs;
  std::string reason;
};

/// Fits one map. Nothing where rows say too little: fewer than two classes among them.
std::optional<model::CalibrationMap> FitCalibration(model::CalibrationForm form,
                                                    const metric::Scored& scored);

/// Measures both forms (beta: binary, from 500 rows of the rarer class on) out of fold and takes
/// the simplest that lowers the log loss with the whole interval; the map is then fitted on all
/// rows. `part` [num_rows] says which rows leave a map's fitting together.
Recalibration Recalibrate(const metric::Scored& scored, std::span<const int32_t> part);

/// Returns about how many seconds Recalibrate takes on a present core; what a search must leave.
double RecalibrationSeconds(table::Task task, int64_t num_rows, int64_t num_classes,
                            int64_t num_parts);

/// Returns the part of each scored row: its fold of the first division, or one of five of a
/// hold-out.
std::vector<int32_t> PartsOf(const Folds& folds);

}  // namespace millrace::develop
