// Gate: a requirement that is measured in phase 4 or 5: a metric, a comparison and a bound.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "spec/place.h"
#include "table/task.h"

namespace millrace::spec {

enum class Comparison { kAtLeast, kAtMost, kAbove, kBelow };
/// Returns ">=", "<=", ">" or "<".
std::string_view ComparisonText(Comparison op);

/// The unit of a metric's values, and so of its bounds.
enum class MetricUnit {
  kShare,    // in [0, 1] or another pure number; "80%" is read as 0.8
  kTarget,   // the unit of the target: rmse, mae
  kSeconds,  // latency; "5ms" is read as 0.005
  kBytes,    // size; "50MB" is read as 50,000,000
  kRate,     // requests per second
};

/// A metric that a gate can name.
struct GateMetric {
  std::string_view name;
  MetricUnit unit = MetricUnit::kShare;
  std::optional<double> minimum;  // smallest possible value
  std::optional<double> maximum;  // largest possible value
  std::string_view tasks;         // names of the tasks that have it, space separated; "" = all
  std::string_view text;          // one sentence
};

/// Returns the metrics that may stand directly under `require`.
std::span<const GateMetric> RequirementMetrics();
/// Returns the metrics that may stand under `require.fairness`.
std::span<const GateMetric> FairnessMetrics();
/// Returns the metric of this name in `metrics`, or null.
const GateMetric* FindGateMetric(std::span<const GateMetric> metrics, std::string_view name);
/// Returns true when `task` has the metric.
bool TaskHasMetric(table::Task task, const GateMetric& metric);

/// Fewer positive decisions say too little about their precision: with none of 20 wrong, a share of
/// one in seven may still be (0.95^20 is above 0.05 up to 0.86, the exact binomial bound).
inline constexpr int64_t kMinDecisions = 20;
/// Returns how many positive decisions a gate on precision needs: kMinDecisions, or half of the
/// `positives` rows where that is less. A threshold that hardly says yes is never wrong.
int64_t MinDecisions(int64_t positives);

/// One requirement. Value type.
struct Gate {
  std::string metric;  // "auc", "latency_p99", "equalized_odds_difference"
  Comparison op = Comparison::kAtLeast;
  double bound = 0.0;  // in the metric's unit: seconds, bytes, share, ...
  Place place;         // where it is written; not compared

  /// Returns true when `value` (same unit as `bound`) meets the gate. NaN never does.
  bool IsMetBy(double value) const;
  /// Returns the requirement as a person writes it: ">= 0.8", "<= 5ms", "<= 50MB".
  std::string BoundText() const;

  friend bool operator==(const Gate&, const Gate&) = default;
};

/// Reads ">= 0.80", "<= 5ms", "<= 50MB", ">= 80%" for `metric`. kInvalidSpec
/// "place: require.auc: what: value" when it is no comparison, when the unit is not the metric's,
/// or when the bound lies outside the metric's range.
Result<Gate> ParseGate(const GateMetric& metric, std::string_view text, Place place);

/// Returns kInvalidSpec when no value can meet all gates (">= 0.9" and "<= 0.5" of one metric).
Status CheckGatesAgree(std::span<const Gate> gates);

}  // namespace millrace::spec
