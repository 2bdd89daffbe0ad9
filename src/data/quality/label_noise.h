// LabelNoise: how many labels look wrong, by cross-validated confident learning (Northcutt, Jiang
// and Chuang 2021, sections 3.1 and 3.2), on training rows only.
//
// Confident joint: a row counts as (given i, likely j) where its out-of-fold probability of j is at
// least the mean probability of j among rows given j; the most probable such j. Classes that
// overlap are disputed too though no label is wrong. So a second figure stands beside it, the
// floor: the share of rows that disagree with the model among the surest tenth of each predicted
// class. Labels that are wrong at random are wrong there as often as elsewhere; overlap is not
// there. Where the floor comes near the disputed share (60 % of it, and within its interval) for
// all classes, the classes are apart and that share is the estimate. Else they overlap, the floor
// is the estimate and no verdict is possible: a target that the columns tell badly looks like one
// with wrong labels. Errors that follow from the features cannot be seen at all.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/quality/quality_rows.h"
#include "engine/engine.h"

namespace millrace::data {

struct SuspectRow {
  int64_t place = 0;  // in the source, 0-based
  int64_t given = 0;  // class indexes
  int64_t likely = 0;
  double probability = 0.0;        // of the likely class
  double given_probability = 0.0;  // of the given class
};

struct LabelNoise {
  int64_t num_rows = 0;
  std::vector<std::vector<int64_t>> joint;  // [given][likely]
  double disputed = 0.0;                    // off the diagonal of `joint`, share
  double floor = 0.0;                       // disagreement where the model is surest
  bool apart = false;                       // the classes are: the estimate is a verdict
  double estimate = 0.0;                    // one of both
  double low = 0.0;                         // 95 % interval of the estimate (Wilson 1927)
  double high = 0.0;
  /// Rows off the diagonal, the clearest first, at most 1,000.
  std::vector<SuspectRow> suspects;
};

/// Estimates on at most 10,000 training rows. kUnsupported, with the reason, when there are fewer
/// than 200 rows, fewer than 20 of a class, or more than 50 classes.
Result<LabelNoise> EstimateLabelNoise(engine::Engine& engine, const QualityRows& rows,
                                      const std::vector<std::string>& features, int64_t num_classes,
                                      uint64_t seed);

/// Counts the confident joint and its figures from probabilities [n, num_classes] that were not
/// trained on their rows. `places` [n].
LabelNoise CountLabelNoise(const std::vector<double>& labels,
                           const std::vector<double>& probabilities, int64_t num_classes,
                           const std::vector<int64_t>& places);

}  // namespace millrace::data
