#include <cmath>
#include <limits>

#include "develop/develop_phase.h"

namespace millrace::develop {
namespace {

using json::Json;

Json ToJson(const metric::Interval& interval) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  return Json::Of({{"value", number(interval.value)},
                   {"low", number(interval.low)},
                   {"high", number(interval.high)}});
}

metric::Interval IntervalFromJson(const Json& document) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  return {document["value"].AsNumber(kNan), document["low"].AsNumber(kNan),
          document["high"].AsNumber(kNan)};
}

Result<Digest> DigestFromJson(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string hex, document.RequireString("develop record", key));
  return Digest::FromHex(hex);
}

}  // namespace

Json ToJson(const DevelopRecord& record) {
  Json leaderboard = Json::MakeArray();
  for (const LeaderboardEntry& entry : record.leaderboard) {
    leaderboard.Append(Json::Of({{"plan", ToJson(Plan{{entry.unit}})},
                                 {"score", ToJson(entry.score)},
                                 {"chosen", entry.chosen}}));
  }
  return Json::Of({{"graph_object", record.graph_object.ToHex()},
                   {"model_object", record.model_object.ToHex()},
                   {"plan_object", record.plan_object.ToHex()},
                   {"plan", ToJson(record.plan)},
                   {"metric", record.metric},
                   {"score", ToJson(record.score)},
                   {"leaderboard", std::move(leaderboard)},
                   {"threshold", record.threshold},
                   {"threshold_reason", record.threshold_reason},
                   {"reason", record.reason},
                   {"validation_rows", record.num_validation},
                   {"section", report::ToJson(record.section)}});
}

Result<DevelopRecord> DevelopRecordFromJson(const Json& document) {
  constexpr std::string_view kWhere = "develop record";
  DevelopRecord record;
  MILLRACE_ASSIGN_OR_RETURN(record.graph_object, DigestFromJson(document, "graph_object"));
  MILLRACE_ASSIGN_OR_RETURN(record.model_object, DigestFromJson(document, "model_object"));
  MILLRACE_ASSIGN_OR_RETURN(record.plan_object, DigestFromJson(document, "plan_object"));
  MILLRACE_ASSIGN_OR_RETURN(record.plan, PlanFromJson(document["plan"]));
  MILLRACE_ASSIGN_OR_RETURN(record.metric, document.RequireString(kWhere, "metric"));
  record.score = IntervalFromJson(document["score"]);
  for (const Json& item : document["leaderboard"].AsArray()) {
    MILLRACE_ASSIGN_OR_RETURN(Plan plan, PlanFromJson(item["plan"]));
    if (plan.units.size() != 1) return Corrupt("develop record: leaderboard: not one unit");
    record.leaderboard.push_back(
        {std::move(plan.units[0]), IntervalFromJson(item["score"]), item["chosen"].AsBool()});
  }
  MILLRACE_ASSIGN_OR_RETURN(record.threshold, document.RequireNumber(kWhere, "threshold"));
  MILLRACE_ASSIGN_OR_RETURN(record.threshold_reason,
                            document.RequireString(kWhere, "threshold_reason"));
  MILLRACE_ASSIGN_OR_RETURN(record.reason, document.RequireString(kWhere, "reason"));
  MILLRACE_ASSIGN_OR_RETURN(record.num_validation,
                            document.RequireInteger(kWhere, "validation_rows"));
  MILLRACE_ASSIGN_OR_RETURN(record.section, report::SectionFromJson(document["section"]));
  return record;
}

}  // namespace millrace::develop
