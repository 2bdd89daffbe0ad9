// Records of phase 6 as JSON.

#include <cmath>
#include <limits>
#include <utility>

#include "base/format.h"
#include "operate/monitor_state.h"

namespace millrace::operate {

using json::Json;

namespace {

constexpr const char* kWhere = "operate";

Json NumberOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(); }

double NumberOrNan(const Json& value) {
  return value.AsNumber(std::numeric_limits<double>::quiet_NaN());
}

std::string_view TriggerStateName(TriggerState state) {
  switch (state) {
    case TriggerState::kQuiet:
      return "quiet";
    case TriggerState::kDue:
      return "due";
    case TriggerState::kCoolingDown:
      break;
  }
  return "cooling_down";
}

Result<TriggerState> TriggerStateFromName(std::string_view name) {
  for (const TriggerState state :
       {TriggerState::kQuiet, TriggerState::kDue, TriggerState::kCoolingDown}) {
    if (TriggerStateName(state) == name) return state;
  }
  return Corrupt(Format("operate: no trigger state: \"{}\"", name));
}

Json ToJson(const ColumnDrift& drift) {
  return Json::Of({{"column", drift.column},
                   {"psi", NumberOrNull(drift.psi)},
                   {"jensen_shannon", NumberOrNull(drift.jensen_shannon)},
                   {"kolmogorov_smirnov", NumberOrNull(drift.kolmogorov_smirnov)},
                   {"p_value", NumberOrNull(drift.p_value)},
                   {"significant", drift.significant},
                   {"alarm", drift.alarm}});
}

Result<ColumnDrift> ColumnDriftFromJson(const Json& document) {
  ColumnDrift drift;
  MILLRACE_ASSIGN_OR_RETURN(drift.column, document.RequireString(kWhere, "column"));
  drift.psi = NumberOrNan(document["psi"]);
  drift.jensen_shannon = NumberOrNan(document["jensen_shannon"]);
  drift.kolmogorov_smirnov = NumberOrNan(document["kolmogorov_smirnov"]);
  drift.p_value = NumberOrNan(document["p_value"]);
  MILLRACE_ASSIGN_OR_RETURN(drift.significant, document.RequireBool(kWhere, "significant"));
  MILLRACE_ASSIGN_OR_RETURN(drift.alarm, document.RequireBool(kWhere, "alarm"));
  return drift;
}

Json ToJson(const Trigger& trigger) {
  return Json::Of({{"kind", trigger.kind},
                   {"state", TriggerStateName(trigger.state)},
                   {"reason", trigger.reason},
                   {"cause", trigger.cause}});
}

Result<Trigger> TriggerFromJson(const Json& document) {
  Trigger trigger;
  MILLRACE_ASSIGN_OR_RETURN(trigger.kind, document.RequireString(kWhere, "kind"));
  MILLRACE_ASSIGN_OR_RETURN(const std::string state, document.RequireString(kWhere, "state"));
  MILLRACE_ASSIGN_OR_RETURN(trigger.state, TriggerStateFromName(state));
  MILLRACE_ASSIGN_OR_RETURN(trigger.reason, document.RequireString(kWhere, "reason"));
  MILLRACE_ASSIGN_OR_RETURN(trigger.cause, document.RequireString(kWhere, "cause"));
  return trigger;
}

template <typename Item>
Json ToArray(const std::vector<Item>& items) {
  Json array = Json::MakeArray();
  for (const Item& item : items) array.Append(ToJson(item));
  return array;
}

template <typename Item, typename Read>
Result<std::vector<Item>> FromArray(const Json& document, std::string_view key, const Read& read) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* array, document.RequireArray(kWhere, key));
  std::vector<Item> items;
  for (const Json& element : *array) {
    MILLRACE_ASSIGN_OR_RETURN(Item item, read(element));
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace

Json ToJson(const Window& window) {
  Json document = Json::Of({{"number", window.number},
                            {"route", window.route},
                            {"bundle", window.bundle},
                            {"first_micros", window.first_micros},
                            {"last_micros", window.last_micros},
                            {"num_rows", window.num_rows},
                            {"num_labelled", window.num_labelled},
                            {"closed_micros", window.closed_micros},
                            {"drift", ToArray(window.drift)}});
  if (window.performance) {
    document.Set("performance", Json::Of({{"value", NumberOrNull(window.performance->value)},
                                          {"low", NumberOrNull(window.performance->low)},
                                          {"high", NumberOrNull(window.performance->high)}}));
  }
  document.Set("performance_alarm", window.performance_alarm);
  return document;
}

Result<Window> WindowFromJson(const Json& document) {
  Window window;
  MILLRACE_ASSIGN_OR_RETURN(window.number, document.RequireInteger(kWhere, "number"));
  MILLRACE_ASSIGN_OR_RETURN(window.route, document.RequireString(kWhere, "route"));
  MILLRACE_ASSIGN_OR_RETURN(window.bundle, document.RequireString(kWhere, "bundle"));
  MILLRACE_ASSIGN_OR_RETURN(window.first_micros, document.RequireInteger(kWhere, "first_micros"));
  MILLRACE_ASSIGN_OR_RETURN(window.last_micros, document.RequireInteger(kWhere, "last_micros"));
  MILLRACE_ASSIGN_OR_RETURN(window.num_rows, document.RequireInteger(kWhere, "num_rows"));
  MILLRACE_ASSIGN_OR_RETURN(window.num_labelled, document.RequireInteger(kWhere, "num_labelled"));
  MILLRACE_ASSIGN_OR_RETURN(window.closed_micros, document.RequireInteger(kWhere, "closed_micros"));
  MILLRACE_ASSIGN_OR_RETURN(window.drift,
                            FromArray<ColumnDrift>(document, "drift", ColumnDriftFromJson));
  const Json& performance = document["performance"];
  if (performance.is_object()) {
    window.performance =
        metric::Interval{NumberOrNan(performance["value"]), NumberOrNan(performance["low"]),
                         NumberOrNan(performance["high"])};
  }
  MILLRACE_ASSIGN_OR_RETURN(window.performance_alarm,
                            document.RequireBool(kWhere, "performance_alarm"));
  return window;
}

Json ToJson(const Alert& alert) {
  return Json::Of({{"id", alert.id},
                   {"kind", alert.kind},
                   {"text", alert.text},
                   {"time_micros", alert.time_micros},
                   {"delivered", alert.delivered}});
}

Result<Alert> AlertFromJson(const Json& document) {
  Alert alert;
  MILLRACE_ASSIGN_OR_RETURN(alert.id, document.RequireString(kWhere, "id"));
  MILLRACE_ASSIGN_OR_RETURN(alert.kind, document.RequireString(kWhere, "kind"));
  MILLRACE_ASSIGN_OR_RETURN(alert.text, document.RequireString(kWhere, "text"));
  MILLRACE_ASSIGN_OR_RETURN(alert.time_micros, document.RequireInteger(kWhere, "time_micros"));
  MILLRACE_ASSIGN_OR_RETURN(alert.delivered, document.RequireBool(kWhere, "delivered"));
  return alert;
}

Json ToJson(const OperateRecord& record) {
  return Json::Of({{"windows", ToArray(record.windows)},
                   {"alerts", ToArray(record.alerts)},
                   {"triggers", ToArray(record.triggers)},
                   {"num_predictions", record.num_predictions},
                   {"num_labels", record.num_labels},
                   {"num_unmatched", record.num_unmatched},
                   {"open_rows", record.open_rows},
                   {"retrain_due", record.retrain_due},
                   {"section", report::ToJson(record.section)}});
}

Result<OperateRecord> OperateRecordFromJson(const Json& document) {
  OperateRecord record;
  MILLRACE_ASSIGN_OR_RETURN(record.windows, FromArray<Window>(document, "windows", WindowFromJson));
  MILLRACE_ASSIGN_OR_RETURN(record.alerts, FromArray<Alert>(document, "alerts", AlertFromJson));
  MILLRACE_ASSIGN_OR_RETURN(record.triggers,
                            FromArray<Trigger>(document, "triggers", TriggerFromJson));
  MILLRACE_ASSIGN_OR_RETURN(record.num_predictions,
                            document.RequireInteger(kWhere, "num_predictions"));
  MILLRACE_ASSIGN_OR_RETURN(record.num_labels, document.RequireInteger(kWhere, "num_labels"));
  MILLRACE_ASSIGN_OR_RETURN(record.num_unmatched, document.RequireInteger(kWhere, "num_unmatched"));
  MILLRACE_ASSIGN_OR_RETURN(record.open_rows, document.RequireInteger(kWhere, "open_rows"));
  MILLRACE_ASSIGN_OR_RETURN(record.retrain_due, document.RequireBool(kWhere, "retrain_due"));
  MILLRACE_ASSIGN_OR_RETURN(record.section, report::SectionFromJson(document["section"]));
  return record;
}

}  // namespace millrace::operate
