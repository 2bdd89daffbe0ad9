#include "report/checkpoint.h"

#include <algorithm>
#include <utility>

#include "base/format.h"

namespace millrace::report {
namespace {

using json::Json;

struct StateRow {
  CheckState state;
  std::string_view name;
};
constexpr StateRow kStates[] = {
    {CheckState::kMet, "met"},
    {CheckState::kNotMet, "not_met"},
    {CheckState::kWarning, "warning"},
    {CheckState::kNotMeasured, "not_measured"},
};

Result<CheckState> StateFromName(std::string_view where, const std::string& name) {
  for (const StateRow& row : kStates) {
    if (row.name == name) return row.state;
  }
  return Corrupt(Format("{}: unknown state: \"{}\"", where, name));
}

Json Optional(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::optional<double> NumberOrNothing(const Json& value) {
  return value.is_number() ? std::optional<double>(value.AsNumber()) : std::nullopt;
}

Json CheckToJson(const Check& check) {
  Json document = Json::Of({{"id", check.id},
                            {"label", check.label},
                            {"state", CheckStateName(check.state)},
                            {"blocks", check.blocks},
                            {"value", Optional(check.value)},
                            {"low", Optional(check.low)},
                            {"high", Optional(check.high)}});
  document.Set("unit", check.unit);
  document.Set("requirement", check.requirement);
  document.Set("evidence", check.evidence);
  document.Set("fix", check.fix);
  document.Set("source", check.source);
  return document;
}

Result<Check> CheckFromJson(const Json& document) {
  Check check;
  MILLRACE_ASSIGN_OR_RETURN(check.id, document.RequireString("check", "id"));
  MILLRACE_ASSIGN_OR_RETURN(const std::string state, document.RequireString("check", "state"));
  MILLRACE_ASSIGN_OR_RETURN(check.state, StateFromName("check", state));
  check.label = document["label"].AsString();
  check.blocks = document["blocks"].AsBool();
  check.value = NumberOrNothing(document["value"]);
  check.low = NumberOrNothing(document["low"]);
  check.high = NumberOrNothing(document["high"]);
  check.unit = document["unit"].AsString();
  check.requirement = document["requirement"].AsString();
  check.evidence = document["evidence"].AsString();
  check.fix = document["fix"].AsString();
  check.source = document["source"].AsString();
  return check;
}

}  // namespace

std::string_view CheckStateName(CheckState state) {
  for (const StateRow& row : kStates) {
    if (row.state == state) return row.name;
  }
  return "not_measured";
}

bool Checkpoint::passed() const {
  return std::none_of(checks.begin(), checks.end(), [](const Check& check) {
    return check.blocks && check.state == CheckState::kNotMet;
  });
}

Json ToJson(const Checkpoint& checkpoint) {
  Json checks = Json::MakeArray();
  for (const Check& check : checkpoint.checks) checks.Append(CheckToJson(check));
  return Json::Of({{"phase", checkpoint.phase},
                   {"percent", checkpoint.percent},
                   {"title", checkpoint.title},
                   {"passed", checkpoint.passed()},
                   {"checks", std::move(checks)}});
}

Result<Checkpoint> CheckpointFromJson(const Json& document) {
  Checkpoint checkpoint;
  MILLRACE_ASSIGN_OR_RETURN(const int64_t phase, document.RequireInteger("checkpoint", "phase"));
  checkpoint.phase = static_cast<int>(phase);
  checkpoint.percent = static_cast<int>(document["percent"].AsInteger());
  checkpoint.title = document["title"].AsString();
  for (const Json& item : document["checks"].AsArray()) {
    MILLRACE_ASSIGN_OR_RETURN(Check check, CheckFromJson(item));
    checkpoint.checks.push_back(std::move(check));
  }
  return checkpoint;
}

Json ToJson(const Criterion& criterion) {
  return Json::Of({{"number", criterion.number},
                   {"title", criterion.title},
                   {"state", CheckStateName(criterion.state)},
                   {"evidence", criterion.evidence},
                   {"anchor", criterion.anchor},
                   {"fix", criterion.fix}});
}

Result<Criterion> CriterionFromJson(const Json& document) {
  Criterion criterion;
  MILLRACE_ASSIGN_OR_RETURN(const int64_t number, document.RequireInteger("criterion", "number"));
  criterion.number = static_cast<int>(number);
  MILLRACE_ASSIGN_OR_RETURN(const std::string state, document.RequireString("criterion", "state"));
  MILLRACE_ASSIGN_OR_RETURN(criterion.state, StateFromName("criterion", state));
  criterion.title = document["title"].AsString();
  criterion.evidence = document["evidence"].AsString();
  criterion.anchor = document["anchor"].AsString();
  criterion.fix = document["fix"].AsString();
  return criterion;
}

}  // namespace millrace::report
