#include "spec/group_aggregates.h"

#include <algorithm>

#include "base/format.h"

namespace millrace::spec {

using feature::GroupStatistic;

bool MeasuresRows(GroupStatistic statistic) {
  return statistic == GroupStatistic::kCount || statistic == GroupStatistic::kShare;
}

std::optional<FeatureMistake> FindMistake(const GroupAggregate& group, const std::string& target) {
  const std::string_view statistic = feature::GroupStatisticName(group.statistic);
  if (group.name.empty()) return FeatureMistake{".name", "must not be empty", ""};
  if (group.by.empty()) return FeatureMistake{".by", "names no column", "write by: [column]"};
  if (group.by.size() > feature::kMaxGroupColumns) {
    return FeatureMistake{".by", Format("names {} columns", group.by.size()),
                          Format("{} at most", feature::kMaxGroupColumns)};
  }
  if (std::ranges::find(group.by, target) != group.by.end()) {
    return FeatureMistake{".by", Format("is the target: \"{}\"", target),
                          "a row whose target is asked for has none to be grouped by"};
  }
  if (MeasuresRows(group.statistic)) {
    if (!group.of.empty()) {
      return FeatureMistake{".of",
                            Format("{} is of rows, not of a column: \"{}\"", statistic, group.of),
                            "leave it out, or take nunique or mean"};
    }
  } else if (group.of.empty()) {
    return FeatureMistake{".of", Format("{} needs a column", statistic), "write of: COLUMN"};
  }
  if (group.of == target) {
    return FeatureMistake{".of", Format("is the target: \"{}\"", target),
                          "a row would read its own answer"};
  }
  if (std::ranges::find(group.by, group.of) != group.by.end()) {
    return FeatureMistake{".of", Format("is grouped by itself: \"{}\"", group.of), ""};
  }
  const bool measure =
      !MeasuresRows(group.statistic) && group.statistic != GroupStatistic::kNunique;
  if (group.view != feature::GroupView::kValue && !measure) {
    return FeatureMistake{".as",
                          Format("a row's own value has no {} to a {}",
                                 feature::GroupViewName(group.view), statistic),
                          "with mean, min, max, std or median it has"};
  }
  return std::nullopt;
}

}  // namespace millrace::spec
