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
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::engine {

/// Limits of an engine.
struct EngineOptions {
  /// At most; fewer where `memory_bytes` is below 128 MB for each.
  int num_threads = 1;
  /// Bytes the engine may hold; more spills to `temporary_folder`.
  int64_t memory_bytes = int64_t{4} << 30;
  /// Folder for spilled data; empty: the system's temporary folder.
  std::string temporary_folder;
};

/// Takes one batch of a result; a failed status ends the query and is returned from Stream.
using BatchSink = std::function<Status(const table::Table& batch)>;

/// The cells of one column of a chunk, as they lie in the engine's memory. Exactly one of `texts`
/// and `numbers` is used: texts for every type that is no number.
struct ChunkColumn {
  std::span<const std::string_view> texts;  // data() == nullptr where NULL
  std::span<const double> numbers;          // NaN where NULL (or NaN)
  /// Whole numbers of 64 bits, besides `numbers`, which rounds them beyond 2^53; else empty.
  std::span<const int64_t> wholes;
  bool is_whole_type = false;  // of `numbers`: the engine's type holds whole numbers only
};

/// Some rows of a result, at most a few thousand.
struct Chunk {
  int64_t num_rows = 0;
  std::span<const ChunkColumn> columns;
};

/// Takes one chunk, whose memory is gone when it returns; a failed status ends the query and is
/// returned from StreamChunks.
using ChunkSink = std::function<Status(const Chunk& chunk)>;

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

  /// Runs a query and hands its rows over without copying them, in order. Numbers: whole ones up to
  /// 64 bits with sign, 32 without, and DOUBLE; VARCHAR is text. kInvalidData for a column of
  /// another type: cast it to VARCHAR.
  virtual Status StreamChunks(std::string_view sql, const ChunkSink& sink) = 0;

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
/// Returns the names as identifiers with quotes, separated by commas.
std::string QuotedList(std::span<const std::string> names);

}  // namespace millrace::engine
