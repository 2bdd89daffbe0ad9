#include "develop/develop_section.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "metric/curves.h"
#include "metric/share_interval.h"

namespace millrace::develop {
namespace {

constexpr size_t kShownCandidates = 25;

report::DotChart Leaderboard(const DevelopRecord& record) {
  report::DotChart chart;
  chart.title = "Candidates";
  chart.axis = Format("{} out of fold, 95 % interval", record.primary_metric);
  for (const Candidate& entry : record.leaderboard) {
    const bool baseline = entry.learner == "baseline";
    if (chart.items.size() >= kShownCandidates && !entry.chosen && !baseline) continue;
    chart.items.push_back({.label = entry.name,
                           .value = entry.score.value,
                           .low = entry.score.low,
                           .high = entry.score.high,
                           .note = entry.note,
                           .emphasised = entry.chosen});
  }
  if (std::isfinite(record.estimate.value)) {
    chart.reference = record.estimate.value;
    chart.reference_label = "the chosen together";
  }
  return chart;
}

report::LineChart SearchProgress(const DevelopRecord& record, const SearchResult& search) {
  report::Line single{.label = "candidate", .points = {}, .emphasised = false};
  report::Line mixture{.label = "best mixture so far", .points = {}, .emphasised = true};
  for (size_t c = 0; c < search.units.size(); ++c) {
    const double place = static_cast<double>(c + 1);
    single.points.emplace_back(place, search.units[c].score.value);
    mixture.points.emplace_back(place, search.best_so_far[c]);
  }
  report::LineChart chart;
  chart.title = "Search, in the order of training";
  chart.x_axis = "candidate";
  chart.y_axis = Format("{} out of fold", record.primary_metric);
  chart.lines = {std::move(single), std::move(mixture)};
  return chart;
}

report::LineChart LearningCurves(const SearchResult& search) {
  report::LineChart chart;
  chart.title = "Early stopping of the chosen, first fold";
  chart.x_axis = "rounds";
  chart.y_axis = "metric of early stopping, rows left out";
  for (const TrainedUnit& trained : search.units) {
    if (trained.weight == 0) continue;
    report::Line line{.label = trained.unit.name, .points = {}, .emphasised = false};
    const size_t step = std::max<size_t>(1, trained.curve.size() / 200);
    for (size_t r = 0; r < trained.curve.size(); r += step) {
      line.points.emplace_back(static_cast<double>(r + 1), trained.curve[r]);
    }
    if (line.points.size() > 1) chart.lines.push_back(std::move(line));
  }
  if (!chart.lines.empty()) chart.lines[0].emphasised = true;
  return chart;
}

// Recall, precision and F1 over the threshold, with the chosen one.
report::LineChart ThresholdPlot(const SectionInputs& inputs) {
  const auto points = metric::OperatingPoints(inputs.scored);
  report::Line recall{.label = "recall", .points = {}, .emphasised = false};
  report::Line precision{.label = "precision", .points = {}, .emphasised = false};
  report::Line f1{.label = "F1", .points = {}, .emphasised = true};
  const size_t step = std::max<size_t>(1, points.size() / 200);
  double at_choice = 0.0;
  for (size_t i = 0; i < points.size(); ++i) {
    const metric::OperatingPoint& point = points[i];
    if (point.positives == 0.0) continue;
    const double said = point.true_positives + point.false_positives;
    const double both = 2.0 * point.true_positives / (point.positives + said);
    if (point.threshold >= inputs.record.threshold) at_choice = both;
    if (i % step != 0) continue;
    recall.points.emplace_back(point.threshold, point.true_positives / point.positives);
    precision.points.emplace_back(point.threshold, point.true_positives / said);
    f1.points.emplace_back(point.threshold, both);
  }
  report::LineChart chart;
  chart.title = "Decision threshold";
  chart.x_axis = "threshold";
  chart.y_axis = "share, out of fold";
  chart.marked = std::pair(inputs.record.threshold, at_choice);
  chart.marked_label = Format("chosen: {}", FormatSignificant(inputs.record.threshold, 3));
  chart.lines = {std::move(recall), std::move(precision), std::move(f1)};
  return chart;
}

// What probabilities claim and what is so, before and after, with the interval of each share.
void AddReliability(const Recalibration& found, std::vector<report::Block>& blocks) {
  constexpr double kNormal95 = 1.959963984540054;
  report::LineChart chart;
  chart.title = "Calibration, out of fold";
  chart.x_axis = "claimed probability, mean of a tenth of the rows";
  chart.y_axis = "share that came true";
  chart.diagonal = true;
  chart.x_min = chart.y_min = 0.0;
  chart.x_max = chart.y_max = 1.0;
  report::DataTable table;
  table.title = "Calibration, out of fold: tenths of the rows";
  table.columns = {"probabilities", "claimed", "came true", "low", "high", "rows"};
  table.numeric = {false, true, true, true, true, true};
  table.folded = true;
  const auto add = [&](const std::string& label, const std::vector<metric::CalibrationBin>& bins) {
    report::Line line{.label = label, .points = {}, .emphasised = chart.lines.empty()};
    for (const metric::CalibrationBin& bin : bins) {
      const metric::ShareInterval share =
          metric::WilsonInterval(bin.observed * bin.rows, bin.rows, kNormal95);
      line.points.emplace_back(bin.claimed, bin.observed);
      table.rows.push_back({label, FormatSignificant(bin.claimed, 3),
                            FormatSignificant(bin.observed, 3), FormatSignificant(share.low, 3),
                            FormatSignificant(share.high, 3),
                            FormatCount(static_cast<int64_t>(bin.rows))});
    }
    chart.lines.push_back(std::move(line));
  };
  if (found.map) add("recalibrated, by maps fitted without the row", found.bins_after);
  add(found.map ? "as the mixture gives them" : "model", found.bins_before);
  blocks.emplace_back(std::move(chart));
  blocks.emplace_back(std::move(table));
}

report::DataTable Features(const fit::FittedGraph& graph) {
  report::DataTable table;
  table.title = "Columns and how they enter";
  table.columns = {"column", "enters as", "features", "decided by"};
  table.numeric = {false, false, true, false};
  table.folded = true;
  for (const fit::FeatureReason& reason : graph.reasons) {
    table.rows.push_back(
        {reason.column, reason.strategy, FormatCount(reason.num_features), reason.decided_by});
  }
  return table;
}

report::Check BetterThanBaseline(const DevelopRecord& record, const SearchResult& search) {
  const bool greater = metric::FindMetric(search.task, record.primary_metric)->greater_is_better;
  const metric::Interval& gain = search.over_baseline;
  report::Check check;
  check.id = "develop.better_than_baseline";
  check.label = "better than the baseline";
  check.value = gain.value;
  check.low = gain.low;
  check.high = gain.high;
  check.requirement = "interval clear of 0";
  const bool met = greater ? gain.low > 0.0 : gain.high < 0.0;
  check.state = met ? report::CheckState::kMet : report::CheckState::kWarning;
  check.evidence =
      Format("{} {} against {}: {} [{}, {}] on the same rows", record.primary_metric,
             FormatSignificant(record.estimate.value, 4),
             FormatSignificant(record.baseline.value, 4), FormatSignificant(gain.value, 3),
             FormatSignificant(gain.low, 3), FormatSignificant(gain.high, 3));
  if (!met) check.fix = "the features say little about the target: look for others";
  return check;
}

report::Check Trained(const SectionInputs& inputs) {
  const SearchResult& search = inputs.search;
  int64_t members = 0;
  for (const TrainedUnit& trained : search.units) members += trained.weight > 0 ? 1 : 0;
  report::Check check;
  check.id = "develop.candidates";
  check.label = "candidates trained";
  check.requirement = ">= 2";
  check.value = static_cast<double>(search.units.size());
  // The baseline alone is no choice.
  check.state = search.units.size() >= 2 ? report::CheckState::kMet : report::CheckState::kWarning;
  check.evidence =
      Format("{} candidates on {} features, {}; {} in the final model", search.units.size(),
             inputs.graph.graph.num_features(), inputs.folds.scheme, members);
  if (search.interrupted) check.evidence += "; interrupted: the best so far was kept";
  if (check.state != report::CheckState::kMet) check.fix = "give develop.budget more time";
  return check;
}

report::Check OutOfFold(const SectionInputs& inputs) {
  report::Check check;
  check.id = "develop.scored_out_of_fold";
  check.label = "scored on rows not trained on";
  const auto rows = static_cast<int64_t>(inputs.scored.labels.size());
  const auto outputs = static_cast<int64_t>(inputs.scored.outputs.size());
  const bool finite = std::all_of(inputs.scored.outputs.begin(), inputs.scored.outputs.end(),
                                  [](double value) { return std::isfinite(value); });
  check.value = static_cast<double>(rows);
  check.unit = "rows";
  check.state = rows > 0 && finite ? report::CheckState::kMet : report::CheckState::kNotMet;
  check.blocks = true;
  check.evidence = Format("{} finite outputs of {} rows, {}", FormatCount(outputs),
                          FormatCount(rows), inputs.folds.scheme);
  return check;
}

// Says no measured time: that stands beside the section's title.
report::Check BudgetKept(const SectionInputs& inputs) {
  report::Check check;
  check.id = "develop.budget_kept";
  check.label = "time budget kept";
  if (!inputs.budget_seconds) {
    check.evidence = "a recorded plan was trained again: no limit";
    return check;
  }
  const double budget = *inputs.budget_seconds;
  const double allowed = std::max(1.02 * budget, budget + 0.2);
  check.requirement = Format("<= {} s and 2 %", FormatSignificant(budget, 4));
  check.state = inputs.seconds <= allowed ? report::CheckState::kMet : report::CheckState::kWarning;
  check.evidence = check.state == report::CheckState::kMet
                       ? "the search ended within its limit"
                       : "the first model took longer than the limit";
  if (check.state != report::CheckState::kMet) {
    check.fix = "raise develop.budget.time, or train on fewer rows";
  }
  return check;
}

report::Facts Choice(const SectionInputs& inputs) {
  const DevelopRecord& record = inputs.record;
  report::Facts facts;
  facts.title = "Choice";
  std::string names;
  for (const Candidate& entry : record.leaderboard) {
    if (entry.chosen) names += (names.empty() ? "" : "; ") + entry.name;
  }
  facts.facts.push_back({"model", names, inputs.search.reason});
  facts.facts.push_back(
      {record.primary_metric, FormatSignificant(record.estimate.value, 4),
       Format("[{}, {}] on {} rows out of fold", FormatSignificant(record.estimate.low, 4),
              FormatSignificant(record.estimate.high, 4),
              FormatCount(static_cast<int64_t>(inputs.scored.labels.size())))});
  int64_t bags = 0;
  int64_t refits = 0;
  for (const TrainedUnit& trained : inputs.search.units) {
    if (trained.weight == 0) continue;
    ++(trained.unit.final_form == FinalForm::kBag ? bags : refits);
  }
  facts.facts.push_back(
      {"form",
       Format("{} MB", FormatSignificant(static_cast<double>(inputs.model_bytes) * 1e-6, 3)),
       Format("{} as the models of all folds, {} trained again on all rows", bags, refits)});
  facts.facts.push_back(
      {"validation", inputs.folds.scheme, "every score is of rows that the model had not seen"});
  if (inputs.recalibration != nullptr) {
    const Recalibration& found = *inputs.recalibration;
    facts.facts.push_back(
        {"probabilities", found.map ? "recalibrated" : "as the mixture gives them",
         Format("{}; calibration error {}", found.reason,
                found.map
                    ? Format("{} before, {} after",
                             FormatSignificant(metric::CalibrationError(found.bins_before), 2),
                             FormatSignificant(metric::CalibrationError(found.bins_after), 2))
                    : FormatSignificant(metric::CalibrationError(found.bins_before), 2))});
  }
  if (!record.threshold_reason.empty()) {
    facts.facts.push_back(
        {"threshold", FormatSignificant(record.threshold, 3), record.threshold_reason});
  }
  return facts;
}

}  // namespace

report::Section MakeDevelopSection(const SectionInputs& inputs) {
  report::Section section;
  section.phase = 3;
  section.title = "Model development";
  section.checkpoint = {
      .phase = 3, .percent = 60, .title = "model trained and validated", .checks = {}};
  section.checkpoint.checks = {Trained(inputs), OutOfFold(inputs),
                               BetterThanBaseline(inputs.record, inputs.search),
                               BudgetKept(inputs)};
  section.blocks.emplace_back(Choice(inputs));
  section.blocks.emplace_back(Leaderboard(inputs.record));
  section.blocks.emplace_back(SearchProgress(inputs.record, inputs.search));
  report::LineChart curves = LearningCurves(inputs.search);
  if (!curves.lines.empty()) section.blocks.emplace_back(std::move(curves));
  if (inputs.recalibration != nullptr) AddReliability(*inputs.recalibration, section.blocks);
  if (!inputs.record.threshold_reason.empty()) section.blocks.emplace_back(ThresholdPlot(inputs));
  section.blocks.emplace_back(Features(inputs.graph));
  return section;
}

}  // namespace millrace::develop
