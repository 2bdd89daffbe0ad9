// TableDiff: what differs between two states of a table: columns, rows, and how values are spread.
//
// Cells are compared as the text in the files: "1.0" and "1" differ. Deterministic.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "json/value.h"

namespace millrace::version {

struct RetypedColumn {
  std::string name;
  std::string old_type;
  std::string new_type;
};

struct SpreadChange {
  std::string name;
  double psi = 0.0;      // population stability index against the old state
  double p_value = 1.0;  // of "both come from one distribution"
  bool changed = false;  // psi at least kChangedPsi, and more than chance
};
/// The usual border of a clear shift (Siddiqi 2006), as monitoring takes it.
inline constexpr double kChangedPsi = 0.2;

struct TableDiff {
  std::vector<std::string> added_columns;
  std::vector<std::string> removed_columns;
  std::vector<RetypedColumn> retyped_columns;
  std::string key;       // column that rows were told apart by; empty: whole rows were compared
  std::string key_note;  // why a key that was asked for was not used; may be empty
  int64_t num_old_rows = 0;
  int64_t num_new_rows = 0;
  int64_t num_added = 0;
  int64_t num_removed = 0;
  int64_t num_changed = 0;                  // with a key only
  std::vector<std::string> added_examples;  // keys, or rows as text; at most kDiffExamples each
  std::vector<std::string> removed_examples;
  std::vector<std::string> changed_examples;  // "C17: tenure 4 -> 5"
  std::vector<SpreadChange> spreads;          // of columns of both, greatest psi first
};
inline constexpr int64_t kDiffExamples = 5;

/// Compares two opened sources of one engine. `key`: column that names a row, empty when there is
/// none. Errors of profile::ProfileSource; kInvalidData when they share no column.
Result<TableDiff> DiffTables(engine::Engine& engine, const engine::Source& old_source,
                             const engine::Source& new_source, const std::string& key);

json::Json ToJson(const TableDiff& diff);

}  // namespace millrace::version
