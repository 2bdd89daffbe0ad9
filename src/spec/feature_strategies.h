// Strategies: the words of features.columns.<name>.strategy, and which columns they suit. The one
// table; validation, fitting and the reference of features read it.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "spec/feature_mistake.h"
#include "spec/spec.h"
#include "table/column.h"

namespace millrace::spec {

enum class Strategy {
  kValue,
  kMissing,
  kBin,
  kStandard,
  kRobust,
  kMinMax,
  kLog,
  kSignedLog,
  kPower,
  kCategory,
  kOneHot,
  kHash,
  kFrequency,
  kParts,
  kCalendar,
  kCycle,
  kElapsed,
  kLength,
  kWords,
  kNgrams,
  kStatistics,
};

struct StrategyRow {
  Strategy strategy;
  std::string_view name;
  std::string_view columns;  // types that it suits, in words: "numbers", "dates", ...
  std::string_view text;     // what a column becomes
};

/// Returns the table.
std::span<const StrategyRow> Strategies();
/// Returns the row of a name, or null.
const StrategyRow* FindStrategy(std::string_view name);
/// Returns true when columns of `type` can take the strategy.
bool Suits(Strategy strategy, table::ColumnType type);
/// Returns the names that suit `type`, as "value, missing, bin".
std::string StrategiesOf(table::ColumnType type);

/// Returns the first mistake that needs no data to be seen: an unknown strategy, options
/// without their strategy, borders that do not ascend.
std::optional<FeatureMistake> FindMistake(const ColumnFeatures& column);

}  // namespace millrace::spec
