#include "metric/metric.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace millrace::metric {
namespace {

using table::Task;

constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();
// Probabilities are kept this far from 0 and 1 in log losses.
constexpr double kProbabilityFloor = 1e-15;

constexpr MetricInfo kMetrics[] = {
    {"auc", true, false, "binary", "area under the ROC curve: chance that a positive ranks first"},
    {"average_precision", true, false, "binary", "area under the precision-recall curve"},
    {"log_loss", false, false, "binary multiclass", "mean negative log probability of the truth"},
    {"accuracy", true, true, "binary multiclass", "share of right decisions"},
    {"balanced_accuracy", true, true, "binary multiclass", "mean recall over classes"},
    {"precision", true, true, "binary", "share of positives among those called positive"},
    {"recall", true, true, "binary", "share of positives that are found"},
    {"f1", true, true, "binary", "harmonic mean of precision and recall"},
    {"macro_f1", true, true, "multiclass", "mean f1 over classes"},
    {"mcc", true, true, "binary", "Matthews correlation of decisions and truth"},
    {"brier", false, false, "binary", "mean squared error of the probability"},
    {"rmse", false, false, "regression", "root of the mean squared error, in the target's unit"},
    {"mae", false, false, "regression", "mean absolute error, in the target's unit"},
    {"median_absolute_error", false, false, "regression", "median absolute error"},
    {"r2", true, false, "regression", "share of the variance that is explained"},
};

// Iterates over all rows or the picked ones.
template <typename F>
void ForRows(const Scored& s, std::span<const int32_t> rows, F work) {
  if (rows.empty()) {
    for (size_t i = 0; i < s.labels.size(); ++i) work(i);
  } else {
    for (const int32_t row : rows) work(static_cast<size_t>(row));
  }
}

double CountRows(const Scored& s, std::span<const int32_t> rows) {
  return static_cast<double>(rows.empty() ? s.labels.size() : rows.size());
}

struct Ranked {
  double score;
  double positives;
  double negatives;
};

// Class counts by rank; ranks that no picked row has hold zeros.
std::vector<Ranked> CountByRank(const Scored& s, std::span<const int32_t> rows) {
  const int32_t last = *std::max_element(s.ranks.begin(), s.ranks.end());
  std::vector<Ranked> ranked(static_cast<size_t>(last) + 1);
  ForRows(s, rows, [&](size_t i) {
    Ranked& r = ranked[static_cast<size_t>(s.ranks[i])];
    (s.labels[i] == 1.0 ? r.positives : r.negatives) += 1.0;
  });
  return ranked;
}

// Distinct scores, greatest first, with their class counts.
std::vector<Ranked> RankScores(const Scored& s, std::span<const int32_t> rows) {
  if (!s.ranks.empty()) return CountByRank(s, rows);
  std::vector<std::pair<double, double>> pairs;
  ForRows(s, rows, [&](size_t i) { pairs.emplace_back(s.outputs[i], s.labels[i]); });
  std::sort(pairs.begin(), pairs.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Ranked> ranked;
  for (const auto& [score, label] : pairs) {
    if (ranked.empty() || ranked.back().score != score) ranked.push_back({score, 0.0, 0.0});
    (label == 1.0 ? ranked.back().positives : ranked.back().negatives) += 1.0;
  }
  return ranked;
}

// Mann-Whitney statistic with half counts for ties (Hanley & McNeil 1982).
double Auc(const Scored& s, std::span<const int32_t> rows) {
  double positives = 0.0;
  double negatives = 0.0;
  double above = 0.0;
  for (const Ranked& r : RankScores(s, rows)) {
    above += r.negatives * (positives + 0.5 * r.positives);
    positives += r.positives;
    negatives += r.negatives;
  }
  return positives > 0.0 && negatives > 0.0 ? above / (positives * negatives) : kNotDefined;
}

// Sum over thresholds of (recall step) x precision.
double AveragePrecision(const Scored& s, std::span<const int32_t> rows) {
  double positives = 0.0;
  double called = 0.0;
  double area = 0.0;
  for (const Ranked& r : RankScores(s, rows)) {
    positives += r.positives;
    called += r.positives + r.negatives;
    if (r.positives > 0.0) area += r.positives * positives / called;
  }
  return positives > 0.0 ? area / positives : kNotDefined;
}

double LogLoss(const Scored& s, std::span<const int32_t> rows) {
  double sum = 0.0;
  const auto width = static_cast<size_t>(s.num_classes);
  ForRows(s, rows, [&](size_t i) {
    const double p = s.task == Task::kBinary
                         ? (s.labels[i] == 1.0 ? s.outputs[i] : 1.0 - s.outputs[i])
                         : s.outputs[i * width + static_cast<size_t>(s.labels[i])];
    sum -= std::log(std::clamp(p, kProbabilityFloor, 1.0));
  });
  return sum / CountRows(s, rows);
}

double Brier(const Scored& s, std::span<const int32_t> rows) {
  double sum = 0.0;
  ForRows(s, rows, [&](size_t i) {
    const double error = s.outputs[i] - s.labels[i];
    sum += error * error;
  });
  return sum / CountRows(s, rows);
}

std::vector<std::vector<double>> Confusion(const Scored& s, std::span<const int32_t> rows) {
  const auto classes = static_cast<size_t>(s.num_classes);
  std::vector<std::vector<double>> counts(classes, std::vector<double>(classes));
  ForRows(s, rows, [&](size_t i) {
    const auto predicted = static_cast<size_t>(PredictedClass(s, static_cast<int64_t>(i)));
    counts[static_cast<size_t>(s.labels[i])][predicted] += 1.0;
  });
  return counts;
}

double Ratio(double part, double whole) { return whole > 0.0 ? part / whole : kNotDefined; }

double DecisionMetric(std::string_view name, const Scored& s, std::span<const int32_t> rows) {
  const auto counts = Confusion(s, rows);
  const size_t classes = counts.size();
  double right = 0.0;
  double recall_sum = 0.0;
  double f1_sum = 0.0;
  double present = 0.0;
  for (size_t k = 0; k < classes; ++k) {
    double actual = 0.0;
    double predicted = 0.0;
    for (size_t j = 0; j < classes; ++j) {
      actual += counts[k][j];
      predicted += counts[j][k];
    }
    right += counts[k][k];
    if (actual + predicted > 0.0) f1_sum += 2.0 * counts[k][k] / (actual + predicted);
    if (actual > 0.0) {
      recall_sum += counts[k][k] / actual;
      present += 1.0;
    }
  }
  if (name == "accuracy") return Ratio(right, CountRows(s, rows));
  if (name == "balanced_accuracy") return Ratio(recall_sum, present);
  if (name == "macro_f1") return Ratio(f1_sum, static_cast<double>(classes));
  const double tn = counts[0][0];
  const double fp = counts[0][1];
  const double fn = counts[1][0];
  const double tp = counts[1][1];
  // No row called positive finds nothing and claims nothing wrong: precision 0 by convention.
  if (name == "precision") return tp + fp > 0.0 ? tp / (tp + fp) : 0.0;
  if (name == "recall") return Ratio(tp, tp + fn);
  if (name == "f1") return Ratio(2.0 * tp, 2.0 * tp + fp + fn);
  const double spread = std::sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
  return spread > 0.0 ? (tp * tn - fp * fn) / spread : 0.0;  // mcc
}

double RegressionMetric(std::string_view name, const Scored& s, std::span<const int32_t> rows) {
  const double n = CountRows(s, rows);
  double squares = 0.0;
  double absolute = 0.0;
  double mean = 0.0;
  ForRows(s, rows, [&](size_t i) {
    const double error = s.outputs[i] - s.labels[i];
    squares += error * error;
    absolute += std::abs(error);
    mean += s.labels[i];
  });
  if (name == "rmse") return std::sqrt(squares / n);
  if (name == "mae") return absolute / n;
  if (name == "r2") {
    mean /= n;
    double total = 0.0;
    ForRows(s, rows, [&](size_t i) { total += (s.labels[i] - mean) * (s.labels[i] - mean); });
    return total > 0.0 ? 1.0 - squares / total : kNotDefined;
  }
  std::vector<double> errors;
  ForRows(s, rows, [&](size_t i) { errors.push_back(std::abs(s.outputs[i] - s.labels[i])); });
  std::sort(errors.begin(), errors.end());
  const size_t half = errors.size() / 2;
  return errors.size() % 2 == 1 ? errors[half] : 0.5 * (errors[half - 1] + errors[half]);
}

}  // namespace

std::vector<int32_t> RankOutputs(std::span<const double> outputs) {
  std::vector<int32_t> order(outputs.size());
  std::iota(order.begin(), order.end(), int32_t{0});
  std::sort(order.begin(), order.end(), [&outputs](int32_t a, int32_t b) {
    return outputs[static_cast<size_t>(a)] > outputs[static_cast<size_t>(b)];
  });
  std::vector<int32_t> ranks(outputs.size());
  int32_t rank = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const auto row = static_cast<size_t>(order[i]);
    if (i > 0 && outputs[row] != outputs[static_cast<size_t>(order[i - 1])]) ++rank;
    ranks[row] = rank;
  }
  return ranks;
}

