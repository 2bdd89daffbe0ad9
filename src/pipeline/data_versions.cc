#include "pipeline/data_versions.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "version/data_versions.h"

namespace millrace::pipeline {
namespace {

using json::Json;

Json OrNull(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

// What a reader of the manifest wants to know of each column; all of it is in the phase's record.
Json ShortProfile(const profile::SourceProfile& profile) {
  constexpr size_t kMedian = 4;  // of kQuantileLevels
  Json list = Json::MakeArray();
  for (const profile::ColumnProfile& column : profile.columns) {
    list.Append(Json::Of(
        {{"name", column.name},
         {"type", table::ColumnTypeName(column.type)},
         {"missing", column.num_missing},
         {"distinct", column.num_distinct},
         {"minimum", OrNull(column.minimum)},
         {"median", column.quantiles.size() > kMedian ? Json(column.quantiles[kMedian]) : Json()},
         {"maximum", OrNull(column.maximum)}}));
  }
  return list;
}

}  // namespace

Status RecordDataVersion(const DataVersionInputs& inputs) {
  const PhaseContext& context = inputs.context;
  if (!context.data) return {};
  version::RunData run;
  for (const SourceContent& source : context.sources) {
    // A source that is no file of its own, as a table of a database, is known by its rows.
    if (!FileExists(source.path)) return {};
    run.paths.push_back(AbsolutePath(source.path));
    run.contents.push_back(source.content);
  }
  if (run.paths.empty()) return {};
  MILLRACE_ASSIGN_OR_RETURN(const store::RunRow row, inputs.workspace.catalog->FindRun(inputs.run));
  run.keep_bytes = context.spec.data.keep_bytes;
  run.rows.run = inputs.run;
  run.rows.rows_version = context.data->version;
  run.rows.spec = row.spec;
  run.rows.split_salt = context.data->split_salt;
  run.rows.num_rows = context.data->num_rows;
  run.rows.num_quarantined = context.data->num_quarantined;
  run.rows.schema = context.data->schema.ToJson();
  run.rows.profile = ShortProfile(context.data->profile);
  return version::RecordRunData({.project = inputs.workspace.project,
                                 .objects = inputs.workspace.objects,
                                 .catalog = *inputs.workspace.catalog,
                                 .clock = inputs.clock,
                                 .num_threads = context.num_threads},
                                run)
      .status();
}

}  // namespace millrace::pipeline
