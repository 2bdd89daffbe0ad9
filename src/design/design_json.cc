#include <utility>

#include "base/format.h"
#include "design/design_phase.h"

namespace millrace::design {
namespace {

using json::Json;

constexpr std::string_view kWhere = "design record";

Json DecisionJson(const Decision& decision) {
  return Json::Of({{"value", decision.value}, {"reason", decision.reason}});
}

Result<Decision> DecisionFrom(const Json& document, std::string_view key) {
  Decision decision;
  MILLRACE_ASSIGN_OR_RETURN(decision.value, document[key].RequireString(kWhere, "value"));
  MILLRACE_ASSIGN_OR_RETURN(decision.reason, document[key].RequireString(kWhere, "reason"));
  return decision;
}

std::optional<ColumnRole> RoleFromName(std::string_view name) {
  for (const ColumnRole role : {ColumnRole::kFeature, ColumnRole::kTarget, ColumnRole::kId,
                                ColumnRole::kTime, ColumnRole::kGroup, ColumnRole::kExcluded}) {
    if (ColumnRoleName(role) == name) return role;
  }
  return std::nullopt;
}

Result<ColumnPlan> PlanFrom(const Json& document) {
  ColumnPlan plan;
  MILLRACE_ASSIGN_OR_RETURN(plan.name, document.RequireString(kWhere, "name"));
  const auto role = RoleFromName(document["role"].AsString());
  const auto type = table::ColumnTypeFromName(document["type"].AsString());
  if (!role || !type) return Corrupt(Format("{}: column \"{}\": role or type", kWhere, plan.name));
  plan.role = *role;
  plan.type = *type;
  MILLRACE_ASSIGN_OR_RETURN(plan.sensitive, document.RequireBool(kWhere, "sensitive"));
  MILLRACE_ASSIGN_OR_RETURN(plan.strategy, document.RequireString(kWhere, "strategy"));
  MILLRACE_ASSIGN_OR_RETURN(plan.reason, document.RequireString(kWhere, "reason"));
  return plan;
}

}  // namespace

std::string_view ColumnRoleName(ColumnRole role) {
  switch (role) {
    case ColumnRole::kFeature:
      return "feature";
    case ColumnRole::kTarget:
      return "target";
    case ColumnRole::kId:
      return "id";
    case ColumnRole::kTime:
      return "time";
    case ColumnRole::kGroup:
      return "group";
    case ColumnRole::kExcluded:
      return "excluded";
  }
  return "";
}

Json ToJson(const DesignRecord& record) {
  Json columns = Json::MakeArray();
  for (const ColumnPlan& plan : record.columns) {
    columns.Append(Json::Of({{"name", plan.name},
                             {"role", ColumnRoleName(plan.role)},
                             {"sensitive", plan.sensitive},
                             {"type", table::ColumnTypeName(plan.type)},
                             {"strategy", plan.strategy},
                             {"reason", plan.reason}}));
  }
  Json risks = Json::MakeArray();
  for (const Risk& risk : record.risks) {
    risks.Append(Json::Of({{"risk", risk.text}, {"answer", risk.answer}}));
  }
  return Json::Of({{"task", table::TaskName(record.task)},
                   {"task_reason", record.task_reason},
                   {"target", record.target},
                   {"positive", record.positive},
                   {"positive_reason", record.positive_reason},
                   {"primary_metric", record.primary_metric},
                   {"rows", record.num_rows},
                   {"columns", std::move(columns)},
                   {"approach", DecisionJson(record.approach)},
                   {"serving", DecisionJson(record.serving)},
                   {"validation", DecisionJson(record.validation)},
                   {"risks", std::move(risks)},
                   {"section", report::ToJson(record.section)}});
}

Result<DesignRecord> DesignRecordFromJson(const Json& document) {
  DesignRecord record;
  MILLRACE_ASSIGN_OR_RETURN(const std::string task, document.RequireString(kWhere, "task"));
  const auto known = table::TaskFromName(task);
  if (!known) return Corrupt(Format("{}: unknown task: \"{}\"", kWhere, task));
  record.task = *known;
  MILLRACE_ASSIGN_OR_RETURN(record.task_reason, document.RequireString(kWhere, "task_reason"));
  MILLRACE_ASSIGN_OR_RETURN(record.target, document.RequireString(kWhere, "target"));
  MILLRACE_ASSIGN_OR_RETURN(record.positive, document.RequireString(kWhere, "positive"));
  MILLRACE_ASSIGN_OR_RETURN(record.positive_reason,
                            document.RequireString(kWhere, "positive_reason"));
  MILLRACE_ASSIGN_OR_RETURN(record.primary_metric,
                            document.RequireString(kWhere, "primary_metric"));
  MILLRACE_ASSIGN_OR_RETURN(record.num_rows, document.RequireInteger(kWhere, "rows"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* columns, document.RequireArray(kWhere, "columns"));
  for (const Json& column : *columns) {
    MILLRACE_ASSIGN_OR_RETURN(ColumnPlan plan, PlanFrom(column));
    record.columns.push_back(std::move(plan));
  }
  MILLRACE_ASSIGN_OR_RETURN(record.approach, DecisionFrom(document, "approach"));
  MILLRACE_ASSIGN_OR_RETURN(record.serving, DecisionFrom(document, "serving"));
  MILLRACE_ASSIGN_OR_RETURN(record.validation, DecisionFrom(document, "validation"));
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* risks, document.RequireArray(kWhere, "risks"));
  for (const Json& risk : *risks) {
    Risk one;
    MILLRACE_ASSIGN_OR_RETURN(one.text, risk.RequireString(kWhere, "risk"));
    MILLRACE_ASSIGN_OR_RETURN(one.answer, risk.RequireString(kWhere, "answer"));
    record.risks.push_back(std::move(one));
  }
  MILLRACE_ASSIGN_OR_RETURN(record.section, report::SectionFromJson(document["section"]));
  return record;
}

}  // namespace millrace::design