std::span<const MetricInfo> AllMetrics() { return kMetrics; }

std::vector<const MetricInfo*> MetricsOf(Task task) {
  std::vector<const MetricInfo*> metrics;
  const std::string_view name = table::TaskName(task);
  for (const MetricInfo& metric : kMetrics) {
    if (metric.tasks.find(name) != std::string_view::npos) metrics.push_back(&metric);
  }
  return metrics;
}

const MetricInfo* FindMetric(Task task, std::string_view name) {
  for (const MetricInfo* metric : MetricsOf(task)) {
    if (metric->name == name) return metric;
  }
  return nullptr;
}

std::string_view DefaultMetric(Task task) {
  if (task == Task::kBinary) return "auc";
  return task == Task::kRegression ? "rmse" : "log_loss";
}

double Compute(const MetricInfo& metric, const Scored& scored, std::span<const int32_t> rows) {
  if (scored.labels.empty()) return kNotDefined;
  if (scored.task == Task::kRegression) return RegressionMetric(metric.name, scored, rows);
  if (metric.name == "auc") return Auc(scored, rows);
  if (metric.name == "average_precision") return AveragePrecision(scored, rows);
  if (metric.name == "log_loss") return LogLoss(scored, rows);
  if (metric.name == "brier") return Brier(scored, rows);
  return DecisionMetric(metric.name, scored, rows);
}

int64_t PredictedClass(const Scored& scored, int64_t row) {
  const auto i = static_cast<size_t>(row);
  if (scored.task == Task::kBinary) return scored.outputs[i] >= scored.threshold ? 1 : 0;
  const auto width = static_cast<size_t>(scored.num_classes);
  const auto first = scored.outputs.begin() + static_cast<std::ptrdiff_t>(i * width);
  return std::max_element(first, first + static_cast<std::ptrdiff_t>(width)) - first;
}

std::vector<std::vector<double>> ConfusionCounts(const Scored& scored) {
  return Confusion(scored, {});
}

}  // namespace millrace::metric
