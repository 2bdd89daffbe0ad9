// Intervals by the percentile bootstrap (Efron & Tibshirani 1993, chapter 13) over rows, and
// paired differences of two models on the same resamples.
//
// Deterministic: the same seed gives the same interval for any number of threads.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/rng.h"
#include "metric/metric.h"

namespace millrace::metric {

/// A value with its interval; all NaN where the metric is not defined.
struct Interval {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

struct BootstrapOptions {
  int64_t num_resamples = 500;
  double confidence = 0.95;
  int num_threads = 1;
  /// Rows beyond this are not resampled: a resample of a smaller number m of n rows is rescaled by
  /// sqrt(m / n) (Bickel et al. 1997, m out of n bootstrap).
  int64_t max_rows = 20'000;
};

/// Returns the metric on all rows with its interval.
Interval Bootstrap(const MetricInfo& metric, const Scored& scored, const Rng& rng,
                   const BootstrapOptions& options = {});

/// Returns several metrics with their intervals, all on the same resamples: [metrics.size()]. The
/// values are those of Bootstrap with the same `rng`, and come much faster.
std::vector<Interval> BootstrapAll(std::span<const MetricInfo* const> metrics, const Scored& scored,
                                   const Rng& rng, const BootstrapOptions& options = {});

/// Returns any statistic of `num_rows` rows with its interval. `statistic` gets the rows of a
/// resample, with repetition, and empty for "all rows once"; it may give NaN, and is called from
/// many threads.
Interval BootstrapStatistic(const std::function<double(std::span<const int32_t>)>& statistic,
                            int64_t num_rows, const Rng& rng, const BootstrapOptions& options = {});

/// Returns the metric of `left` minus that of `right` (same rows and labels) with its interval.
Interval BootstrapDifference(const MetricInfo& metric, const Scored& left, const Scored& right,
                             const Rng& rng, const BootstrapOptions& options = {});

}  // namespace millrace::metric
