#include "profile/leak_probe.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

namespace millrace::profile {
namespace {

struct BinSum {
  double sum = 0.0;
  int64_t count = 0;
};

// Squared distances of each row's target: from the guess, and from the mean.
struct Distances {
  std::vector<double> residual;
  std::vector<double> total;
};

void Explain(std::span<const int64_t> bins, std::span<const double> targets, Distances& sum) {
  double mean = 0.0;
  for (const double target : targets) mean += target;
  mean /= static_cast<double>(targets.size());
  for (size_t i = 0; i < targets.size(); ++i) {
    sum.total[i] += (targets[i] - mean) * (targets[i] - mean);
  }
  for (size_t half = 0; half < 2; ++half) {
    std::unordered_map<int64_t, BinSum> means;
    for (size_t i = half; i < bins.size(); i += 2) {
      BinSum& bin = means[bins[i]];
      bin.sum += targets[i];
      ++bin.count;
    }
    for (size_t i = 1 - half; i < bins.size(); i += 2) {
      const auto found = means.find(bins[i]);
      const double guess = found == means.end()
                               ? mean
                               : found->second.sum / static_cast<double>(found->second.count);
      sum.residual[i] += (targets[i] - guess) * (targets[i] - guess);
    }
  }
}

}  // namespace

std::vector<int64_t> BinsOf(const table::Column& column) {
  std::vector<int64_t> bins;
  if (!table::IsNumeric(column.type())) {
    std::unordered_map<std::string, int64_t> index;
    for (int64_t r = 0; r < column.size(); ++r) {
      bins.push_back(
          column.valid(r)
              ? index.emplace(std::string(column.text(r)), static_cast<int64_t>(index.size()))
                    .first->second
              : -1);
    }
    return bins;
  }
  std::vector<double> sorted;
  for (int64_t r = 0; r < column.size(); ++r) {
    if (column.valid(r)) sorted.push_back(column.number(r));
  }
  std::sort(sorted.begin(), sorted.end());
  const size_t num_bins = std::clamp<size_t>(sorted.size() / 20, 2, 256);
  std::vector<double> borders;
  for (size_t b = 1; b < num_bins && !sorted.empty(); ++b) {
    borders.push_back(sorted[sorted.size() * b / num_bins]);
  }
  for (int64_t r = 0; r < column.size(); ++r) {
    bins.push_back(column.valid(r)
                       ? std::upper_bound(borders.begin(), borders.end(), column.number(r)) -
                             borders.begin()
                       : -1);
  }
  return bins;
}

std::vector<int64_t> PresenceOf(const table::Column& column) {
  std::vector<int64_t> bins;
  for (int64_t r = 0; r < column.size(); ++r) bins.push_back(column.valid(r) ? 0 : -1);
  return bins;
}

ProbeScore ScoreColumn(std::span<const int64_t> bins, std::span<const double> targets,
                       int64_t num_classes) {
  if (bins.empty()) return {};
  Distances sum{std::vector<double>(targets.size()), std::vector<double>(targets.size())};
  if (num_classes == 0) {
    Explain(bins, targets, sum);
  } else {
    std::vector<double> indicator(targets.size());
    // The last class of two tells nothing that the first does not.
    const int64_t considered = num_classes == 2 ? 1 : num_classes;
    for (int64_t k = 0; k < considered; ++k) {
      for (size_t i = 0; i < targets.size(); ++i) {
        indicator[i] = targets[i] == static_cast<double>(k) ? 1.0 : 0.0;
      }
      Explain(bins, indicator, sum);
    }
  }
  double residual = 0.0;
  double total = 0.0;
  for (size_t i = 0; i < targets.size(); ++i) {
    residual += sum.residual[i];
    total += sum.total[i];
  }
  if (total <= 0.0) return {};
  const double unexplained = residual / total;
  double spread = 0.0;
  for (size_t i = 0; i < targets.size(); ++i) {
    const double apart = sum.residual[i] - unexplained * sum.total[i];
    spread += apart * apart;
  }
  const double half = 1.96 * std::sqrt(spread) / total;
  const auto inside = [](double share) { return std::clamp(share, 0.0, 1.0); };
  return {inside(1.0 - unexplained), inside(1.0 - unexplained - half),
          inside(1.0 - unexplained + half)};
}

double ProbeColumn(std::span<const int64_t> bins, std::span<const double> targets,
                   int64_t num_classes) {
  return ScoreColumn(bins, targets, num_classes).value;
}

}  // namespace millrace::profile
