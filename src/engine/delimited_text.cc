#include "engine/delimited_text.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::engine {
namespace {

constexpr int64_t kHeadLines = 200;
constexpr size_t kHeadBytes = size_t{1} << 16;

bool IsPacked(std::string_view path) {
  const std::string lower = ToLower(path);
  return lower.ends_with(".gz") || lower.ends_with(".zst");
}

// Returns the encoding that the first bytes show. Packed files are taken as UTF-8.
Result<std::string> SniffEncoding(const std::string& path) {
  if (IsPacked(path)) return std::string("utf-8");
  MILLRACE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  std::string_view head = file.bytes().substr(0, kHeadBytes);
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) return std::string("utf-16");
  const auto zeros = std::count(head.begin(), head.end(), '\0');
  if (zeros > 0) {
    return InvalidData(Format("{}: not a text file (it holds zero bytes)", path))
        .WithHint("name a .csv, .tsv, .parquet or .jsonl file");
  }
  // A multi-byte character may be cut by the end of the head.
  for (int cut = 0; cut < 4 && !head.empty(); ++cut) {
    if (IsValidUtf8(head.substr(0, head.size() - static_cast<size_t>(cut)))) {
      return std::string("utf-8");
    }
  }
  return std::string("latin-1");
}

// Returns up to kHeadLines physical lines.
Result<std::vector<std::string>> HeadLines(Engine& engine, const std::string& path,
                                           const std::string& encoding) {
  const std::string sql = Format(
      "SELECT line FROM read_csv({}, auto_detect = false, header = false, delim = '\x01', "
      "quote = '', escape = '', encoding = {}, columns = {{'line': 'VARCHAR'}}, "
      "ignore_errors = true, strict_mode = false, max_line_size = 16777216, buffer_size = "
      "33554432) LIMIT {}",
      QuoteLiteral(path), QuoteLiteral(encoding), kHeadLines);
  Result<table::Table> rows = Query(engine, sql);
  if (!rows.ok()) {
    const Code code = rows.status().code();
    // Nothing that the file could be blamed for.
    if (code == Code::kResourceExhausted || code == Code::kCancelled) return rows.status();
    return InvalidData(Format("{}: cannot be read as text: {}", path, rows.status().message()));
  }
  std::vector<std::string> lines;
  for (int64_t row = 0; row < rows->num_rows(); ++row) {
    lines.emplace_back(rows->column(0).valid(row) ? rows->column(0).text(row) : "");
  }
  if (!lines.empty() && lines[0].starts_with("\xef\xbb\xbf")) lines[0].erase(0, 3);
  return lines;
}

// A delimiter is better the more columns the header gets and the more lines agree with it.
char SniffDelimiter(const std::vector<std::string>& lines) {
  char best = ',';
  double best_score = -1.0;
  for (const char candidate : {',', ';', '\t', '|'}) {
    const size_t width = SplitDelimitedLine(lines[0], candidate).size();
    if (width < 2) continue;
    double agreeing = 0;
    for (const std::string& line : lines) {
      if (SplitDelimitedLine(line, candidate).size() == width) ++agreeing;
    }
    const double score =
        agreeing / static_cast<double>(lines.size()) + 1e-3 * static_cast<double>(width);
    if (score > best_score) {
      best = candidate;
      best_score = score;
    }
  }
  return best;
}

Status CheckNames(const std::string& path, std::vector<std::string>& names) {
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    names[i] = std::string(Trim(names[i]));
    if (names[i].empty()) names[i] = Format("column_{}", i + 1);
    // The engine compares names without case.
    const auto [entry, is_new] = seen.emplace(ToLower(names[i]), i);
    if (!is_new) {
      return InvalidData(Format("{}:1: two columns share a name: \"{}\" (columns {} and {})", path,
                                names[i], entry->second + 1, i + 1))
          .WithHint("rename one of them in the header (case does not tell names apart)");
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> SplitDelimitedLine(std::string_view line, char delimiter) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') {
        cells.back() += c;
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        cells.back() += line[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"' && Trim(cells.back()).empty()) {
      cells.back().clear();
      quoted = true;
    } else if (c == delimiter) {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

Result<DelimitedForm> SniffDelimited(Engine& engine, const std::string& path,
                                     const SourceOptions& options) {
  DelimitedForm form;
  form.encoding = options.encoding;
  if (form.encoding.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(form.encoding, SniffEncoding(path));
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> lines,
                            HeadLines(engine, path, form.encoding));
  if (lines.empty() || Trim(lines[0]).empty()) {
    return InvalidData(Format("{}:1: the header line is empty", path))
        .WithHint("the first line must name the columns");
  }
  if (lines.size() < 2) {
    return InvalidData(Format("{}: a header and no rows", path));
  }
  const char delimiter =
      options.delimiter.empty() ? SniffDelimiter(lines) : options.delimiter.front();
  form.delimiter = std::string(1, delimiter);
  form.columns = SplitDelimitedLine(lines[0], delimiter);
  if (form.columns.size() == 1 && !options.delimiter.empty()) {
    const char other = SniffDelimiter(lines);
    if (SplitDelimitedLine(lines[0], other).size() > 1) {
      return InvalidData(
                 Format("{}:1: one column only with delimiter \"{}\"", path, options.delimiter))
          .WithHint(Format("the header looks separated by \"{}\"", other));
    }
  }
  MILLRACE_RETURN_IF_ERROR(CheckNames(path, form.columns));
  return form;
}

}  // namespace millrace::engine
