// Missing policies: the words of features.columns.<name>.missing, and which columns they suit. The
// one table: validation and fitting read it, and a test holds docs/missing_data.md to it.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "spec/feature_mistake.h"
#include "spec/spec.h"
#include "table/column.h"

namespace millrace::spec {

/// What becomes of the missing values of a column.
enum class MissingPolicy {
  kNative,     // they stay missing: trees split on it
  kIndicator,  // a feature says where they are; beside any other but kDrop
  kMedian,
  kMean,
  kMode,      // the most frequent value
  kConstant,  // ColumnFeatures::fill
  kModel,     // predicted from other columns
  kDrop,      // the column is no feature
};

struct MissingPolicyRow {
  MissingPolicy policy;
  std::string_view name;
  std::string_view columns;  // types that it suits, in words
  std::string_view text;     // what a missing value becomes
};

/// Returns the table.
std::span<const MissingPolicyRow> MissingPolicies();
/// Returns the row of a name, or null.
const MissingPolicyRow* FindMissingPolicy(std::string_view name);
/// Returns true when columns of `type` can take the policy.
bool Suits(MissingPolicy policy, table::ColumnType type);
/// Returns the names that suit `type`, as "native, indicator, mode".
std::string MissingPoliciesOf(table::ColumnType type);

/// Returns the first mistake in `missing` and `fill` that needs no data to be seen: an unknown
/// word, two fills, a constant without its value.
std::optional<FeatureMistake> FindMissingMistake(const ColumnFeatures& column);

}  // namespace millrace::spec
