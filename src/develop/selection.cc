#include "develop/selection.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/threads.h"

namespace millrace::develop {
namespace {

constexpr size_t kBins = 65536;

}  // namespace

FastMetric::FastMetric(const metric::MetricInfo& metric, const metric::Scored& scored)
    : metric_(metric), scored_(scored) {}

double FastMetric::BinnedAuc(std::span<const double> outputs) const {
  std::vector<uint32_t> positives(kBins);
  std::vector<uint32_t> negatives(kBins);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const double place = std::clamp(outputs[i], 0.0, 1.0) * static_cast<double>(kBins - 1);
    const auto bin = static_cast<size_t>(place);
    ++(scored_.labels[i] == 1.0 ? positives : negatives)[bin];
  }
  double below = 0.0;
  double ranked = 0.0;
  double all_positives = 0.0;
  for (size_t b = 0; b < kBins; ++b) {
    ranked += positives[b] * (below + 0.5 * negatives[b]);
    below += negatives[b];
    all_positives += positives[b];
  }
  if (all_positives == 0.0 || below == 0.0) return std::numeric_limits<double>::quiet_NaN();
  return ranked / (all_positives * below);
}

double FastMetric::Value(std::span<const double> outputs) const {
  double value = 0.0;
  if (metric_.name == "auc") {
    value = BinnedAuc(outputs);
  } else {
    metric::Scored scored = scored_;
    scored.outputs = outputs;
    value = metric::Compute(metric_, scored);
  }
  if (!std::isfinite(value)) return -std::numeric_limits<double>::infinity();
  return metric_.greater_is_better ? value : -value;
}

std::vector<int64_t> SelectGreedily(const FastMetric& metric,
                                    const std::vector<std::span<const double>>& outputs,
                                    const SelectionOptions& options) {
  const size_t num_candidates = outputs.size();
  std::vector<int64_t> counts(num_candidates);
  if (num_candidates == 0) return counts;
  const size_t size = outputs[0].size();
  std::vector<double> sum(size);
  std::vector<int64_t> best_counts;
  double best_value = -std::numeric_limits<double>::infinity();
  for (int64_t round = 0; round < options.rounds; ++round) {
    std::vector<double> values(num_candidates);
    const double divisor = 1.0 / static_cast<double>(round + 1);
    ParallelFor(options.num_threads, static_cast<int64_t>(num_candidates), [&](int64_t c) {
      const std::span<const double> own = outputs[static_cast<size_t>(c)];
      std::vector<double> mean(size);
      for (size_t i = 0; i < size; ++i) mean[i] = (sum[i] + own[i]) * divisor;
      values[static_cast<size_t>(c)] = metric.Value(mean);
    });
    // Of equals one that is already in, then the earliest.
    size_t taken = 0;
    for (size_t c = 1; c < num_candidates; ++c) {
      if (values[c] > values[taken] ||
          (values[c] == values[taken] && counts[c] > 0 && counts[taken] == 0)) {
        taken = c;
      }
    }
    ++counts[taken];
    for (size_t i = 0; i < size; ++i) sum[i] += outputs[taken][i];
    if (best_counts.empty() || values[taken] > best_value) {
      best_value = values[taken];
      best_counts = counts;
    }
  }
  return best_counts;
}

std::vector<double> WeightedMean(const std::vector<std::span<const double>>& outputs,
                                 std::span<const int64_t> counts) {
  std::vector<double> mean(outputs.empty() ? 0 : outputs[0].size());
  double total = 0.0;
  for (const int64_t count : counts) total += static_cast<double>(count);
  for (size_t c = 0; c < outputs.size(); ++c) {
    if (counts[c] == 0) continue;
    const double weight = static_cast<double>(counts[c]) / total;
    for (size_t i = 0; i < mean.size(); ++i) mean[i] += weight * outputs[c][i];
  }
  return mean;
}

}  // namespace millrace::develop
