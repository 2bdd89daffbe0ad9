#include "develop/threshold.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "base/format.h"
#include "metric/curves.h"

namespace millrace::develop {
namespace {

using metric::OperatingPoint;

double Recall(const OperatingPoint& point) {
  return point.positives > 0.0 ? point.true_positives / point.positives : 0.0;
}

double Precision(const OperatingPoint& point) {
  const double said = point.true_positives + point.false_positives;
  return said > 0.0 ? point.true_positives / said : 0.0;
}

double F1(const OperatingPoint& point) {
  const double sum = point.positives + point.true_positives + point.false_positives;
  return sum > 0.0 ? 2.0 * point.true_positives / sum : 0.0;
}

}  // namespace

ThresholdChoice ChooseThreshold(const metric::Scored& scored,
                                const std::optional<spec::DecisionValue>& value,
                                std::span<const spec::Gate> gates) {
  const std::vector<OperatingPoint> points = metric::OperatingPoints(scored);
  if (points.empty()) return {0.5, "no validation rows"};
  if (value) {
    const auto worth = [&value](const OperatingPoint& point) {
      return value->true_positive * point.true_positives +
             value->false_positive * point.false_positives +
             value->false_negative * (point.positives - point.true_positives) +
             value->true_negative * (point.negatives - point.false_positives);
    };
    return {metric::BestThreshold(points, worth), "greatest value of decisions on validation rows"};
  }
  std::vector<const spec::Gate*> wanted;
  for (const spec::Gate& gate : gates) {
    if (gate.metric == "recall" || gate.metric == "precision") wanted.push_back(&gate);
  }
  const auto meets = [&wanted](const OperatingPoint& point) {
    return std::all_of(wanted.begin(), wanted.end(), [&point](const spec::Gate* gate) {
      return gate->IsMetBy(gate->metric == "recall" ? Recall(point) : Precision(point));
    });
  };
  if (wanted.empty() || std::none_of(points.begin(), points.end(), meets)) {
    return {metric::BestThreshold(points, F1),
            wanted.empty() ? "greatest F1 on validation rows"
                           : "greatest F1 on validation rows; no threshold there meets the gates "
                             "on recall and precision"};
  }
  return {metric::BestThreshold(
              points, [&meets](const OperatingPoint& p) { return meets(p) ? F1(p) : -1.0; }),
          "greatest F1 on validation rows among thresholds that meet the gates on recall and "
          "precision"};
}

}  // namespace millrace::develop
