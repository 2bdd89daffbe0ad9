#include "metric/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/threads.h"

namespace millrace::metric {
namespace {

// Fills [num_resamples] rows of statistics; `statistics` writes those of one resample.
using Statistics = std::function<void(std::span<const int32_t> rows, std::span<double> values)>;

std::vector<std::vector<double>> ResampleAll(const Statistics& statistics, size_t width,
                                             size_t num_rows, const Rng& rng,
                                             const BootstrapOptions& options) {
  const size_t draw = std::min(num_rows, static_cast<size_t>(options.max_rows));
  std::vector<std::vector<double>> values(static_cast<size_t>(options.num_resamples),
                                          std::vector<double>(width));
  ParallelFor(options.num_threads, options.num_resamples, [&](int64_t i) {
    Rng own = rng.Fork("resample", static_cast<uint64_t>(i));
    std::vector<int32_t> rows(draw);
    for (int32_t& row : rows) row = static_cast<int32_t>(own.Below(num_rows));
    statistics(rows, values[static_cast<size_t>(i)]);
  });
  return values;
}

Interval Percentiles(double value, std::vector<double> values, size_t num_rows,
                     const BootstrapOptions& options) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (std::isnan(value) || values.empty()) return {value, value, value};
  std::sort(values.begin(), values.end());
  const double tail = 0.5 * (1.0 - options.confidence);
  const auto at = [&values](double share) {
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  const size_t draw = std::min(num_rows, static_cast<size_t>(options.max_rows));
  const double scale = std::sqrt(static_cast<double>(draw) / static_cast<double>(num_rows));
  return {value, value + (at(tail) - value) * scale, value + (at(1.0 - tail) - value) * scale};
}

}  // namespace

Interval BootstrapStatistic(const std::function<double(std::span<const int32_t>)>& statistic,
                            int64_t num_rows, const Rng& rng, const BootstrapOptions& options) {
  const double value = statistic({});
  if (std::isnan(value) || num_rows == 0) return {value, value, value};
  const auto resamples =
      ResampleAll([&statistic](std::span<const int32_t> rows,
                               std::span<double> out) { out[0] = statistic(rows); },
                  1, static_cast<size_t>(num_rows), rng, options);
  std::vector<double> values;
  for (const std::vector<double>& one : resamples) values.push_back(one[0]);
  return Percentiles(value, std::move(values), static_cast<size_t>(num_rows), options);
}

Interval Bootstrap(const MetricInfo& metric, const Scored& scored, const Rng& rng,
                   const BootstrapOptions& options) {
  const MetricInfo* one[] = {&metric};
  return BootstrapAll(one, scored, rng, options)[0];
}

std::vector<Interval> BootstrapAll(std::span<const MetricInfo* const> metrics, const Scored& scored,
                                   const Rng& rng, const BootstrapOptions& options) {
  const size_t num_rows = scored.labels.size();
  std::vector<double> values;
  for (const MetricInfo* metric : metrics) values.push_back(Compute(*metric, scored));
  std::vector<std::vector<double>> resamples;
  if (num_rows > 0) {
    resamples = ResampleAll(
        [&](std::span<const int32_t> rows, std::span<double> out) {
          for (size_t m = 0; m < metrics.size(); ++m) out[m] = Compute(*metrics[m], scored, rows);
        },
        metrics.size(), num_rows, rng, options);
  }
  std::vector<Interval> intervals;
  for (size_t m = 0; m < metrics.size(); ++m) {
    std::vector<double> own;
    for (const std::vector<double>& one : resamples) own.push_back(one[m]);
    intervals.push_back(Percentiles(values[m], std::move(own), num_rows, options));
  }
  return intervals;
}

Interval BootstrapDifference(const MetricInfo& metric, const Scored& left, const Scored& right,
                             const Rng& rng, const BootstrapOptions& options) {
  return BootstrapStatistic(
      [&](std::span<const int32_t> rows) {
        return Compute(metric, left, rows) - Compute(metric, right, rows);
      },
      static_cast<int64_t>(left.labels.size()), rng, options);
}

}  // namespace millrace::metric
