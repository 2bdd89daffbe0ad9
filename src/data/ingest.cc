#include "data/ingest.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "data/cell_hash.h"
#include "data/user_checks.h"
#include "json/text.h"
#include "profile/row_hashes.h"
#include "spec/locator.h"

namespace millrace::data {
namespace {

using table::Column;

// A row that breaks a check which sets rows aside.
struct AsideRow {
  QuarantinedRow row;  // without its place
  bool is_released = false;
};
using AsideRows = std::map<int64_t, AsideRow>;  // by `__row`

// Hashes of rows in memory, 16 MB; more go to a file.
constexpr int64_t kHashesInMemory = int64_t{1} << 21;

class Collector {
 public:
  Collector(const table::Schema& schema, const IngestRoles& roles, std::string file,
            AsideRows aside, Ingested& result)
      : schema_(schema),
        target_(IndexOf(roles.target)),
        id_(IndexOf(roles.id)),
        group_(IndexOf(roles.group)),
        time_(IndexOf(roles.time)),
        part_(IndexOf(roles.part)),
        file_(std::move(file)),
        aside_(std::move(aside)),
        result_(result) {
    result_.num_invalid.assign(static_cast<size_t>(schema.num_columns()), 0);
    version_.UpdateField(json::Write(schema.ToJson()));
  }

  // `batch`: __row, values, states (0 value, 1 missing, 2 invalid), raw target text.
  Status Add(const table::Table& batch) {
    contents_.clear();
    const int64_t num_columns = schema_.num_columns();
    for (int64_t r = 0; r < batch.num_rows(); ++r) {
      ++result_.num_read;
      for (int64_t c = 0; c < num_columns; ++c) {
        if (batch.column(1 + num_columns + c).number(r) == 2.0) {
          ++result_.num_invalid[static_cast<size_t>(c)];
        }
      }
      MILLRACE_RETURN_IF_ERROR(AddRow(batch, r));
    }
    return row_hashes_.Add(contents_);
  }

  Status Finish() {
    result_.version = version_.Finish();
    MILLRACE_ASSIGN_OR_RETURN(const profile::RowHashes::Summary hashes, row_hashes_.Finish());
    result_.num_duplicates = hashes.num_duplicates;
    return bad_part_;
  }

 private:
  std::optional<int64_t> IndexOf(const std::string& name) const {
    return name.empty() ? std::nullopt : schema_.Find(name);
  }

  void SetAside(const table::Table& batch, int64_t r, std::string_view rule,
                const std::string& column) {
    QuarantinedRow row;
    row.file = file_;
    row.line = static_cast<int64_t>(batch.column(0).number(r)) + 1;
    row.column = column;
    const Column& raw = batch.column(1 + 2 * schema_.num_columns());
    if (raw.valid(r) && column == schema_.column(*target_).name) row.value = raw.text(r);
    row.rule = std::string(rule);
    result_.quarantined.push_back(std::move(row));
  }

  // Returns true where a check sets the row aside; a released one is noted and kept.
  bool BreaksCheck(int64_t place) {
    const auto found = aside_.find(place);
    if (found == aside_.end()) return false;
    QuarantinedRow row = std::move(found->second.row);
    row.file = file_;
    row.line = place + 1;
    if (found->second.is_released) {
      result_.released.push_back(std::move(row));
      return false;
    }
    ++result_.num_broke_checks;
    result_.quarantined.push_back(std::move(row));
    return true;
  }

  void TakePart(const Column& column, int64_t r, IngestedRow& row) {
    const bool text = column.valid(r) && !table::IsNumeric(column.type());
    const auto part = text ? ReadStatedPart(column.text(r)) : std::nullopt;
    if (part) {
      row.part = *part;
    } else if (bad_part_.ok()) {
      bad_part_ =
          InvalidData(Format("{}:{}: column \"{}\": names no part: \"{}\"", file_, row.row + 2,
                             schema_.column(*part_).name, text ? column.text(r) : ""))
              .WithHint("each row must say train, validation or test");
    }
  }

