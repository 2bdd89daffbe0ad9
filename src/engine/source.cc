#include "engine/source.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "engine/byte_reader.h"
#include "engine/database_rows.h"
#include "engine/delimited_text.h"
#include "engine/json_rows.h"
#include "engine/source_files.h"
#include "engine/staging.h"
#include "engine/url_content.h"
#include "spec/locator.h"
#include "spec/names.h"

namespace millrace::engine {
namespace {

using Partition = std::vector<std::pair<std::string, std::string>>;

constexpr size_t kFrontBytes = size_t{1} << 16;

/// One file before it is part of the view.
struct Part {
  SourceFile file;
  SourceForm form = SourceForm::kDelimited;
  Partition partition;
  bool staged = false;               // the content is a RowFile already
  std::string read_path;             // what the engine reads: the content or a copy of it
  char delimiter = ',';              // of read_path
  Packing packing = Packing::kNone;  // of read_path
  std::vector<std::string> columns;
};

std::string PathList(const std::vector<std::string>& paths) {
  std::vector<std::string> quoted;
  for (const std::string& path : paths) quoted.push_back(QuoteLiteral(path));
  return "[" + Join(quoted, ", ") + "]";
}

// Folders of a partition, as the engine reads them from a path.
std::string PartitionFolders(const Partition& partition) {
  std::vector<std::string> folders;
  for (const auto& [key, value] : partition) folders.push_back(key + "=" + value);
  return Join(folders, "/");
}

std::set<std::string> PartitionKeys(const Partition& partition) {
  std::set<std::string> keys;
  for (const auto& [key, value] : partition) keys.insert(key);
  return keys;
}

/// Collects the files of a source, brings each into a form that the engine reads, and makes the
/// view.
class SourceOpening {
 public:
  SourceOpening(Engine& engine, const SourceOptions& options, std::string_view view_name)
      : engine_(engine), options_(options) {
    source_.view_name = std::string(view_name);
  }

  Result<Source> Open(const std::string& folder, const std::vector<std::string>& sources) {
    if (sources.empty()) return InvalidSpec("data.source: no file named");
    MILLRACE_ASSIGN_OR_RETURN(source_.staging, Staging::Make(options_.staging_folder));
    for (const std::string& text : sources) {
      MILLRACE_ASSIGN_OR_RETURN(const spec::Locator locator, spec::ParseLocator(text));
      MILLRACE_RETURN_IF_ERROR(Collect(locator, folder));
    }
    MILLRACE_RETURN_IF_ERROR(CheckPartitions());
    const bool parquet = parts_[0].form == SourceForm::kParquet;
    for (Part& part : parts_) {
      if ((part.form == SourceForm::kParquet) != parquet) {
        return InvalidData(Format("{}: another kind of file than the first", part.file.path));
      }
      MILLRACE_RETURN_IF_ERROR(Prepare(part));
    }
    source_.form = parts_[0].form;
    for (const Part& part : parts_) source_.files.push_back(part.file);
    MILLRACE_RETURN_IF_ERROR(parquet ? MakeParquetView() : MakeTextView());
    return std::move(source_);
  }

 private:
  // ---- which files ----------------------------------------------------------------------------

  Status Collect(const spec::Locator& locator, const std::string& folder) {
    switch (locator.kind) {
      case spec::LocatorKind::kFiles:
        return CollectFiles(locator, folder);
      case spec::LocatorKind::kSqlite:
      case spec::LocatorKind::kPostgres:
        return CollectRows(locator, folder);
      case spec::LocatorKind::kStdin:
        return CollectStdin();
      case spec::LocatorKind::kUrl:
        return CollectUrl(locator);
    }
    return {};
  }

  Status CollectFiles(const spec::Locator& locator, const std::string& folder) {
    const std::string& path = locator.place;
    const std::string full = path.starts_with("/") ? path : JoinPath(folder, path);
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<FoundFile> found, FindFiles(full, path));
    for (const FoundFile& file : found) {
      Part part{.file = {.path = file.path, .content_path = file.path},
                .partition = file.partition};
      MILLRACE_ASSIGN_OR_RETURN(part.file.size_bytes, FileSize(file.path));
      if (part.file.size_bytes == 0) {
        return InvalidData(Format("{}: the file is empty", file.path))
            .WithHint("a header line and at least some rows are needed");
      }
      MILLRACE_ASSIGN_OR_RETURN(part.file.modified_micros, FileModifiedMicros(file.path));
      MILLRACE_ASSIGN_OR_RETURN(part.form, FormOf(part.file));
      parts_.push_back(std::move(part));
    }
    return {};
  }

