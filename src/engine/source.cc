#include "engine/source.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/delimited_text.h"

namespace millrace::engine {
namespace {

// Returns true when `name` matches `pattern` with * and ?.
bool Matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() == '*') {
    return Matches(pattern.substr(1), name) || (!name.empty() && Matches(pattern, name.substr(1)));
  }
  return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) &&
         Matches(pattern.substr(1), name.substr(1));
}

Result<std::vector<std::string>> Expand(const std::string& path) {
  if (FileExists(path)) return std::vector<std::string>{path};
  std::vector<std::string> found;
  const std::string folder = FolderName(path);
  const std::string pattern = BaseName(path);
  const bool is_pattern = pattern.find_first_of("*?") != std::string::npos;
  std::vector<std::string> names;
  if (IsFolder(folder)) {
    MILLRACE_ASSIGN_OR_RETURN(names, ListFolder(folder));
  }
  if (!is_pattern) {
    return NotFound(Format("{}: no such file", path)).WithHint(DidYouMean(pattern, names));
  }
  for (const std::string& name : names) {
    if (Matches(pattern, name)) found.push_back(JoinPath(folder, name));
  }
  if (found.empty()) return NotFound(Format("{}: no file matches", path));
  return found;
}

Result<SourceForm> FormOf(const std::string& path) {
  std::string name = ToLower(BaseName(path));
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  for (const std::string_view ending : {".csv", ".tsv", ".txt", ".psv", ".data"}) {
    if (name.ends_with(ending)) return SourceForm::kDelimited;
  }
  if (name.ends_with(".parquet")) return SourceForm::kParquet;
  for (const std::string_view ending : {".jsonl", ".ndjson", ".json"}) {
    if (name.ends_with(ending)) return SourceForm::kJsonLines;
  }
  return Unsupported(Format("{}: unknown kind of file", path))
      .WithHint("known: .csv .tsv .txt .psv .parquet .jsonl .ndjson .json, also .gz and .zst");
}

std::string PathList(const std::vector<SourceFile>& files) {
  std::vector<std::string> quoted;
  for (const SourceFile& file : files) quoted.push_back(QuoteLiteral(file.path));
  return "[" + Join(quoted, ", ") + "]";
}

std::string MakeView(std::string_view view_name, const std::vector<std::string>& names,
                     std::string_view reader) {
  std::vector<std::string> casts;
  for (const std::string& name : names) {
    casts.push_back(Format("CAST({0} AS VARCHAR) AS {0}", QuoteIdentifier(name)));
  }
  return Format("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {}", QuoteIdentifier(view_name),
                Join(casts, ", "), reader);
}

// Returns the statement that names the columns of a typed file.
Result<std::vector<std::string>> TypedColumns(Engine& engine, const std::string& reader) {
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table rows,
      Query(engine, Format("SELECT column_name FROM (DESCRIBE SELECT * FROM {})", reader)));
  std::vector<std::string> names;
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    names.emplace_back(rows.column(0).text(row));
  }
  return names;
}

Status OpenTyped(Engine& engine, Source& source) {
  const std::string reader =
      source.form == SourceForm::kParquet
          ? Format("read_parquet({})", PathList(source.files))
          : Format("read_json({}, format = 'newline_delimited', sample_size = -1)",
                   PathList(source.files));
  Result<std::vector<std::string>> names = TypedColumns(engine, reader);
  if (!names.ok()) {
    return InvalidData(
        Format("{}: cannot be read: {}", source.files.front().path, names.status().message()));
  }
  source.columns = *names;
  if (source.form == SourceForm::kJsonLines && source.columns == std::vector<std::string>{"json"}) {
    return InvalidData(
        Format("{}: the lines are not objects with named fields", source.files.front().path));
  }
  source.typed_reader = reader;
  return engine.Execute(MakeView(source.view_name, source.columns, reader));
}

Status OpenDelimited(Engine& engine, const SourceOptions& options, Source& source) {
  std::optional<DelimitedForm> form;
  for (const SourceFile& file : source.files) {
    MILLRACE_ASSIGN_OR_RETURN(DelimitedForm found, SniffDelimited(engine, file.path, options));
    if (!form) {
      form = std::move(found);
    } else if (found.columns != form->columns) {
      return InvalidData(Format("{}: other columns than {}", file.path, source.files[0].path))
          .WithHint("files of one source need the same header");
    }
  }
  source.columns = form->columns;
  source.delimiter = form->delimiter;
  source.encoding = form->encoding;
  source.rejects_table = source.view_name + "_rejects";
  std::vector<std::string> columns;
  for (const std::string& name : source.columns) {
    columns.push_back(Format("{}: 'VARCHAR'", QuoteLiteral(name)));
  }
  const std::string reader = Format(
      "read_csv({}, auto_detect = false, header = true, delim = {}, quote = '\"', escape = '\"', "
      "encoding = {}, columns = {{{}}}, store_rejects = true, rejects_table = {}, "
      "rejects_scan = {}, strict_mode = true, max_line_size = 16777216, buffer_size = 33554432)",
      PathList(source.files), QuoteLiteral(source.delimiter), QuoteLiteral(source.encoding),
      Join(columns, ", "), QuoteLiteral(source.rejects_table),
      QuoteLiteral(source.view_name + "_scans"));
  MILLRACE_RETURN_IF_ERROR(engine.Execute(MakeView(source.view_name, source.columns, reader)));
  return {};
}

