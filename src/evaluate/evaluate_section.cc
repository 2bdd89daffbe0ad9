#include "evaluate/evaluate_section.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "base/text.h"
#include "metric/curves.h"

namespace millrace::evaluate {
namespace {

using table::Task;

constexpr size_t kMaxConfusionClasses = 30;
constexpr int64_t kCalibrationBins = 10;

std::string Words(const std::string& name) { return ReplaceAll(name, "_", " "); }

// The operating point at the decision threshold.
metric::OperatingPoint Chosen(const std::vector<metric::OperatingPoint>& points, double threshold) {
  metric::OperatingPoint chosen = points.front();
  chosen.true_positives = 0.0;
  chosen.false_positives = 0.0;
  for (const metric::OperatingPoint& point : points) {
    if (point.threshold >= threshold) chosen = point;
  }
  return chosen;
}

void AddBinaryCurves(const HeldOut& held_out, std::vector<report::Block>& blocks) {
  const auto points = metric::OperatingPoints(held_out.scored());
  const auto roc = metric::RocCurve(points);
  if (roc.empty()) return;
  const metric::OperatingPoint at = Chosen(points, held_out.threshold);
  const double recall = at.true_positives / at.positives;
  report::LineChart chart;
  chart.title = "ROC curve";
  chart.x_axis = "false positive rate";
  chart.y_axis = "true positive rate";
  chart.lines.push_back({.label = "model", .points = roc, .emphasised = true});
  chart.diagonal = true;
  chart.marked = {at.false_positives / at.negatives, recall};
  chart.marked_label = Format("threshold {}", FormatSignificant(held_out.threshold, 3));
  chart.x_min = chart.y_min = 0.0;
  chart.x_max = chart.y_max = 1.0;
  blocks.emplace_back(chart);
  chart.title = "Precision and recall";
  chart.x_axis = "recall";
  chart.y_axis = "precision";
  chart.lines = {
      {.label = "model", .points = metric::PrecisionRecallCurve(points), .emphasised = true},
      {.label = "share of positives",
       .points = {{0.0, at.positives / (at.positives + at.negatives)},
                  {1.0, at.positives / (at.positives + at.negatives)}},
       .emphasised = false}};
  chart.diagonal = false;
  const double called = at.true_positives + at.false_positives;
  chart.marked.reset();
  if (called > 0.0) chart.marked = {recall, at.true_positives / called};
  blocks.emplace_back(chart);
}

void AddCalibration(const HeldOut& held_out, const std::string& positive,
                    std::vector<report::Block>& blocks) {
  report::LineChart chart;
  chart.title = "Calibration";
  chart.x_axis = Format("predicted probability of {}, mean of a tenth of the rows", positive);
  chart.y_axis = Format("share of {}", positive);
  chart.lines.push_back({.label = "model",
                         .points = metric::CalibrationCurve(held_out.scored(), kCalibrationBins),
                         .emphasised = true});
  chart.diagonal = true;
  chart.x_min = chart.y_min = 0.0;
  chart.x_max = chart.y_max = 1.0;
  blocks.emplace_back(std::move(chart));
}

void AddConfusion(const HeldOut& held_out, std::vector<report::Block>& blocks) {
  if (held_out.class_labels.size() > kMaxConfusionClasses) return;
  blocks.emplace_back(
      report::ConfusionMatrix{.title = "Decisions: actual rows, decided columns",
                              .labels = held_out.class_labels,
                              .counts = metric::ConfusionCounts(held_out.scored())});
}

}  // namespace

report::DataTable MetricsTable(Task task, const std::vector<MeasuredMetric>& metrics) {
  report::DataTable table;
  table.title = "Metrics on the held-out rows";
  table.columns = {"metric", "value", "low", "high", "meaning"};
  table.numeric = {false, true, true, true, false};
  for (const MeasuredMetric& metric : metrics) {
    const metric::MetricInfo* info = metric::FindMetric(task, metric.name);
    const auto show = [](double v) {
      return std::isfinite(v) ? FormatSignificant(v, 4) : std::string("not defined");
    };
    table.rows.push_back({Words(metric.name), show(metric.value.value), show(metric.value.low),
                          show(metric.value.high), info == nullptr ? "" : std::string(info->text)});
  }
  return table;
}

std::vector<report::Block> PerformanceCharts(const HeldOut& held_out, const std::string& positive) {
  std::vector<report::Block> blocks;
  if (held_out.task == Task::kBinary) {
    AddBinaryCurves(held_out, blocks);
    AddCalibration(held_out, positive, blocks);
  }
  if (held_out.task != Task::kRegression) AddConfusion(held_out, blocks);
  return blocks;
}

std::vector<report::Block> FairnessCharts(const std::vector<ColumnFairness>& columns) {
  std::vector<report::Block> blocks;
  for (const ColumnFairness& column : columns) {
    if (column.groups.empty()) continue;
    for (size_t f = 0; f < column.groups[0].figures.size(); ++f) {
      report::DotChart chart;
      const std::string name = Words(column.groups[0].figures[f].name);
      chart.title = Format("{} by {}", name, column.column);
      chart.axis = Format("{}, 95 % interval", name);
      for (const GroupFigures& group : column.groups) {
        const GroupFigure& figure = group.figures[f];
        if (std::isnan(figure.value.value)) continue;
        chart.items.push_back({.label = group.group,
                               .value = figure.value.value,
                               .low = figure.value.low,
                               .high = figure.value.high,
                               .note = Format("{} rows", FormatCount(figure.num_rows))});
      }
      if (!chart.items.empty()) blocks.emplace_back(std::move(chart));
    }
  }
  return blocks;
}

report::DataTable EdgeCaseTable(const std::vector<EdgeCase>& cases) {
  report::DataTable table;
  table.title = "Edge cases, made from the schema";
  table.columns = {"case", "rows", "wrong", "least output", "greatest output"};
  table.numeric = {false, true, true, true, true};
  table.folded = true;
  for (const EdgeCase& one : cases) {
    table.rows.push_back({one.text, FormatCount(one.num_rows), FormatCount(one.num_failed),
                          FormatSignificant(one.lowest, 4), FormatSignificant(one.highest, 4)});
  }
  return table;
}

}  // namespace millrace::evaluate
