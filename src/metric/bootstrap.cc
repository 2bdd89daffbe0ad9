#include "metric/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "base/threads.h"

namespace millrace::metric {
namespace {

using Statistic = std::function<double(std::span<const int32_t>)>;

Interval Resample(double value, const Statistic& statistic, size_t num_rows, const Rng& rng,
                  const BootstrapOptions& options) {
  if (std::isnan(value) || num_rows == 0) return {value, value, value};
  const size_t draw = std::min(num_rows, static_cast<size_t>(options.max_rows));
  std::vector<double> values(static_cast<size_t>(options.num_resamples));
  ParallelFor(options.num_threads, options.num_resamples, [&](int64_t i) {
    Rng own = rng.Fork("resample", static_cast<uint64_t>(i));
    std::vector<int32_t> rows(draw);
    for (int32_t& row : rows) row = static_cast<int32_t>(own.Below(num_rows));
    values[static_cast<size_t>(i)] = statistic(rows);
  });
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return {value, value, value};
  std::sort(values.begin(), values.end());
  const double tail = 0.5 * (1.0 - options.confidence);
  const auto at = [&values](double share) {
    return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
  };
  const double scale = std::sqrt(static_cast<double>(draw) / static_cast<double>(num_rows));
  return {value, value + (at(tail) - value) * scale, value + (at(1.0 - tail) - value) * scale};
}

}  // namespace

Interval Bootstrap(const MetricInfo& metric, const Scored& scored, const Rng& rng,
                   const BootstrapOptions& options) {
  return Resample(
      Compute(metric, scored),
      [&](std::span<const int32_t> rows) { return Compute(metric, scored, rows); },
      scored.labels.size(), rng, options);
}

Interval BootstrapDifference(const MetricInfo& metric, const Scored& left, const Scored& right,
                             const Rng& rng, const BootstrapOptions& options) {
  return Resample(
      Compute(metric, left) - Compute(metric, right),
      [&](std::span<const int32_t> rows) {
        return Compute(metric, left, rows) - Compute(metric, right, rows);
      },
      left.labels.size(), rng, options);
}

}  // namespace millrace::metric