Status OpenKept(Engine& engine, const KeptCells& kept, Source& source) {
  if (kept.parquet_paths.empty()) return InvalidData("the source: no row has been read yet");
  source.form = kept.form;
  source.files = kept.files;
  source.columns = kept.columns;
  source.rejected = kept.rejected;
  std::vector<std::string> quoted;
  for (const std::string& path : kept.parquet_paths) quoted.push_back(QuoteLiteral(path));
  return engine.Execute(
      MakeView(source.view_name, source.columns,
               Format("read_parquet([{}], union_by_name = true)", Join(quoted, ", "))));
}

}  // namespace

Result<Source> OpenSource(Engine& engine, const std::string& folder,
                          const std::vector<std::string>& paths, const SourceOptions& options,
                          std::string_view view_name) {
  Source source;
  source.view_name = std::string(view_name);
  if (options.kept != nullptr) {
    MILLRACE_RETURN_IF_ERROR(OpenKept(engine, *options.kept, source));
    return source;
  }
  std::optional<SourceForm> form;
  for (const std::string& path : paths) {
    const std::string full = path.starts_with("/") ? path : JoinPath(folder, path);
    if (IsFolder(full)) {
      return InvalidData(Format("{}: is a folder", path))
          .WithHint(Format("name its files with a pattern: {}/*.csv", path));
    }
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> found, Expand(full));
    for (const std::string& file_path : found) {
      SourceFile file{.path = file_path};
      MILLRACE_ASSIGN_OR_RETURN(file.size_bytes, FileSize(file_path));
      MILLRACE_ASSIGN_OR_RETURN(file.modified_micros, FileModifiedMicros(file_path));
      if (file.size_bytes == 0) {
        return InvalidData(Format("{}: the file is empty", file_path))
            .WithHint("a header line and at least some rows are needed");
      }
      MILLRACE_ASSIGN_OR_RETURN(const SourceForm file_form, FormOf(file_path));
      if (form && *form != file_form) {
        return InvalidData(Format("{}: another kind of file than the first", file_path));
      }
      form = file_form;
      source.files.push_back(std::move(file));
    }
  }
  if (!form) return InvalidSpec("data.source: no file named");
  source.form = *form;
  if (*form == SourceForm::kDelimited) {
    MILLRACE_RETURN_IF_ERROR(OpenDelimited(engine, options, source));
  } else {
    MILLRACE_RETURN_IF_ERROR(OpenTyped(engine, source));
  }
  return source;
}

Result<std::vector<RejectedRow>> RejectedRows(Engine& engine, const Source& source) {
  std::vector<RejectedRow> rejected = source.rejected;
  if (source.rejects_table.empty()) return rejected;
  // One row may break several rules; the first one is named.
  const std::string sql = Format(
      "SELECT s.file_path, r.line, first(coalesce(r.column_name, '') ORDER BY r.byte_position), "
      "first(CAST(r.error_type AS VARCHAR) ORDER BY r.byte_position), "
      "first(left(coalesce(r.csv_line, ''), 1000)) "
      "FROM {0} r JOIN {1} s ON r.scan_id = s.scan_id AND r.file_id = s.file_id "
      "GROUP BY s.file_path, r.line ORDER BY s.file_path, r.line",
      QuoteIdentifier(source.rejects_table), QuoteIdentifier(source.view_name + "_scans"));
  MILLRACE_ASSIGN_OR_RETURN(const table::Table rows, Query(engine, sql));
  for (int64_t row = 0; row < rows.num_rows(); ++row) {
    RejectedRow item;
    item.file = BaseName(rows.column(0).text(row));
    item.line = static_cast<int64_t>(rows.column(1).number(row));
    item.column = rows.column(2).text(row);
    item.rule = ToLower(rows.column(3).text(row));
    item.text = rows.column(4).text(row);
    rejected.push_back(std::move(item));
  }
  return rejected;
}

}  // namespace millrace::engine
