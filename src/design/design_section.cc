#include "design/design_section.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "design/column_plan.h"
#include "design/pipeline_diagram.h"
#include "design/source_facts.h"
#include "guide/guide.h"
#include "spec/locator.h"
#include "spec/window_features.h"
#include "spec/yaml_text.h"

namespace millrace::design {
namespace {

using report::Check;
using report::CheckState;
using table::Task;

constexpr int64_t kLeastRows = 20;         // below, no split is worth the name
constexpr int64_t kComfortableClass = 50;  // rows of the rarest class
constexpr int64_t kRowsPerFeature = 10;
constexpr int64_t kLeastHeldOut = 30;  // held-out rows of the rarest class

Check Met(std::string id, std::string label, std::string evidence) {
  Check check;
  check.id = std::move(id);
  check.label = std::move(label);
  check.state = CheckState::kMet;
  check.evidence = std::move(evidence);
  return check;
}

Check Warn(Check check, std::string fix) {
  check.state = CheckState::kWarning;
  check.fix = std::move(fix);
  return check;
}

Check Fail(Check check, std::string fix) {
  check.state = CheckState::kNotMet;
  check.blocks = true;
  check.fix = std::move(fix);
  return check;
}

std::string TargetText(const DesignRecord& record) {
  return record.positive.empty() ? record.target
                                 : Format("{} = {}", record.target, record.positive);
}

Check ProblemCheck(const spec::Spec& spec) {
  if (!Trim(spec.problem.description).empty()) {
    return Met("design.problem", "problem stated", Format("\"{}\"", spec.problem.description));
  }
  return Warn(Met("design.problem", "problem stated", "no description"),
              Format("say in problem.description what is predicted and what for ({})",
                     guide::Cite("write-a-good-sentence")));
}

Check SuccessCheck(const spec::Spec& spec) {
  std::vector<std::string> gates;
  for (const spec::Gate& gate : spec.require.gates) {
    gates.push_back(Format("{} {}", gate.metric, gate.BoundText()));
  }
  for (const spec::Gate& gate : spec.require.fairness) {
    gates.push_back(Format("{} {}", gate.metric, gate.BoundText()));
  }
  Check check = Met("design.success", "success criteria", Join(gates, ", "));
  check.value = static_cast<double>(gates.size());
  if (!gates.empty()) return check;
  check.evidence = "none";
  return Warn(std::move(check), Format("name what is good enough under require ({})",
                                       guide::Cite("success-criteria")));
}

std::vector<Check> SourceChecks(const engine::Source& source, int64_t num_rows) {
  std::vector<Check> checks;
  for (size_t i = 0; i < source.files.size(); ++i) {
    const engine::SourceFile& file = source.files[i];
    Check check = Met(
        Format("design.source.{}", i + 1), BaseName(file.path),
        Format("readable, {}, {} columns", FormatBytes(file.size_bytes), source.columns.size()));
    if (source.files.size() == 1) check.evidence += Format(", {} rows", FormatCount(num_rows));
    check.value = static_cast<double>(file.size_bytes);
    check.unit = "bytes";
    checks.push_back(std::move(check));
  }
  return checks;
}

Check TargetCheck(const Situation& s) {
  const profile::ColumnProfile& target = *s.profile.Find(s.record.target);
  Check check =
      Met("design.target", "target",
          Format("{}, {} values", TargetText(s.record), FormatCount(target.num_distinct)));
  check.value = static_cast<double>(target.num_missing);
  check.unit = "rows without it";
  if (target.num_missing == 0) return check;
  check.evidence += Format(
      ", missing in {} rows ({})", FormatCount(target.num_missing),
      FormatShare(static_cast<double>(target.num_missing), static_cast<double>(target.num_rows)));
  return Warn(std::move(check), "rows without a target are set aside in phase 2");
}

Check RowsCheck(const Situation& s) {
  const int64_t rows = s.profile.num_rows;
  const int64_t rare = RarestClassRows(s);
  const auto features = static_cast<int64_t>(FeaturesOf(s.record.columns).size());
  std::string evidence = Format("{} rows for {} columns", FormatCount(rows), features);
  if (s.record.task != Task::kRegression) {
    evidence += Format("; {} of the rarest class", FormatCount(rare));
  }
  Check check = Met("design.rows_enough", "rows", std::move(evidence));
  check.value = static_cast<double>(rows);
  check.unit = "rows";
  check.requirement = Format(">= {}", kLeastRows);
  if (rows < kLeastRows) return Fail(std::move(check), "collect more rows before training");
  const bool short_class = s.record.task != Task::kRegression && rare < kComfortableClass;
  if (short_class || rows < kRowsPerFeature * features) {
    return Warn(std::move(check), Format("{} rows a column and {} of each class give steadier "
                                         "figures",
                                         kRowsPerFeature, kComfortableClass));
  }
  return check;
}

Check FeaturesCheck(const Situation& s) {
  const size_t features = FeaturesOf(s.record.columns).size();
  Check check = Met("design.features", "columns to learn from",
                    Format("{} of {}", features, s.record.columns.size()));
  check.value = static_cast<double>(features);
  check.requirement = ">= 1";
  if (features > 0) return check;
  return Fail(std::move(check), "every column is the target, an id, excluded or constant");
}

Check LeaksCheck(const std::vector<ColumnNote>& leaks) {
  Check check =
      Met("design.leaks", "columns that tell the target", leaks.empty() ? "none on a sample" : "");
  check.value = static_cast<double>(leaks.size());
  if (leaks.empty()) return check;
  std::vector<std::string> found;
  for (const ColumnNote& leak : leaks) {
    found.push_back(Format("{} ({})", leak.name, leak.reason));
  }
  check.evidence = Join(found, "; ");
  return Warn(std::move(check),
              Format("add them to data.exclude unless they are known in time ({})",
                     guide::Cite("leakage")));
}

Check ValidationCheck(const Situation& s) {
  const int64_t held_out = HeldOutRows(s);
  Check check = Met("design.validation", "held-out rows",
                    Format("{}: {}", s.record.validation.value, s.record.validation.reason));
  check.value = static_cast<double>(held_out);
  check.unit = "rows";
  double basis = static_cast<double>(held_out);
  if (s.record.task != Task::kRegression) {
    basis = HeldOutShare(s) * static_cast<double>(RarestClassRows(s));
  }
  if (basis >= static_cast<double>(kLeastHeldOut)) return check;
  return Warn(std::move(check), "intervals of the final figures will be wide; more rows help");
}

// A word of warning before an hour is spent; phase 4 measures.
Check FeasibleCheck(const std::vector<Feasibility>& feasibility) {
  Check check = Met("design.feasible", "gates within reach", "");
  std::vector<std::string> texts;
  bool out_of_reach = false;
  for (const Feasibility& word : feasibility) {
    if (!word.text.empty()) texts.push_back(word.text);
    out_of_reach = out_of_reach || word.reach == Reach::kOutOfReach;
  }
  check.evidence = Join(texts, "; ");
  if (!out_of_reach) return check;
  return Warn(std::move(check), Format("look for columns that say more, or lower the gate ({})",
                                       guide::Cite("success-criteria")));
}

std::vector<Check> MakeChecks(const Situation& s, const engine::Source& source,
                              const std::vector<ColumnNote>& leaks,
                              const std::vector<LaterColumn>& later,
                              const std::vector<Feasibility>& feasibility) {
  std::vector<Check> checks;
  checks.push_back(ProblemCheck(s.spec));
  checks.push_back(Met("design.task", "task",
                       Format("{}: {}", table::TaskName(s.record.task), s.record.task_reason)));
  checks.push_back(TargetCheck(s));
  checks.push_back(SuccessCheck(s.spec));
  if (!feasibility.empty()) checks.push_back(FeasibleCheck(feasibility));
  for (Check& check : SourceChecks(source, s.profile.num_rows)) checks.push_back(std::move(check));
  checks.push_back(RowsCheck(s));
  checks.push_back(FeaturesCheck(s));
  checks.push_back(LeaksCheck(leaks));
  checks.push_back(FreshnessCheck(s));
  checks.push_back(AvailabilityCheck(s, later));
  checks.push_back(ValidationCheck(s));
  checks.push_back(Met("design.serving", "serving", s.record.serving.value));
  checks.push_back(Met("design.approach", "approach", s.record.approach.value));
  return checks;
}

report::Facts ProblemFacts(const Situation& s) {
  const DesignRecord& record = s.record;
  report::Facts facts{"The problem", {}};
  facts.facts.push_back({"task", std::string(table::TaskName(record.task)), record.task_reason});
  facts.facts.push_back({"target", TargetText(record), record.positive_reason});
  facts.facts.push_back({"measured by", record.primary_metric,
                         s.spec.develop.metric ? "develop.metric" : "usual for this task"});
  for (const spec::Gate& gate : s.spec.require.gates) {
    facts.facts.push_back({"success", Format("{} {}", gate.metric, gate.BoundText()), "require"});
  }
  for (const spec::Gate& gate : s.spec.require.fairness) {
    facts.facts.push_back(
        {"success", Format("{} {}", gate.metric, gate.BoundText()), "require.fairness"});
  }
  const auto role = [&](std::string_view name, const std::optional<std::string>& column,
                        std::string_view use) {
    if (column) facts.facts.push_back({std::string(name), *column, std::string(use)});
  };
  role("id", s.spec.data.id, "names the rows, no feature");
  role("time", s.spec.data.time, "orders the split");
  role("group", s.spec.data.group, "keeps rows together");
  if (!s.spec.data.sensitive.empty()) {
    facts.facts.push_back(
        {"sensitive", Join(s.spec.data.sensitive, ", "), "results are compared by group"});
  }
  return facts;
}

// The windows that a series suggests, to be copied; empty where rows are no series, or there are
// windows already. Of classes only two can be windows' numbers.
std::string ProposedWindows(const Situation& s) {
  const spec::Spec& spec = s.spec;
  const bool has_numbers = s.record.task == Task::kRegression || s.record.task == Task::kBinary;
  if (!spec.data.time || !spec.features.windows.empty() || !has_numbers) return "";
  const profile::ColumnProfile* time = s.profile.Find(*spec.data.time);
  // Several rows of a time are several series; which is which, only data.group says.
  if (time == nullptr || (!spec.data.group && time->num_distinct < s.profile.num_rows)) return "";
  const std::string of =
      Format("of: {}{}", spec::YamlText(s.record.target),
             spec.data.group ? Format(", by: {}", spec::YamlText(*spec.data.group)) : "");
  return Format("windows: [{{name: {}, {}}}, {{name: {}, {}, stat: mean, rows: 7}}]",
                spec::YamlText(s.record.target + "_before"), of,
                spec::YamlText(s.record.target + "_usual"), of);
}

// Each decision names the entry of the guide that says more.
report::Facts DecisionFacts(const Situation& s) {
  const DesignRecord& record = s.record;
  const bool by_time = record.validation.value.ends_with("time");
  const bool by_group = record.validation.value.ends_with("group");
  const bool stratified = record.validation.value.starts_with("stratified");
  const auto cited = [](const std::string& reason, std::string_view id) {
    return Format("{} ({})", reason, guide::Cite(id));
  };
  report::Facts facts{"Decisions", {}};
  facts.facts.push_back(
      {"approach", record.approach.value, cited(record.approach.reason, "trees-or-networks")});
  facts.facts.push_back(
      {"serving", record.serving.value, cited(record.serving.reason, "batch-or-online")});
  facts.facts.push_back({"validation", record.validation.value,
                         cited(record.validation.reason, by_time      ? "time-split"
                                                         : by_group   ? "group-split"
                                                         : stratified ? "stratified-split"
                                                                      : "train-test-split")});
  const auto features = FeaturesOf(record.columns).size();
  const spec::FeaturePlan& plan = s.spec.features;
  const size_t added = plan.add.size() + plan.aggregates.size() + plan.windows.size();
  facts.facts.push_back({"features", Format("{} columns as they are read", features),
                         cited(added == 0 ? "none is added by hand; features.add takes expressions"
                                          : Format("{} added by hand", added),
                               "feature-strategy")});
  for (const spec::AddedFeature& feature : plan.add) {
    facts.facts.push_back({"added feature", feature.name, feature.expression});
  }
  for (const spec::GroupAggregate& group : plan.aggregates) {
    facts.facts.push_back({"statistic of groups", group.name,
                           Format("{} of {} by {}", feature::GroupStatisticName(group.statistic),
                                  group.of.empty() ? "rows" : group.of, Join(group.by, ", "))});
  }
  for (const spec::WindowFeature& window : plan.windows) {
    facts.facts.push_back(
        {"window", window.name, spec::TextOf(window, s.spec) + "; a request must bring it"});
  }
  const std::string proposed = by_time ? ProposedWindows(s) : "";
  if (!proposed.empty()) {
    facts.facts.push_back(
        {"proposed", proposed,
         cited("what earlier rows held often says most of a series. Not used unless it is written "
               "under features, for each request must then bring it; compare the estimates of "
               "both, which are measured on later rows",
               "time-split")});
  }
  return facts;
}

report::DataTable ColumnTable(const DesignRecord& record) {
  report::DataTable columns;
  columns.title = "What becomes of each column";
  columns.columns = {"column", "role", "type", "use", "reason"};
  columns.numeric = {false, false, false, false, false};
  columns.folded = record.columns.size() > 25;
  for (const ColumnPlan& plan : record.columns) {
    std::string role(ColumnRoleName(plan.role));
    if (plan.sensitive) role += ", sensitive";
    columns.rows.push_back({plan.name, std::move(role),
                            std::string(table::ColumnTypeName(plan.type)), plan.strategy,
                            plan.reason});
  }
  return columns;
}

report::DataTable RiskTable(const DesignRecord& record) {
  report::DataTable risks;
  risks.title = "Risks, and what is done about them";
  risks.columns = {"risk", "answer"};
  risks.numeric = {false, false};
  for (const Risk& risk : record.risks) risks.rows.push_back({risk.text, risk.answer});
  return risks;
}

}  // namespace

report::Section MakeDesignSection(const Situation& s, const engine::Source& source,
                                  const std::vector<ColumnNote>& leaks,
                                  const std::vector<LaterColumn>& later,
                                  const std::vector<Feasibility>& feasibility) {
  report::Section section;
  section.phase = 1;
  section.title = "Requirements and design";
  section.checkpoint.phase = 1;
  section.checkpoint.percent = 20;
  section.checkpoint.title = "architecture designed";
  section.checkpoint.checks = MakeChecks(s, source, leaks, later, feasibility);
  section.blocks.emplace_back(ProblemFacts(s));
  section.blocks.emplace_back(DecisionFacts(s));
  section.blocks.emplace_back(PipelineDiagram(s, source));
  section.blocks.emplace_back(SourceTable(s, source));
  section.blocks.emplace_back(ColumnTable(s.record));
  if (!s.record.risks.empty()) section.blocks.emplace_back(RiskTable(s.record));
  return section;
}

}  // namespace millrace::design
