// Two samples: the difference of a metric between two models that answered different rows, and how
// much error probability a comparison may spend when it is looked at more than once.

#pragma once

#include "base/rng.h"
#include "metric/bootstrap.h"
#include "metric/metric.h"

namespace millrace::metric {

struct SampleDifference {
  Interval difference;  // of `left` minus `right`
  Interval left;
  Interval right;
  double standard_error = 0.0;  // of the difference; NaN where a metric is not defined
};

/// Returns the metric of each sample and their difference with percentile intervals: each resample
/// draws from both samples independently (Efron & Tibshirani 1993, section 16.2). Rows of `left`
/// and `right` are unrelated, in number too. All NaN where the metric is not defined on one of
/// them. Deterministic for any number of threads.
SampleDifference BootstrapTwoSamples(const MetricInfo& metric, const Scored& left,
                                     const Scored& right, const Rng& rng,
                                     const BootstrapOptions& options = {});

/// Returns how much of `alpha` (two-sided) may be spent until the share `information` in [0, 1] of
/// the planned rows is in: O'Brien-Fleming-type spending, 2 - 2 Phi(z(1 - alpha / 2) /
/// sqrt(information)) (Lan & DeMets 1983, equation 3). 0 for 0, `alpha` from 1 on.
double SpentAlpha(double alpha, double information);
/// Returns the two-sided p-value of a standard normal statistic.
double TwoSidedPValue(double z);

}  // namespace millrace::metric
