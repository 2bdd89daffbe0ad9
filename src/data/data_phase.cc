#include "data/data_phase.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "data/data_section.h"
#include "data/ingest.h"
#include "data/labels.h"
#include "data/missing_mechanism.h"
#include "data/outlier_policy.h"
#include "data/profile_maps.h"
#include "data/quality/quality.h"
#include "data/ranks.h"
#include "data/split_section.h"
#include "data/user_checks.h"
#include "data/window_columns.h"
#include "engine/source.h"
#include "json/text.h"
#include "profile/spec_rules.h"
#include "spec/locator.h"

namespace millrace::data {
namespace {

using table::ColumnType;
using table::Task;

constexpr int32_t kTargetQuantiles = 10;

bool IsClassification(Task task) { return task == Task::kBinary || task == Task::kMulticlass; }

std::map<std::string, profile::ColumnOverride> FixedReadings(
    const DataInputs& inputs, const std::vector<std::string>& columns) {
  auto overrides = profile::OverridesOf(inputs.spec, columns);
  // Labels are compared as texts, exactly as they are written.
  if (IsClassification(inputs.task)) {
    overrides[inputs.spec.problem.target].type = ColumnType::kCategory;
  }
  return overrides;
}

// A target column that is named must exist; the rest of the roles too.
Status CheckRoles(const spec::Spec& spec, const std::vector<std::string>& columns) {
  const auto check = [&columns](const std::string& key, const std::string& name) -> Status {
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) return {};
    return InvalidSpec(Format("{}: no such column: \"{}\"", key, name))
        .WithHint(DidYouMean(name, columns));
  };
  for (const std::string& name : columns) {
    if (name.starts_with("__")) {
      return InvalidData(Format("column \"{}\": names that begin with __ are taken", name))
          .WithHint("give the column another name");
    }
  }
  Status target = check("problem.target", spec.problem.target);
  if (!target.ok()) return target;
  if (spec.data.id) MILLRACE_RETURN_IF_ERROR(check("data.id", *spec.data.id));
  if (spec.data.time) MILLRACE_RETURN_IF_ERROR(check("data.time", *spec.data.time));
  if (spec.data.group) MILLRACE_RETURN_IF_ERROR(check("data.group", *spec.data.group));
  if (spec.split.column) MILLRACE_RETURN_IF_ERROR(check("split.column", *spec.split.column));
  for (const std::string& name : spec.data.exclude) {
    MILLRACE_RETURN_IF_ERROR(check("data.exclude", name));
  }
  for (const std::string& name : spec.data.not_at_prediction) {
    MILLRACE_RETURN_IF_ERROR(check("data.not_at_prediction", name));
  }
  for (const std::string& name : spec.data.sensitive) {
    MILLRACE_RETURN_IF_ERROR(check("data.sensitive", name));
  }
  return {};
}

// Strata that the split balances: the class, or the target's decile.
class Strata {
 public:
  static Result<Strata> Make(const Ingested& rows, const Labels& labels, Task task) {
    Strata strata(labels);
    if (IsClassification(task)) return strata;
    std::vector<int64_t> ranks;
    for (int32_t q = 1; q < kTargetQuantiles; ++q) {
      ranks.push_back(rows.rows.size() * q / kTargetQuantiles);
    }
    const NumberStream targets = [&rows](const std::function<void(double)>& take) {
      return rows.rows.ForEach([&take](const IngestedRow& row) -> Status {
        take(row.target_number);
        return {};
      });
    };
    MILLRACE_ASSIGN_OR_RETURN(strata.borders_, ValuesAtRanks(targets, std::move(ranks)));
    return strata;
  }

  int32_t Of(const IngestedRow& row) const {
    if (row.target_text >= 0) return labels_.class_of_text[static_cast<size_t>(row.target_text)];
    return static_cast<int32_t>(
        std::upper_bound(borders_.begin(), borders_.end(), row.target_number) - borders_.begin());
  }

