// Engine: the seam to SQL over files. Statistics are fitted by asking an engine; the embedded
// default is DuckDB (duckdb_engine.cc, the only file that sees it).
//
// Thread safety: one thread at a time per engine. Determinism: results of Stream and Query keep the
// order of the query; floating sums over many threads are not reproducible, so callers use counts,
// integer or decimal sums, or sort and sum by themselves.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::engine {

/// Limits of an engine.
struct EngineOptions {
  int num_threads = 1;
  /// Bytes the engine may hold; more spills to `temporary_folder`.
  int64_t memory_bytes = int64_t{4} << 30;
  /// Folder for spilled data; empty: the system's temporary folder.
  std::string temporary_folder;
};

/// Takes one batch of a result; a failed status ends the query and is returned from Stream.
using BatchSink = std::function<Status(const table::Table& batch)>;

class Engine {
 public:
  virtual ~Engine() = default;

  /// Runs a statement for its effect. kInvalidData with the engine's first line on failure,
  /// kResourceExhausted when memory or disk is out.
  virtual Status Execute(std::string_view sql) = 0;

  /// Runs a query and hands its rows over in batches of at most a few thousand, in order. Result
  /// types: whole numbers -> kInteger, other numbers -> kNumber, BOOLEAN -> kBoolean, dates and
  /// times -> kDate, all else -> kText. A NaN is missing; whole numbers beyond 2^53 are rounded
  /// (cast them to VARCHAR).
  virtual Status Stream(std::string_view sql, const BatchSink& sink) = 0;

  /// Registers the readers of one column as scalar functions: `<name>(VARCHAR)` returns the value
  /// (DOUBLE or VARCHAR, NULL when missing or invalid) and `<name>_state(VARCHAR)` returns 0 for a
  /// value, 1 for missing, 2 for invalid. A name that is taken by an equal column is kept; by
  /// another one it is kInternal.
  virtual Status RegisterReader(std::string_view name, const table::ColumnSchema& column) = 0;

  /// Makes `table_name` from a table in memory (replaced when it exists): numeric columns DOUBLE,
  /// texts VARCHAR, missing NULL.
  virtual Status Load(std::string_view table_name, const table::Table& rows) = 0;
};

/// Makes the embedded engine, in memory, with extension downloads turned off. kIoError.
Result<std::unique_ptr<Engine>> MakeDuckDbEngine(const EngineOptions& options);

/// Runs a query and returns all its rows.
Result<table::Table> Query(Engine& engine, std::string_view sql);

/// Returns `name` as an SQL identifier with quotes, `text` as an SQL string literal.
std::string QuoteIdentifier(std::string_view name);
std::string QuoteLiteral(std::string_view text);

}  // namespace millrace::engine