  Status AddRow(const table::Table& batch, int64_t r) {
    const Column& target = batch.column(1 + *target_);
    if (!target.valid(r)) {
      ++result_.num_missing_target;
      const bool invalid = batch.column(1 + schema_.num_columns() + *target_).number(r) == 2.0;
      SetAside(batch, r, invalid ? "unreadable target" : "missing target",
               schema_.column(*target_).name);
      return {};
    }
    IngestedRow row;
    if (time_) {
      if (!batch.column(1 + *time_).valid(r)) {
        ++result_.num_missing_time;
        SetAside(batch, r, "missing time", schema_.column(*time_).name);
        return {};
      }
      row.time = batch.column(1 + *time_).number(r);
    }
    row.row = static_cast<int64_t>(batch.column(0).number(r));
    if (BreaksCheck(row.row)) return {};
    if (part_) TakePart(batch.column(1 + *part_), r, row);
    uint64_t content = 0;
    for (int64_t c = 0; c < schema_.num_columns(); ++c) {
      content = MixHash(content, HashCell(batch.column(1 + c), r));
    }
    row.key_hash = id_ ? HashCell(batch.column(1 + *id_), r) : content;
    row.side_hash = group_ ? HashCell(batch.column(1 + *group_), r) : row.key_hash;
    if (table::IsNumeric(target.type())) {
      row.target_number = target.number(r);
      if (result_.rows.empty()) first_target_ = row.target_number;
      result_.target_varies = result_.target_varies || row.target_number != first_target_;
    } else {
      MILLRACE_ASSIGN_OR_RETURN(row.target_text, TakeTargetText(std::string(target.text(r))));
    }
    version_.Update(std::string_view(reinterpret_cast<const char*>(&content), sizeof(content)));
    contents_.push_back(content);
    return result_.rows.Add(row);
  }

  Result<int32_t> TakeTargetText(const std::string& text) {
    const auto [entry, is_new] =
        text_index_.emplace(text, static_cast<int32_t>(result_.target_texts.size()));
    if (is_new) {
      if (result_.target_texts.size() >= kMaxTargetTexts) {
        return InvalidData(Format("column \"{}\": more than {} distinct labels",
                                  schema_.column(*target_).name,
                                  FormatCount(static_cast<int64_t>(kMaxTargetTexts))))
            .WithHint("is this an id, or a number (task: regression)?");
      }
      result_.target_texts.push_back(text);
      result_.target_counts.push_back(0);
    }
    ++result_.target_counts[static_cast<size_t>(entry->second)];
    return entry->second;
  }