 private:
  explicit Strata(const Labels& labels) : labels_(labels) {}
  const Labels& labels_;
  std::vector<double> borders_;
};

Result<SplitResult> Split(const DataInputs& inputs, const Ingested& rows, const Labels& labels,
                          DataRecord& record) {
  const spec::SplitPlan& plan = inputs.spec.split;
  if (inputs.hold_out == HoldOut::kNone) {
    record.split_kind = "none";
    SplitResult all;
    all.parts.assign(static_cast<size_t>(rows.rows.size()), SplitPart::kTrain);
    return all;
  }
  MILLRACE_ASSIGN_OR_RETURN(const Strata strata, Strata::Make(rows, labels, inputs.task));
  const bool balanced = plan.column || plan.kind != spec::SplitKind::kRandom;
  const SplitRows split_rows = [&](const std::function<void(const SplitRow&)>& take) {
    return rows.rows.ForEach([&](const IngestedRow& row) -> Status {
      take({.key_hash = row.side_hash,
            .stratum = balanced ? strata.Of(row) : 0,
            .time = row.time,
            .stated = row.part});
      return {};
    });
  };
  if (plan.column) {
    record.split_kind = "column";
    return SplitByStatement(split_rows);
  }
  const bool by_time = plan.kind == spec::SplitKind::kTime ||
                       (plan.kind == spec::SplitKind::kAuto && inputs.spec.data.time);
  if (by_time) {
    if (!inputs.spec.data.time) {
      return InvalidSpec("split.kind: time needs data.time")
          .WithHint("name the column with the time of each row under data.time");
    }
    record.split_kind = "time";
    return SplitByTime(split_rows, plan.test, plan.embargo_seconds);
  }
  record.split_kind = plan.kind == spec::SplitKind::kRandom ? "random"
                      : inputs.spec.data.group              ? "group"
                                                            : "stratified";
  return SplitByKey(split_rows, {.test_share = plan.test,
                                 .seed = static_cast<uint64_t>(plan.seed),
                                 .salt = inputs.previous_salt});
}

// Adds the columns of windows to the schema and to the features.
Result<table::Schema> WithWindows(const table::Schema& schema, const WindowColumns& windows) {
  std::vector<table::ColumnSchema> columns = schema.columns();
  columns.insert(columns.end(), windows.columns.begin(), windows.columns.end());
  return table::Schema::Make(std::move(columns));
}

// Fills the table `__assignment` with key, part and windows of every row that was read, in row
// order; NULL where it was set aside. In pieces: what is not in the engine's table is bounded.
class AssignmentWriter {
 public:
  static Result<AssignmentWriter> Make(engine::Engine& engine, const WindowColumns& windows) {
    std::vector<table::ColumnSchema> columns(2);
    columns[0] = {.name = "__row_key", .type = ColumnType::kCategory};
    columns[1] = {.name = "__split", .type = ColumnType::kCategory};
    for (const table::ColumnSchema& column : windows.columns) {
      columns.push_back({.name = column.name, .type = ColumnType::kNumber});
    }
    MILLRACE_ASSIGN_OR_RETURN(table::Schema schema, table::Schema::Make(std::move(columns)));
    AssignmentWriter writer(engine, windows,
                            std::make_shared<const table::Schema>(std::move(schema)));
    MILLRACE_RETURN_IF_ERROR(engine.Load("__assignment", writer.piece_));
    return writer;
  }

  /// Rows in order; the next of the windows' values is this row's.
  Status Add(const IngestedRow& row, SplitPart part) {
    MILLRACE_RETURN_IF_ERROR(FillUpTo(row.row));
    for (size_t w = 0; w < windows_.columns.size(); ++w) {
      table::Column& column = piece_.mutable_column(static_cast<int64_t>(2 + w));
      const double value = windows_.values[w][num_added_];
      std::isnan(value) ? column.AppendMissing() : column.AppendNumber(value);
    }
    ++num_added_;
    piece_.mutable_column(0).AppendText(Format("{:016x}", row.key_hash));
    piece_.mutable_column(1).AppendText(SplitPartName(part));
    ++num_rows_;
    return {};
  }
  Status Finish(int64_t num_read) {
    MILLRACE_RETURN_IF_ERROR(FillUpTo(num_read));
    return Flush();
  }

 private:
  static constexpr int64_t kPieceRows = 100'000;
  AssignmentWriter(engine::Engine& engine, const WindowColumns& windows,
                   std::shared_ptr<const table::Schema> schema)
      : engine_(engine), windows_(windows), piece_(std::move(schema)) {}

