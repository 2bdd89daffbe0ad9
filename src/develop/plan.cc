#include "develop/plan.h"

#include <set>

#include "base/format.h"

namespace millrace::develop {

using json::Json;

std::string_view FinalFormName(FinalForm form) { return form == FinalForm::kBag ? "bag" : "refit"; }

Json ToJson(const Plan& plan) {
  Json units = Json::MakeArray();
  for (const WorkUnit& unit : plan.units) {
    Json values = Json::MakeObject();
    for (const auto& [key, value] : unit.values) values.Set(key, value);
    units.Append(Json::Of({{"name", unit.name},
                           {"learner", unit.learner},
                           {"values", std::move(values)},
                           {"rounds", Json::ArrayOf(unit.rounds)},
                           {"final", FinalFormName(unit.final_form)},
                           {"cut_short", unit.cut_short}}));
  }
  return Json::Of({{"folds", plan.num_folds}, {"units", std::move(units)}});
}

Result<Plan> PlanFromJson(const Json& document) {
  constexpr std::string_view kWhere = "plan";
  Plan plan;
  std::set<std::string> names;
  MILLRACE_ASSIGN_OR_RETURN(plan.num_folds, document.RequireInteger(kWhere, "folds"));
  if (plan.num_folds < 1 || plan.num_folds > 1000) return Corrupt("plan: bad number of folds");
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* units, document.RequireArray(kWhere, "units"));
  for (const Json& item : *units) {
    WorkUnit unit;
    MILLRACE_ASSIGN_OR_RETURN(unit.name, item.RequireString(kWhere, "name"));
    MILLRACE_ASSIGN_OR_RETURN(unit.learner, item.RequireString(kWhere, "learner"));
    MILLRACE_ASSIGN_OR_RETURN(const json::Object* values, item.RequireObject(kWhere, "values"));
    for (const auto& [key, value] : *values) unit.values[key] = value.AsString();
    MILLRACE_ASSIGN_OR_RETURN(const json::Array* rounds, item.RequireArray(kWhere, "rounds"));
    for (const Json& number : *rounds) {
      if (!number.is_integer() || number.AsInteger() < 0) {
        return Corrupt(Format("plan: {}: rounds: not a count", unit.name));
      }
      unit.rounds.push_back(number.AsInteger());
    }
    MILLRACE_ASSIGN_OR_RETURN(const std::string final_form, item.RequireString(kWhere, "final"));
    if (final_form != "bag" && final_form != "refit") {
      return Corrupt(Format("plan: {}: unknown final form: {}", unit.name, final_form));
    }
    unit.final_form = final_form == "bag" ? FinalForm::kBag : FinalForm::kRefit;
    unit.cut_short = item["cut_short"].AsBool();
    if (!names.insert(unit.name).second) {
      return Corrupt(Format("plan: a name stands twice: {}", unit.name));
    }
    plan.units.push_back(std::move(unit));
  }
  return plan;
}

}  // namespace millrace::develop
