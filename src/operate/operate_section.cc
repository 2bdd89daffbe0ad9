#include "operate/operate_section.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "operate/monitor.h"
#include "spec/names.h"
#include "spec/quantity.h"

namespace millrace::operate {
namespace {

using report::Check;
using report::CheckState;

constexpr size_t kShownCharts = 12;

CheckState StateOf(bool met) { return met ? CheckState::kMet : CheckState::kNotMet; }

Check LogCheck(const SectionInputs& inputs) {
  const MonitorState& state = inputs.state;
  Check check{.id = "operate.log_read", .label = "prediction log read", .blocks = true};
  check.state = StateOf(inputs.log_exists && state.num_segments > 0);
  check.value = static_cast<double>(state.num_predictions);
  check.unit = "predictions";
  check.evidence = Format("{} predictions and {} labels read from {} segments",
                          FormatCount(state.num_predictions), FormatCount(state.num_labels),
                          FormatCount(state.num_segments));
  if (state.num_torn > 0) {
    check.evidence += Format("; {} end in a record that is not whole", state.num_torn);
  }
  if (state.num_unread_rows > 0) {
    check.evidence += Format("; {} rows do not fit the schema of their bundle",
                             FormatCount(state.num_unread_rows));
  }
  check.fix = "start production with its log: millrace up";
  return check;
}

// Counts with the cells turned by one place: another distribution, of the same size.
sketch::ColumnSketch Turned(const sketch::ColumnSketch& reference) {
  sketch::ColumnSketch turned = reference.Empty();
  const std::vector<double> cells = reference.Cells();
  const auto most = std::ranges::max_element(cells) - cells.begin();
  // All rows in one cell that is not the fullest: no real column looks like that.
  const auto rows = std::min<int64_t>(reference.num_rows(), 200);
  for (int64_t row = 0; row < rows; ++row) {
    if (most + 1 != static_cast<int64_t>(cells.size())) {
      turned.AddMissing();
    } else if (reference.numeric()) {
      turned.AddNumber(reference.minimum().value_or(0.0));
    } else {
      turned.AddText("a value that no reference holds");
    }
  }
  return turned;
}

// Feeds the monitors with their own reference, then with a planted shift.
Check MonitorCheck(const SectionInputs& inputs) {
  Check check{.id = "operate.monitors", .label = "drift monitors", .blocks = true};
  check.fix = "train again: the bundle in production holds no reference to compare with";
  check.state = CheckState::kNotMet;
  if (!inputs.production || !inputs.production->sketches) {
    check.evidence = inputs.production ? "the bundle holds no reference"
                                       : "the bundle in production does not open";
    return check;
  }
  const sketch::ReferenceSketches& reference = *inputs.production->sketches;
  const double bound = inputs.spec.monitor.drift_psi;
  const std::vector<ColumnDrift> quiet =
      MeasureDrift(reference, reference, bound, inputs.production->dates);
  sketch::ReferenceSketches planted = reference;
  for (sketch::ColumnSketch& column : planted.columns) column = Turned(column);
  const std::vector<ColumnDrift> loud =
      MeasureDrift(reference, planted, bound, inputs.production->dates);
  const auto num_columns = static_cast<int64_t>(reference.columns.size());
  const auto found = std::count_if(loud.begin(), loud.begin() + num_columns,
                                   [](const ColumnDrift& drift) { return drift.significant; });
  const auto false_alarms = std::ranges::count_if(quiet, &ColumnDrift::significant);
  check.state = StateOf(num_columns > 0 && found == num_columns && false_alarms == 0);
  check.value = static_cast<double>(num_columns);
  check.unit = "columns";
  check.evidence = Format(
      "{} columns and {} outputs watched; a planted shift was found in {} of {}, the "
      "reference itself raised {} alarms",
      num_columns, reference.predictions.outputs.size(), found, num_columns, false_alarms);
  if (check.state == CheckState::kNotMet) {
    check.fix = "the reference has too few rows to tell a shift: evaluate on more rows";
  }
  return check;
}

Check DriftCheck(const SectionInputs& inputs) {
  Check check{.id = "operate.drift", .label = "drift"};
  check.requirement = Format("psi < {}", FormatSignificant(inputs.spec.monitor.drift_psi, 3));
  const Window* newest = nullptr;
  for (const Window& window : inputs.record.windows) {
    if (window.number == inputs.newest_window) newest = &window;
  }
  if (newest == nullptr || newest->drift.empty()) {
    check.evidence =
        Format("no window is closed yet: {} of {} rows", FormatCount(inputs.record.open_rows),
               FormatCount(inputs.spec.monitor.window_rows));
    return check;
  }
  const auto worst = std::ranges::max_element(
      newest->drift, [](const auto& a, const auto& b) { return a.psi < b.psi; });
  const auto alarms = std::ranges::count_if(newest->drift, &ColumnDrift::alarm);
  check.state = alarms == 0 ? CheckState::kMet : CheckState::kWarning;
  check.value = worst->psi;
  check.evidence = Format("window {}: {} of {} alarm; greatest psi {} ({}, p {})", newest->number,
                          alarms, newest->drift.size(), FormatSignificant(worst->psi, 3),
                          worst->column, FormatSignificant(worst->p_value, 2));
  check.fix = "look at the columns; retrain when the change is real: millrace retrain";
  return check;
}

Check PerformanceCheck(const SectionInputs& inputs) {
  Check check{.id = "operate.performance", .label = "performance in production"};
  const Window* newest = nullptr;
  for (const Window& window : inputs.record.windows) {
    if (window.performance) newest = &window;
  }
  if (newest == nullptr) {
    check.evidence = Format("{} labels so far; a window gets a figure from {} labels on",
                            FormatCount(inputs.state.num_labels), kMinLabelledRows);
    return check;
  }
  check.state = newest->performance_alarm ? CheckState::kWarning : CheckState::kMet;
  check.value = newest->performance->value;
  check.low = newest->performance->low;
  check.high = newest->performance->high;
  check.requirement =
      Format("drop <= {} %", FormatSignificant(inputs.spec.monitor.performance_drop * 100.0, 3));
  check.evidence =
      Format("window {}, {} labelled rows", newest->number, FormatCount(newest->num_labelled));
  if (inputs.production && inputs.production->metric != nullptr) {
    check.label = Format("{} in production", inputs.production->metric->name);
    if (inputs.production->test) {
      check.evidence +=
          Format("; {} on the test rows", FormatSignificant(inputs.production->test->value, 3));
    }
  }
  check.fix = "millrace retrain";
  return check;
}

Check AlertPathCheck(const SectionInputs& inputs) {
  Check check{.id = "operate.alert_path", .label = "alerts reach people", .blocks = true};
  std::vector<std::string> parts;
  bool all = !inputs.state.targets.empty();
  for (const TargetTest& test : inputs.state.targets) {
    all = all && test.reached;
    parts.push_back(Format("{}: {}", test.target, test.evidence));
  }
  const auto waiting = std::ranges::count_if(
      inputs.state.alerts, [](const AlertState& state) { return !state.waiting.empty(); });
  if (waiting > 0) parts.push_back(Format("{} alerts wait for delivery", waiting));
  check.state = StateOf(all);
  check.evidence = Join(parts, "; ");
  check.fix = "start the target, or change monitor.alerts";
  return check;
}

Check RetrainPathCheck(const SectionInputs& inputs) {
  const spec::RetrainPlan& plan = inputs.spec.retrain;
  Check check{.id = "operate.retrain_path", .label = "retraining can start", .blocks = true};
  std::vector<std::string> kinds;
  for (const spec::RetrainTrigger kind : plan.on) kinds.emplace_back(spec::NameOf(kind));
  check.state = StateOf(inputs.missing_sources.empty());
  check.evidence =
      Format("{}; cool-down {}, approval {}; {}",
             kinds.empty() ? std::string("by hand only") : "on " + Join(kinds, ", "),
             spec::DurationText(plan.cool_down_seconds), spec::NameOf(plan.approve),
             inputs.missing_sources.empty() ? "the data is there"
                                            : "not there: " + Join(inputs.missing_sources, ", "));
  check.fix = "put the data back, or change data.source";
  return check;
}

report::Facts MonitorFacts(const SectionInputs& inputs) {
  const spec::MonitorPlan& plan = inputs.spec.monitor;
  report::Facts facts{.title = "What is watched", .facts = {}};
  facts.facts.push_back({"window",
                         Format("{} rows or {}", FormatCount(plan.window_rows),
                                spec::DurationText(plan.window_seconds)),
                         "whichever comes first; per route and bundle"});
  facts.facts.push_back({"drift", Format("psi >= {}", FormatSignificant(plan.drift_psi, 3)),
                         "and more than chance: at most 1 false alarm in 60 windows over all "
                         "columns together"});
  facts.facts.push_back(
      {"performance",
       Format("falls by more than {} %", FormatSignificant(plan.performance_drop * 100.0, 3)),
       "the whole 95 % interval must lie beyond"});
  facts.facts.push_back(
      {"labels",
       Format("{} joined, {} without prediction, {} not readable",
              FormatCount(inputs.state.num_labels), FormatCount(inputs.state.num_unmatched),
              FormatCount(inputs.state.num_unknown_labels)),
       "late labels update their window"});
  for (const Trigger& trigger : inputs.record.triggers) {
    const char* state = trigger.state == TriggerState::kDue     ? "due"
                        : trigger.state == TriggerState::kQuiet ? "quiet"
                                                                : "cooling down";
    facts.facts.push_back({Format("retrain on {}", trigger.kind), state, trigger.reason});
  }
  return facts;
}

report::Histogram NumberChart(const sketch::ColumnSketch& reference,
                              const sketch::ColumnSketch& now) {
  report::Histogram chart;
  const double low = std::min(reference.minimum().value_or(0.0), now.minimum().value_or(HUGE_VAL));
  const double high =
      std::max(reference.maximum().value_or(1.0), now.maximum().value_or(-HUGE_VAL));
  chart.edges.push_back(low);
  for (const double edge : reference.edges()) chart.edges.push_back(edge);
  chart.edges.push_back(std::max(high, chart.edges.back()));
  // Counts of the reference are scaled to the window: shapes are compared, not sizes.
  const double scale = static_cast<double>(now.num_rows()) /
                       std::max(1.0, static_cast<double>(reference.num_rows()));
  for (size_t i = 0; i < reference.counts().size(); ++i) {
    chart.counts.push_back(static_cast<double>(now.counts()[i]));
    chart.reference_counts.push_back(static_cast<double>(reference.counts()[i]) * scale);
  }
  chart.counts_label = "window";
  chart.reference_label = "reference";
  return chart;
}

report::Histogram TextChart(const sketch::ColumnSketch& reference,
                            const sketch::ColumnSketch& now) {
  report::Histogram chart;
  const double scale = static_cast<double>(now.num_rows()) /
                       std::max(1.0, static_cast<double>(reference.num_rows()));
  for (size_t i = 0; i < reference.counts().size(); ++i) {
    chart.edges.push_back(static_cast<double>(i));
    chart.counts.push_back(static_cast<double>(now.counts()[i]));
    chart.reference_counts.push_back(static_cast<double>(reference.counts()[i]) * scale);
  }
  chart.edges.push_back(static_cast<double>(reference.counts().size()));
  chart.axis = "values by frequency in the reference, other last";
  chart.counts_label = "window";
  chart.reference_label = "reference";
  return chart;
}

// Reference against window, the most changed first.
std::optional<report::Multiples> DriftCharts(const SectionInputs& inputs) {
  if (!inputs.newest || !inputs.production || !inputs.production->sketches) return std::nullopt;
  const sketch::ReferenceSketches& reference = *inputs.production->sketches;
  const std::vector<ColumnDrift> drift = MeasureDrift(
      reference, *inputs.newest, inputs.spec.monitor.drift_psi, inputs.production->dates);
  std::vector<size_t> order(reference.columns.size() + reference.predictions.outputs.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return drift[a].psi > drift[b].psi; });
  report::Multiples charts;
  charts.title = Format("Window {} against the reference", inputs.newest_window);
  for (size_t i = 0; i < std::min(order.size(), kShownCharts); ++i) {
    const size_t at = order[i];
    const size_t num_columns = reference.columns.size();
    const sketch::ColumnSketch& before =
        at < num_columns ? reference.columns[at] : reference.predictions.outputs[at - num_columns];
    const sketch::ColumnSketch& now = at < num_columns
                                          ? inputs.newest->columns[at]
                                          : inputs.newest->predictions.outputs[at - num_columns];
    report::Histogram chart = before.numeric() ? NumberChart(before, now) : TextChart(before, now);
    chart.title = drift[at].column;
    chart.note = Format(
        "psi {}{}, {} missing", FormatSignificant(drift[at].psi, 2),
        drift[at].alarm ? " (alarm)" : "",
        FormatShare(static_cast<double>(now.num_missing()), static_cast<double>(now.num_rows())));
    charts.charts.emplace_back(std::move(chart));
  }
  return charts;
}

std::optional<report::DotChart> PerformanceChart(const SectionInputs& inputs) {
  report::DotChart chart;
  chart.title = "Performance by window";
  for (const Window& window : inputs.record.windows) {
    if (!window.performance) continue;
    chart.items.push_back({.label = Format("window {} ({})", window.number, window.route),
                           .value = window.performance->value,
                           .low = window.performance->low,
                           .high = window.performance->high,
                           .note = Format("{} labels", FormatCount(window.num_labelled)),
                           .emphasised = window.performance_alarm});
  }
  if (chart.items.empty()) return std::nullopt;
  constexpr size_t kShownWindows = 30;
  if (chart.items.size() > kShownWindows) {
    chart.items.erase(chart.items.begin(), chart.items.end() - kShownWindows);
  }
  if (inputs.production && inputs.production->metric != nullptr) {
    chart.axis = Format("{}, 95 % interval", inputs.production->metric->name);
    if (inputs.production->test) {
      chart.reference = inputs.production->test->value;
      chart.reference_label = "test rows";
    }
  }
  return chart;
}

report::DataTable WindowTable(const OperateRecord& record) {
  report::DataTable table;
  table.title = "Windows";
  table.columns = {"window",   "route",        "bundle", "from",  "rows",
                   "labelled", "greatest psi", "column", "alarms"};
  table.numeric = {true, false, false, false, true, true, true, false, true};
  for (auto it = record.windows.rbegin(); it != record.windows.rend(); ++it) {
    const auto worst = std::ranges::max_element(
        it->drift, [](const auto& a, const auto& b) { return a.psi < b.psi; });
    const bool any = worst != it->drift.end();
    table.rows.push_back({Format("{}", it->number), it->route, it->bundle.substr(0, 8),
                          FormatUtc(it->first_micros), Format("{}", it->num_rows),
                          Format("{}", it->num_labelled),
                          any ? FormatSignificant(worst->psi, 3) : "-", any ? worst->column : "-",
                          Format("{}", std::ranges::count_if(it->drift, &ColumnDrift::alarm))});
  }
  table.folded = true;
  return table;
}

report::DataTable AlertTable(const OperateRecord& record) {
  report::DataTable table;
  table.title = "Alerts";
  table.columns = {"time", "kind", "text", "delivered"};
  table.numeric = {false, false, false, false};
  for (auto it = record.alerts.rbegin(); it != record.alerts.rend(); ++it) {
    table.rows.push_back(
        {FormatUtc(it->time_micros), it->kind, it->text, it->delivered ? "yes" : "waits"});
  }
  return table;
}

}  // namespace

report::Section DrawSection(const SectionInputs& inputs) {
  report::Section section;
  section.phase = 6;
  section.title = "MLOps and monitoring";
  section.checkpoint = {.phase = 6, .percent = 100, .title = "MLOps monitoring operational"};
  section.checkpoint.checks = {LogCheck(inputs),       MonitorCheck(inputs),
                               DriftCheck(inputs),     PerformanceCheck(inputs),
                               AlertPathCheck(inputs), RetrainPathCheck(inputs)};
  section.blocks.emplace_back(MonitorFacts(inputs));
  if (auto charts = DriftCharts(inputs)) section.blocks.emplace_back(std::move(*charts));
  if (auto chart = PerformanceChart(inputs)) section.blocks.emplace_back(std::move(*chart));
  if (!inputs.record.alerts.empty()) section.blocks.emplace_back(AlertTable(inputs.record));
  if (!inputs.record.windows.empty()) section.blocks.emplace_back(WindowTable(inputs.record));
  return section;
}

}  // namespace millrace::operate
