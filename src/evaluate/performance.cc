#include "evaluate/performance.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace millrace::evaluate {
namespace {

using table::Task;

double Mean(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double Median(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half]);
}

// The value of a metric when every one of `labels` gets the same answer.
double ValueOf(const metric::MetricInfo& metric, Task task, int64_t num_classes,
               std::span<const double> labels, const ConstantAnswer& answer) {
  std::vector<double> outputs;
  for (size_t i = 0; i < labels.size(); ++i) {
    outputs.insert(outputs.end(), answer.outputs.begin(), answer.outputs.end());
  }
  return metric::Compute(metric, {.task = task,
                                  .num_classes = num_classes,
                                  .labels = labels,
                                  .outputs = outputs,
                                  .threshold = answer.threshold});
}

ConstantAnswer OneClass(Task task, const std::vector<std::string>& class_labels, size_t chosen) {
  ConstantAnswer answer;
  if (task == Task::kBinary) {
    answer.outputs = {chosen == 1 ? 1.0 : 0.0};
  } else {
    answer.outputs.assign(class_labels.size(), 0.0);
    answer.outputs[chosen] = 1.0;
  }
  answer.text = Format("always {}", class_labels[chosen]);
  return answer;
}

}  // namespace

std::vector<MeasuredMetric> MeasureMetrics(const metric::Scored& held_out, const Rng& rng,
                                           int num_threads) {
  const std::vector<const metric::MetricInfo*> infos = metric::MetricsOf(held_out.task);
  const std::vector<metric::Interval> intervals =
      metric::BootstrapAll(infos, held_out, rng, {.num_threads = num_threads});
  std::vector<MeasuredMetric> metrics;
  for (size_t m = 0; m < infos.size(); ++m) {
    metrics.push_back({std::string(infos[m]->name), intervals[m]});
  }
  return metrics;
}

ConstantAnswer BestConstant(const metric::MetricInfo& metric, Task task,
                            const std::vector<std::string>& class_labels,
                            std::span<const double> training_labels) {
  if (task == Task::kRegression) {
    const bool median = metric.name == "mae" || metric.name == "median_absolute_error";
    ConstantAnswer answer;
    answer.outputs = {median ? Median(training_labels) : Mean(training_labels)};
    answer.text = Format("always the {} of the training rows, {}", median ? "median" : "mean",
                         FormatFigure(answer.outputs[0]));
    return answer;
  }
  const auto num_classes = static_cast<int64_t>(class_labels.size());
  std::vector<double> shares(class_labels.size());
  for (const double label : training_labels) shares[static_cast<size_t>(label)] += 1.0;
  for (double& share : shares) share /= static_cast<double>(training_labels.size());
  if (!metric.uses_threshold) {
    ConstantAnswer answer;
    answer.outputs = task == Task::kBinary ? std::vector<double>{shares[1]} : shares;
    answer.text = "the class shares of the training rows for every row";
    return answer;
  }
  ConstantAnswer best = OneClass(task, class_labels, 0);
  double best_value = ValueOf(metric, task, num_classes, training_labels, best);
  for (size_t c = 1; c < class_labels.size(); ++c) {
    // Only the most frequent class can win a decision metric of many classes.
    if (task != Task::kBinary && shares[c] < *std::max_element(shares.begin(), shares.end())) {
      continue;
    }
    ConstantAnswer answer = OneClass(task, class_labels, c);
    const double value = ValueOf(metric, task, num_classes, training_labels, answer);
    if (std::isnan(best_value) || value > best_value) {
      best = std::move(answer);
      best_value = value;
    }
  }
  return best;
}

metric::Interval OverConstant(const metric::MetricInfo& metric, const metric::Scored& held_out,
                              const ConstantAnswer& answer, const Rng& rng, int num_threads) {
  std::vector<double> outputs;
  outputs.reserve(held_out.labels.size() * answer.outputs.size());
  for (size_t i = 0; i < held_out.labels.size(); ++i) {
    outputs.insert(outputs.end(), answer.outputs.begin(), answer.outputs.end());
  }
  const std::vector<int32_t> ranks(held_out.task == Task::kBinary ? held_out.labels.size() : 0, 0);
  metric::Scored constant = held_out;
  constant.outputs = outputs;
  constant.threshold = answer.threshold;
  constant.ranks = ranks;
  return metric::BootstrapDifference(metric, held_out, constant, rng, {.num_threads = num_threads});
}

}  // namespace millrace::evaluate