  Status FillUpTo(int64_t row) {
    for (; num_rows_ < row; ++num_rows_) {
      for (int64_t c = 0; c < piece_.num_columns(); ++c) piece_.mutable_column(c).AppendMissing();
      if (piece_.num_rows() >= kPieceRows) MILLRACE_RETURN_IF_ERROR(Flush());
    }
    return piece_.num_rows() >= kPieceRows ? Flush() : Status();
  }
  Status Flush() {
    MILLRACE_RETURN_IF_ERROR(engine_.Load("__assignment_piece", piece_));
    piece_.Clear();
    MILLRACE_RETURN_IF_ERROR(
        engine_.Execute("INSERT INTO __assignment SELECT * FROM __assignment_piece"));
    return engine_.Execute("DROP TABLE __assignment_piece");
  }

  engine::Engine& engine_;
  const WindowColumns& windows_;
  table::Table piece_;
  int64_t num_rows_ = 0;
  size_t num_added_ = 0;
};

// Writes the rows object: typed columns joined with windows, key and part.
Status StoreRows(const DataInputs& inputs, const Ingested& rows, const SplitResult& split,
                 const WindowColumns& windows, DataRecord& record) {
  MILLRACE_ASSIGN_OR_RETURN(AssignmentWriter writer,
                            AssignmentWriter::Make(inputs.engine, windows));
  std::string selected = "t.*";
  for (const table::ColumnSchema& column : windows.columns) {
    selected += ", a." + engine::QuoteIdentifier(column.name);
  }
  size_t i = 0;
  MILLRACE_RETURN_IF_ERROR(
      rows.rows.ForEach([&](const IngestedRow& row) { return writer.Add(row, split.parts[i++]); }));
  MILLRACE_RETURN_IF_ERROR(writer.Finish(rows.num_read));
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  const std::string path = JoinPath(folder.path(), "rows.parquet");
  // Both tables hold every row that was read, in order: no join and no sort is needed.
  MILLRACE_RETURN_IF_ERROR(inputs.engine.Execute(
      Format("COPY (SELECT {}, a.__row_key, a.__split FROM {} t POSITIONAL JOIN __assignment a "
             "WHERE a.__split IS NOT NULL) TO {} (FORMAT parquet, COMPRESSION zstd)",
             selected, engine::QuoteIdentifier(rows.table_name), engine::QuoteLiteral(path))));
  MILLRACE_ASSIGN_OR_RETURN(record.rows_object, inputs.objects.AdoptFile(path));
  return inputs.engine.Execute("DROP TABLE __assignment");
}

// Does what data.outliers asks for. Rows that leave training are stored again, as a part of their
// own. Returns what sent them aside.
Result<report::DataTable> ApplyOutlierPolicy(const DataInputs& inputs, const Ingested& rows,
                                             const Labels& labels, const WindowColumns& windows,
                                             SplitResult& split, DataRecord& record) {
  MILLRACE_ASSIGN_OR_RETURN(OutlierChanges changes, MeasureOutlierPolicy(inputs, record));
  record.outliers = std::move(changes.columns);
  record.num_set_aside = static_cast<int64_t>(changes.rows.size());
  if (changes.rows.empty()) return std::move(changes.listed);
  std::vector<bool> class_trains(labels.names.size(), false);
  size_t i = 0;
  MILLRACE_RETURN_IF_ERROR(rows.rows.ForEach([&](const IngestedRow& row) -> Status {
    SplitPart& part = split.parts[i++];
    if (std::binary_search(changes.rows.begin(), changes.rows.end(), row.row)) {
      part = SplitPart::kSetAside;
    } else if (part == SplitPart::kTrain && !class_trains.empty()) {
      const auto text = static_cast<size_t>(row.target_text);
      class_trains[static_cast<size_t>(labels.class_of_text[text])] = true;
    }
    return {};
  }));
  const auto gone = std::find(class_trains.begin(), class_trains.end(), false);
  if (gone != class_trains.end()) {
    return InvalidData(Format("data.outliers: set_aside leaves no training row of class \"{}\"",
                              labels.names[static_cast<size_t>(gone - class_trains.begin())]))
        .WithHint("use clip, or keep the columns that single this class out");
  }
  record.num_train -= record.num_set_aside;
  MILLRACE_RETURN_IF_ERROR(StoreRows(inputs, rows, split, windows, record));
  return std::move(changes.listed);
}

// Measures the quality of the stored rows; columns that it leaves out are no features from here on.
Result<QualityFindings> CheckQuality(const DataInputs& inputs, report::DataTable set_aside,
                                     DataRecord& record) {
  MILLRACE_ASSIGN_OR_RETURN(QualityFindings findings, MeasureQuality({.spec = inputs.spec,
                                                                      .record = record,
                                                                      .objects = inputs.objects,
                                                                      .engine = inputs.engine}));
  for (const ExcludedColumn& column : findings.excluded) {
    std::erase(record.features, column.name);
    record.excluded.push_back(column);
  }
  if (!record.outliers.empty()) {
    findings.checks.push_back(OutlierPolicyCheck(record));
    findings.tables.push_back(OutlierPolicyTable(record));
  }
  if (!set_aside.rows.empty()) {
    set_aside.title = "Rows set aside from training";
    findings.tables.push_back(std::move(set_aside));
  }
  report::Section listed;
  listed.phase = 2;
  listed.title = "Quality of the data";
  listed.checkpoint = {.phase = 2, .percent = 40, .title = listed.title, .checks = findings.checks};
  for (const report::DataTable& table : findings.tables) listed.blocks.emplace_back(table);
  MILLRACE_ASSIGN_OR_RETURN(record.quality_object,
                            inputs.objects.Put(json::Write(report::ToJson(listed))));
  return findings;
}

void ChooseFeatures(const DataInputs& inputs, DataRecord& record) {
  const spec::DataSource& source = inputs.spec.data;
  for (const profile::ColumnProfile& column : record.profile.columns) {
    std::string reason;
    if (column.name == record.target) {
      reason = "target";
    } else if (source.id && column.name == *source.id) {
      reason = "id";
    } else if (source.group && column.name == *source.group) {
      reason = "group: only keeps rows together";
    } else if (inputs.spec.split.column && column.name == *inputs.spec.split.column) {
      reason = "the part of each row";
    } else if (std::find(source.exclude.begin(), source.exclude.end(), column.name) !=
               source.exclude.end()) {
      reason = "excluded in the specification";
    } else if (std::find(source.not_at_prediction.begin(), source.not_at_prediction.end(),
                         column.name) != source.not_at_prediction.end()) {
      reason = "not known when a prediction is made";
    } else if (column.num_distinct == 0) {
      reason = "every value is missing";
    } else if (column.is_constant && column.num_missing == 0) {
      reason = "one value only";
    } else if (column.is_sequence && !source.time) {
      reason = "a running number";
    } else if (column.type == ColumnType::kCategory && column.is_unique && column.num_rows > 20) {
      reason = "every value differs, as an id";
    }
    if (reason.empty()) {
      record.features.push_back(column.name);
    } else if (reason != "target") {
      record.excluded.push_back({column.name, reason});
    }
  }
}

Status StoreQuarantine(const DataInputs& inputs, const Ingested& rows, DataRecord& record) {
  record.num_quarantined = static_cast<int64_t>(rows.quarantined.size());
  if (rows.quarantined.empty()) return {};
  MILLRACE_ASSIGN_OR_RETURN(record.quarantine_object,
                            inputs.objects.Put(WriteQuarantine(rows.quarantined)));
  return {};
}

// Reads the rows of a query whose columns are those of the schema.
Result<table::Table> ReadRows(engine::Engine& engine, const std::string& sql,
                              table::Schema schema) {
  table::Table rows(std::make_shared<const table::Schema>(std::move(schema)));
  MILLRACE_RETURN_IF_ERROR(engine.Stream(sql, [&rows](const table::Table& batch) -> Status {
    for (int64_t c = 0; c < batch.num_columns(); ++c) {
      const table::Column& from = batch.column(c);
      table::Column& to = rows.mutable_column(c);
      for (int64_t r = 0; r < batch.num_rows(); ++r) {
        if (!from.valid(r)) {
          to.AppendMissing();
        } else if (table::IsNumeric(to.type())) {
          to.AppendNumber(from.number(r));
        } else {
          to.AppendText(from.text(r));
        }
      }
    }
    return {};
  }));
  return rows;
}

// Tests what gaps hang on, on training rows: all, or every k-th of many.
Result<std::vector<MissingMechanism>> TestGaps(const DataInputs& inputs, const DataRecord& record) {
  constexpr int64_t kRows = 20'000;
  const bool any = std::any_of(record.features.begin(), record.features.end(),
                               [&record](const std::string& name) {
                                 return record.schema.column(*record.schema.Find(name)).nullable;
                               });
  if (!any) return std::vector<MissingMechanism>();
  const int64_t step = std::max<int64_t>(1, (record.num_train + kRows - 1) / kRows);
  std::vector<std::string> quoted;
  for (const std::string& name : record.schema.names()) {
    quoted.push_back(engine::QuoteIdentifier(name));
  }
  const std::string sql =
      Format("SELECT {} FROM read_parquet({}) WHERE __split = {} AND __row % {} = 0 ORDER BY __row",
             Join(quoted, ", "), engine::QuoteLiteral(inputs.objects.PathOf(record.rows_object)),
             engine::QuoteLiteral(SplitPartName(SplitPart::kTrain)), step);
  MILLRACE_ASSIGN_OR_RETURN(const table::Table rows, ReadRows(inputs.engine, sql, record.schema));
  return FindMissingMechanisms(rows, record.features, record.target, inputs.task,
                               inputs.spec.data.time.value_or(""));
}

}  // namespace

