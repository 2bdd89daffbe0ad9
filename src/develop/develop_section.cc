#include "develop/develop_section.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/format.h"
#include "base/text.h"

namespace millrace::develop {
namespace {

constexpr size_t kShownFeatures = 20;

report::DotChart Leaderboard(const DevelopRecord& record) {
  report::DotChart chart;
  chart.title = "Candidates";
  chart.axis = Format("{} on validation rows, 95 % interval", record.primary_metric);
  for (const Candidate& entry : record.leaderboard) {
    chart.items.push_back({.label = entry.name,
                           .value = entry.score.value,
                           .low = entry.score.low,
                           .high = entry.score.high,
                           .note = entry.chosen ? "chosen" : "",
                           .emphasised = entry.chosen});
  }
  return chart;
}

report::LineChart SearchProgress(const DevelopRecord& record, const SearchResult& search) {
  report::Line line{.label = "candidate", .points = {}, .emphasised = true};
  for (size_t c = 0; c < search.candidates.size(); ++c) {
    line.points.emplace_back(static_cast<double>(c + 1), search.candidates[c].score.value);
  }
  report::LineChart chart;
  chart.title = "Search, in the order of training";
  chart.x_axis = "candidate";
  chart.y_axis = record.primary_metric;
  chart.lines.push_back(std::move(line));
  return chart;
}

report::LineChart LearningCurves(const SearchResult& search) {
  report::LineChart chart;
  chart.title = "Early stopping";
  chart.x_axis = "rounds";
  chart.y_axis = "metric of early stopping, validation rows";
  for (const size_t member : search.members) {
    const TrainedUnit& candidate = search.candidates[member];
    report::Line line{.label = candidate.unit.name, .points = {}, .emphasised = true};
    const size_t step = std::max<size_t>(1, candidate.curve.size() / 200);
    for (size_t r = 0; r < candidate.curve.size(); r += step) {
      line.points.emplace_back(static_cast<double>(r + 1), candidate.curve[r]);
    }
    if (!line.points.empty()) chart.lines.push_back(std::move(line));
  }
  return chart;
}

report::DotChart Importance(const DevelopRecord& record, const SearchResult& search,
                            const fit::FittedGraph& graph) {
  std::vector<size_t> order(search.importance.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&search](size_t a, size_t b) {
    return search.importance[a] > search.importance[b];
  });
  report::DotChart chart;
  chart.title = "Importance of features";
  chart.axis = Format("loss of {} when the feature is shuffled", record.primary_metric);
  for (size_t i = 0; i < std::min(order.size(), kShownFeatures); ++i) {
    chart.items.push_back(
        {.label = graph.graph.nodes()[order[i]].name, .value = search.importance[order[i]]});
  }
  chart.reference = 0.0;
  return chart;
}

report::DataTable Features(const fit::FittedGraph& graph) {
  report::DataTable table;
  table.title = "Columns and how they enter";
  table.columns = {"column", "enters as"};
  table.numeric = {false, false};
  table.folded = true;
  for (const fit::FeatureReason& reason : graph.reasons) {
    table.rows.push_back({reason.column, reason.strategy});
  }
  return table;
}

report::Check BetterThanBaseline(const DevelopRecord& record, const SearchResult& search) {
  const bool greater =
      record.estimate.value >= record.baseline.value;  // of the metric's own direction below
  report::Check check;
  check.id = "develop.better_than_baseline";
  check.label = "better than the baseline";
  const metric::Interval& gain = search.over_baseline;
  check.value = gain.value;
  check.low = gain.low;
  check.high = gain.high;
  check.requirement = "interval clear of 0";
  check.state =
      gain.low > 0.0 || gain.high < 0.0 ? report::CheckState::kMet : report::CheckState::kWarning;
  check.evidence = Format("{} {} against {}, {} by {} [{}, {}] on the same rows",
                          record.primary_metric, FormatSignificant(record.estimate.value, 4),
                          FormatSignificant(record.baseline.value, 4), greater ? "above" : "below",
                          FormatSignificant(std::abs(gain.value), 3),
                          FormatSignificant(gain.low, 3), FormatSignificant(gain.high, 3));
  if (check.state != report::CheckState::kMet) {
    check.fix = "the features say little about the target: look for others";
  }
  return check;
}

}  // namespace

report::Section MakeDevelopSection(const DevelopRecord& record, const SearchResult& search,
                                   const fit::FittedGraph& graph) {
  report::Section section;
  section.phase = 3;
  section.title = "Model development";
  section.checkpoint = {
      .phase = 3, .percent = 60, .title = "model trained and validated", .checks = {}};
  report::Check trained;
  trained.id = "develop.candidates";
  trained.label = "candidates trained";
  trained.state = report::CheckState::kMet;
  trained.value = static_cast<double>(search.candidates.size());
  trained.evidence =
      Format("{} models on {} features", search.candidates.size(), graph.graph.num_features());
  section.checkpoint.checks = {trained, BetterThanBaseline(record, search)};
  report::Facts facts;
  facts.title = "Choice";
  std::string names;
  for (const size_t member : search.members) {
    names += (names.empty() ? "" : "; ") + search.candidates[member].unit.name;
  }
  facts.facts.push_back({"model", names, search.reason});
  facts.facts.push_back(
      {record.primary_metric, FormatSignificant(record.estimate.value, 4),
       Format("[{}, {}] on {} validation rows", FormatSignificant(record.estimate.low, 4),
              FormatSignificant(record.estimate.high, 4),
              FormatCount(static_cast<int64_t>(search.validation_rows.size())))});
  if (!record.threshold_reason.empty()) {
    facts.facts.push_back(
        {"threshold", FormatSignificant(record.threshold, 3), record.threshold_reason});
  }
  section.blocks.emplace_back(std::move(facts));
  section.blocks.emplace_back(Leaderboard(record));
  section.blocks.emplace_back(SearchProgress(record, search));
  report::LineChart curves = LearningCurves(search);
  if (!curves.lines.empty()) section.blocks.emplace_back(std::move(curves));
  section.blocks.emplace_back(Importance(record, search, graph));
  section.blocks.emplace_back(Features(graph));
  return section;
}

}  // namespace millrace::develop
