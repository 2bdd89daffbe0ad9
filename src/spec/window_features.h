// Rules of features.windows that need no data to be checked, and their words.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/feature_mistake.h"
#include "spec/spec.h"

namespace millrace::spec {

std::vector<WindowStatistic> AllWindowStatistics();
std::string_view WindowStatisticName(WindowStatistic statistic);  // "mean", "min", ...
std::optional<WindowStatistic> WindowStatisticFromName(std::string_view name);

/// Returns the first mistake: rows that no time orders or a split that does not follow it, the
/// target in the key, a statistic without its rows or the other way round, both of rows and period,
/// a lag in rows beside a period, or a delay of the target below the embargo.
std::optional<FeatureMistake> FindMistake(const WindowFeature& window, const Spec& spec);

/// Returns how old a row must be for the window to see it, in seconds: what the user says, else the
/// embargo of the split. Rows of the same time are never seen, whatever this is.
double DelayOf(const WindowFeature& window, const Spec& spec);

/// Returns what the window holds: "sales 7 rows earlier, by store".
std::string TextOf(const WindowFeature& window, const Spec& spec);

}  // namespace millrace::spec
