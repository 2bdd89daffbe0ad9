#include "pipeline/champion.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "base/format.h"
#include "json/text.h"

namespace millrace::pipeline {
namespace {

using data::DataRecord;

// Looks through the runs for the record of this data version.
Result<std::optional<DataRecord>> FindData(const Workspace& workspace, const Digest& version) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::RunRow> runs, workspace.catalog->ListRuns());
  for (const store::RunRow& run : runs) {
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::PhaseRow> phases,
                              workspace.catalog->ListPhases(run.id));
    for (const store::PhaseRow& phase : phases) {
      if (phase.phase != "data" || !phase.record) continue;
      const auto bytes = workspace.objects.Get(*phase.record);
      if (!bytes.ok()) continue;
      const auto document = json::Parse(*bytes, "data record");
      if (!document.ok() || (*document)["version"].AsString() != version.ToHex()) continue;
      auto record = data::DataRecordFromJson(*document);
      if (record.ok() && workspace.objects.Has(record->rows_object)) {
        return std::optional<DataRecord>(std::move(record).value());
      }
    }
  }
  return std::optional<DataRecord>();
}

// Returns true when a row has the same key in both: the key is the id, else all cells.
bool KeysAgree(const DataRecord& left, const DataRecord& right,
               const std::optional<std::string>& id_column) {
  if (id_column) {
    const auto a = left.schema.Find(*id_column);
    const auto b = right.schema.Find(*id_column);
    return a && b && left.schema.column(*a).type == right.schema.column(*b).type;
  }
  if (left.schema.num_columns() != right.schema.num_columns()) return false;
  for (int64_t c = 0; c < left.schema.num_columns(); ++c) {
    const table::ColumnSchema& a = left.schema.column(c);
    const table::ColumnSchema& b = right.schema.column(c);
    if (a.name != b.name || a.type != b.type || a.rules != b.rules) return false;
  }
  return true;
}

Status CannotTell(std::string_view why) {
  return InvalidData(Format("retrain: rows that the champion was trained on cannot be told from "
                            "new ones: {}",
                            why))
      .WithHint("name an id column under data.id, or promote by hand after `millrace evaluate`");
}

}  // namespace

Result<std::optional<Champion>> FindChampion(const Workspace& workspace) {
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<Digest> label,
                            workspace.catalog->FindLabel("bundle", "champion"));
  if (!label) return std::optional<Champion>();
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::VersionRow> versions,
                            workspace.catalog->ListVersions("bundle"));
  for (const store::VersionRow& version : versions) {
    if (version.digest != *label) continue;
    Champion champion;
    MILLRACE_ASSIGN_OR_RETURN(champion.object,
                              Digest::FromHex(version.detail["object"].AsString()));
    MILLRACE_RETURN_IF_ERROR(workspace.objects.Verify(champion.object));
    MILLRACE_ASSIGN_OR_RETURN(champion.bundle,
                              bundle::Bundle::Open(workspace.objects.PathOf(champion.object)));
    const auto data = Digest::FromHex(champion.bundle->provenance()["data"]["version"].AsString());
    if (data.ok()) {
      MILLRACE_ASSIGN_OR_RETURN(champion.data, FindData(workspace, *data));
    }
    return std::optional<Champion>(std::move(champion));
  }
  return Corrupt(Format("catalog: the champion {} is no known version", label->Short()))
      .WithHint("millrace run deploys a bundle anew");
}

Result<table::Table> CommonHeldOutRows(const Workspace& workspace, engine::Engine& engine,
                                       const Champion& champion, const DataRecord& challenger,
                                       const bundle::Bundle& challenger_bundle,
                                       const std::optional<std::string>& id_column) {
  if (!champion.data) return CannotTell("its data are no longer in the store");
  if (!KeysAgree(*champion.data, challenger, id_column)) {
    return CannotTell("columns or their types have changed since, and keys are made of them");
  }
  std::vector<std::string> columns = challenger_bundle.request_schema().names();
  for (const std::string& name : champion.bundle->request_schema().names()) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  }
  columns.push_back(challenger.target);
  columns.emplace_back("__row_key");
  MILLRACE_ASSIGN_OR_RETURN(const table::Table known,
                            data::LoadRows(*champion.data, workspace.objects, engine,
                                           data::SplitPart::kTrain, {"__row_key"}));
  std::unordered_set<std::string> trained;
  for (int64_t row = 0; row < known.num_rows(); ++row) {
    trained.emplace(known.column(0).text(row));
  }
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table rows,
      data::LoadRows(challenger, workspace.objects, engine, data::SplitPart::kTest, columns));
  const table::Column& keys = rows.column(rows.num_columns() - 1);
  std::vector<int64_t> kept;
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    if (!trained.contains(std::string(keys.text(row)))) kept.push_back(row);
  }
  if (kept.empty()) return CannotTell("the champion was trained on every held-out row");
  columns.pop_back();
  return rows.Take(kept).Select(columns);
}

}  // namespace millrace::pipeline
