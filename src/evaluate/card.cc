#include "evaluate/card.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "metric/metric.h"
#include "report/markdown.h"
#include "spec/yaml_text.h"

namespace millrace::evaluate {
namespace {

using report::EscapeMarkdown;
using spec::YamlText;
using table::Task;

constexpr size_t kNamedColumns = 8;

// Value and ends of an interval with the same decimals.
std::string Value(const metric::Interval& interval) {
  return FormatFigure(interval.value, interval.high - interval.low);
}

std::string Ends(const metric::Interval& interval) {
  const double resolution = interval.high - interval.low;
  return Format("{} to {}", FormatFigure(interval.low, resolution),
                FormatFigure(interval.high, resolution));
}

std::string Between(const metric::Interval& interval) {
  return Format("{} (95 % interval {})", Value(interval), Ends(interval));
}

std::string YamlInterval(const metric::Interval& interval) {
  const auto number = [](double value) {
    return std::isfinite(value) ? FormatDouble(value) : std::string("null");
  };
  return Format("value: {}, low: {}, high: {}", number(interval.value), number(interval.low),
                number(interval.high));
}

std::string YamlList(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(YamlText(item));
  return "[" + Join(quoted, ", ") + "]";
}

// "a, b and c".
std::string Listing(const std::vector<std::string>& items) {
  std::string text;
  for (size_t i = 0; i < items.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + items[i];
  }
  return text;
}

// The models that answer: the members of an ensemble, not the ensemble itself.
std::vector<const develop::Candidate*> Chosen(const develop::DevelopRecord& record) {
  std::vector<const develop::Candidate*> chosen;
  std::vector<const develop::Candidate*> ensembles;
  for (const develop::Candidate& candidate : record.leaderboard) {
    if (!candidate.chosen) continue;
    (candidate.learner == "ensemble" ? ensembles : chosen).push_back(&candidate);
  }
  return chosen.empty() ? ensembles : chosen;
}

// Sentences that follow from measurements alone.
std::vector<std::string> Limitations(const CardContents& contents) {
  std::vector<std::string> sentences = contents.weak_spots;
  for (const ColumnFairness& column : contents.fairness) {
    std::vector<std::string> small;
    for (const GroupFigures& group : column.groups) {
      if (!group.in_gaps) small.push_back(Format("{} ({} rows)", group.group, group.num_rows));
    }
    if (small.empty()) continue;
    sentences.push_back(Format("Of {}, {} had too few rows to be compared with the other groups.",
                               column.column, Listing(small)));
  }
  for (const EdgeCase& one : contents.edge_cases) {
    if (one.num_failed == 0) continue;
    sentences.push_back(Format("Given {}, it gives {} in {} of {} rows.", one.text, one.failure,
                               one.num_failed, one.num_rows));
  }
  if (contents.num_test == 0) {
    sentences.emplace_back(
        "No row was held out: every row was trained on, and groups, weak spots and edge cases were "
        "not measured.");
  }
  return sentences;
}

std::string FrontMatter(const CardContents& contents) {
  const data::DataRecord& data = contents.data;
  std::string text = "---\nmillrace_card: 1\n";
  text += Format("task: {}\ntarget: {}\n", table::TaskName(data.task), YamlText(data.target));
  if (!data.labels.empty()) text += Format("classes: {}\n", YamlList(data.labels));
  if (data.task == Task::kBinary) {
    text += Format("positive: {}\nthreshold: {}\n", YamlText(data.labels[1]),
                   FormatDouble(contents.develop.threshold));
  }
  text += Format("description: {}\n", YamlText(contents.spec.problem.description));
  text += Format("data:\n  version: {}\n  rows: {}\n  training_rows: {}\n  test_rows: {}\n",
                 YamlText(data.version.ToHex()), data.num_rows, data.num_train, contents.num_test);
  text += Format("  split: {}\n", YamlText(data.split_kind));
  text += "model:\n  members:\n";
  for (const develop::Candidate* candidate : Chosen(contents.develop)) {
    text += Format("    - {{name: {}, learner: {}}}\n", YamlText(candidate->name),
                   YamlText(candidate->learner));
  }
  text += Format("  columns: {}\n", YamlList(contents.develop.request_schema.names()));
  text += Format("primary_metric: {}\n", contents.develop.primary_metric);
  text += Format("out_of_fold: {{{}}}\n", YamlInterval(contents.develop.estimate));
  if (!contents.metrics.empty()) text += "metrics:\n";
  for (const MeasuredMetric& metric : contents.metrics) {
    text += Format("  - {{name: {}, {}}}\n", metric.name, YamlInterval(metric.value));
  }
  if (contents.over_baseline) {
    text += Format("over_constant_answer: {{{}}}\n", YamlInterval(*contents.over_baseline));
  }
  if (!contents.fairness.empty()) text += "sensitive:\n";
  for (const ColumnFairness& column : contents.fairness) {
    std::vector<std::string> groups;
    for (const GroupFigures& group : column.groups) groups.push_back(group.group);
    text += Format("  - column: {}\n    groups: {}\n", YamlText(column.column), YamlList(groups));
    if (!column.gaps.empty()) text += "    gaps:\n";
    for (const MeasuredGap& gap : column.gaps) {
      text += Format("      - {{name: {}, {}}}\n", gap.name, YamlInterval(gap.value));
    }
  }
  std::string requirements;
  for (const report::Check& check : contents.verdicts) {
    if (check.requirement.empty()) continue;
    requirements += Format("  - {{id: {}, requirement: {}, verdict: {}}}\n", YamlText(check.id),
                           YamlText(check.requirement), report::CheckStateName(check.state));
  }
  if (!requirements.empty()) text += "requirements:\n" + requirements;
  const std::vector<std::string> limits = Limitations(contents);
  if (!limits.empty()) text += "limitations:\n";
  for (const std::string& sentence : limits) text += Format("  - {}\n", YamlText(sentence));
  return text + "---\n\n";
}

std::string Purpose(const CardContents& contents) {
  const data::DataRecord& data = contents.data;
  std::string text = Format("# Model card: {}\n\n", EscapeMarkdown(data.target));
  if (!contents.spec.problem.description.empty()) {
    text += Format("The question was: *{}*\n\n", EscapeMarkdown(contents.spec.problem.description));
  }
  const std::string target = EscapeMarkdown(data.target);
  if (data.task == Task::kBinary) {
    const std::string positive = EscapeMarkdown(data.labels[1]);
    text += Format(
        "Given a row, the model says how likely it is that {} is {}, and decides for {} from a "
        "probability of {} on",
        target, positive, positive, FormatSignificant(contents.develop.threshold, 3));
    text += contents.develop.threshold_reason.empty()
                ? "."
                : Format(" ({}).", EscapeMarkdown(contents.develop.threshold_reason));
  } else if (data.task == Task::kMulticlass) {
    text += Format(
        "Given a row, the model says how likely each of {} classes of {} is, and "
        "decides for the likeliest.",
        data.labels.size(), target);
  } else {
    text += Format("Given a row, the model says which value of {} to expect.", target);
  }
  if (!contents.develop.calibration.empty()) {
    text += Format(" Its probabilities against what came true in development: {}.",
                   EscapeMarkdown(contents.develop.calibration));
  }
  return text + "\n\n";
}

std::string Training(const CardContents& contents) {
  const data::DataRecord& data = contents.data;
  std::string text = "## What it learnt from\n\n";
  text +=
      Format("{} rows of data version `{}`", FormatCount(data.num_train), data.version.Short(12));
  if (data.num_quarantined > 0) {
    text += Format("; {} rows were set aside as unreadable", FormatCount(data.num_quarantined));
  }
  text += Format(". It reads {} columns", contents.develop.request_schema.num_columns());
  if (!contents.important_columns.empty()) {
    std::vector<std::string> names;
    for (const std::string& name : contents.important_columns) {
      if (names.size() < kNamedColumns) names.push_back(EscapeMarkdown(name));
    }
    text += Format("; what its answers depend on most: {}", Listing(names));
  }
  text += ".\n\n";
  std::vector<std::string> members;
  for (const develop::Candidate* candidate : Chosen(contents.develop)) {
    members.push_back(EscapeMarkdown(candidate->name));
  }
  if (members.size() == 1) {
    text += Format("The answer comes from one model, {}", members[0]);
  } else if (!members.empty()) {
    text += Format("The answer is a mean of {} models: {}", members.size(), Listing(members));
  }
  if (!members.empty()) {
    text += Format(
        ", chosen from {} candidates. In development, on folds of the training rows, "
        "its {} was {}.\n\n",
        contents.develop.leaderboard.size(), contents.develop.primary_metric,
        Between(contents.develop.estimate));
  }
  std::string excluded;
  for (const data::ExcludedColumn& column : data.excluded) {
    excluded += Format("- {}: {}\n", EscapeMarkdown(column.name), EscapeMarkdown(column.reason));
  }
  if (!excluded.empty()) text += "Columns that it does not use:\n\n" + excluded + "\n";
  return text;
}

// A difference without its direction, which the words tell.
metric::Interval Gain(const metric::Interval& difference) {
  if (difference.value >= 0.0) return difference;
  return {-difference.value, -difference.high, -difference.low};
}

std::string Performance(const CardContents& contents) {
  if (contents.num_test == 0) return "";
  const data::DataRecord& data = contents.data;
  std::string text = Format("## How well it answers\n\nMeasured on {} rows that it had not seen",
                            FormatCount(contents.num_test));
  text += Format(" ({} split).", EscapeMarkdown(contents.data.split_kind));
  if (contents.over_baseline) {
    const metric::MetricInfo* primary =
        metric::FindMetric(data.task, contents.develop.primary_metric);
    const bool better = primary != nullptr && contents.over_baseline->value != 0.0 &&
                        (contents.over_baseline->value > 0.0) == primary->greater_is_better;
    text += Format(
        " The best answer that does not look at the row is {}; against it, {} is {} by {}.",
        EscapeMarkdown(contents.constant_answer), EscapeMarkdown(contents.develop.primary_metric),
        better ? "better" : "not better: off", Between(Gain(*contents.over_baseline)));
  }
  text += "\n\n| metric | value | 95 % interval | meaning |\n| --- | --- | --- | --- |\n";
  for (const MeasuredMetric& metric : contents.metrics) {
    const metric::MetricInfo* info = metric::FindMetric(contents.data.task, metric.name);
    const bool defined = std::isfinite(metric.value.value);
    text += Format("| {} | {} | {} | {} |\n", EscapeMarkdown(metric.name),
                   defined ? Value(metric.value) : "not defined", defined ? Ends(metric.value) : "",
                   info == nullptr ? "" : EscapeMarkdown(info->text));
  }
  return text + "\n";
}

std::string Measured(const report::Check& check) {
  if (!check.value) return "";
  return check.low && check.high ? Between({*check.value, *check.low, *check.high})
                                 : FormatFigure(*check.value);
}

std::string Requirements(const CardContents& contents) {
  std::string rows;
  for (const report::Check& check : contents.verdicts) {
    if (check.requirement.empty()) continue;
    // "fairness.<metric>.<column>": the label holds the metric alone.
    std::string name = check.label;
    const std::string start = "fairness." + check.label + ".";
    if (check.id.starts_with(start)) name += ", " + check.id.substr(start.size());
    rows += Format("| {} | {} | {} | {} |\n", EscapeMarkdown(name),
                   EscapeMarkdown(check.requirement), Measured(check),
                   check.state == report::CheckState::kMet      ? "met"
                   : check.state == report::CheckState::kNotMet ? "**not met**"
                                                                : "not measured");
  }
  if (rows.empty()) return "";
  return "## Requirements\n\n| requirement | bound | measured | verdict |\n| --- | --- | --- | --- "
         "|\n" +
         rows + "\n";
}

std::string Groups(const CardContents& contents) {
  std::string text;
  for (const ColumnFairness& column : contents.fairness) {
    text += Format("### {}\n\n| group | rows |", EscapeMarkdown(column.column));
    std::string line = "| --- | --- |";
    if (column.groups.empty()) continue;
    for (const GroupFigure& figure : column.groups[0].figures) {
      text += Format(" {} |", EscapeMarkdown(ReplaceAll(figure.name, "_", " ")));
      line += " --- |";
    }
    text += "\n" + line + "\n";
    for (const GroupFigures& group : column.groups) {
      text += Format("| {} | {} |", EscapeMarkdown(group.group), FormatCount(group.num_rows));
      for (const GroupFigure& figure : group.figures) {
        text += std::isfinite(figure.value.value)
                    ? Format(" {} ({}) |", Value(figure.value), Ends(figure.value))
                    : std::string(" |");
      }
      text += "\n";
    }
    text += "\n";
    for (const MeasuredGap& gap : column.gaps) {
      text += Format("- {}: {}. {}.\n", EscapeMarkdown(ReplaceAll(gap.name, "_", " ")),
                     Between(gap.value), EscapeMarkdown(gap.evidence));
    }
    if (!column.gaps.empty()) text += "\n";
  }
  return text.empty() ? "" : "## Groups of people\n\n" + text;
}

std::string Weaknesses(const CardContents& contents) {
  std::string text;
  for (const std::string& sentence : Limitations(contents)) {
    text += Format("- {}\n", EscapeMarkdown(sentence));
  }
  int64_t rows = 0;
  int64_t failed = 0;
  for (const EdgeCase& one : contents.edge_cases) {
    rows += one.num_rows;
    failed += one.num_failed;
  }
  if (text.empty() && rows == 0) return "";
  if (!text.empty()) text += "\n";
  if (rows > 0 && failed == 0) {
    text += Format(
        "{} made rows of {} kinds (values missing, unseen, far outside the training "
        "range) all got a proper answer. Proper is not right: nothing is known about "
        "how good answers are out there.\n\n",
        rows, contents.edge_cases.size());
  }
  return "## Where it is weak\n\n" + text;
}

}  // namespace

std::string WriteCard(const CardContents& contents) {
  return FrontMatter(contents) + Purpose(contents) + Training(contents) + Performance(contents) +
         Requirements(contents) + Groups(contents) + Weaknesses(contents);
}

}  // namespace millrace::evaluate