  const table::Schema& schema_;
  std::optional<int64_t> target_;
  std::optional<int64_t> id_;
  std::optional<int64_t> group_;
  std::optional<int64_t> time_;
  std::optional<int64_t> part_;
  Status bad_part_;  // the first
  std::string file_;
  AsideRows aside_;
  Ingested& result_;
  profile::RowHashes row_hashes_{kHashesInMemory};
  std::vector<uint64_t> contents_;  // hashes of the kept rows of a batch
  double first_target_ = 0.0;
  std::unordered_map<std::string, int32_t> text_index_;
  Sha256 version_;
};

// The rows that checks set aside, by `__row`: with the cell as the source holds it, and a name made
// of all cells.
Result<AsideRows> FindAside(engine::Engine& engine, const std::string& raw,
                            const std::string& typed, const table::Schema& schema,
                            const AsideRules& rules) {
  AsideRows aside;
  MILLRACE_ASSIGN_OR_RETURN(const auto broken,
                            RowsThatBreakChecks(rules.spec, engine, typed, schema));
  if (broken.empty()) return aside;
  std::vector<table::ColumnSchema> columns(1);
  columns[0] = {.name = "__row", .type = table::ColumnType::kInteger};
  MILLRACE_ASSIGN_OR_RETURN(table::Schema places, table::Schema::Make(std::move(columns)));
  table::Table rows(std::make_shared<const table::Schema>(std::move(places)));
  for (const auto& [place, check] : broken) {
    rows.mutable_column(0).AppendNumber(static_cast<double>(place));
  }
  MILLRACE_RETURN_IF_ERROR(engine.Load("__aside", rows));
  const std::vector<std::string> names = schema.names();
  std::string cells;
  for (const std::string& name : names) {
    cells += Format(", CAST(r.{0} AS VARCHAR) AS {0}", engine::QuoteIdentifier(name));
  }
  const std::set<std::string> released(rules.released.begin(), rules.released.end());
  const Status read = engine.Stream(
      Format("SELECT r.__row{} FROM {} r JOIN __aside a ON r.__row = CAST(a.__row AS BIGINT) "
             "ORDER BY r.__row",
             cells, engine::QuoteIdentifier(raw)),
      [&](const table::Table& batch) -> Status {
        for (int64_t r = 0; r < batch.num_rows(); ++r) {
          const auto place = static_cast<int64_t>(batch.column(0).number(r));
          const BrokenCheck& check = broken.at(place);
          std::vector<std::string> texts(names.size());
          std::vector<const std::string*> named(names.size(), nullptr);
          AsideRow& row = aside[place];
          for (size_t c = 0; c < names.size(); ++c) {
            const Column& column = batch.column(static_cast<int64_t>(c) + 1);
            if (!column.valid(r)) continue;
            texts[c] = std::string(column.text(r));
            named[c] = &texts[c];
            if (names[c] == check.column) row.row.value = texts[c];
          }
          row.row.column = check.column;
          row.row.rule = "check: " + check.words;
          row.row.row = NameOfRow(names, named);
          row.is_released = released.contains(row.row.row);
        }
        return {};
      });
  MILLRACE_RETURN_IF_ERROR(read);
  MILLRACE_RETURN_IF_ERROR(engine.Execute("DROP TABLE __aside"));
  return aside;
}

}  // namespace

// Equal rules share a reader; an engine may ingest several sources.
std::string ReaderName(const table::ColumnSchema& column) {
  const auto schema = table::Schema::Make({column});
  const std::string text = schema.ok() ? json::Write(schema->ToJson()) : column.name;
  return "reader_" + DigestOf(text).Short(24);
}

Result<SourceTables> MakeSourceTables(engine::Engine& engine, const engine::Source& source,
                                      const table::Schema& schema) {
  SourceTables tables{.raw = source.view_name + "_raw", .typed = source.view_name + "_typed"};
  MILLRACE_RETURN_IF_ERROR(engine.Execute(
      Format("CREATE OR REPLACE TABLE {} AS SELECT row_number() OVER () - 1 AS __row, * FROM {}",
             engine::QuoteIdentifier(tables.raw), engine::QuoteIdentifier(source.view_name))));
  std::string values = "__row";
  for (const table::ColumnSchema& column : schema.columns()) {
    const std::string quoted = engine::QuoteIdentifier(column.name);
    MILLRACE_RETURN_IF_ERROR(engine.RegisterReader(ReaderName(column), column));
    values += Format(", {}({}) AS {}", ReaderName(column), quoted, quoted);
  }
  MILLRACE_RETURN_IF_ERROR(engine.Execute(Format("CREATE OR REPLACE TABLE {} AS SELECT {} FROM {}",
                                                 engine::QuoteIdentifier(tables.typed), values,
                                                 engine::QuoteIdentifier(tables.raw))));
  return tables;
}

Result<Ingested> Ingest(engine::Engine& engine, const engine::Source& source,
                        const table::Schema& schema, const IngestRoles& roles,
                        const AsideRules& rules) {
  MILLRACE_ASSIGN_OR_RETURN(const SourceTables tables, MakeSourceTables(engine, source, schema));
  Ingested result;
  result.table_name = tables.typed;
  MILLRACE_ASSIGN_OR_RETURN(AsideRows aside,
                            FindAside(engine, tables.raw, tables.typed, schema, rules));
  // A cell with a value is read once: only where there is none is it asked why.
  std::string cells = "t.__row";
  std::string states;
  for (int64_t c = 0; c < schema.num_columns(); ++c) {
    const std::string name = engine::QuoteIdentifier(schema.column(c).name);
    cells += Format(", t.{}", name);
    states += Format(", CASE WHEN t.{0} IS NULL THEN {1}_state(r.{0}) ELSE 0 END AS __state_{2}",
                     name, ReaderName(schema.column(c)), c);
  }
  Collector collector(schema, roles,
                      source.files.size() == 1 ? spec::ShortName(source.files[0].path) : "source",
                      std::move(aside), result);
  // Both tables hold the rows in the order of the source: no join and no sort is needed.
  const std::string query =
      Format("SELECT {}{}, r.{} AS __target_text FROM {} t POSITIONAL JOIN {} r", cells, states,
             engine::QuoteIdentifier(roles.target), engine::QuoteIdentifier(tables.typed),
             engine::QuoteIdentifier(tables.raw));
  MILLRACE_RETURN_IF_ERROR(engine.Stream(
      query, [&collector](const table::Table& batch) -> Status { return collector.Add(batch); }));
  MILLRACE_RETURN_IF_ERROR(collector.Finish());
  std::set<std::string> found;
  for (const QuarantinedRow& row : result.released) found.insert(row.row);
  for (const std::string& name :
       std::set<std::string>(rules.released.begin(), rules.released.end())) {
    if (!found.contains(name)) result.released_absent.push_back(name);
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<engine::RejectedRow> rejected,
                            engine::RejectedRows(engine, source));
  for (const engine::RejectedRow& row : rejected) {
    result.quarantined.push_back({.file = row.file,
                                  .line = row.line,
                                  .column = row.column,
                                  .value = row.text,
                                  .rule = row.rule});
  }
  MILLRACE_RETURN_IF_ERROR(
      engine.Execute(Format("DROP TABLE {}", engine::QuoteIdentifier(tables.raw))));
  return result;
}

}  // namespace millrace::data
