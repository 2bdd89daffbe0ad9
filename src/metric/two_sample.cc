#include "metric/two_sample.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/threads.h"

namespace millrace::metric {
namespace {

constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();

std::vector<int32_t> Draw(size_t num_rows, size_t num_drawn, Rng rng) {
  std::vector<int32_t> rows(num_drawn);
  for (int32_t& row : rows) row = static_cast<int32_t>(rng.Below(num_rows));
  return rows;
}

// The interval of `value` from its resamples, which were drawn from fewer rows where `scale` < 1.
Interval IntervalOf(double value, std::vector<double> resamples, double scale, double confidence) {
  if (resamples.empty()) return {value, value, value};
  std::sort(resamples.begin(), resamples.end());
  const auto at = [&resamples](double share) {
    return resamples[static_cast<size_t>(share * static_cast<double>(resamples.size() - 1) + 0.5)];
  };
  const double tail = 0.5 * (1.0 - confidence);
  return {value, value + (at(tail) - value) * scale, value + (at(1.0 - tail) - value) * scale};
}

double StandardDeviation(const std::vector<double>& values) {
  if (values.size() < 2) return kNotDefined;
  double mean = 0.0;
  for (const double value : values) mean += value;
  mean /= static_cast<double>(values.size());
  double sum = 0.0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

}  // namespace

SampleDifference BootstrapTwoSamples(const MetricInfo& metric, const Scored& left,
                                     const Scored& right, const Rng& rng,
                                     const BootstrapOptions& options) {
  constexpr Interval kNone{kNotDefined, kNotDefined, kNotDefined};
  if (left.labels.empty() || right.labels.empty()) return {kNone, kNone, kNone, kNotDefined};
  const double left_value = Compute(metric, left);
  const double right_value = Compute(metric, right);
  if (std::isnan(left_value) || std::isnan(right_value)) return {kNone, kNone, kNone, kNotDefined};
  // The same share of both samples is drawn, so that one factor scales the difference back.
  const size_t largest = std::max(left.labels.size(), right.labels.size());
  const double share =
      std::min(1.0, static_cast<double>(options.max_rows) / static_cast<double>(largest));
  const auto drawn = [share](size_t rows) {
    return std::max<size_t>(1, static_cast<size_t>(share * static_cast<double>(rows)));
  };
  const auto num_resamples = static_cast<size_t>(options.num_resamples);
  std::vector<double> lefts(num_resamples);
  std::vector<double> rights(num_resamples);
  ParallelFor(options.num_threads, options.num_resamples, [&](int64_t i) {
    const auto index = static_cast<size_t>(i);
    const auto number = static_cast<uint64_t>(i);
    lefts[index] =
        Compute(metric, left,
                Draw(left.labels.size(), drawn(left.labels.size()), rng.Fork("left", number)));
    rights[index] =
        Compute(metric, right,
                Draw(right.labels.size(), drawn(right.labels.size()), rng.Fork("right", number)));
  });
  std::vector<double> good_lefts;
  std::vector<double> good_rights;
  std::vector<double> differences;
  for (size_t i = 0; i < num_resamples; ++i) {
    if (std::isnan(lefts[i]) || std::isnan(rights[i])) continue;
    good_lefts.push_back(lefts[i]);
    good_rights.push_back(rights[i]);
    differences.push_back(lefts[i] - rights[i]);
  }
  const double scale = std::sqrt(share);
  const double error = StandardDeviation(differences) * scale;
  return {IntervalOf(left_value - right_value, differences, scale, options.confidence),
          IntervalOf(left_value, good_lefts, scale, options.confidence),
          IntervalOf(right_value, good_rights, scale, options.confidence), error};
}

double SpentAlpha(double alpha, double information) {
  if (!(information > 0.0)) return 0.0;
  if (information >= 1.0) return alpha;
  const boost::math::normal normal;
  const double bound = boost::math::quantile(normal, 1.0 - 0.5 * alpha);
  return 2.0 * boost::math::cdf(boost::math::complement(normal, bound / std::sqrt(information)));
}

double TwoSidedPValue(double z) {
  if (std::isnan(z)) return kNotDefined;
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

}  // namespace millrace::metric
