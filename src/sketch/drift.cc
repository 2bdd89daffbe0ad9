#include "sketch/drift.h"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace millrace::sketch {
namespace {

constexpr double kSmallestExpected = 5.0;

double Sum(std::span<const double> cells) {
  double sum = 0.0;
  for (const double cell : cells) sum += cell;
  return sum;
}

double PartOfDivergence(double p, double middle) {
  return p > 0.0 ? p * std::log2(p / middle) : 0.0;
}

}  // namespace

double Psi(std::span<const double> reference, std::span<const double> now) {
  const auto cells = static_cast<double>(reference.size());
  const double reference_sum = Sum(reference) + 0.5 * cells;
  const double now_sum = Sum(now) + 0.5 * cells;
  double psi = 0.0;
  for (size_t i = 0; i < reference.size(); ++i) {
    if (reference[i] == 0.0 && now[i] == 0.0) continue;
    const double p = (reference[i] + 0.5) / reference_sum;
    const double q = (now[i] + 0.5) / now_sum;
    psi += (q - p) * std::log(q / p);
  }
  return psi;
}

double JensenShannon(std::span<const double> reference, std::span<const double> now) {
  const double reference_sum = Sum(reference);
  const double now_sum = Sum(now);
  if (reference_sum <= 0.0 || now_sum <= 0.0) return 0.0;
  double divergence = 0.0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double p = reference[i] / reference_sum;
    const double q = now[i] / now_sum;
    const double middle = (p + q) / 2.0;
    divergence += (PartOfDivergence(p, middle) + PartOfDivergence(q, middle)) / 2.0;
  }
  return std::sqrt(std::clamp(divergence, 0.0, 1.0));
}

double KolmogorovSmirnov(std::span<const double> reference, std::span<const double> now) {
  const double reference_sum = Sum(reference);
  const double now_sum = Sum(now);
  if (reference_sum <= 0.0 || now_sum <= 0.0) return 0.0;
  double difference = 0.0;
  double greatest = 0.0;
  for (size_t i = 0; i < reference.size(); ++i) {
    difference += reference[i] / reference_sum - now[i] / now_sum;
    greatest = std::max(greatest, std::abs(difference));
  }
  return greatest;
}

double HomogeneityPValue(std::span<const double> reference, std::span<const double> now) {
  const double n = Sum(reference);
  const double m = Sum(now);
  if (n <= 0.0 || m <= 0.0) return 1.0;
  const double smaller_share = std::min(n, m) / (n + m);
  // Rare cells are pooled into one, by their total alone: the test keeps its level.
  std::vector<std::pair<double, double>> cells;
  std::pair<double, double> rare{0.0, 0.0};
  for (size_t i = 0; i < reference.size(); ++i) {
    if ((reference[i] + now[i]) * smaller_share >= kSmallestExpected) {
      cells.emplace_back(reference[i], now[i]);
    } else {
      rare.first += reference[i];
      rare.second += now[i];
    }
  }
  if ((rare.first + rare.second) * smaller_share >= kSmallestExpected || cells.size() < 2) {
    if (rare.first + rare.second > 0.0) cells.push_back(rare);
  } else if (rare.first + rare.second > 0.0) {
    const auto least = std::ranges::min_element(cells, [](const auto& a, const auto& b) {
      return a.first + a.second < b.first + b.second;
    });
    least->first += rare.first;
    least->second += rare.second;
  }
  if (cells.size() < 2) return 1.0;
  double statistic = 0.0;
  for (const auto& [a, b] : cells) {
    const double expected_a = (a + b) * n / (n + m);
    const double expected_b = (a + b) * m / (n + m);
    if (std::min(expected_a, expected_b) < 1.0) return 1.0;
    statistic += (a - expected_a) * (a - expected_a) / expected_a;
    statistic += (b - expected_b) * (b - expected_b) / expected_b;
  }
  return boost::math::gamma_q(static_cast<double>(cells.size() - 1) / 2.0, statistic / 2.0);
}

double RankPValue(std::span<const double> reference, std::span<const double> now) {
  constexpr double kSmallestOutside = 30.0;
  const double n = Sum(reference);
  const double m = Sum(now);
  const double all = n + m;
  double fullest = 0.0;
  for (size_t i = 0; i < reference.size(); ++i) fullest = std::max(fullest, reference[i] + now[i]);
  if (n <= 0.0 || m <= 0.0 || std::min(n, m) * (1.0 - fullest / all) < kSmallestOutside) return 1.0;
  double below = 0.0;
  double distance = 0.0;  // of the rank sum of `now` from what is expected
  double spread = 0.0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double cell = reference[i] + now[i];
    const double rank = below + cell / 2.0 - all / 2.0;
    distance += now[i] * rank;
    spread += cell * rank * rank;
    below += cell;
  }
  const double variance = n * m / (all * (all - 1.0)) * spread;
  if (variance <= 0.0) return 1.0;
  return std::erfc(std::abs(distance) / std::sqrt(2.0 * variance));
}

Drift CompareSketches(const ColumnSketch& reference, const ColumnSketch& now, int64_t num_columns) {
  const std::vector<double> before = reference.Cells();
  const std::vector<double> after = now.Cells();
  Drift drift;
  if (before.size() != after.size()) return drift;
  drift.psi = Psi(before, after);
  drift.jensen_shannon = JensenShannon(before, after);
  drift.p_value = HomogeneityPValue(before, after);
  if (reference.numeric()) {
    const auto bins = std::span(before).first(before.size() - 1);  // without the missing cell
    const auto bins_now = std::span(after).first(bins.size());
    drift.kolmogorov_smirnov = KolmogorovSmirnov(bins, bins_now);
    drift.p_value = std::min(1.0, 2.0 * std::min(drift.p_value, RankPValue(bins, bins_now)));
  }
  drift.significant =
      drift.p_value < kFalseAlarmShare / static_cast<double>(std::max<int64_t>(1, num_columns));
  return drift;
}

}  // namespace millrace::sketch
