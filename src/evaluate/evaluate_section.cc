#include "evaluate/evaluate_section.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "base/text.h"
#include "evaluate/mistakes.h"
#include "metric/curves.h"

namespace millrace::evaluate {
namespace {

using table::Task;

constexpr size_t kMaxConfusionClasses = 30;
constexpr size_t kShownColumns = 20;

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

void AddCalibration(const HeldOut& held_out, const Calibration& calibration,
                    std::vector<report::Block>& blocks) {
  const bool binary = held_out.task == Task::kBinary;
  const std::string claim = binary ? held_out.class_labels[1] : "the decided class";
  report::Line line{.label = "model", .points = {}, .emphasised = true};
  for (const metric::CalibrationBin& bin : calibration.bins) {
    line.points.emplace_back(bin.claimed, bin.observed);
  }
  report::LineChart chart;
  chart.title = "Calibration";
  chart.x_axis = Format("predicted probability of {}, mean of a tenth of the rows", claim);
  chart.y_axis = binary ? Format("share of {}", claim) : std::string("share of right decisions");
  chart.lines.push_back(std::move(line));
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

report::DataTable MetricsTable(Task task, const std::vector<MeasuredMetric>& metrics) {
  report::DataTable table;
  table.title = "Metrics on the held-out rows";
  table.columns = {"metric", "value", "low", "high", "meaning"};
  table.numeric = {false, true, true, true, false};
  for (const MeasuredMetric& metric : metrics) {
    const metric::MetricInfo* info = metric::FindMetric(task, metric.name);
    const double resolution = metric.value.high - metric.value.low;
    const auto show = [resolution](double v) {
      return std::isfinite(v) ? FormatFigure(v, resolution) : std::string("not defined");
    };
    table.rows.push_back({Words(metric.name), show(metric.value.value), show(metric.value.low),
                          show(metric.value.high), info == nullptr ? "" : std::string(info->text)});
  }
  return table;
}

void AddPerformance(const data::DataRecord& data, const HeldOut& held_out,
                    const Measurements& found, std::vector<report::Block>& blocks) {
  if (held_out.task == Task::kRegression) {
    for (report::Block& block : ResidualCharts(held_out, data.target)) {
      blocks.push_back(std::move(block));
    }
    return;
  }
  if (held_out.task == Task::kBinary) AddBinaryCurves(held_out, blocks);
  AddCalibration(held_out, found.calibration, blocks);
  AddConfusion(held_out, blocks);
  if (held_out.task == Task::kMulticlass) blocks.emplace_back(ClassTable(held_out));
}

void AddSlices(const HeldOut& held_out, const SliceSearch& slices,
               std::vector<report::Block>& blocks) {
  if (slices.num_tested == 0) return;
  if (slices.worst.empty()) {
    blocks.emplace_back(report::Paragraph{
        Format("Worst slices: of {} slices by one or two conditions, none is surely worse than the "
               "other rows.",
               FormatCount(slices.num_tested))});
    return;
  }
  report::DotChart chart;
  chart.title = Format("Worst slices of {} tested", FormatCount(slices.num_tested));
  chart.axis = Format("mean {}, 95 % interval", LossName(held_out.task));
  chart.reference = slices.mean_loss;
  chart.reference_label = "all rows";
  for (const Slice& slice : slices.worst) {
    chart.items.push_back({.label = slice.text,
                           .value = slice.loss.value,
                           .low = slice.loss.low,
                           .high = slice.loss.high,
                           .note = Format("{} rows", FormatCount(slice.num_rows))});
  }
  chart.items[0].emphasised = true;
  blocks.emplace_back(std::move(chart));
}

void AddImportance(const std::string& metric, const Importance& importance,
                   std::vector<report::Block>& blocks) {
  if (importance.columns.empty()) return;
  report::DotChart chart;
  chart.title = "Importance of columns";
  chart.axis = Format("{} lost when the column is shuffled, {} rows, 95 % interval", Words(metric),
                      FormatCount(importance.num_rows));
  chart.reference = 0.0;
  for (const ColumnImportance& column : importance.columns) {
    if (chart.items.size() == kShownColumns) break;
    chart.items.push_back({.label = column.column,
                           .value = column.loss.value,
                           .low = column.loss.low,
                           .high = column.loss.high,
                           .note = ""});
  }
  blocks.emplace_back(std::move(chart));
}

report::DataTable GapTable(const Measurements& found) {
  report::DataTable table;
  table.title = "Gaps between groups";
  table.columns = {"columns", "gap", "value", "low", "high", "widest between"};
  table.numeric = {false, false, true, true, true, false};
  table.folded = true;
  for (const auto* columns : {&found.fairness, &found.crossed}) {
    for (const ColumnFairness& column : *columns) {
      for (const MeasuredGap& gap : column.gaps) {
        table.rows.push_back({column.column, Words(gap.name),
                              FormatFigure(gap.value.value, gap.value.high - gap.value.low),
                              FormatFigure(gap.value.low, gap.value.high - gap.value.low),
                              FormatFigure(gap.value.high, gap.value.high - gap.value.low),
                              gap.evidence});
      }
    }
  }
  return table;
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
                          FormatFigure(one.lowest), FormatFigure(one.highest)});
  }
  return table;
}

}  // namespace

std::string LossName(Task task) {
  return task == Task::kRegression ? "absolute error" : "log loss";
}

std::vector<std::string> WeakSpots(Task task, const Measurements& found) {
  std::vector<std::string> sentences;
  for (const Slice& slice : found.slices.worst) {
    sentences.push_back(
        Format("Where {}, its mean {} is {} against {} elsewhere ({} rows).", slice.text,
               LossName(task), FormatFigure(slice.loss.value, 0.1 * slice.loss.value),
               FormatFigure(slice.rest_loss, 0.1 * slice.loss.value), FormatCount(slice.num_rows)));
  }
  if (task != Task::kRegression && found.calibration.off()) {
    sentences.push_back(
        Format("Its probabilities are off by {} on average; a calibrated model would stay below {} "
               "on as many rows.",
               FormatSignificant(found.calibration.error, 2),
               FormatSignificant(found.calibration.by_chance, 2)));
  }
  return sentences;
}

report::Section MakeEvaluateSection(const data::DataRecord& data, const HeldOut& held_out,
                                    const Measurements& found, std::vector<report::Check> checks) {
  report::Section section;
  section.phase = 4;
  section.title = "Evaluation and testing";
  section.checkpoint = {.phase = 4,
                        .percent = 75,
                        .title = "model evaluated and documented",
                        .checks = std::move(checks)};
  std::vector<report::Block>& blocks = section.blocks;
  blocks.emplace_back(MetricsTable(held_out.task, found.metrics));
  AddPerformance(data, held_out, found, blocks);
  for (const auto* columns : {&found.fairness, &found.crossed}) {
    for (report::Block& block : FairnessCharts(*columns)) blocks.push_back(std::move(block));
  }
  if (!found.fairness.empty()) blocks.emplace_back(GapTable(found));
  AddSlices(held_out, found.slices, blocks);
  AddImportance(found.importance.metric, found.importance, blocks);
  std::vector<std::string> columns;
  for (const ColumnImportance& column : found.importance.columns) columns.push_back(column.column);
  blocks.emplace_back(WorstRows(held_out, columns));
  blocks.emplace_back(EdgeCaseTable(found.edge_cases));
  return section;
}

}  // namespace millrace::evaluate
