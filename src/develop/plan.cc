#include "develop/plan.h"

#include <algorithm>
#include <set>

#include "base/format.h"

namespace millrace::develop {
namespace {

using json::Json;
using learner::OptionValues;

struct Proposal {
  const char* name;
  const char* learner;
  OptionValues values;
};

std::vector<Proposal> Proposals(int64_t num_rows) {
  std::vector<Proposal> list = {
      {"baseline", "baseline", {}},
      {"linear", "linear", {}},
      {"boosting", "boosting", {}},
      {"boosting, small steps",
       "boosting",
       {{"learning_rate", "0.03"}, {"feature_share", "0.7"}, {"row_share", "0.8"}, {"l2", "1"}}},
      {"boosting, small trees",
       "boosting",
       {{"learning_rate", "0.05"},
        {"leaves", "8"},
        {"feature_share", "0.6"},
        {"row_share", "0.8"},
        {"category_smoothing", "30"}}},
      {"boosting, large trees",
       "boosting",
       {{"learning_rate", "0.05"},
        {"leaves", "127"},
        {"feature_share", "0.6"},
        {"row_share", "0.8"},
        {"min_leaf_rows", "10"},
        {"l2", "3"}}},
      {"boosting, random thresholds",
       "boosting",
       {{"learning_rate", "0.05"},
        {"leaves", "63"},
        {"extra_trees", "true"},
        {"feature_share", "0.8"},
        {"min_leaf_rows", "5"}}},
      {"boosting, stumps and strong smoothing",
       "boosting",
       {{"learning_rate", "0.05"},
        {"leaves", "4"},
        {"min_leaf_rows", "40"},
        {"l2", "10"},
        {"feature_share", "0.5"},
        {"category_smoothing", "100"}}},
      {"linear, strong penalty", "linear", {{"l2", "30"}}},
  };
  if (num_rows < 2000) {
    for (Proposal& item : list) {
      if (std::string_view(item.learner) == "boosting" && !item.values.contains("min_leaf_rows")) {
        item.values["min_leaf_rows"] = "5";
      }
    }
  }
  return list;
}

}  // namespace

Plan ProposePlan(table::Task, int64_t num_rows, const std::vector<std::string>& learners,
                 std::span<const std::pair<std::string, OptionValues>> values) {
  Plan plan;
  for (Proposal& item : Proposals(num_rows)) {
    // The baseline is what the others are measured against: always there.
    if (!learners.empty() && std::string_view(item.learner) != "baseline" &&
        std::find(learners.begin(), learners.end(), item.learner) == learners.end()) {
      continue;
    }
    for (const auto& [learner, own] : values) {
      if (learner != item.learner) continue;
      for (const auto& [key, value] : own) item.values[key] = value;
    }
    plan.units.push_back({item.name, item.learner, item.values, 0});
  }
  return plan;
}

Json ToJson(const Plan& plan) {
  Json units = Json::MakeArray();
  for (const WorkUnit& unit : plan.units) {
    Json values = Json::MakeObject();
    for (const auto& [key, value] : unit.values) values.Set(key, value);
    units.Append(Json::Of({{"name", unit.name},
                           {"learner", unit.learner},
                           {"values", std::move(values)},
                           {"rounds", unit.rounds}}));
  }
  return Json::Of({{"units", std::move(units)}});
}

Result<Plan> PlanFromJson(const Json& document) {
  constexpr std::string_view kWhere = "plan";
  Plan plan;
  std::set<std::string> names;
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* units, document.RequireArray(kWhere, "units"));
  for (const Json& item : *units) {
    WorkUnit unit;
    MILLRACE_ASSIGN_OR_RETURN(unit.name, item.RequireString(kWhere, "name"));
    MILLRACE_ASSIGN_OR_RETURN(unit.learner, item.RequireString(kWhere, "learner"));
    MILLRACE_ASSIGN_OR_RETURN(unit.rounds, item.RequireInteger(kWhere, "rounds"));
    MILLRACE_ASSIGN_OR_RETURN(const json::Object* values, item.RequireObject(kWhere, "values"));
    for (const auto& [key, value] : *values) unit.values[key] = value.AsString();
    if (unit.rounds < 0) return Corrupt(Format("plan: {}: rounds below 0", unit.name));
    if (!names.insert(unit.name).second) {
      return Corrupt(Format("plan: a name stands twice: {}", unit.name));
    }
    plan.units.push_back(std::move(unit));
  }
  return plan;
}

}  // namespace millrace::develop
