// The metrics that a gate can name, with what bounds make sense.

#include "base/text.h"
#include "spec/gate.h"

namespace millrace::spec {
namespace {

constexpr std::string_view kClasses = "binary multiclass";
constexpr std::string_view kTwoClasses = "binary";
constexpr std::string_view kManyClasses = "multiclass";
constexpr std::string_view kNumbers = "regression";

constexpr GateMetric Share(std::string_view name, std::string_view tasks, std::string_view text) {
  return GateMetric{name, MetricUnit::kShare, 0.0, 1.0, tasks, text};
}

constexpr GateMetric Error(std::string_view name, std::string_view tasks, std::string_view text) {
  return GateMetric{name, MetricUnit::kTarget, 0.0, std::nullopt, tasks, text};
}

// Quality metrics are those of metric/; a test compares names and tasks.
constexpr GateMetric kRequirements[] = {
    Share("auc", kTwoClasses, "Area under the ROC curve."),
    Share("average_precision", kTwoClasses, "Area under the precision-recall curve."),
    GateMetric{"log_loss", MetricUnit::kShare, 0.0, std::nullopt, kClasses,
               "Mean negative logarithm of the probability of the true class."},
    Share("accuracy", kClasses, "Share of rows whose class is predicted."),
    Share("balanced_accuracy", kClasses, "Mean over classes of the share that is found."),
    Share("precision", kTwoClasses, "Share of positive decisions that are right."),
    Share("recall", kTwoClasses, "Share of positive rows that are found."),
    Share("f1", kTwoClasses, "Harmonic mean of precision and recall."),
    Share("macro_f1", kManyClasses,
          "Mean over classes of the harmonic mean of precision and "
          "recall."),
    GateMetric{"mcc", MetricUnit::kShare, -1.0, 1.0, kTwoClasses, "Matthews correlation."},
    Share("brier", kTwoClasses, "Mean squared error of the probability."),
    Error("rmse", kNumbers, "Root of the mean squared error, in the target's unit."),
    Error("mae", kNumbers, "Mean absolute error, in the target's unit."),
    Error("median_absolute_error", kNumbers, "Median absolute error, in the target's unit."),
    GateMetric{"r2", MetricUnit::kShare, std::nullopt, 1.0, kNumbers,
               "Share of the target's variance that is explained."},
    GateMetric{"latency_p50", MetricUnit::kSeconds, 0.0, std::nullopt, "",
               "Median time of a request for one row, measured in staging."},
    GateMetric{"latency_p99", MetricUnit::kSeconds, 0.0, std::nullopt, "",
               "99th percentile of the time of a request for one row, measured in staging."},
    GateMetric{"throughput", MetricUnit::kRate, 0.0, std::nullopt, "",
               "Requests a second for one row, measured in staging."},
    GateMetric{"model_size", MetricUnit::kBytes, 0.0, std::nullopt, "", "Size of the bundle."},
};

constexpr GateMetric kFairness[] = {
    Share("demographic_parity_difference", kClasses,
          "Largest gap between groups in the share of positive decisions."),
    Share("demographic_parity_ratio", kClasses,
          "Smallest ratio between groups of the share of positive decisions."),
    Share("equalized_odds_difference", kClasses,
          "Larger of the gaps between groups in true and false positive rate."),
    Share("equal_opportunity_difference", kClasses,
          "Largest gap between groups in true positive rate."),
    Share("false_positive_rate_difference", kClasses,
          "Largest gap between groups in false positive rate."),
    Share("accuracy_difference", kClasses, "Largest gap between groups in accuracy."),
    Error("mae_difference", kNumbers, "Largest gap between groups in mean absolute error."),
    GateMetric{"mae_ratio", MetricUnit::kShare, 0.0, 1.0, kNumbers,
               "Smallest ratio between groups of the mean absolute error."},
};

}  // namespace

std::span<const GateMetric> RequirementMetrics() { return kRequirements; }
std::span<const GateMetric> FairnessMetrics() { return kFairness; }

const GateMetric* FindGateMetric(std::span<const GateMetric> metrics, std::string_view name) {
  for (const GateMetric& metric : metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

bool TaskHasMetric(table::Task task, const GateMetric& metric) {
  if (metric.tasks.empty()) return true;
  for (const std::string_view name : Split(metric.tasks, ' ')) {
    if (name == table::TaskName(task)) return true;
  }
  return false;
}

}  // namespace millrace::spec
