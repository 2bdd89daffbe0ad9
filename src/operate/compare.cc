#include "operate/compare.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "bundle/label_reader.h"

namespace millrace::operate {
namespace {

// Labels of both models, the challenger's order first.
std::vector<std::string> UnionOfLabels(const CompareInputs& inputs) {
  std::vector<std::string> labels = inputs.challenger.class_labels();
  for (const std::string& label : inputs.champion.class_labels()) {
    if (std::ranges::find(labels, label) == labels.end()) labels.push_back(label);
  }
  return labels;
}

Status CheckComparable(const CompareInputs& inputs) {
  const bundle::Bundle& left = inputs.champion;
  const bundle::Bundle& right = inputs.challenger;
  if (left.task() != right.task()) {
    return InvalidData(Format("compare: tasks differ: {} and {}", table::TaskName(left.task()),
                              table::TaskName(right.task())));
  }
  if (left.target() != right.target()) {
    return InvalidData(
        Format("compare: targets differ: \"{}\" and \"{}\"", left.target(), right.target()));
  }
  if (left.task() == table::Task::kBinary && left.class_labels() != right.class_labels()) {
    return InvalidData(Format("compare: classes differ: \"{}\" and \"{}\"",
                              Join(left.class_labels(), ", "), Join(right.class_labels(), ", ")));
  }
  return {};
}

struct LabelledRows {
  std::vector<int64_t> rows;
  std::vector<double> labels;
};

Result<LabelledRows> ReadLabels(const CompareInputs& inputs, const bundle::LabelReader& reader) {
  const std::string& target = inputs.challenger.target();
  const std::optional<int64_t> index = inputs.rows.schema().Find(target);
  if (!index) return InvalidData(Format("compare: the rows have no column \"{}\"", target));
  const table::Column& column = inputs.rows.column(*index);
  LabelledRows out;
  for (int64_t row = 0; row < column.size(); ++row) {
    if (!column.valid(row)) continue;
    const std::optional<double> label = table::IsNumeric(column.type())
                                            ? reader.FromNumber(column.number(row))
                                            : reader.FromText(column.text(row));
    if (!label) continue;
    out.rows.push_back(row);
    out.labels.push_back(*label);
  }
  if (out.rows.empty()) return InvalidData("compare: no row has a known label");
  return out;
}

// Outputs of a bundle in the order of `labels`; absent classes have probability 0.
Result<std::vector<double>> OutputsOf(const bundle::Bundle& bundle, const table::Table& rows,
                                      const std::vector<std::string>& labels) {
  MILLRACE_ASSIGN_OR_RETURN(bundle::Predictions predictions, bundle.scorer().Score(rows));
  if (predictions.num_outputs <= 1) return std::move(predictions.outputs);
  std::vector<double> outputs(static_cast<size_t>(predictions.num_rows) * labels.size(), 0.0);
  for (size_t own = 0; own < bundle.class_labels().size(); ++own) {
    const auto place = std::ranges::find(labels, bundle.class_labels()[own]) - labels.begin();
    for (int64_t row = 0; row < predictions.num_rows; ++row) {
      outputs[static_cast<size_t>(row) * labels.size() + static_cast<size_t>(place)] =
          predictions.output(row, static_cast<int64_t>(own));
    }
  }
  return outputs;
}

Verdict VerdictOf(const metric::Interval& difference, double margin) {
  if (std::isnan(difference.value)) return Verdict::kUndecided;
  if (difference.low > 0.0) return Verdict::kBetter;
  if (difference.low >= -margin) return Verdict::kNoWorse;
  return difference.high < 0.0 ? Verdict::kWorse : Verdict::kUndecided;
}

std::string ReasonOf(const Comparison& comparison) {
  const auto show = [](double value) { return FormatSignificant(value, 4); };
  const metric::Interval& difference = comparison.difference;
  const std::string figures =
      Format("{} {} against {} on {} rows, difference {} [{}, {}], margin {}", comparison.metric,
             show(comparison.challenger.value), show(comparison.champion.value),
             FormatCount(comparison.num_rows), show(difference.value), show(difference.low),
             show(difference.high), show(comparison.margin));
  switch (comparison.verdict) {
    case Verdict::kBetter:
      return "the challenger is better: " + figures;
    case Verdict::kNoWorse:
      return "the challenger is no worse: " + figures;
    case Verdict::kWorse:
      return "the challenger is worse: " + figures;
    case Verdict::kUndecided:
      break;
  }
  return "too few rows to show that the challenger is no worse: " + figures;
}

metric::Interval Negated(const metric::Interval& interval) {
  return {-interval.value, -interval.high, -interval.low};
}

}  // namespace

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kBetter:
      return "better";
    case Verdict::kNoWorse:
      return "no_worse";
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kWorse:
      break;
  }
  return "worse";
}

Result<Comparison> Compare(const CompareInputs& inputs) {
  MILLRACE_RETURN_IF_ERROR(CheckComparable(inputs));
  Comparison out;
  out.metric = inputs.metric.empty() ? inputs.challenger.primary_metric() : inputs.metric;
  const table::Task task = inputs.challenger.task();
  const metric::MetricInfo* info = metric::FindMetric(task, out.metric);
  if (info == nullptr) {
    return InvalidSpec(
        Format("compare: {} has no metric \"{}\"", table::TaskName(task), out.metric));
  }
  const std::vector<std::string> classes = UnionOfLabels(inputs);
  MILLRACE_ASSIGN_OR_RETURN(const LabelledRows labelled,
                            ReadLabels(inputs, bundle::LabelReader(classes)));
  const table::Table rows = inputs.rows.Take(labelled.rows);
  out.num_rows = rows.num_rows();
  out.num_unlabelled = inputs.rows.num_rows() - out.num_rows;
  MILLRACE_ASSIGN_OR_RETURN(const auto champion, OutputsOf(inputs.champion, rows, classes));
  MILLRACE_ASSIGN_OR_RETURN(const auto challenger, OutputsOf(inputs.challenger, rows, classes));
  const auto num_classes = static_cast<int64_t>(classes.size());
  const metric::Scored left{task, num_classes, labelled.labels, challenger,
                            inputs.challenger.threshold()};
  const metric::Scored right{task, num_classes, labelled.labels, champion,
                             inputs.champion.threshold()};
  const Rng rng = Rng(inputs.seed).Fork("compare");
  metric::BootstrapOptions options;
  options.num_threads = inputs.num_threads;
  out.challenger = metric::Bootstrap(*info, left, rng, options);
  out.champion = metric::Bootstrap(*info, right, rng, options);
  out.difference = metric::BootstrapDifference(*info, left, right, rng, options);
  if (!info->greater_is_better) out.difference = Negated(out.difference);
  out.margin = inputs.margin_share * std::abs(out.champion.value);
  out.verdict = VerdictOf(out.difference, out.margin);
  out.reason = ReasonOf(out);
  return out;
}

}  // namespace millrace::operate
