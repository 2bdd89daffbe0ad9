#include "spec/missing_policies.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "spec/names.h"

namespace millrace::spec {
namespace {

using table::ColumnType;

constexpr std::string_view kAny = "all";
constexpr std::string_view kNumbers = "numbers";
constexpr std::string_view kOrdered = "numbers, dates";
constexpr std::string_view kValues = "numbers, yes or no, categories, texts";

constexpr MissingPolicyRow kRows[] = {
    {MissingPolicy::kNative, "native", kAny, "nothing: it stays missing"},
    {MissingPolicy::kIndicator, "indicator", kAny,
     "beside any other but `drop`, or alone: a feature is 1 where it is missing, else 0"},
    {MissingPolicy::kMedian, "median", kOrdered, "the median"},
    {MissingPolicy::kMean, "mean", kNumbers, "the mean"},
    {MissingPolicy::kMode, "mode", kValues, "the most frequent value"},
    {MissingPolicy::kConstant, "constant", kValues,
     "the value under `fill`, read as a cell would be: `{missing: constant, fill: unknown}`"},
    {MissingPolicy::kModel, "model", kNumbers,
     "what a ridge regression on the other columns predicts; in rounds where several are missing; "
     "the median where the regression explains nothing of a fifth of the rows that it was not "
     "fitted on"},
    {MissingPolicy::kDrop, "drop", kAny, "the column is left out of the features"},
};

}  // namespace

std::span<const MissingPolicyRow> MissingPolicies() { return kRows; }

const MissingPolicyRow* FindMissingPolicy(std::string_view name) {
  for (const MissingPolicyRow& row : kRows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

bool Suits(MissingPolicy policy, ColumnType type) {
  const auto row = std::ranges::find(kRows, policy, &MissingPolicyRow::policy);
  if (row->columns == kAny) return true;
  switch (type) {
    case ColumnType::kInteger:
    case ColumnType::kNumber:
      return true;
    case ColumnType::kBoolean:
    case ColumnType::kCategory:
    case ColumnType::kText:
      return row->columns == kValues;
    case ColumnType::kDate:
      return row->columns == kOrdered;
  }
  return false;
}

std::string MissingPoliciesOf(ColumnType type) {
  std::vector<std::string> names;
  for (const MissingPolicyRow& row : kRows) {
    if (Suits(row.policy, type)) names.emplace_back(row.name);
  }
  return Join(names, ", ");
}

std::optional<FeatureMistake> FindMissingMistake(const ColumnFeatures& column) {
  std::vector<std::string> names;
  for (const MissingPolicyRow& row : kRows) names.emplace_back(row.name);
  std::string chosen;  // besides indicator
  for (const std::string& name : column.missing) {
    if (FindMissingPolicy(name) == nullptr) {
      return FeatureMistake{".missing", Format("unknown policy: \"{}\"", Ellipsize(name, 40)),
                            NearestOf(name, names)};
    }
    if (name == "indicator") continue;
    if (!chosen.empty()) {
      return FeatureMistake{".missing", Format("{} stands beside {}", name, chosen),
                            "give one of them; indicator may stand beside it"};
    }
    chosen = name;
  }
  if (chosen == "drop" && column.missing.size() > 1) {
    return FeatureMistake{".missing", "indicator stands beside drop",
                          "a column that is dropped gives no feature"};
  }
  if (chosen == "drop" && !column.strategies.empty()) {
    return FeatureMistake{".missing", "drop stands beside a strategy", "give one of them"};
  }
  if (chosen == "constant" && !column.fill) {
    return FeatureMistake{".missing", "constant needs its value", "write fill: 0"};
  }
  if (column.fill && chosen != "constant") {
    return FeatureMistake{".fill", "belongs to the policy constant", "write missing: constant"};
  }
  return std::nullopt;
}

}  // namespace millrace::spec