  Result<SourceForm> FormOf(const SourceFile& file) const {
    const std::string& format = options_.format;
    if (format == "csv" || format == "tsv") return SourceForm::kDelimited;
    if (format == "parquet") return SourceForm::kParquet;
    if (format == "jsonl" || format == "json") return SourceForm::kJson;
    return FormByName(file.path);
  }

  Status CollectRows(spec::Locator locator, const std::string& folder) {
    const bool sqlite = locator.kind == spec::LocatorKind::kSqlite;
    if (sqlite && !locator.place.starts_with('/')) {
      locator.place = AbsolutePath(JoinPath(folder, locator.place));
    }
    const std::string name = spec::WriteLocator(locator);
    const auto copy = [&](const std::string& path) {
      return sqlite ? CopySqliteRows(locator, path) : CopyPostgresRows(locator, path);
    };
    MILLRACE_ASSIGN_OR_RETURN(const std::string path,
                              source_.staging->Get("rows\n" + name, "", ".csv", copy));
    Part part{.file = {.path = name, .content_path = path}, .staged = true};
    MILLRACE_ASSIGN_OR_RETURN(part.file.size_bytes, FileSize(path));
    MILLRACE_ASSIGN_OR_RETURN(part.file.modified_micros, FileModifiedMicros(path));
    parts_.push_back(std::move(part));
    return {};
  }

  // Standard input can be read once: it is kept as a file first.
  Status CollectStdin() {
    MILLRACE_ASSIGN_OR_RETURN(
        const std::string path,
        source_.staging->Get("standard input", "", ".stdin",
                             [](const std::string& out) { return CopyStdin(out); }));
    return AddContent("standard input", path);
  }

  // What is staged is a link or a copy: the kept file may be replaced while a run reads it.
  Status CollectUrl(const spec::Locator& locator) {
    const std::string name = spec::ShortName(locator);
    MILLRACE_ASSIGN_OR_RETURN(
        const std::string path,
        source_.staging->Get("url\n" + locator.place, "", ".url",
                             [&](const std::string& out) { return FetchUrl(locator.place, out); }));
    MILLRACE_ASSIGN_OR_RETURN(const std::string front, ReadFront(path, kFrontBytes));
    const std::string start = ToLower(Trim(front.substr(0, 200)));
    if (start.starts_with("<!doctype") || start.starts_with("<html")) {
      return InvalidData(Format("{}: the server sent a web page, no table", locator.place))
          .WithHint("name the address of the file itself; a log-in page answers for it otherwise");
    }
    return AddContent(locator.place, path);
  }

  // Content without a name of its own: its kind is told by its first bytes.
  Status AddContent(const std::string& name, const std::string& path) {
    Part part{.file = {.path = name, .content_path = path}};
    MILLRACE_ASSIGN_OR_RETURN(part.file.size_bytes, FileSize(path));
    if (part.file.size_bytes == 0) return InvalidData(Format("{}: it is empty", name));
    MILLRACE_ASSIGN_OR_RETURN(part.file.modified_micros, FileModifiedMicros(path));
    const Result<SourceForm> named = FormOf({.path = spec::ShortName(name)});
    MILLRACE_ASSIGN_OR_RETURN(const std::string front, ReadFront(path, kFrontBytes));
    part.form = named.ok() ? *named : FormByContent(front);
    MILLRACE_ASSIGN_OR_RETURN(const Packing packing, PackingOfFile(path));
    if (part.form == SourceForm::kParquet && packing != Packing::kNone) {
      // Compressed on the way by the server; the engine reads the file itself only.
      MILLRACE_ASSIGN_OR_RETURN(
          part.file.content_path,
          source_.staging->Get("unpacked\n" + path, "", ".parquet",
                               [&path](const std::string& out) { return Unpack(path, out); }));
    }
    parts_.push_back(std::move(part));
    return {};
  }

  // All files lie in folders of the same names, or the names are no columns.
  Status CheckPartitions() {
    const std::set<std::string> keys = PartitionKeys(parts_[0].partition);
    for (const Part& part : parts_) {
      if (PartitionKeys(part.partition) == keys) continue;
      return InvalidData(Format("{}: lies in other folders key=value than {}", part.file.path,
                                parts_[0].file.path))
          .WithHint("all files of a source lie below folders of the same keys");
    }
    return {};
  }

  // ---- one file -------------------------------------------------------------------------------

  std::string CopyKey(const Part& part, std::string_view how) const {
    return Format("{}\n{}\n{}\n{}\n{}|{}|{}|{}|{}|{}", how, part.file.content_path,
                  part.file.size_bytes, part.file.modified_micros, options_.delimiter,
                  options_.encoding, options_.quote, options_.comment, options_.header,
                  options_.skip.value_or(-1));
  }

