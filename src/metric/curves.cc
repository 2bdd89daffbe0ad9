#include "metric/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace millrace::metric {
namespace {

std::vector<Point> Thin(std::vector<Point> curve, int64_t max_points) {
  const auto limit = static_cast<size_t>(max_points);
  if (curve.size() <= limit) return curve;
  std::vector<Point> thin;
  for (size_t i = 0; i < limit; ++i) thin.push_back(curve[i * (curve.size() - 1) / (limit - 1)]);
  return thin;
}

}  // namespace

std::vector<OperatingPoint> OperatingPoints(const Scored& scored) {
  std::vector<size_t> order(scored.labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&scored](size_t a, size_t b) {
    return scored.outputs[a] != scored.outputs[b] ? scored.outputs[a] > scored.outputs[b] : a < b;
  });
  OperatingPoint sums;
  for (const double label : scored.labels) (label == 1.0 ? sums.positives : sums.negatives) += 1.0;
  std::vector<OperatingPoint> points;
  for (size_t i = 0; i < order.size(); ++i) {
    (scored.labels[order[i]] == 1.0 ? sums.true_positives : sums.false_positives) += 1.0;
    const double score = scored.outputs[order[i]];
    if (i + 1 < order.size() && scored.outputs[order[i + 1]] == score) continue;
    OperatingPoint point = sums;
    point.threshold = score;
    points.push_back(point);
  }
  return points;
}

std::vector<Point> RocCurve(const std::vector<OperatingPoint>& points, int64_t max_points) {
  std::vector<Point> curve{{0.0, 0.0}};
  for (const OperatingPoint& p : points) {
    if (p.positives == 0.0 || p.negatives == 0.0) return {};
    curve.emplace_back(p.false_positives / p.negatives, p.true_positives / p.positives);
  }
  return Thin(std::move(curve), max_points);
}

std::vector<Point> PrecisionRecallCurve(const std::vector<OperatingPoint>& points,
                                        int64_t max_points) {
  std::vector<Point> curve;
  for (const OperatingPoint& p : points) {
    if (p.positives == 0.0) return {};
    curve.emplace_back(p.true_positives / p.positives,
                       p.true_positives / (p.true_positives + p.false_positives));
  }
  return Thin(std::move(curve), max_points);
}

std::vector<CalibrationBin> CalibrationBins(const Scored& scored, int64_t num_bins) {
  std::vector<std::pair<double, double>> rows;  // claim, and whether it came true
  for (size_t i = 0; i < scored.labels.size(); ++i) {
    if (scored.task == table::Task::kBinary) {
      rows.emplace_back(scored.outputs[i], scored.labels[i]);
    } else {
      const int64_t chosen = PredictedClass(scored, static_cast<int64_t>(i));
      const size_t at = i * static_cast<size_t>(scored.num_classes) + static_cast<size_t>(chosen);
      rows.emplace_back(scored.outputs[at],
                        scored.labels[i] == static_cast<double>(chosen) ? 1.0 : 0.0);
    }
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<CalibrationBin> curve;
  const auto bins = static_cast<size_t>(num_bins);
  for (size_t bin = 0; bin < bins; ++bin) {
    const size_t first = rows.size() * bin / bins;
    const size_t last = rows.size() * (bin + 1) / bins;
    if (first == last) continue;
    CalibrationBin one;
    for (size_t i = first; i < last; ++i) {
      one.claimed += rows[i].first;
      one.observed += rows[i].second;
    }
    one.rows = static_cast<double>(last - first);
    one.claimed /= one.rows;
    one.observed /= one.rows;
    curve.push_back(one);
  }
  return curve;
}

std::vector<Point> CalibrationCurve(const Scored& scored, int64_t num_bins) {
  std::vector<Point> curve;
  for (const CalibrationBin& bin : CalibrationBins(scored, num_bins)) {
    curve.emplace_back(bin.claimed, bin.observed);
  }
  return curve;
}

double CalibrationError(const std::vector<CalibrationBin>& bins) {
  double gap = 0.0;
  double rows = 0.0;
  for (const CalibrationBin& bin : bins) {
    gap += bin.rows * std::abs(bin.claimed - bin.observed);
    rows += bin.rows;
  }
  return rows > 0.0 ? gap / rows : std::numeric_limits<double>::quiet_NaN();
}

double BestThreshold(const std::vector<OperatingPoint>& points,
                     const std::function<double(const OperatingPoint&)>& utility) {
  if (points.empty()) return 0.5;
  size_t best = 0;
  double best_utility = utility(points[0]);
  for (size_t i = 1; i < points.size(); ++i) {
    const double value = utility(points[i]);
    if (value > best_utility) {
      best = i;
      best_utility = value;
    }
  }
  if (best + 1 == points.size()) return points[best].threshold;
  return 0.5 * (points[best].threshold + points[best + 1].threshold);
}

}  // namespace millrace::metric
