// Phase 2: from files to a versioned, checked and split table.
//
// Source files -> text cells -> typed rows (one parser) -> row keys, duplicates, parts -> one
// Parquet object in the store. Nothing is dropped silently: rows that are set aside go to the
// quarantine object with file, line, column, value and rule, and are counted in the checks.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/progress.h"
#include "base/result.h"
#include "data/split.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "json/value.h"
#include "profile/source_profile.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/object_store.h"
#include "table/schema.h"
#include "table/table.h"
#include "table/task.h"

namespace millrace::data {

/// A column that stays in the data but is no feature, and why.
struct ExcludedColumn {
  std::string name;
  std::string reason;  // "id", "one value only", "tells the target: auc 1.000 alone", ...
};

/// What data.outliers did to a number column; measured on training rows (outlier_policy.h).
struct OutlierTreatment {
  std::string column;
  spec::OutlierPolicy policy = spec::OutlierPolicy::kClip;  // never keep
  double low = 0.0;                                         // fences
  double high = 0.0;
  int64_t num_train = 0;  // values of training rows beyond them, before any row was set aside
  int64_t num_test = 0;
  std::string left_because;  // why nothing is done; empty: the policy holds
};

/// The result of phase 2.
struct DataRecord {
  /// Identity of the data: schema and the hashes of all kept rows in order; not of file bytes.
  Digest version;
  /// All columns of the source with their types, then those of windows (ColumnSchema::derived); the
  /// target of a classification is a category.
  table::Schema schema;
  /// Columns that models may use, in source order.
  std::vector<std::string> features;
  std::vector<ExcludedColumn> excluded;
  std::string target;
  table::Task task = table::Task::kBinary;
  /// Class labels in output order: [negative, positive] for binary, sorted otherwise; empty for
  /// regression.
  std::vector<std::string> labels;
  /// Rows object: Parquet with the schema's columns (numbers DOUBLE, texts VARCHAR), `__row`
  /// (BIGINT, 0-based place in the source), `__row_key` (16 hexadecimal digits) and `__split`
  /// ("train", "test", "embargo" or "set_aside"), ordered by `__row`.
  Digest rows_object;
  int64_t num_rows = 0;  // kept
  int64_t num_train = 0;
  int64_t num_test = 0;
  uint64_t split_salt = 0;
  std::string split_kind;  // "stratified", "random", "group", "time", "column", "none"
  /// Quarantine object: JSON lines; absent when nothing was set aside.
  std::optional<Digest> quarantine_object;
  int64_t num_quarantined = 0;
  /// Columns with an outlier policy, and training rows that left training by it: they stay in the
  /// rows object, as a part of their own.
  std::vector<OutlierTreatment> outliers;
  int64_t num_set_aside = 0;
  /// Findings of the quality checks, as a report section: all rows that the page shows a few of.
  std::optional<Digest> quality_object;
  profile::SourceProfile profile;
  report::Section section;
};

json::Json ToJson(const DataRecord& record);
Result<DataRecord> DataRecordFromJson(const json::Json& document);

/// Whether rows are held out for phase 4. Without, every row is for training, and what a model is
/// worth can only be estimated out of fold.
enum class HoldOut { kTest, kNone };

struct DataInputs {
  const spec::Spec& spec;
  /// Folder that relative source paths start from.
  std::string project_folder;
  table::Task task;
  /// Positive class of a binary task, as phase 1 decided; empty: the rarer class.
  std::string positive;
  const store::ObjectStore& objects;
  engine::Engine& engine;
  ProgressSink& progress;
  /// Salt of an earlier version of this data, so that its rows stay on their side.
  std::optional<uint64_t> previous_salt;
  HoldOut hold_out = HoldOut::kTest;
  /// Rows of an append-only source, read instead of the files. Borrowed.
  const engine::KeptCells* kept = nullptr;
  /// Folder of staged sources (engine::SourceOptions); empty: a temporary one.
  std::string staging_folder;
  /// Rows that checks would set aside and that are kept all the same (QuarantinedRow::row).
  std::vector<std::string> released;
};

/// Runs phase 2. Errors: those of OpenSource; kInvalidData when the target is absent, constant,
/// mostly missing, has a class with one row, or as many labels as an id; those of ComputeWindows.
Result<DataRecord> RunData(const DataInputs& inputs);

/// Returns the columns of the source: the schema without those that are computed.
table::Schema SourceSchema(const DataRecord& record);

/// Returns the rows of a part with the named columns (of the schema; `__row`, `__row_key` too), in
/// row order. kNotFound for an unknown column, kCorrupt when the object is damaged.
Result<table::Table> LoadRows(const DataRecord& record, const store::ObjectStore& objects,
                              engine::Engine& engine, SplitPart part,
                              const std::vector<std::string>& columns);

/// Returns the labels of rows: class indexes into `record.labels`, or the target's values. `rows`
/// must hold the target column; every target is present and known in rows of the record.
std::vector<double> LabelsOf(const DataRecord& record, const table::Table& rows);

}  // namespace millrace::data
