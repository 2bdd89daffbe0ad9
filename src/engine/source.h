// Source: a data file (or several of one form) opened as a view of text columns. Every cell arrives
// as text, whatever the file's form, so that the one parser of table/ reads them all.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"

namespace millrace::engine {

enum class SourceForm { kDelimited, kParquet, kJsonLines };

struct KeptCells;

/// What the user may say about a source; the rest is found out.
struct SourceOptions {
  std::string delimiter;  // empty: sniffed among , ; tab |
  std::string encoding;   // empty: by byte order mark and content: utf-8, utf-16, latin-1
  /// Set: the cells are taken from here and no path is read. Borrowed for the call.
  const KeptCells* kept = nullptr;
};

/// One file of a source.
struct SourceFile {
  std::string path;
  int64_t size_bytes = 0;
  int64_t modified_micros = 0;
};

/// A row that could not be split into cells.
struct RejectedRow {
  std::string file;
  int64_t line = 0;    // 1-based line in the file
  std::string column;  // may be empty
  std::string rule;    // "too many columns", "unterminated quote", ...
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

/// An opened source. The view `view_name` has the columns `columns` (VARCHAR, NULL = empty) in file
/// order, and its rows come in file order.
struct Source {
  std::string view_name;
  SourceForm form = SourceForm::kDelimited;
  std::vector<SourceFile> files;
  std::vector<std::string> columns;
  std::string delimiter;              // kDelimited
  std::string encoding;               // kDelimited
  std::string rejects_table;          // kDelimited: filled while the view is read
  std::vector<RejectedRow> rejected;  // of kept cells: known from the start
  /// What reads the columns with the types that the file gives them (an SQL table function), in the
  /// view's order; empty where the view shows texts of its own.
  std::string typed_reader;
};

/// Opens `paths` (files, or patterns with * and ?) under `view_name`. Paths are relative to
/// `folder`. Errors: kNotFound (missing file, nothing matches), kInvalidData (empty file, header
/// only, binary content, duplicate or empty column names, files with different columns, wrong
/// delimiter), kUnsupported (unknown ending).
Result<Source> OpenSource(Engine& engine, const std::string& folder,
                          const std::vector<std::string>& paths, const SourceOptions& options,
                          std::string_view view_name);

/// Returns the rows set aside so far, in file order. Complete once the view has been read to its
/// end in a table.
Result<std::vector<RejectedRow>> RejectedRows(Engine& engine, const Source& source);

}  // namespace millrace::engine
