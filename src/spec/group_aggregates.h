// Rules of features.aggregates that need no data to be checked.

#pragma once

#include <optional>
#include <string>

#include "spec/feature_mistake.h"
#include "spec/spec.h"

namespace millrace::spec {

/// Returns true for statistics of rows, which measure no column: count and share.
bool MeasuresRows(feature::GroupStatistic statistic);

/// Returns the first mistake: no or too many columns, the target among them, a column
/// where rows are counted or none where one is measured, a difference to what is no such measure.
std::optional<FeatureMistake> FindMistake(const GroupAggregate& group, const std::string& target);

}  // namespace millrace::spec
