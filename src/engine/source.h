// Source: data opened as a view of text columns, wherever it lies: delimited text of any dialect,
// JSON, Parquet, packed or plain, one file or many, behind a URL, on standard input, in SQLite or
// PostgreSQL. Every cell arrives as text, so that the one parser of table/ reads them all.
//
// What the engine cannot read by itself is first copied, row by row, to a file of plain CSV
// ("staged"), so that memory stays bounded whatever the size. Steps that open the same source of
// one run share the staged copy and so see the same rows.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "spec/spec.h"

namespace millrace::engine {

enum class SourceForm { kDelimited, kParquet, kJson };

struct KeptCells;

/// What the user may say about a source; what is empty is found out.
struct SourceOptions {
  std::string delimiter;        // one sign
  std::string encoding;         // utf-8, utf-16le, utf-16be, latin-1, windows-1252
  std::string quote;            // one sign, or "none"
  std::string comment;          // one sign, or "none"
  std::string header;           // "present" or "none"
  std::optional<int64_t> skip;  // lines above the header
  std::string format;           // csv, tsv, jsonl, json, parquet
  /// Folder for staged files, made where needed; what lies there for the same source is used
  /// again. Empty: a temporary folder that goes with the source.
  std::string staging_folder;
  /// Set: the cells are taken from here and no source is read. Borrowed for the call.
  const KeptCells* kept = nullptr;
};

/// Returns what a specification says, with that folder for staged files.
SourceOptions OptionsOf(const spec::DataSource& data, std::string staging_folder);

/// One file of a source, or one table, query or URL.
struct SourceFile {
  std::string path;  // as messages name it: of a file its path, else the locator; never a password
  int64_t size_bytes = 0;
  int64_t modified_micros = 0;
  std::string content_path;  // the file whose bytes are the content: the file itself or a copy
};

/// A row that could not be split into cells.
struct RejectedRow {
  std::string file;
  int64_t line = 0;    // 1-based line in the file
  std::string column;  // may be empty
  std::string rule;    // "too many columns", "missing columns", ...
  std::string text;    // the raw line, cut to 1,000 bytes
};

/// Cells of a source that were read before and lie in Parquet files of VARCHAR columns: what
/// append-only sources keep (stream/).
struct KeptCells {
  std::vector<std::string> parquet_paths;  // in the order of the rows; columns are united by name
  std::vector<std::string> columns;        // in the order of the source
  std::vector<SourceFile> files;           // that the cells came from
  std::vector<RejectedRow> rejected;
  SourceForm form = SourceForm::kDelimited;
};

/// What was found out about how a source is written, for people: "encoding", "windows-1252".
struct FoundForm {
  std::string key;  // of data: encoding, delimiter, quote, skip
  std::string value;
  std::string reason;
};

class Staging;

/// An opened source. The view `view_name` has the columns `columns` (VARCHAR, NULL = empty) in file
/// order, then those that folder names give ("year=2024/"); its rows come in the order of files and
/// rows. Valid as long as this object or a copy lives.
struct Source {
  std::string view_name;
  SourceForm form = SourceForm::kDelimited;  // of the first file
  std::vector<SourceFile> files;
  std::vector<std::string> columns;
  std::string delimiter;         // kDelimited
  std::string encoding;          // kDelimited
  std::vector<FoundForm> found;  // what differs from UTF-8 with commas and double quotes
  std::string rejects_table;     // kDelimited: filled while the view is read
  /// What reads the columns with the types that the file gives them (an SQL table function), in the
  /// view's order; empty where the view shows texts of its own.
  std::string typed_reader;
  std::vector<RejectedRow> rejected;       // of kept cells: known from the start
  std::vector<std::string> rejects_files;  // staged: rows set aside while copying
  std::shared_ptr<const Staging> staging;
};

/// Opens `sources` (locators, spec/locator.h) under `view_name`. Paths are relative to `folder`.
/// Errors: kNotFound (missing file, table; nothing matches), kInvalidData (empty file, header only,
/// no header, binary content, a quote that is never closed, duplicate column names, files with
/// different columns, wrong delimiter), kUnsupported (unknown kind), kInvalidSpec (a locator or a
/// query), kUnavailable (a server), kCorrupt (a packed file).
Result<Source> OpenSource(Engine& engine, const std::string& folder,
                          const std::vector<std::string>& sources, const SourceOptions& options,
                          std::string_view view_name);

/// Returns the rows set aside so far, in file order. Complete once the view has been read to its
/// end in a table.
Result<std::vector<RejectedRow>> RejectedRows(Engine& engine, const Source& source);

}  // namespace millrace::engine
