// Metrics of every task. One table says what exists; Compute gives a value, bootstrap.h its
// interval.
//
// Thread safety: pure functions. Inputs are borrowed for the call.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "table/task.h"

namespace millrace::metric {

struct MetricInfo {
  std::string_view name;  // "auc"
  bool greater_is_better = true;
  bool uses_threshold = false;  // depends on the decision, not only on the probability
  std::string_view tasks;       // "binary", "multiclass", "regression", space separated
  std::string_view text;        // one sentence
};

/// Returns all metrics, in the order in which reports show them.
std::span<const MetricInfo> AllMetrics();
/// Returns the metric of this name that the task has, or null.
const MetricInfo* FindMetric(table::Task task, std::string_view name);
/// Returns the metrics of a task, in report order.
std::vector<const MetricInfo*> MetricsOf(table::Task task);
/// Returns the metric that is optimised when nobody says so: auc, log_loss, rmse.
std::string_view DefaultMetric(table::Task task);

/// Rows to score.
struct Scored {
  table::Task task = table::Task::kBinary;
  int64_t num_classes = 0;         // 2 for binary, 0 for regression
  std::span<const double> labels;  // [n] class indexes, or values
  /// [n] probability of class 1 (binary), [n, num_classes] row-major (multiclass), [n] values.
  std::span<const double> outputs;
  double threshold = 0.5;  // binary: class 1 when output >= threshold
  /// Binary, optional: RankOutputs of `outputs`. Metrics of the order then take linear time, which
  /// is what many resamples want; the values are the same.
  std::span<const int32_t> ranks = {};
};

/// Returns the dense rank of each output [n]: 0 for the greatest, equal outputs share one.
std::vector<int32_t> RankOutputs(std::span<const double> outputs);

/// Returns the metric; NaN where it is not defined (auc with one class, r2 of a constant).
/// `rows` picks rows, with repetition (a resample); empty: all rows once.
double Compute(const MetricInfo& metric, const Scored& scored, std::span<const int32_t> rows = {});

/// Returns counts [actual][predicted], [num_classes, num_classes]. Multiclass predicts the largest
/// output, the first one of equals.
std::vector<std::vector<double>> ConfusionCounts(const Scored& scored);
/// Returns the predicted class of a row.
int64_t PredictedClass(const Scored& scored, int64_t row);

}  // namespace millrace::metric
