#include "operate/log_export.h"

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "journal/reader.h"
#include "journal/segment.h"
#include "json/text.h"
#include "table/table.h"

namespace millrace::operate {
namespace {

using table::ColumnType;

std::shared_ptr<const table::Schema> SchemaOf(
    const std::vector<std::pair<std::string, ColumnType>>& columns) {
  std::vector<table::ColumnSchema> schemas;
  for (const auto& [name, type] : columns) {
    schemas.push_back({.name = name, .type = type});
  }
  return std::make_shared<const table::Schema>(table::Schema::Make(std::move(schemas)).value());
}

std::shared_ptr<const table::Schema> PredictionSchema() {
  return SchemaOf({{"time", ColumnType::kNumber},
                   {"request_id", ColumnType::kText},
                   {"row", ColumnType::kNumber},
                   {"row_key", ColumnType::kText},
                   {"route", ColumnType::kText},
                   {"bundle", ColumnType::kText},
                   {"values", ColumnType::kText},
                   {"outputs", ColumnType::kText},
                   {"decision", ColumnType::kNumber}});
}

std::shared_ptr<const table::Schema> LabelSchema() {
  return SchemaOf({{"time", ColumnType::kNumber},
                   {"request_id", ColumnType::kText},
                   {"row", ColumnType::kNumber},
                   {"row_key", ColumnType::kText},
                   {"label", ColumnType::kText}});
}

void AppendTextOrMissing(table::Column& column, const std::string& text) {
  if (text.empty()) {
    column.AppendMissing();
  } else {
    column.AppendText(text);
  }
}

void AppendRecord(table::Table& rows, const journal::PredictionRecord& record) {
  rows.mutable_column(0).AppendNumber(static_cast<double>(record.time_micros));
  AppendTextOrMissing(rows.mutable_column(1), record.request_id);
  rows.mutable_column(2).AppendNumber(static_cast<double>(record.row_index));
  AppendTextOrMissing(rows.mutable_column(3), record.row_key);
  rows.mutable_column(4).AppendText(record.route);
  rows.mutable_column(5).AppendText(record.bundle);
  rows.mutable_column(6).AppendText(record.row_json);
  rows.mutable_column(7).AppendText(json::Write(json::Json::ArrayOf(record.outputs)));
  if (record.decision < 0) {
    rows.mutable_column(8).AppendMissing();
  } else {
    rows.mutable_column(8).AppendNumber(static_cast<double>(record.decision));
  }
}

void AppendRecord(table::Table& rows, const journal::FeedbackRecord& record) {
  rows.mutable_column(0).AppendNumber(static_cast<double>(record.time_micros));
  AppendTextOrMissing(rows.mutable_column(1), record.request_id);
  rows.mutable_column(2).AppendNumber(static_cast<double>(record.row_index));
  AppendTextOrMissing(rows.mutable_column(3), record.row_key);
  rows.mutable_column(4).AppendText(record.label);
}

constexpr const char* kPredictionQuery =
    "SELECT make_timestamp(CAST(time AS BIGINT)) AS time, request_id, CAST(row AS BIGINT) AS row, "
    "row_key, route, bundle, \"values\", CAST(CAST(outputs AS JSON) AS DOUBLE[]) AS outputs, "
    "CAST(decision AS INTEGER) AS decision FROM millrace_log_rows";
constexpr const char* kLabelQuery =
    "SELECT make_timestamp(CAST(time AS BIGINT)) AS time, request_id, CAST(row AS BIGINT) AS row, "
    "row_key, label FROM millrace_log_rows";

Status WriteParquet(engine::Engine& engine, const table::Table& rows, const std::string& query,
                    const std::string& path) {
  const std::string temporary = path + ".tmp";
  MILLRACE_RETURN_IF_ERROR(engine.Load("millrace_log_rows", rows));
  Status status = engine.Execute(Format("COPY ({}) TO '{}' (FORMAT parquet, COMPRESSION zstd)",
                                        query, ReplaceAll(temporary, "'", "''")));
  const Status dropped = engine.Execute("DROP TABLE millrace_log_rows");
  if (status.ok()) status = dropped;
  if (status.ok()) status = SyncFile(temporary);
  if (status.ok()) status = RenameFile(temporary, path);
  if (status.ok()) return status;
  const Status removed = RemoveAll(temporary);
  return removed.ok() ? status : removed;
}

// Process and number of a segment, from its name.
struct SegmentWriter {
  int64_t process = 0;
  int64_t number = 0;
};
std::optional<SegmentWriter> WriterOf(std::string_view name) {
  const std::vector<std::string_view> parts =
      Split(name.substr(0, name.size() - journal::kSegmentSuffix.size()), '-');
  if (parts.size() != 3) return std::nullopt;
  const std::optional<int64_t> process = ParseInt(parts[1]);
  std::string_view digits = parts[2];
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  const std::optional<int64_t> number = ParseInt(digits);
  if (!process || !number) return std::nullopt;
  return SegmentWriter{*process, *number};
}

// The highest number that each process has begun.
std::map<int64_t, int64_t> NewestNumbers(const std::vector<std::string>& segments) {
  std::map<int64_t, int64_t> newest;
  for (const std::string& name : segments) {
    const auto writer = WriterOf(name);
    if (!writer) continue;
    const auto [at, is_new] = newest.emplace(writer->process, writer->number);
    at->second = std::max(at->second, writer->number);
  }
  return newest;
}

Status ExportSegment(const std::string& segment, const std::string& out, engine::Engine& engine,
                     LogExport& result) {
  MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(segment));
  table::Table predictions(PredictionSchema());
  table::Table labels(LabelSchema());
  int64_t offset = 0;
  constexpr int64_t kBatch = 10'000;
  while (true) {
    MILLRACE_ASSIGN_OR_RETURN(const journal::Batch batch,
                              journal::ReadSegment(file.bytes(), offset, kBatch));
    for (const journal::Record& record : batch.records) {
      if (const auto* prediction = std::get_if<journal::PredictionRecord>(&record)) {
        AppendRecord(predictions, *prediction);
      } else {
        AppendRecord(labels, std::get<journal::FeedbackRecord>(record));
      }
    }
    if (static_cast<int64_t>(batch.records.size()) < kBatch) break;
    offset = batch.next.offset;
  }
  MILLRACE_RETURN_IF_ERROR(
      WriteParquet(engine, predictions, kPredictionQuery, out + ".predictions.parquet"));
  MILLRACE_RETURN_IF_ERROR(WriteParquet(engine, labels, kLabelQuery, out + ".labels.parquet"));
  result.files.push_back(out + ".predictions.parquet");
  result.files.push_back(out + ".labels.parquet");
  result.num_predictions += predictions.num_rows();
  result.num_labels += labels.num_rows();
  return {};
}

}  // namespace

Result<LogExport> ExportLog(const std::string& log_folder, const std::string& out_folder,
                            engine::Engine& engine) {
  LogExport result;
  MILLRACE_ASSIGN_OR_RETURN(std::vector<std::string> names, ListFolder(log_folder));
  std::erase_if(names,
                [](const std::string& name) { return !name.ends_with(journal::kSegmentSuffix); });
  MILLRACE_RETURN_IF_ERROR(MakeFolders(out_folder));
  const std::map<int64_t, int64_t> newest = NewestNumbers(names);
  for (const std::string& name : names) {
    const auto writer = WriterOf(name);
    if (writer && ProcessExists(writer->process) && newest.at(writer->process) == writer->number) {
      ++result.num_open;
      continue;
    }
    const std::string out = AbsolutePath(
        JoinPath(out_folder, name.substr(0, name.size() - journal::kSegmentSuffix.size())));
    if (FileExists(out + ".predictions.parquet") && FileExists(out + ".labels.parquet")) {
      ++result.num_there;
      continue;
    }
    MILLRACE_RETURN_IF_ERROR(ExportSegment(JoinPath(log_folder, name), out, engine, result));
  }
  return result;
}

}  // namespace millrace::operate