  Status Prepare(Part& part) {
    part.read_path = part.file.content_path;
    if (part.form == SourceForm::kParquet) return {};
    if (part.staged) {
      MILLRACE_ASSIGN_OR_RETURN(part.columns, HeaderOf(part.read_path, part.file.path));
      return {};
    }
    if (part.form == SourceForm::kJson) {
      MILLRACE_ASSIGN_OR_RETURN(
          part.read_path,
          source_.staging->Get(CopyKey(part, "json"), PartitionFolders(part.partition), ".csv",
                               [&part](const std::string& out) {
                                 return CopyJson(part.file.content_path, part.file.path, out);
                               }));
      MILLRACE_ASSIGN_OR_RETURN(part.columns, HeaderOf(part.read_path, part.file.path));
      return {};
    }
    return PrepareDelimited(part);
  }

  Status PrepareDelimited(Part& part) {
    const std::string& path = part.file.content_path;
    SourceOptions options = options_;
    if (options.delimiter.empty() && options.format == "tsv") options.delimiter = "\t";
    MILLRACE_ASSIGN_OR_RETURN(const DelimitedForm form,
                              SniffDelimited(path, part.file.path, options));
    if (source_.delimiter.empty()) {
      source_.delimiter = std::string(1, form.dialect.delimiter);
      source_.encoding = std::string(EncodingName(form.encoding));
      source_.found = form.found;
    }
    part.columns = form.columns;
    if (form.direct) {
      part.delimiter = form.dialect.delimiter;
      MILLRACE_ASSIGN_OR_RETURN(part.packing, PackingOfFile(path));
      return {};
    }
    const std::string folders = PartitionFolders(part.partition);
    const std::string key = CopyKey(part, "text");
    // Written before the copy has its name: who finds the copy finds them too.
    MILLRACE_ASSIGN_OR_RETURN(const std::string rejects,
                              source_.staging->PathOf(key, "", ".rejects.csv"));
    MILLRACE_ASSIGN_OR_RETURN(
        part.read_path, source_.staging->Get(key, folders, ".csv", [&](const std::string& out) {
          return CopyDelimited(path, part.file.path, form, out, rejects);
        }));
    source_.rejects_files.push_back(rejects);
    return {};
  }

  // The header of a file that RowFile wrote.
  static Result<std::vector<std::string>> HeaderOf(const std::string& path,
                                                   const std::string& name) {
    MILLRACE_ASSIGN_OR_RETURN(auto text, OpenText(path, Encoding::kUtf8));
    RecordReader reader(name, std::move(text), Dialect{});
    Record header;
    MILLRACE_ASSIGN_OR_RETURN(bool more, reader.Next(header));
    if (!more) return Corrupt(Format("{}: the copy of it has no header", name));
    Record row;
    MILLRACE_ASSIGN_OR_RETURN(more, reader.Next(row));
    if (!more) return InvalidData(Format("{}: no row", name));
    return header.cells;
  }

  // ---- the view -------------------------------------------------------------------------------

  // Sets the columns of the source; those of other files must be the same, in any order.
  Status TakeColumns() {
    source_.columns = parts_[0].columns;
    const std::set<std::string> known(source_.columns.begin(), source_.columns.end());
    for (const Part& part : parts_) {
      const std::set<std::string> here(part.columns.begin(), part.columns.end());
      for (const std::string& name : source_.columns) {
        if (here.contains(name)) continue;
        return InvalidData(Format("{}: column \"{}\" is missing; {} has it", part.file.path, name,
                                  parts_[0].file.path))
            .WithHint(DidYouMean(name, part.columns));
      }
      for (const std::string& name : part.columns) {
        if (known.contains(name)) continue;
        return InvalidData(Format("{}: column \"{}\" is one that {} does not have", part.file.path,
                                  name, parts_[0].file.path))
            .WithHint("files of one source need the same columns, in any order");
      }
    }
    return AddPartitionColumns();
  }

  Status AddPartitionColumns() {
    for (const auto& [key, value] : parts_[0].partition) {
      for (const std::string& name : source_.columns) {
        if (!EqualsIgnoreCase(name, key)) continue;
        return InvalidData(Format("{}: \"{}\" is a column and the name of a folder {}={}",
                                  parts_[0].file.path, name, key, value))
            .WithHint("rename one of them");
      }
      source_.columns.push_back(key);
    }
    return {};
  }

  std::string_view PartitionOptions() const {
    return parts_[0].partition.empty() ? "hive_partitioning = false"
                                       : "hive_partitioning = true, hive_types_autocast = false";
  }

