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
  for (const Candidate& entry : record.leaderboard) {
    leaderboard.Append(Json::Of({{"name", entry.name},
                                 {"learner", entry.learner},
                                 {"options", entry.options},
                                 {"score", ToJson(entry.score)},
                                 {"folds", entry.num_folds},
                                 {"rounds", entry.rounds},
                                 {"model_bytes", entry.model_bytes},
                                 {"chosen", entry.chosen},
                                 {"note", entry.note}}));
  }
  return Json::Of({{"graph_object", record.graph_object.ToHex()},
                   {"model_object", record.model_object.ToHex()},
                   {"request_schema", record.request_schema.ToJson()},
                   {"plan", record.plan},
                   {"primary_metric", record.primary_metric},
                   {"threshold", record.threshold},
                   {"threshold_reason", record.threshold_reason},
                   {"calibration", record.calibration},
                   {"estimate", ToJson(record.estimate)},
                   {"baseline", ToJson(record.baseline)},
                   {"leaderboard", std::move(leaderboard)},
                   {"section", report::ToJson(record.section)}});
}

Result<DevelopRecord> DevelopRecordFromJson(const Json& document) {
  constexpr std::string_view kWhere = "develop record";
  DevelopRecord record;
  MILLRACE_ASSIGN_OR_RETURN(record.graph_object, DigestFromJson(document, "graph_object"));
  MILLRACE_ASSIGN_OR_RETURN(record.model_object, DigestFromJson(document, "model_object"));
  MILLRACE_ASSIGN_OR_RETURN(record.request_schema,
                            table::Schema::FromJson(document["request_schema"], kWhere));
  record.plan = document["plan"];
  MILLRACE_ASSIGN_OR_RETURN(record.primary_metric,
                            document.RequireString(kWhere, "primary_metric"));
  MILLRACE_ASSIGN_OR_RETURN(record.threshold, document.RequireNumber(kWhere, "threshold"));
  MILLRACE_ASSIGN_OR_RETURN(record.threshold_reason,
                            document.RequireString(kWhere, "threshold_reason"));
  record.calibration = document["calibration"].AsString();  // absent in older records
  record.estimate = IntervalFromJson(document["estimate"]);
  record.baseline = IntervalFromJson(document["baseline"]);
  for (const Json& item : document["leaderboard"].AsArray()) {
    Candidate entry;
    MILLRACE_ASSIGN_OR_RETURN(entry.name, item.RequireString(kWhere, "name"));
    MILLRACE_ASSIGN_OR_RETURN(entry.learner, item.RequireString(kWhere, "learner"));
    entry.options = item["options"];
    entry.score = IntervalFromJson(item["score"]);
    MILLRACE_ASSIGN_OR_RETURN(entry.num_folds, item.RequireInteger(kWhere, "folds"));
    MILLRACE_ASSIGN_OR_RETURN(entry.rounds, item.RequireInteger(kWhere, "rounds"));
    MILLRACE_ASSIGN_OR_RETURN(entry.model_bytes, item.RequireInteger(kWhere, "model_bytes"));
    entry.chosen = item["chosen"].AsBool();
    entry.note = item["note"].AsString();
    record.leaderboard.push_back(std::move(entry));
  }
  MILLRACE_ASSIGN_OR_RETURN(record.section, report::SectionFromJson(document["section"]));
  return record;
}

}  // namespace millrace::develop
