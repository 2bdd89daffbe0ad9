// Curves of a binary model: ROC, precision-recall, calibration; and the choice of a threshold.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "metric/metric.h"

namespace millrace::metric {

/// One threshold and what deciding by it gives.
struct OperatingPoint {
  double threshold = 0.0;  // class 1 when output >= threshold
  double true_positives = 0.0;
  double false_positives = 0.0;
  double positives = 0.0;  // of all rows
  double negatives = 0.0;
};

/// Returns the points of all distinct scores, greatest threshold first.
std::vector<OperatingPoint> OperatingPoints(const Scored& scored);

/// A point (x, y) of a curve.
using Point = std::pair<double, double>;
/// Returns false positive rate against true positive rate, at most `max_points` points.
std::vector<Point> RocCurve(const std::vector<OperatingPoint>& points, int64_t max_points = 200);
/// Returns recall against precision.
std::vector<Point> PrecisionRecallCurve(const std::vector<OperatingPoint>& points,
                                        int64_t max_points = 200);
/// Returns mean output against share of positives in `num_bins` bins of equal row count.
std::vector<Point> CalibrationCurve(const Scored& scored, int64_t num_bins = 10);

/// What a model claims and what is so, over one bin of rows with like claims.
struct CalibrationBin {
  double claimed = 0.0;   // mean probability
  double observed = 0.0;  // share of rows where it came true
  double rows = 0.0;
};
/// Returns at most `num_bins` bins of equal row count. Binary: the probability of class 1;
/// multiclass: the probability of the decided class, and whether it is right.
std::vector<CalibrationBin> CalibrationBins(const Scored& scored, int64_t num_bins = 10);
/// Returns the expected calibration error: mean gap between claimed and observed, weighted by rows
/// (Guo et al. 2017, with bins of equal row count). NaN without rows.
double CalibrationError(const std::vector<CalibrationBin>& bins);

/// Returns the threshold with the greatest utility; of equals the greatest threshold. The
/// threshold lies midway between neighbouring scores, so that it does not hang on one row.
double BestThreshold(const std::vector<OperatingPoint>& points,
                     const std::function<double(const OperatingPoint&)>& utility);

}  // namespace millrace::metric
