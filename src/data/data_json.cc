#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "data/data_phase.h"
#include "spec/names.h"

namespace millrace::data {

using json::Json;

Json ToJson(const DataRecord& record) {
  Json excluded = Json::MakeArray();
  for (const ExcludedColumn& column : record.excluded) {
    excluded.Append(Json::Of({{"name", column.name}, {"reason", column.reason}}));
  }
  Json outliers = Json::MakeArray();
  for (const OutlierTreatment& column : record.outliers) {
    outliers.Append(Json::Of({{"column", column.column},
                              {"policy", spec::NameOf(column.policy)},
                              {"low", column.low},
                              {"high", column.high},
                              {"train", column.num_train},
                              {"test", column.num_test},
                              {"left_because", column.left_because}}));
  }
  return Json::Of(
      {{"version", record.version.ToHex()},
       {"schema", record.schema.ToJson()},
       {"features", Json::ArrayOf(record.features)},
       {"excluded", std::move(excluded)},
       {"target", record.target},
       {"task", table::TaskName(record.task)},
       {"labels", Json::ArrayOf(record.labels)},
       {"rows_object", record.rows_object.ToHex()},
       {"rows", record.num_rows},
       {"train", record.num_train},
       {"test", record.num_test},
       {"split_salt", static_cast<int64_t>(record.split_salt)},
       {"split_kind", record.split_kind},
       {"quarantine_object",
        record.quarantine_object ? Json(record.quarantine_object->ToHex()) : Json()},
       {"quarantined", record.num_quarantined},
       {"outliers", std::move(outliers)},
       {"set_aside", record.num_set_aside},
       {"quality_object", record.quality_object ? Json(record.quality_object->ToHex()) : Json()},
       {"profile", profile::ToJson(record.profile)},
       {"section", report::ToJson(record.section)}});
}

Result<DataRecord> DataRecordFromJson(const Json& document) {
  constexpr std::string_view kWhere = "data record";
  DataRecord record;
  MILLRACE_ASSIGN_OR_RETURN(const std::string version, document.RequireString(kWhere, "version"));
  MILLRACE_ASSIGN_OR_RETURN(record.version, Digest::FromHex(version));
  MILLRACE_ASSIGN_OR_RETURN(record.schema, table::Schema::FromJson(document["schema"], kWhere));
  for (const Json& name : document["features"].AsArray()) {
    record.features.push_back(name.AsString());
  }
  for (const Json& item : document["excluded"].AsArray()) {
    record.excluded.push_back({item["name"].AsString(), item["reason"].AsString()});
  }
  MILLRACE_ASSIGN_OR_RETURN(record.target, document.RequireString(kWhere, "target"));
  const auto task = table::TaskFromName(document["task"].AsString());
  if (!task) return Corrupt(Format("{}: unknown task", kWhere));
  record.task = *task;
  for (const Json& label : document["labels"].AsArray()) {
    record.labels.push_back(label.AsString());
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::string rows, document.RequireString(kWhere, "rows_object"));
  MILLRACE_ASSIGN_OR_RETURN(record.rows_object, Digest::FromHex(rows));
  MILLRACE_ASSIGN_OR_RETURN(record.num_rows, document.RequireInteger(kWhere, "rows"));
  MILLRACE_ASSIGN_OR_RETURN(record.num_train, document.RequireInteger(kWhere, "train"));
  MILLRACE_ASSIGN_OR_RETURN(record.num_test, document.RequireInteger(kWhere, "test"));
  record.split_salt = static_cast<uint64_t>(document["split_salt"].AsInteger());
  record.split_kind = document["split_kind"].AsString();
  if (document["quarantine_object"].is_string()) {
    MILLRACE_ASSIGN_OR_RETURN(record.quarantine_object,
                              Digest::FromHex(document["quarantine_object"].AsString()));
  }
  record.num_quarantined = document["quarantined"].AsInteger();
  // Records of programs before the policy lack these.
  for (const Json& item : document["outliers"].AsArray()) {
    const auto policy = spec::FromName<spec::OutlierPolicy>(item["policy"].AsString());
    if (!policy) return Corrupt(Format("{}: unknown outlier policy", kWhere));
    record.outliers.push_back({.column = item["column"].AsString(),
                               .policy = *policy,
                               .low = item["low"].AsNumber(),
                               .high = item["high"].AsNumber(),
                               .num_train = item["train"].AsInteger(),
                               .num_test = item["test"].AsInteger(),
                               .left_because = item["left_because"].AsString()});
  }
  record.num_set_aside = document["set_aside"].AsInteger();
  if (document["quality_object"].is_string()) {
    MILLRACE_ASSIGN_OR_RETURN(record.quality_object,
                              Digest::FromHex(document["quality_object"].AsString()));
  }
  MILLRACE_ASSIGN_OR_RETURN(record.profile, profile::SourceProfileFromJson(document["profile"]));
  MILLRACE_ASSIGN_OR_RETURN(record.section, report::SectionFromJson(document["section"]));
  return record;
}

}  // namespace millrace::data