  Status MakeTextView() {
    MILLRACE_RETURN_IF_ERROR(TakeColumns());
    source_.rejects_table = source_.view_name + "_rejects";
    const std::string list = QuotedList(source_.columns);
    std::vector<std::string> selects;
    for (size_t begin = 0; begin < parts_.size();) {
      size_t end = begin + 1;
      while (end < parts_.size() && ReadsAlike(parts_[begin], parts_[end])) ++end;
      selects.push_back(Format("SELECT {} FROM {}", list, TextReaderOf(begin, end)));
      begin = end;
    }
    return engine_.Execute(Format("CREATE OR REPLACE VIEW {} AS {}",
                                  QuoteIdentifier(source_.view_name),
                                  Join(selects, " UNION ALL ")));
  }

  static bool ReadsAlike(const Part& a, const Part& b) {
    return a.delimiter == b.delimiter && a.columns == b.columns && a.packing == b.packing;
  }

  static std::string_view NameOf(Packing packing) {
    return packing == Packing::kGzip ? "gzip" : packing == Packing::kZstd ? "zstd" : "none";
  }

  std::string TextReaderOf(size_t begin, size_t end) const {
    std::vector<std::string> paths;
    for (size_t i = begin; i < end; ++i) paths.push_back(parts_[i].read_path);
    std::vector<std::string> columns;
    for (const std::string& name : parts_[begin].columns) {
      columns.push_back(Format("{}: 'VARCHAR'", QuoteLiteral(name)));
    }
    return Format(
        "read_csv({}, auto_detect = false, header = true, delim = {}, quote = '\"', "
        "escape = '\"', encoding = 'utf-8', compression = '{}', columns = {{{}}}, "
        "store_rejects = true, rejects_table = {}, rejects_scan = {}, strict_mode = true, "
        "max_line_size = 16777216, buffer_size = 33554432, {})",
        PathList(paths), QuoteLiteral(std::string(1, parts_[begin].delimiter)),
        NameOf(parts_[begin].packing), Join(columns, ", "), QuoteLiteral(source_.rejects_table),
        QuoteLiteral(source_.view_name + "_scans"), PartitionOptions());
  }

  // ---- Parquet --------------------------------------------------------------------------------

  std::string ParquetReader(const std::vector<std::string>& paths) const {
    return Format("read_parquet({}, union_by_name = true, {})", PathList(paths),
                  PartitionOptions());
  }

  // Names and expressions of the columns; members of a STRUCT are columns of their own.
  Status DescribeColumns(const std::string& reader, const std::string& selection,
                         const std::string& prefix, const std::string& expression, int depth,
                         std::vector<std::pair<std::string, std::string>>& columns) {
    constexpr int kMaxDepth = 32;
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table rows,
        Query(engine_, Format("SELECT column_name, column_type FROM (DESCRIBE SELECT {} FROM {})",
                              selection, reader)));
    for (int64_t row = 0; row < rows.num_rows(); ++row) {
      const std::string name(rows.column(0).text(row));
      const std::string path = expression + QuoteIdentifier(name);
      if (rows.column(1).text(row).starts_with("STRUCT(") &&
          !rows.column(1).text(row).ends_with("[]") && depth < kMaxDepth) {
        MILLRACE_RETURN_IF_ERROR(DescribeColumns(reader, path + ".*", prefix + name + ".",
                                                 path + ".", depth + 1, columns));
      } else {
        columns.emplace_back(prefix + name, path);
      }
    }
    return {};
  }

  Status MakeParquetView() {
    std::vector<std::string> paths;
    std::vector<std::pair<std::string, std::string>> columns;
    for (Part& part : parts_) {
      paths.push_back(part.read_path);
      columns.clear();
      const std::string reader =
          Format("read_parquet({}, hive_partitioning = false)", PathList({part.read_path}));
      const Status described = DescribeColumns(reader, "*", "", "", 0, columns);
      if (!described.ok()) {
        return InvalidData(Format("{}: cannot be read: {}", part.file.path, described.message()));
      }
      for (const auto& [name, expression] : columns) part.columns.push_back(name);
    }
    MILLRACE_RETURN_IF_ERROR(CheckUniqueNames(parts_[0].file.path, parts_[0].columns));
    const size_t num_stored = parts_[0].columns.size();
    MILLRACE_RETURN_IF_ERROR(TakeColumns());
    std::map<std::string, std::string> expressions(columns.begin(), columns.end());
    std::vector<std::string> casts;
    bool as_stored = num_stored == source_.columns.size();
    for (size_t i = 0; i < source_.columns.size(); ++i) {
      const std::string& name = source_.columns[i];
      as_stored = as_stored && expressions[name] == QuoteIdentifier(name);
      casts.push_back(Format("CAST({} AS VARCHAR) AS {}",
                             i < num_stored ? expressions[name] : QuoteIdentifier(name),
                             QuoteIdentifier(name)));
    }
    if (as_stored) source_.typed_reader = ParquetReader(paths);
    return engine_.Execute(Format("CREATE OR REPLACE VIEW {} AS SELECT {} FROM {}",
                                  QuoteIdentifier(source_.view_name), Join(casts, ", "),
                                  ParquetReader(paths)));
  }

