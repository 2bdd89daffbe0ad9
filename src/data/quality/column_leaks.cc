#include "data/quality/column_leaks.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "profile/target_sums.h"

namespace millrace::data {
namespace {

using profile::ProbeScore;
using table::Column;

constexpr int64_t kProbeRows = 20'000;
constexpr int64_t kLeastRows = 100;
constexpr size_t kMostClasses = 50;
// A value counts as pure where so many rows hold it and all but a few are of one class.
constexpr double kPureRows = 30.0;
constexpr double kPureRowShare = 0.01;
constexpr double kPurity = 0.99;
// A class that most rows have is no news.
constexpr double kRareClass = 0.5;
// One pure value among so many looked at must not be chance.
constexpr double kPurePValue = 1e-6;
constexpr double kLaterShare = 0.99;
constexpr double kDay = 86'400.0;

std::string ShareWithInterval(const ProbeScore& score) {
  return Format("{} [{}, {}]", FormatShare(score.value, 1.0), FormatShare(score.low, 1.0),
                FormatShare(score.high, 1.0));
}

struct ValueRows {
  double rows = 0.0;
  std::map<int64_t, double> of_class;
};

// Values of a category whose rows are all of one class that is not the usual one.
void FindPureValues(const std::string& name, const Column& column,
                    const std::vector<double>& labels, const std::vector<std::string>& label_names,
                    std::vector<ColumnLeak>& found) {
  std::vector<double> base(label_names.size(), 0.0);
  for (const double label : labels) ++base[static_cast<size_t>(label)];
  const auto total = static_cast<double>(labels.size());
  std::map<std::string, ValueRows, std::less<>> values;
  for (int64_t r = 0; r < column.size(); ++r) {
    const std::string_view text = column.valid(r) ? column.text(r) : std::string_view("(missing)");
    auto at = values.find(text);
    if (at == values.end()) at = values.emplace(std::string(text), ValueRows()).first;
    ++at->second.rows;
    ++at->second.of_class[static_cast<int64_t>(labels[static_cast<size_t>(r)])];
  }
  double covered = 0.0;
  std::string shown;
  ProbeScore purity;
  for (const auto& [value, rows] : values) {
    if (rows.rows < std::max(kPureRows, kPureRowShare * total)) continue;
    for (const auto& [label, count] : rows.of_class) {
      const double prior = base[static_cast<size_t>(label)] / total;
      if (count < kPurity * rows.rows || prior > kRareClass) continue;
      // That so many rows are of the class by chance: at most prior ^ count.
      if (count * std::log(prior) > std::log(kPurePValue)) continue;
      if (covered == 0.0) {
        shown = Format("\"{}\" is {} in {} of {} rows", Ellipsize(value, 40),
                       label_names[static_cast<size_t>(label)],
                       FormatCount(static_cast<int64_t>(count)),
                       FormatCount(static_cast<int64_t>(rows.rows)));
        purity.value = count / rows.rows;
      }
      covered += rows.rows;
    }
  }
  if (covered == 0.0) return;
  found.push_back(
      {name, Format("{}; such values hold {} of the rows", shown, FormatShare(covered, total)),
       purity});
}

void FindLaterDates(const ColumnLeakInputs& inputs, const table::Table& rows,
                    std::vector<ColumnLeak>& found) {
  const auto time_index = rows.schema().Find(inputs.time);
  if (!time_index || !table::IsNumeric(rows.column(*time_index).type())) return;
  const Column& time = rows.column(*time_index);
  for (const std::string& name : inputs.features) {
    const auto index = rows.schema().Find(name);
    if (!index || name == inputs.time) continue;
    const Column& column = rows.column(*index);
    if (column.type() != table::ColumnType::kDate) continue;
    std::vector<double> apart;
    int64_t later = 0;
    for (int64_t r = 0; r < column.size(); ++r) {
      if (!column.valid(r) || !time.valid(r)) continue;
      apart.push_back(column.number(r) - time.number(r));
      if (apart.back() > 0.0) ++later;
    }
    const auto known = static_cast<double>(apart.size());
    if (known < static_cast<double>(kLeastRows) ||
        static_cast<double>(later) < kLaterShare * known) {
      continue;
    }
    std::nth_element(apart.begin(), apart.begin() + static_cast<std::ptrdiff_t>(apart.size() / 2),
                     apart.end());
    const double median = apart[apart.size() / 2];
    found.push_back({name,
                     Format("lies after {} in {} of the rows, by {} in the middle", inputs.time,
                            FormatShare(static_cast<double>(later), known),
                            median >= kDay ? Format("{} days", FormatFigure(median / kDay))
                                           : FormatDuration(median)),
                     {}});
  }
}

bool Holds(const std::vector<ColumnLeak>& leaks, const std::string& column) {
  return std::any_of(leaks.begin(), leaks.end(),
                     [&](const ColumnLeak& leak) { return leak.column == column; });
}

}  // namespace

ColumnLeaks FindColumnLeaks(const ColumnLeakInputs& inputs) {
  const std::vector<int64_t> sample =
      inputs.rows.Sample(inputs.rows.RowsOf(SplitPart::kTrain), kProbeRows);
  ColumnLeaks leaks;
  if (static_cast<int64_t>(sample.size()) < kLeastRows || inputs.labels.size() > kMostClasses) {
    return leaks;
  }
  const table::Table rows = inputs.rows.rows.Take(sample);
  std::vector<double> labels;
  for (const int64_t row : sample) labels.push_back(inputs.rows.labels[static_cast<size_t>(row)]);
  const auto num_classes = static_cast<int64_t>(inputs.labels.size());
  for (const std::string& name : inputs.features) {
    const Column& column = rows.column(*rows.schema().Find(name));
    const ProbeScore alone = profile::ScoreColumn(profile::BinsOf(column), labels, num_classes);
    if (alone.value >= profile::kLeakScore) {
      leaks.telling.push_back(
          {name, Format("tells the target by itself: explains {} of it", ShareWithInterval(alone)),
           alone});
      continue;
    }
    const ProbeScore presence =
        profile::ScoreColumn(profile::PresenceOf(column), labels, num_classes);
    if (presence.value >= profile::kLeakScore) {
      leaks.telling.push_back({name,
                               Format("is missing exactly where the target is so: explains {} of "
                                      "it",
                                      ShareWithInterval(presence)),
                               presence});
      continue;
    }
    if (num_classes > 0 && column.type() == table::ColumnType::kCategory) {
      FindPureValues(name, column, labels, inputs.labels, leaks.partly);
    }
  }
  if (inputs.task == table::Task::kRegression) {
    const auto target = inputs.target;
    for (const profile::TargetSum& sum :
         profile::FindTargetSums(rows, target, labels, inputs.features)) {
      for (const std::string& name : {sum.left, sum.right}) {
        if (Holds(leaks.telling, name)) continue;
        leaks.telling.push_back({name, Format("tells the target: {}", sum.identity), {1, 1, 1}});
      }
    }
  }
  if (!inputs.time.empty()) FindLaterDates(inputs, rows, leaks.later);
  return leaks;
}

}  // namespace millrace::data