Result<DataRecord> RunData(const DataInputs& inputs) {
  const spec::Spec& spec = inputs.spec;
  const auto progress = [&inputs](double share, std::string step) {
    inputs.progress.Report({.phase = 2, .share = share, .step = std::move(step)});
  };
  DataRecord record;
  record.target = spec.problem.target;
  record.task = inputs.task;
  engine::SourceOptions source_options = engine::OptionsOf(spec.data, inputs.staging_folder);
  source_options.kept = inputs.kept;
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source,
                            engine::OpenSource(inputs.engine, inputs.project_folder,
                                               spec.data.paths, source_options, "source"));
  MILLRACE_RETURN_IF_ERROR(CheckRoles(spec, source.columns));
  MILLRACE_ASSIGN_OR_RETURN(
      record.profile,
      profile::ProfileSource(inputs.engine, source, FixedReadings(inputs, source.columns)));
  progress(0.4, Format("{} columns profiled", record.profile.columns.size()));
  if (spec.data.time) {
    MILLRACE_RETURN_IF_ERROR(
        profile::CheckTimeType(spec.data, record.profile.Find(*spec.data.time)->type));
  }
  MILLRACE_ASSIGN_OR_RETURN(record.schema, record.profile.ToSchema());
  const auto target_index = record.schema.Find(record.target);
  if (inputs.task == Task::kRegression &&
      !table::IsNumeric(record.schema.column(*target_index).type)) {
    return InvalidData(Format("column \"{}\": the target of a regression must be a number: {}",
                              record.target,
                              table::ColumnTypeName(record.schema.column(*target_index).type)))
        .WithHint("set problem.task: multiclass, or data.columns with the number's form");
  }
  MILLRACE_ASSIGN_OR_RETURN(const Ingested rows,
                            Ingest(inputs.engine, source, record.schema,
                                   {.target = record.target,
                                    .id = spec.data.id.value_or(""),
                                    .group = spec.data.group.value_or(""),
                                    .time = spec.data.time.value_or(""),
                                    .part = spec.split.column.value_or("")},
                                   {.spec = spec, .released = inputs.released}));
  progress(0.7, Format("{} rows read", FormatCount(rows.num_read)));
  MILLRACE_RETURN_IF_ERROR(CheckTargetPresence(rows, record.target));
  Labels labels;
  if (IsClassification(inputs.task)) {
    MILLRACE_ASSIGN_OR_RETURN(labels,
                              MakeLabels(rows, inputs.task, record.target, inputs.positive));
    record.labels = labels.names;
  } else {
    MILLRACE_RETURN_IF_ERROR(CheckNumericTarget(rows, record.target));
  }
  ChooseFeatures(inputs, record);
  if (record.features.empty()) {
    return InvalidData(Format("{}: no column is left to predict from",
                              spec::ShortName(source.files[0].path)))
        .WithHint("every column is the target, an id, excluded or constant");
  }
  record.version = rows.version;
  record.num_rows = rows.rows.size();
  MILLRACE_ASSIGN_OR_RETURN(SplitResult split, Split(inputs, rows, labels, record));
  record.split_salt = split.salt;
  record.num_test = std::count(split.parts.begin(), split.parts.end(), SplitPart::kTest);
  record.num_train = std::count(split.parts.begin(), split.parts.end(), SplitPart::kTrain);
  MILLRACE_ASSIGN_OR_RETURN(const WindowColumns windows, ComputeWindows({.spec = spec,
                                                                         .engine = inputs.engine,
                                                                         .rows = rows,
                                                                         .schema = record.schema,
                                                                         .labels = record.labels,
                                                                         .task = inputs.task,
                                                                         .parts = split.parts}));
  MILLRACE_ASSIGN_OR_RETURN(record.schema, WithWindows(record.schema, windows));
  for (const table::ColumnSchema& column : windows.columns) record.features.push_back(column.name);
  MILLRACE_RETURN_IF_ERROR(StoreRows(inputs, rows, split, windows, record));
  MILLRACE_ASSIGN_OR_RETURN(report::DataTable set_aside,
                            ApplyOutlierPolicy(inputs, rows, labels, windows, split, record));
  MILLRACE_RETURN_IF_ERROR(StoreQuarantine(inputs, rows, record));
  progress(0.85, "rows stored");
  MILLRACE_ASSIGN_OR_RETURN(QualityFindings quality,
                            CheckQuality(inputs, std::move(set_aside), record));
  progress(0.95, "quality measured");
  MILLRACE_ASSIGN_OR_RETURN(
      std::vector<report::Check> user_checks,
      RunUserChecks(spec, inputs.engine, rows.table_name, SourceSchema(record)));
  MILLRACE_ASSIGN_OR_RETURN(const SplitCounts counts, CountSplit(record, rows, split, labels));
  record.section = MakeDataSection(record, source, rows, split, counts, labels, std::move(quality),
                                   std::move(user_checks));
  if (!windows.columns.empty()) {
    record.section.blocks.emplace_back(WindowTable(windows, record.num_train));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<MissingMechanism> gaps, TestGaps(inputs, record));
  MILLRACE_ASSIGN_OR_RETURN(std::optional<report::HeatMap> missing,
                            MissingMap(record, inputs.objects, inputs.engine));
  if (missing) record.section.blocks.emplace_back(std::move(*missing));
  if (!gaps.empty()) record.section.blocks.emplace_back(MissingTable(gaps));
  progress(1.0, Format("{} rows kept, {} set aside", FormatCount(record.num_rows),
                       FormatCount(record.num_quarantined)));
  return record;
}

