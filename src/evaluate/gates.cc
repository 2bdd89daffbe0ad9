#include "evaluate/gates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "base/text.h"

namespace millrace::evaluate {
namespace {

using report::Check;
using report::CheckState;

constexpr int64_t kTimedRows = 2'000;
constexpr int64_t kWarmUpRows = 200;

Check NewCheck(const spec::Gate& gate, std::string id) {
  Check check;
  check.id = std::move(id);
  check.label = gate.metric;
  check.blocks = true;
  check.requirement = gate.BoundText();
  check.source = gate.place.ToString();
  return check;
}

// The end of the interval that is nearer to breaking the gate.
double WeakEnd(const spec::Gate& gate, const metric::Interval& value) {
  const bool lower_bound =
      gate.op == spec::Comparison::kAtLeast || gate.op == spec::Comparison::kAbove;
  return lower_bound ? value.low : value.high;
}

void Decide(const spec::Gate& gate, const metric::Interval& value, Check& check) {
  check.value = value.value;
  check.low = value.low;
  check.high = value.high;
  if (!gate.IsMetBy(value.value)) {
    check.state = CheckState::kNotMet;
    if (gate.IsMetBy(value.low) || gate.IsMetBy(value.high)) {
      check.evidence = "the interval reaches the bound: more rows would tell";
    }
    return;
  }
  check.state = CheckState::kMet;
  if (!gate.IsMetBy(WeakEnd(gate, value))) {
    check.evidence = "the interval reaches over the bound: met by a narrow margin";
  }
}

std::string ChangeTheGate(const spec::Gate& gate) {
  return Format("change the gate in {}", gate.place.ToString());
}

std::vector<const spec::Gate*> GatesOf(const spec::Spec& spec, std::string_view metric) {
  std::vector<const spec::Gate*> gates;
  for (const spec::Gate& gate : spec.require.gates) {
    if (gate.metric == metric) gates.push_back(&gate);
  }
  return gates;
}

Check FairnessGate(const spec::Gate& gate, const ColumnFairness& column) {
  Check check = NewCheck(gate, Format("fairness.{}.{}", gate.metric, column.column));
  const MeasuredGap* gap = column.FindGap(gate.metric);
  if (gap == nullptr) {
    check.evidence = Format("{}: fewer than two groups of {} rows, with {} to measure the rate on",
                            column.column, kMinGroupRows, kMinRateRows);
    check.fix = "hold out more rows: split.test";
    return check;
  }
  Decide(gate, gap->value, check);
  check.evidence =
      column.column + ": " + gap->evidence + (check.evidence.empty() ? "" : "; " + check.evidence);
  if (check.state == CheckState::kNotMet) {
    check.fix = Format("look at the groups in the report, or {}", ChangeTheGate(gate));
  }
  return check;
}

// What is watched where nobody set a gate.
std::string_view WatchedGap(table::Task task) {
  return task == table::Task::kRegression ? "mae_ratio"
         : task == table::Task::kBinary   ? "equalized_odds_difference"
                                          : "accuracy_difference";
}

Check WatchGap(table::Task task, const ColumnFairness& column) {
  const std::string_view name = WatchedGap(task);
  Check check;
  check.id = Format("fairness.{}.{}", name, column.column);
  check.label = name;
  const MeasuredGap* gap = column.FindGap(name);
  if (gap == nullptr) {
    check.evidence = Format("{}: fewer than two groups of {} rows", column.column, kMinGroupRows);
    return check;
  }
  check.value = gap->value.value;
  check.low = gap->value.low;
  check.high = gap->value.high;
  check.evidence = Format("{}: {}", column.column, gap->evidence);
  const bool wide = task == table::Task::kRegression ? gap->value.high < 1.0 - 2.0 * kNoticeableGap
                                                     : gap->value.low > kNoticeableGap;
  check.state = wide ? CheckState::kWarning : CheckState::kMet;
  if (wide) {
    check.fix = Format("decide how wide the gap may be: require.fairness.{}", name);
  } else {
    check.evidence += "; no gate is set";
  }
  return check;
}

void AddEvidence(std::string text, Check& check) {
  check.evidence = check.evidence.empty() ? std::move(text) : check.evidence + "; " + text;
}

// A share of a handful of decisions is no measurement.
void CheckSupport(const metric::Scored& held_out, Check& check) {
  const bool counts = check.label == "recall" || check.label == "precision";
  if (held_out.task != table::Task::kBinary || !counts) return;
  const std::vector<std::vector<double>> confusion = metric::ConfusionCounts(held_out);
  const double found = confusion[1][1];
  const auto decisions = static_cast<int64_t>(confusion[0][1] + found);
  const auto positives = static_cast<int64_t>(confusion[1][0] + found);
  if (check.label == "recall" && positives < spec::kMinDecisions) {
    AddEvidence(Format("of {} positive rows only", positives), check);
  }
  if (check.label != "precision" || check.state != CheckState::kMet) return;
  const int64_t enough = spec::MinDecisions(positives);
  if (decisions < enough) {
    check.state = CheckState::kNotMet;
    AddEvidence(
        Format("{} positive decisions on {} held-out rows are too few to tell: at least {}",
               decisions, FormatCount(static_cast<int64_t>(held_out.labels.size())), enough),
        check);
    check.fix =
        "no threshold reaches this precision while finding something: lower the gate, or say with "
        "require.recall how much must be found";
  } else {
    AddEvidence(Format("of {} positive decisions, that find {} of the positive rows",
                       FormatCount(decisions), FormatShare(found, static_cast<double>(positives))),
                check);
  }
}

std::vector<double> TimeRows(const bundle::Scorer& scorer, const table::Table& rows, Clock& clock) {
  std::vector<double> seconds;
  bundle::Predictions predictions;
  for (int64_t i = 0; i < kWarmUpRows + kTimedRows; ++i) {
    const int64_t row[] = {i % rows.num_rows()};
    const auto one = rows.Take(row).Select(scorer.schema().names());
    if (!one.ok()) return {};
    const double start = clock.MonotonicSeconds();
    const Status state = scorer.ScoreInto(*one, predictions);
    const double end = clock.MonotonicSeconds();
    if (!state.ok()) return {};
    if (i >= kWarmUpRows) seconds.push_back(end - start);
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

}  // namespace

std::vector<Check> CheckMetricGates(const spec::Spec& spec,
                                    const std::vector<MeasuredMetric>& metrics,
                                    const metric::Scored& held_out) {
  std::vector<Check> checks;
  for (const spec::Gate& gate : spec.require.gates) {
    for (const MeasuredMetric& metric : metrics) {
      if (metric.name != gate.metric) continue;
      Check check = NewCheck(gate, "gate." + gate.metric);
      if (std::isnan(metric.value.value)) {
        check.state = CheckState::kNotMet;
        check.evidence = "not defined on the held-out rows: one class only, or a constant";
        check.fix = "hold out more rows: split.test";
      } else {
        Decide(gate, metric.value, check);
        if (check.state == CheckState::kNotMet) {
          check.fix = Format("give development more time (develop.budget.time), or {}",
                             ChangeTheGate(gate));
        }
        CheckSupport(held_out, check);
      }
      checks.push_back(std::move(check));
    }
  }
  return checks;
}

std::vector<Check> CheckFairness(const spec::Spec& spec, table::Task task,
                                 const std::vector<ColumnFairness>& columns) {
  std::vector<Check> checks;
  for (const ColumnFairness& column : columns) {
    for (const spec::Gate& gate : spec.require.fairness) {
      checks.push_back(FairnessGate(gate, column));
    }
    if (spec.require.fairness.empty()) checks.push_back(WatchGap(task, column));
  }
  if (columns.empty()) {
    Check check;
    check.id = "fairness.groups";
    check.label = "fairness between groups";
    check.evidence = "no sensitive column is named";
    check.fix = "name columns such as sex or age under data.sensitive";
    checks.push_back(std::move(check));
  }
  return checks;
}

std::vector<Check> CheckLatencyGates(const spec::Spec& spec, const bundle::Scorer& scorer,
                                     const table::Table& rows, Clock& clock) {
  std::vector<Check> checks;
  std::vector<double> seconds;
  for (const auto& [name, share] : {std::pair{"latency_p50", 0.50}, {"latency_p99", 0.99}}) {
    for (const spec::Gate* gate : GatesOf(spec, name)) {
      if (seconds.empty()) seconds = TimeRows(scorer, rows, clock);
      Check check = NewCheck(*gate, Format("gate.{}", name));
      check.unit = "ms";
      if (seconds.empty()) {
        check.evidence = "no row could be timed";
        checks.push_back(std::move(check));
        continue;
      }
      const double value =
          seconds[static_cast<size_t>(share * static_cast<double>(seconds.size() - 1))];
      check.value = value * 1e3;
      check.state = gate->IsMetBy(value) ? CheckState::kMet : CheckState::kNotMet;
      check.evidence = Format(
          "scoring {} single rows, without the network; staging measures "
          "whole requests",
          FormatCount(static_cast<int64_t>(seconds.size())));
      if (check.state == CheckState::kNotMet) {
        check.fix =
            Format("choose a smaller model (develop.learners), or {}", ChangeTheGate(*gate));
      }
      checks.push_back(std::move(check));
    }
  }
  return checks;
}

std::vector<Check> CheckSizeGates(const spec::Spec& spec, int64_t bundle_bytes) {
  std::vector<Check> checks;
  for (const spec::Gate* gate : GatesOf(spec, "model_size")) {
    Check check = NewCheck(*gate, "gate.model_size");
    const auto value = static_cast<double>(bundle_bytes);
    check.value = value / 1e6;
    check.unit = "MB";
    check.state = gate->IsMetBy(value) ? CheckState::kMet : CheckState::kNotMet;
    check.evidence = Format("the bundle is {}", FormatBytes(bundle_bytes));
    if (check.state == CheckState::kNotMet) {
      check.fix = Format("choose a smaller model (develop.learners), or {}", ChangeTheGate(*gate));
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace millrace::evaluate
