#include "design/column_plan.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace millrace::design {
namespace {

using profile::ColumnProfile;
using table::ColumnType;

// As phase 3 fits them: see fit/fit_graph.h.
constexpr double kIndicatorShare = 0.01;
constexpr int64_t kFrequencyAbove = 20;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Why a column that nobody excluded cannot be a feature, or "".
std::string UnusableReason(const ColumnProfile& column, const spec::Spec& spec) {
  if (column.num_distinct == 0) return "every value is missing";
  if (column.is_constant && column.num_missing == 0) return "one value only";
  if (column.is_sequence && !spec.data.time) return "a running number";
  if (column.type == ColumnType::kCategory && column.is_unique && column.num_rows > 20) {
    return "every value differs, as an id";
  }
  return "";
}

std::string StrategyOf(const ColumnProfile& column) {
  const double missing = static_cast<double>(column.num_missing + column.num_invalid) /
                         static_cast<double>(std::max<int64_t>(1, column.num_rows));
  const std::string indicator =
      missing > kIndicatorShare ? ", and whether it is missing" : std::string();
  switch (column.type) {
    case ColumnType::kInteger:
    case ColumnType::kNumber:
      return "number as it is" + indicator;
    case ColumnType::kBoolean:
      return "yes or no" + indicator;
    case ColumnType::kDate:
      return "parts of the date, and days since the first";
    case ColumnType::kText:
      return Format(
          "free text, {} words a value: length, number of words, and the words that most "
          "texts hold",
          FormatSignificant(column.mean_words, 2));
    case ColumnType::kCategory:
      break;
  }
  return column.num_distinct > kFrequencyAbove ? "category, and how frequent it is" : "category";
}

std::string EvidenceOf(const ColumnProfile& column) {
  std::string text = Format("{}{} values", column.distinct_is_exact ? "" : "about ",
                            FormatCount(column.num_distinct));
  const int64_t missing = column.num_missing;
  text +=
      missing == 0
          ? ", none missing"
          : Format(", {} ({}) missing", FormatCount(missing),
                   FormatShare(static_cast<double>(missing), static_cast<double>(column.num_rows)));
  if (column.num_invalid > 0) {
    text += Format(", {} unreadable", FormatCount(column.num_invalid));
  }
  return text;
}

}  // namespace

std::vector<ColumnPlan> PlanColumns(const spec::Spec& spec, const profile::SourceProfile& profile,
                                    table::Task task) {
  std::vector<ColumnPlan> plans;
  for (const ColumnProfile& column : profile.columns) {
    ColumnPlan plan;
    plan.name = column.name;
    plan.type = column.type;
    plan.sensitive = Contains(spec.data.sensitive, column.name);
    plan.strategy = "not used";
    if (column.name == spec.problem.target) {
      plan.role = ColumnRole::kTarget;
      plan.strategy = task == table::Task::kRegression ? "number to predict" : "class to predict";
      plan.reason = EvidenceOf(column);
    } else if (spec.data.id == column.name) {
      plan.role = ColumnRole::kId;
      plan.strategy = "names the rows, no feature";
      plan.reason = EvidenceOf(column);
    } else if (spec.data.group == column.name) {
      plan.role = ColumnRole::kGroup;
      plan.strategy = "keeps rows on one side of the split, no feature";
      plan.reason = EvidenceOf(column);
    } else if (spec.split.column == column.name) {
      plan.role = ColumnRole::kExcluded;
      plan.strategy = "states the part of each row, no feature";
      plan.reason = "split.column; " + EvidenceOf(column);
    } else if (Contains(spec.data.exclude, column.name)) {
      plan.role = ColumnRole::kExcluded;
      plan.reason = "data.exclude";
    } else if (Contains(spec.data.not_at_prediction, column.name)) {
      plan.role = ColumnRole::kExcluded;
      plan.reason = "not known when a prediction is made (data.not_at_prediction)";
    } else if (std::string reason = UnusableReason(column, spec); !reason.empty()) {
      plan.role = ColumnRole::kExcluded;
      plan.reason = std::move(reason);
    } else {
      const bool is_time = spec.data.time == column.name;
      plan.role = is_time ? ColumnRole::kTime : ColumnRole::kFeature;
      plan.strategy = StrategyOf(column) + (is_time ? "; orders the split" : "");
      plan.reason = EvidenceOf(column);
    }
    plans.push_back(std::move(plan));
  }
  return plans;
}

std::vector<std::string> FeaturesOf(const std::vector<ColumnPlan>& plans) {
  std::vector<std::string> names;
  for (const ColumnPlan& plan : plans) {
    if (plan.role == ColumnRole::kFeature || plan.role == ColumnRole::kTime) {
      names.push_back(plan.name);
    }
  }
  return names;
}

}  // namespace millrace::design