table::Schema SourceSchema(const DataRecord& record) {
  std::vector<std::string> names;
  for (const table::ColumnSchema& column : record.schema.columns()) {
    if (column.derived.empty()) names.push_back(column.name);
  }
  return record.schema.Select(names).value();
}

Result<table::Table> LoadRows(const DataRecord& record, const store::ObjectStore& objects,
                              engine::Engine& engine, SplitPart part,
                              const std::vector<std::string>& columns) {
  std::vector<table::ColumnSchema> wanted;
  std::vector<std::string> quoted;
  for (const std::string& name : columns) {
    quoted.push_back(engine::QuoteIdentifier(name));
    if (name == "__row") {
      wanted.push_back({.name = name, .type = ColumnType::kInteger});
    } else if (name == "__row_key") {
      wanted.push_back({.name = name, .type = ColumnType::kCategory});
    } else if (const auto index = record.schema.Find(name)) {
      wanted.push_back(record.schema.column(*index));
    } else {
      return NotFound(Format("rows: no such column: \"{}\"", name))
          .WithHint(DidYouMean(name, record.schema.names()));
    }
  }
  if (!objects.Has(record.rows_object)) {
    return NotFound(Format("rows: object {} is not in the store", record.rows_object.Short()))
        .WithHint("millrace run makes it again");
  }
  MILLRACE_ASSIGN_OR_RETURN(table::Schema schema, table::Schema::Make(std::move(wanted)));
  return ReadRows(
      engine,
      Format("SELECT {} FROM read_parquet({}) WHERE __split = {} ORDER BY __row",
             Join(quoted, ", "), engine::QuoteLiteral(objects.PathOf(record.rows_object)),
             engine::QuoteLiteral(SplitPartName(part))),
      std::move(schema));
}

std::vector<double> LabelsOf(const DataRecord& record, const table::Table& rows) {
  std::vector<double> labels;
  const auto index = rows.schema().Find(record.target);
  MILLRACE_CHECK(index.has_value(), "callers load the target column");
  const table::Column& column = rows.column(*index);
  std::unordered_map<std::string, double> class_of;
  for (const std::string& name : record.labels) {
    class_of.emplace(name, static_cast<double>(class_of.size()));
  }
  for (int64_t r = 0; r < column.size(); ++r) {
    labels.push_back(record.labels.empty() ? column.number(r)
                                           : class_of[std::string(column.text(r))]);
  }
  return labels;
}

}  // namespace millrace::data
