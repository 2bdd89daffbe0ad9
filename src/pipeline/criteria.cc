#include "pipeline/criteria.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "feature/graph.h"
#include "json/text.h"

namespace millrace::pipeline {
namespace {

using report::Check;
using report::Checkpoint;
using report::CheckState;
using report::Criterion;

constexpr std::string_view kTitles[] = {
    "ML problem clearly defined",      "data pipeline operational",
    "feature engineering implemented", "model trained and validated",
    "performance meets requirements",  "bias and fairness validated",
    "model deployed to production",    "API serving requests",
    "monitoring and alerting active",  "retraining pipeline established",
    "complete documentation"};
constexpr int kPhases[] = {1, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4};

struct Verdict {
  CheckState state = CheckState::kNotMeasured;
  std::string evidence;
  std::string fix;
};

// The worst of several states: one unmet makes the whole unmet, one unmeasured unmeasured.
CheckState Worst(const std::vector<Check>& checks) {
  const auto any = [&checks](CheckState state) {
    return std::any_of(checks.begin(), checks.end(),
                       [state](const Check& check) { return check.state == state; });
  };
  if (any(CheckState::kNotMet)) return CheckState::kNotMet;
  if (any(CheckState::kNotMeasured)) return CheckState::kNotMeasured;
  return any(CheckState::kWarning) ? CheckState::kWarning : CheckState::kMet;
}

std::vector<Check> WithPrefix(const Checkpoint& checkpoint, std::string_view prefix) {
  std::vector<Check> checks;
  for (const Check& check : checkpoint.checks) {
    if (check.id.starts_with(prefix)) checks.push_back(check);
  }
  return checks;
}

std::string FirstFix(const std::vector<Check>& checks) {
  for (const CheckState state : {CheckState::kNotMet, CheckState::kNotMeasured}) {
    for (const Check& check : checks) {
      if (check.state == state) return check.fix;
    }
  }
  return "";
}

// "3 of 4 met; auc 0.7 [0.6, 0.8], required >= 0.8".
std::string Tally(const std::vector<Check>& checks, std::string_view what) {
  const auto met = std::count_if(checks.begin(), checks.end(), [](const Check& check) {
    return check.state == CheckState::kMet || check.state == CheckState::kWarning;
  });
  std::string text = Format("{} of {} {} met", met, checks.size(), what);
  int shown = 0;
  const CheckState worst = Worst(checks);
  for (const Check& check : checks) {
    if (check.state != worst || shown == 3) continue;
    text += Format("{} {}{}", shown++ == 0 ? ":" : ";", FigureOf(check),
                   check.requirement.empty() ? "" : ", required " + check.requirement);
  }
  return text;
}

// A phase whose blocking checks decide; `evidence` are the figures when it passed.
Verdict OfCheckpoint(const Checkpoint& checkpoint, std::string evidence) {
  if (checkpoint.passed()) return {CheckState::kMet, std::move(evidence), ""};
  std::vector<Check> unmet;
  for (const Check& check : checkpoint.checks) {
    if (check.blocks && check.state == CheckState::kNotMet) unmet.push_back(check);
  }
  return {CheckState::kNotMet, Tally(unmet, "blocking checks"), FirstFix(unmet)};
}

Verdict Defined(const PhaseContext& context) {
  const design::DesignRecord& design = *context.design;
  const std::string target =
      design.positive.empty() ? design.target : Format("{} = {}", design.target, design.positive);
  return OfCheckpoint(
      design.section.checkpoint,
      Format("{}: {}, from {} rows and {} columns, measured by {}", table::TaskName(design.task),
             target, FormatCount(design.num_rows), design.columns.size(), design.primary_metric));
}

Verdict DataReady(const PhaseContext& context) {
  const data::DataRecord& data = *context.data;
  return OfCheckpoint(
      data.section.checkpoint,
      Format("{} rows kept, {} set aside; {} to learn from, {} held out; version {}",
             FormatCount(data.num_rows), FormatCount(data.num_quarantined),
             FormatCount(data.num_train), FormatCount(data.num_test), data.version.Short()));
}

Verdict FeaturesBuilt(const PhaseContext& context) {
  const develop::DevelopRecord& develop = *context.develop;
  const auto bytes = context.objects.Get(develop.graph_object);
  if (!bytes.ok()) return {CheckState::kNotMet, bytes.status().message(), bytes.status().hint()};
  const auto document = json::Parse(*bytes, "graph");
  if (!document.ok()) return {CheckState::kNotMet, document.status().message(), ""};
  const auto graph = feature::Graph::FromJson(context.data->schema, *document);
  if (!graph.ok()) return {CheckState::kNotMet, graph.status().message(), ""};
  return {CheckState::kMet,
          Format("{} columns become {} features, by one graph in training and serving",
                 graph->columns().size(), graph->num_features()),
          ""};
}

Verdict Trained(const PhaseContext& context) {
  const develop::DevelopRecord& develop = *context.develop;
  const metric::Interval& estimate = develop.estimate;
  if (!std::isfinite(estimate.value)) {
    return {CheckState::kNotMeasured,
            Format("{} is not defined on the validation rows", develop.primary_metric),
            "add rows, or choose another metric under develop.metric"};
  }
  Verdict verdict = OfCheckpoint(
      develop.section.checkpoint,
      Format("{} {} on rows not learnt from, {} candidates; baseline {}", develop.primary_metric,
             IntervalText(estimate.value, estimate.low, estimate.high), develop.leaderboard.size(),
             FormatSignificant(develop.baseline.value, 3)));
  return verdict;
}

Verdict MeetsRequirements(const PhaseContext& context) {
  std::vector<Check> gates = RequirementsOf(context);
  if (!gates.empty()) return {Worst(gates), Tally(gates, "requirements"), FirstFix(gates)};
  const std::vector<Check> better =
      WithPrefix(context.evaluate->section.checkpoint, "evaluate.better_than_baseline");
  if (better.empty()) {
    return {CheckState::kNotMeasured, "no requirement is set", "set require in millrace.yaml"};
  }
  return {Worst(better),
          Format("no requirement is set; against the best constant answer: {}",
                 better.front().evidence),
          "set require in millrace.yaml"};
}

Verdict Fair(const PhaseContext& context) {
  const evaluate::EvaluateRecord& evaluate = *context.evaluate;
  if (context.spec.data.sensitive.empty()) {
    return {CheckState::kNotMeasured, "no sensitive column is named",
            "name the columns under data.sensitive in millrace.yaml"};
  }
  const std::vector<Check> checks = WithPrefix(evaluate.section.checkpoint, "fairness.");
  if (!checks.empty()) return {Worst(checks), Tally(checks, "fairness checks"), FirstFix(checks)};
  if (evaluate.gaps.empty()) {
    return {CheckState::kNotMeasured,
            Format("too few rows in the groups of {}", Join(context.spec.data.sensitive, ", ")),
            "more held-out rows are needed in each group"};
  }
  const evaluate::MeasuredGap& gap = evaluate.gaps.front();
  return {CheckState::kWarning,
          Format("{} of {}: {}, no bound is set", gap.name, gap.column,
                 IntervalText(gap.value.value, gap.value.low, gap.value.high)),
          "set require.fairness in millrace.yaml"};
}

Verdict Deployed(const PhaseContext& context) {
  const deploy::DeployRecord& deploy = *context.deploy;
  if (deploy.url.empty()) return {CheckState::kNotMet, "no server is in production", "millrace up"};
  return OfCheckpoint(deploy.section.checkpoint,
                      Format("bundle {} answers at {}", deploy.bundle.Short(), deploy.url));
}

Verdict Answers(const PhaseContext& context) {
  const deploy::Validation& seen = context.deploy->validation;
  const bool equal = seen.golden_rows > 0 && seen.golden_equal == seen.golden_rows;
  std::string evidence =
      Format("{} of {} golden rows equal over HTTP, {} requests, p50 {} ms, p99 {} ms",
             seen.golden_equal, seen.golden_rows, FormatCount(seen.requests),
             FormatSignificant(seen.latency_p50_ms, 3), FormatSignificant(seen.latency_p99_ms, 3));
  if (seen.requests == 0) return {CheckState::kNotMeasured, "no request was sent", "millrace run"};
  if (seen.ready && equal) return {CheckState::kMet, std::move(evidence), ""};
  return {CheckState::kNotMet, std::move(evidence), "look at .millrace/logs, then millrace run"};
}

Verdict Watched(const PhaseContext& context) {
  const operate::OperateRecord& operate = *context.operate;
  return OfCheckpoint(
      operate.section.checkpoint,
      Format("{} predictions and {} labels read, {} windows closed, {} alerts, {} alert targets",
             FormatCount(operate.num_predictions), FormatCount(operate.num_labels),
             operate.windows.size(), operate.alerts.size(), context.spec.monitor.alerts.size()));
}

Verdict Retrains(const PhaseContext& context) {
  const operate::OperateRecord& operate = *context.operate;
  if (operate.triggers.empty()) {
    return {CheckState::kNotMet, "no trigger is set", "name triggers under retrain.on"};
  }
  std::vector<std::string> states;
  for (const operate::Trigger& trigger : operate.triggers) {
    states.push_back(Format("{} {}", trigger.kind,
                            trigger.state == operate::TriggerState::kQuiet ? "quiet"
                            : trigger.state == operate::TriggerState::kDue ? "due"
                                                                           : "cooling down"));
  }
  return {CheckState::kMet,
          Format("{} trigger{} evaluated: {}", states.size(), states.size() == 1 ? "" : "s",
                 Join(states, ", ")),
          ""};
}

Verdict Documented(const PhaseContext& context, const std::vector<report::Section>& sections) {
  const std::string& card = context.evaluate->card;
  const auto words =
      std::count_if(card.begin(), card.end(), [](char c) { return c == ' ' || c == '\n'; });
  if (card.empty()) return {CheckState::kNotMet, "the model card is empty", "millrace run"};
  if (!card.starts_with("---")) {
    return {CheckState::kNotMet, "the model card has no front matter", "millrace run"};
  }
  for (const std::string_view unfilled : {"TODO", "TBD", "FIXME", "lorem"}) {
    if (card.find(unfilled) != std::string::npos) {
      return {CheckState::kNotMet, Format("the model card has an unfilled claim: {}", unfilled),
              "report it: this is a fault of the program"};
    }
  }
  return {CheckState::kMet,
          Format("design, model card of {} words, report of {} phases", FormatCount(words),
                 sections.size()),
          ""};
}

Verdict Assess(int number, const PhaseContext& context,
               const std::vector<report::Section>& sections) {
  switch (number) {
    case 1:
      return Defined(context);
    case 2:
      return DataReady(context);
    case 3:
      return FeaturesBuilt(context);
    case 4:
      return Trained(context);
    case 5:
      return MeetsRequirements(context);
    case 6:
      return Fair(context);
    case 7:
      return Deployed(context);
    case 8:
      return Answers(context);
    case 9:
      return Watched(context);
    case 10:
      return Retrains(context);
    default:
      return Documented(context, sections);
  }
}

bool HasRecord(const PhaseContext& context, int phase) {
  const bool has[] = {context.design.has_value(),  context.data.has_value(),
                      context.develop.has_value(), context.evaluate.has_value(),
                      context.deploy.has_value(),  context.operate.has_value()};
  return has[phase - 1];
}

}  // namespace

std::vector<Check> RequirementsOf(const PhaseContext& context) {
  std::vector<Check> gates;
  if (!context.evaluate) return gates;
  gates = WithPrefix(context.evaluate->section.checkpoint, "gate.");
  if (!context.deploy) return gates;
  for (const Check& measured : WithPrefix(context.deploy->section.checkpoint, "gate.")) {
    const auto same = std::find_if(gates.begin(), gates.end(), [&measured](const Check& check) {
      return check.id == measured.id;
    });
    if (same == gates.end()) {
      gates.push_back(measured);
    } else {
      *same = measured;
    }
  }
  return gates;
}

std::string IntervalText(double value, std::optional<double> low, std::optional<double> high) {
  std::string text = FormatSignificant(value, 3);
  if (low && high && std::isfinite(*low) && std::isfinite(*high)) {
    text += Format(" [{}, {}]", FormatSignificant(*low, 3), FormatSignificant(*high, 3));
  }
  return text;
}

std::string FigureOf(const Check& check) {
  if (!check.value) return check.label;
  return Format("{} {}{}", check.label, IntervalText(*check.value, check.low, check.high),
                check.unit.empty() ? "" : " " + check.unit);
}

std::vector<Criterion> AssessCriteria(const PhaseContext& context,
                                      const std::vector<report::Section>& sections,
                                      const std::optional<PhaseFailure>& failure) {
  std::vector<Criterion> criteria;
  for (int number = 1; number <= static_cast<int>(std::size(kTitles)); ++number) {
    const int phase = kPhases[number - 1];
    Verdict verdict;
    if (number == 10 && context.comparison) {
      verdict = {CheckState::kMet, *context.comparison, ""};
    } else if (HasRecord(context, phase)) {
      verdict = Assess(number, context, sections);
    } else if (failure && failure->phase == phase) {
      verdict = {CheckState::kNotMet, failure->status.message(), failure->status.hint()};
    } else {
      verdict = {CheckState::kNotMeasured,
                 Format("phase {}, {}, has not run", phase, PhaseName(phase)),
                 failure ? Format("see phase {}", failure->phase) : "millrace run"};
    }
    if (verdict.state == CheckState::kMet) verdict.fix.clear();
    criteria.push_back({.number = number,
                        .title = std::string(kTitles[number - 1]),
                        .state = verdict.state,
                        .evidence = std::move(verdict.evidence),
                        .anchor = Format("phase-{}", phase),
                        .fix = std::move(verdict.fix)});
  }
  return criteria;
}

}  // namespace millrace::pipeline
