// Calibration: whether rows that get a probability of 0.7 come true 7 times in 10.
//
// The expected calibration error is above zero by chance alone, so it is compared with what a
// perfectly calibrated model would show on as many rows: labels are drawn from the model's own
// probabilities.

#pragma once

#include <vector>

#include "base/rng.h"
#include "metric/curves.h"
#include "metric/metric.h"
#include "report/checkpoint.h"

namespace millrace::evaluate {

struct Calibration {
  double error = 0.0;      // expected calibration error, 10 bins
  double by_chance = 0.0;  // what a calibrated model stays below in 95 of 100 cases
  std::vector<metric::CalibrationBin> bins;

  /// Returns true when the error is more than chance and large enough to matter.
  bool off() const;
};

/// Measures a classification. Rows beyond 50,000 are thinned for the comparison, not for the error.
Calibration MeasureCalibration(const metric::Scored& held_out, const Rng& rng, int num_threads);

/// Returns the check "evaluate.calibration"; it warns, never blocks.
report::Check CheckCalibration(const Calibration& calibration);

}  // namespace millrace::evaluate
