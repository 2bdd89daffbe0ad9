#include "spec/window_features.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "spec/quantity.h"
#include "spec/split_by_time.h"

namespace millrace::spec {
namespace {

constexpr std::pair<WindowStatistic, std::string_view> kStatistics[] = {
    {WindowStatistic::kMean, "mean"},     {WindowStatistic::kMin, "min"},
    {WindowStatistic::kMax, "max"},       {WindowStatistic::kStd, "std"},
    {WindowStatistic::kMedian, "median"}, {WindowStatistic::kSum, "sum"},
    {WindowStatistic::kCount, "count"},
};

// What a window needs of the whole: rows in an order of time.
std::optional<FeatureMistake> FindOrderMistake(const Spec& spec) {
  if (!spec.data.time) {
    return FeatureMistake{"", "needs data.time: earlier rows are told by it",
                          "name the column with the time of each row under data.time"};
  }
  if (!SplitsByTime(spec)) {
    return FeatureMistake{
        "", "needs a split by time: else what is held out would be read by training rows",
        "leave split.kind out, or set it to time"};
  }
  return std::nullopt;
}

// Statistic, rows, period and lag go together in three ways.
std::optional<FeatureMistake> FindShapeMistake(const WindowFeature& window) {
  if (window.rows && window.period_seconds) {
    return FeatureMistake{".period", "stands beside rows", "give one of them"};
  }
  const bool is_range = window.rows || window.period_seconds;
  if (window.statistic && !is_range) {
    return FeatureMistake{".stat", "has no rows to be taken of", "write rows: 28, or period: 28d"};
  }
  if (!window.statistic && is_range) {
    return FeatureMistake{window.rows ? ".rows" : ".period", "needs a stat", "write stat: mean"};
  }
  if (window.period_seconds && window.lag != 1) {
    return FeatureMistake{".lag", "counts rows, and the period is a time",
                          "write delay to leave out the latest"};
  }
  return std::nullopt;
}

}  // namespace

std::vector<WindowStatistic> AllWindowStatistics() {
  std::vector<WindowStatistic> all;
  for (const auto& [statistic, name] : kStatistics) all.push_back(statistic);
  return all;
}

std::string_view WindowStatisticName(WindowStatistic statistic) {
  for (const auto& [known, name] : kStatistics) {
    if (known == statistic) return name;
  }
  return {};
}

std::optional<WindowStatistic> WindowStatisticFromName(std::string_view name) {
  for (const auto& [statistic, known] : kStatistics) {
    if (known == name) return statistic;
  }
  return std::nullopt;
}

std::optional<FeatureMistake> FindMistake(const WindowFeature& window, const Spec& spec) {
  if (window.name.empty()) return FeatureMistake{".name", "must not be empty", ""};
  if (window.of.empty()) return FeatureMistake{".of", "names no column", "write of: COLUMN"};
  if (auto mistake = FindOrderMistake(spec)) return mistake;
  for (const std::string& name : window.by) {
    if (name == spec.problem.target) {
      return FeatureMistake{".by", Format("is the target: \"{}\"", name),
                            "a row whose target is asked for has none to be grouped by"};
    }
    if (name == *spec.data.time || name == window.of) {
      return FeatureMistake{
          ".by", Format("is the {}: \"{}\"", name == window.of ? "column itself" : "time", name),
          "name the columns that tell one series from another"};
    }
  }
  if (window.of == *spec.data.time) {
    return FeatureMistake{".of", Format("is the time: \"{}\"", window.of),
                          "name a column of numbers"};
  }
  if (auto mistake = FindShapeMistake(window)) return mistake;
  if (window.of == spec.problem.target && window.delay_seconds &&
      *window.delay_seconds < spec.split.embargo_seconds) {
    return FeatureMistake{
        ".delay",
        Format("is below split.embargo, until which the target is not known: {} < {}",
               DurationText(*window.delay_seconds), DurationText(spec.split.embargo_seconds)),
        "leave delay out, or shorten the embargo"};
  }
  return std::nullopt;
}

double DelayOf(const WindowFeature& window, const Spec& spec) {
  return window.delay_seconds.value_or(spec.split.embargo_seconds);
}

std::string TextOf(const WindowFeature& window, const Spec& spec) {
  std::string text;
  if (!window.statistic) {
    text = Format("{} {} row{} earlier", window.of, window.lag, window.lag == 1 ? "" : "s");
  } else if (window.rows) {
    text = Format("{} of {} over {} earlier row{}", WindowStatisticName(*window.statistic),
                  window.of, *window.rows, *window.rows == 1 ? "" : "s");
    if (window.lag > 1) text += Format(", without the latest {}", window.lag - 1);
  } else {
    text = Format("{} of {} over {} before", WindowStatisticName(*window.statistic), window.of,
                  DurationText(*window.period_seconds));
  }
  if (!window.by.empty()) text += ", by " + Join(window.by, ", ");
  const double delay = DelayOf(window, spec);
  if (delay > 0.0) text += Format(", known after {}", DurationText(delay));
  return text;
}

}  // namespace millrace::spec
