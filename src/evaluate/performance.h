// How well the model answers: every metric of the task with its interval, and the difference to
// the best answer that does not look at a row.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "evaluate/evaluate_phase.h"
#include "metric/bootstrap.h"
#include "metric/metric.h"

namespace millrace::evaluate {

/// Returns every metric of the task with its interval, in report order.
std::vector<MeasuredMetric> MeasureMetrics(const metric::Scored& held_out, const Rng& rng,
                                           int num_threads);

/// The same answer for every row, chosen on training labels for one metric.
struct ConstantAnswer {
  std::vector<double> outputs;  // of one row: 1, or num_classes
  double threshold = 0.5;
  std::string text;  // "always No", "the mean, 12.4"
};

/// Returns the constant answer that does best on the training labels: shares of the classes or the
/// class (decision metrics), mean (rmse, r2) or median (absolute errors).
ConstantAnswer BestConstant(const metric::MetricInfo& metric, table::Task task,
                            const std::vector<std::string>& class_labels,
                            std::span<const double> training_labels);

/// Returns the metric of the model minus that of the constant answer, on the same resamples.
metric::Interval OverConstant(const metric::MetricInfo& metric, const metric::Scored& held_out,
                              const ConstantAnswer& answer, const Rng& rng, int num_threads);

}  // namespace millrace::evaluate