  Engine& engine_;
  const SourceOptions& options_;
  Source source_;
  std::vector<Part> parts_;
};

RejectedRow RowOf(const table::Table& rows, int64_t row) {
  RejectedRow item;
  item.file = BaseName(rows.column(0).text(row));
  item.line = static_cast<int64_t>(rows.column(1).number(row));
  item.column = rows.column(2).text(row);
  item.rule = ToLower(rows.column(3).text(row));
  item.text = rows.column(4).valid(row) ? std::string(rows.column(4).text(row)) : "";
  return item;
}

Result<Source> OpenKept(Engine& engine, const KeptCells& kept, std::string_view view_name) {
  if (kept.parquet_paths.empty()) return InvalidData("the source: no row has been read yet");
  Source source;
  source.view_name = std::string(view_name);
  source.form = kept.form;
  source.files = kept.files;
  source.columns = kept.columns;
  source.rejected = kept.rejected;
  MILLRACE_RETURN_IF_ERROR(engine.Execute(
      Format("CREATE OR REPLACE VIEW {} AS SELECT {} FROM read_parquet({}, union_by_name = true)",
             QuoteIdentifier(view_name), QuotedList(kept.columns), PathList(kept.parquet_paths))));
  return source;
}

}  // namespace

SourceOptions OptionsOf(const spec::DataSource& data, std::string staging_folder) {
  SourceOptions options;
  if (data.delimiter) options.delimiter = std::string(1, *data.delimiter);
  options.encoding = data.encoding.value_or("");
  options.quote = data.quote.value_or("");
  options.comment = data.comment.value_or("");
  options.header = data.header.value_or("");
  options.skip = data.skip;
  if (data.format != spec::SourceFormat::kAuto) options.format = spec::NameOf(data.format);
  options.staging_folder = std::move(staging_folder);
  return options;
}

Result<Source> OpenSource(Engine& engine, const std::string& folder,
                          const std::vector<std::string>& sources, const SourceOptions& options,
                          std::string_view view_name) {
  if (options.kept != nullptr) return OpenKept(engine, *options.kept, view_name);
  return SourceOpening(engine, options, view_name).Open(folder, sources);
}

Result<std::vector<RejectedRow>> RejectedRows(Engine& engine, const Source& source) {
  std::vector<RejectedRow> rejected = source.rejected;
  for (const std::string& path : source.rejects_files) {
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table rows,
        Query(engine, Format("SELECT file, CAST(line AS BIGINT), '', rule, text FROM read_csv({}, "
                             "auto_detect = false, header = true, delim = ',', quote = '\"', "
                             "escape = '\"', columns = {{'file': 'VARCHAR', 'line': 'VARCHAR', "
                             "'rule': 'VARCHAR', 'text': 'VARCHAR'}})",
                             QuoteLiteral(path))));
    for (int64_t row = 0; row < rows.num_rows(); ++row) rejected.push_back(RowOf(rows, row));
  }
  if (source.rejects_table.empty()) return rejected;
  // One row may break several rules; the first one is named. The text may begin with the blank
  // lines above the row.
  const std::string sql = Format(
      "SELECT s.file_path, r.line, first(coalesce(r.column_name, '') ORDER BY r.byte_position), "
      "first(CAST(r.error_type AS VARCHAR) ORDER BY r.byte_position), "
      "first(left(ltrim(coalesce(r.csv_line, ''), chr(10) || chr(13)), 1000)) "
      "FROM {0} r JOIN {1} s ON r.scan_id = s.scan_id AND r.file_id = s.file_id "
      "GROUP BY s.file_path, r.line ORDER BY s.file_path, r.line",
      QuoteIdentifier(source.rejects_table), QuoteIdentifier(source.view_name + "_scans"));
  MILLRACE_ASSIGN_OR_RETURN(const table::Table rows, Query(engine, sql));
  for (int64_t row = 0; row < rows.num_rows(); ++row) rejected.push_back(RowOf(rows, row));
  return rejected;
}

}  // namespace millrace::engine
