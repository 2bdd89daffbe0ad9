#include "engine/delimited_text.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "table/value_parser.h"

namespace millrace::engine {
namespace {

constexpr size_t kFrontBytes = size_t{1} << 16;
constexpr size_t kFrontRecords = 200;
constexpr size_t kMostTitles = 20;

/// The front of a file as text.
struct Front {
  std::string text;
  bool whole = false;  // nothing follows
};

// Lines from the top that are blank or begin with '#'.
int64_t CommentedLines(std::string_view text) {
  int64_t count = 0;
  int64_t commented = 0;
  while (!text.empty()) {
    const size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    if (!Trim(line).empty() && !line.starts_with('#')) break;
    ++count;
    if (line.starts_with('#')) commented = count;
    if (end == std::string_view::npos) return commented;
    const bool two = text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n';
    text.remove_prefix(end + (two ? 2 : 1));
  }
  // Blank lines count too, but a file of blank lines has no header at all.
  return text.empty() ? commented : count;
}

std::vector<Record> RecordsOf(const Front& front, const Dialect& dialect) {
  RecordReader reader("", TextOf(front.text), dialect);
  std::vector<Record> records;
  Record record;
  while (records.size() < kFrontRecords) {
    const Result<bool> more = reader.Next(record);
    // The cut may open a quote; the reading of the whole file says so where it is none.
    if (!more.ok() || !*more) {
      if (!front.whole && records.size() > 1) records.pop_back();
      break;
    }
    records.push_back(record);
  }
  return records;
}

/// How well a dialect fits the front of a file.
struct Fit {
  Dialect dialect;
  std::vector<Record> records;
  size_t width = 1;       // the most frequent number of cells
  double agreeing = 0.0;  // share of records with it
  double score = -1.0;
};

Fit FitOf(const Front& front, const Dialect& dialect) {
  Fit fit{.dialect = dialect, .records = RecordsOf(front, dialect)};
  if (fit.records.empty()) return fit;
  std::map<size_t, size_t> widths;
  for (const Record& record : fit.records) ++widths[record.cells.size()];
  size_t most = 0;
  for (const auto& [width, count] : widths) {
    if (count < most) continue;
    most = count;
    fit.width = width;
  }
  fit.agreeing = static_cast<double>(most) / static_cast<double>(fit.records.size());
  // More columns win among dialects that agree alike.
  if (fit.width >= 2) {
    fit.score = fit.agreeing + 1e-3 * static_cast<double>(std::min<size_t>(fit.width, 100));
  }
  return fit;
}

size_t NumFilled(const Record& record) {
  return static_cast<size_t>(std::count_if(record.cells.begin(), record.cells.end(),
                                           [](const auto& cell) { return !Trim(cell).empty(); }));
}

// A title has far fewer cells than the rows, or one that is filled.
bool IsTitle(const Record& record, size_t width) {
  const size_t cells = record.cells.size();
  if (width >= 2 && cells != width && cells * 2 <= width) return true;
  return width >= 3 && NumFilled(record) <= 1;
}

// Returns the index of the record that names the columns.
size_t HeaderIndex(const Fit& fit) {
  const size_t last = std::min(kMostTitles, fit.records.size() - 1);
  for (size_t i = 0; i <= last; ++i) {
    if (!IsTitle(fit.records[i], fit.width)) {
      // What follows titles must name every column.
      const bool named = i == 0 || (fit.records[i].cells.size() == fit.width &&
                                    NumFilled(fit.records[i]) == fit.width);
      return named ? i : 0;
    }
  }
  return 0;
}

bool IsNumberOrDate(std::string_view cell) {
  const table::ReadingRules rules;
  return table::ReadNumber(cell, rules).has_value() || table::ReadDate(cell, rules).has_value();
}

// A header of numbers only is a row.
bool LooksLikeRow(const Record& record) {
  return std::all_of(record.cells.begin(), record.cells.end(),
                     [](const auto& cell) { return IsNumberOrDate(Trim(cell)); });
}

// Cells that begin and end with a single quote, in most records.
bool UsesSingleQuotes(const Front& front, const Fit& fit) {
  if (front.text.find('"') != std::string::npos) return false;
  size_t quoted = 0;
  for (const Record& record : fit.records) {
    quoted += std::any_of(record.cells.begin(), record.cells.end(), [](const auto& cell) {
      const std::string_view trimmed = Trim(cell);
      return trimmed.size() >= 2 && trimmed.front() == '\'' && trimmed.back() == '\'';
    });
  }
  return quoted >= 2 && quoted * 2 >= fit.records.size();
}

// A backslash before a quote that does not end its cell takes the quote's meaning.
bool UsesBackslash(const Front& front, char quote, char delimiter) {
  const std::string pair{'\\', quote};
  for (size_t at = front.text.find(pair); at != std::string::npos;
       at = front.text.find(pair, at + 1)) {
    const char next = at + 2 < front.text.size() ? front.text[at + 2] : '\n';
    if (next != delimiter && next != '\n' && next != '\r' && next != quote) return true;
  }
  return false;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & '\x80') == 0; });
}

// Returns the text up to where it stops being UTF-8.
std::string_view ValidFront(std::string_view text) { return text.substr(0, ValidUtf8Prefix(text)); }

class Sniffer {
 public:
  Sniffer(const std::string& path, const std::string& name, const SourceOptions& options)
      : path_(path), name_(name), options_(options) {}

  Result<DelimitedForm> Run() {
    MILLRACE_RETURN_IF_ERROR(ReadText());
    MILLRACE_ASSIGN_OR_RETURN(const Fit fit, FindDialect());
    MILLRACE_RETURN_IF_ERROR(NameColumns(fit));
    form_.direct = CanBeDirect();
    if (form_.direct) MILLRACE_RETURN_IF_ERROR(CheckAllBytes());
    Report();
    return std::move(form_);
  }

 private:
  Status ReadText() {
    MILLRACE_ASSIGN_OR_RETURN(std::string bytes, ReadFront(path_, kFrontBytes + 1));
    front_.whole = bytes.size() <= kFrontBytes;
    if (!front_.whole) bytes.resize(kFrontBytes);
    if (bytes.empty()) {
      return InvalidData(Format("{}: the file is empty", name_))
          .WithHint("a header line and at least some rows are needed");
    }
    std::optional<Encoding> encoding = DetectEncoding(bytes);
    if (!options_.encoding.empty()) {
      encoding = EncodingFromName(options_.encoding);
      if (!encoding) {
        return InvalidSpec(Format("encoding: not known: \"{}\"", options_.encoding))
            .WithHint("known: utf-8, utf-16le, utf-16be, latin-1, windows-1252");
      }
    }
    if (!encoding) {
      return InvalidData(Format("{}: not a text file (it holds zero bytes)", name_))
          .WithHint("name a .csv, .tsv, .parquet or .json file");
    }
    form_.encoding = *encoding;
    TextDecoder decoder(*encoding);
    decoder.Decode(bytes, front_.text);
    if (front_.whole) decoder.Finish(front_.text);
    return {};
  }

  // The signs to try, and what is fixed by the options.
  std::vector<char> Delimiters() const {
    if (!options_.delimiter.empty()) return {options_.delimiter.front()};
    return {',', ';', '\t', '|', '^', '~'};
  }

  Fit BestFit(Dialect dialect) const {
    Fit best;
    for (const char delimiter : Delimiters()) {
      dialect.delimiter = delimiter;
      Fit fit = FitOf(front_, dialect);
      // Lines of decimal commas fit well too: the header must be split alike.
      const bool header_fits =
          !fit.records.empty() && fit.records[HeaderIndex(fit)].cells.size() == fit.width;
      if (!header_fits) fit.score -= 0.5;
      if (fit.score > best.score || best.records.empty()) best = std::move(fit);
    }
    return best;
  }

  Result<Fit> FindDialect() {
    Dialect dialect;
    const int64_t commented = CommentedLines(front_.text);
    const bool comments = options_.comment != "none";
    if (options_.comment.size() == 1) dialect.comment = options_.comment.front();
    dialect.skip = options_.skip.value_or(comments && dialect.comment == '\0' ? commented : 0);
    if (options_.quote == "none") dialect.quote = '\0';
    if (options_.quote.size() == 1) dialect.quote = options_.quote.front();
    dialect.header = options_.header != "none";
    Fit fit = BestFit(dialect);
    if (options_.quote.empty() && UsesSingleQuotes(front_, fit)) {
      dialect.quote = '\'';
      fit = BestFit(dialect);
    }
    if (UsesBackslash(front_, fit.dialect.quote, fit.dialect.delimiter)) {
      Dialect escaped = fit.dialect;
      escaped.backslash = true;
      Fit with = FitOf(front_, escaped);
      if (with.agreeing >= fit.agreeing) fit = std::move(with);
    }
    if (!options_.skip && commented > 0 && comments) fit = WithMarkedHeader(std::move(fit));
    if (!options_.skip && fit.dialect.header && !fit.records.empty()) SkipTitles(fit);
    if (fit.records.empty()) {
      // A quote that is never closed is why nothing was read.
      MILLRACE_RETURN_IF_ERROR(ReadToEnd(fit.dialect));
      return InvalidData(Format("{}:1: the header line is empty", name_))
          .WithHint("the first line must name the columns");
    }
    return fit;
  }

  // "#id,name" above rows of as many cells, the first of which holds a number, names the columns.
  Fit WithMarkedHeader(Fit fit) const {
    if (fit.records.empty() || fit.dialect.skip == 0 || fit.width < 2) return fit;
    Dialect dialect = fit.dialect;
    --dialect.skip;
    Fit marked = FitOf(front_, dialect);
    if (marked.records.size() < 2 || !marked.records[0].text.starts_with('#')) return fit;
    const bool same = marked.records[0].cells.size() == fit.width;
    const auto& cells = marked.records[1].cells;
    const bool numbers = std::any_of(cells.begin(), cells.end(),
                                     [](const auto& cell) { return IsNumberOrDate(Trim(cell)); });
    return same && numbers ? marked : fit;
  }

  void SkipTitles(Fit& fit) {
    const size_t index = HeaderIndex(fit);
    if (index == 0) return;
    title_ = fit.records[0].text;
    fit.dialect.skip = fit.records[index].line - 1;
    fit.records.erase(fit.records.begin(),
                      fit.records.begin() + static_cast<std::ptrdiff_t>(index));
  }

  Status NameColumns(const Fit& fit) {
    form_.dialect = fit.dialect;
    const Record& header = fit.records[0];
    form_.columns = header.cells;
    if (!fit.dialect.header) {
      for (size_t i = 0; i < form_.columns.size(); ++i) {
        form_.columns[i] = Format("column_{}", i + 1);
      }
      return {};
    }
    if (fit.records.size() < 2) {
      MILLRACE_RETURN_IF_ERROR(ReadToEnd(fit.dialect));
      return InvalidData(Format("{}: a header and no rows", name_));
    }
    if (form_.columns.size() == 1 && !options_.delimiter.empty()) {
      MILLRACE_RETURN_IF_ERROR(CheckGivenDelimiter());
    }
    if (options_.header.empty() && LooksLikeRow(header)) {
      return InvalidData(
                 Format("{}:{}: the first line holds numbers only: the header is missing: {}",
                        name_, header.line, Ellipsize(header.text, 60)))
          .WithHint(
              "add a line that names the columns, or say data.header: none (--header none): "
              "they are then called column_1, column_2, ...");
    }
    if (fit.records.size() >= 5 && fit.agreeing >= 0.8 && header.cells.size() != fit.width) {
      return InvalidData(Format("{}:{}: the header names {} columns, and the rows have {} cells",
                                name_, header.line, header.cells.size(), fit.width))
          .WithHint("name every column in the header");
    }
    if (form_.columns[0].starts_with('#')) {
      form_.columns[0] = std::string(Trim(form_.columns[0].substr(1)));
    }
    for (size_t i = 0; i < form_.columns.size(); ++i) {
      form_.columns[i] = std::string(Trim(form_.columns[i]));
      if (form_.columns[i].empty()) form_.columns[i] = Format("column_{}", i + 1);
    }
    return CheckUniqueNames(Format("{}:{}", name_, header.line), form_.columns);
  }

  Status CheckGivenDelimiter() const {
    SourceOptions free = options_;
    free.delimiter.clear();
    const Fit other = Sniffer(path_, name_, free).With(front_).BestFit(Dialect{});
    if (other.width < 2) return {};
    return InvalidData(
               Format("{}:1: one column only with delimiter \"{}\"", name_, options_.delimiter))
        .WithHint(Format("the header looks separated by \"{}\"", other.dialect.delimiter));
  }

  Sniffer& With(const Front& front) {
    front_ = front;
    return *this;
  }

  // Two dialects are the engine's own: the plain one with any delimiter.
  bool CanBeDirect() const {
    const Dialect& dialect = form_.dialect;
    Dialect plain;
    plain.delimiter = dialect.delimiter;
    if (dialect != plain || form_.encoding != Encoding::kUtf8) return false;
    for (size_t at = front_.text.find('\r'); at != std::string::npos;
         at = front_.text.find('\r', at + 1)) {
      if (at + 1 < front_.text.size() && front_.text[at + 1] != '\n') return false;
    }
    return true;
  }

  // Reads the file in a dialect to find a quote that is never closed.
  Status ReadToEnd(const Dialect& dialect) const {
    MILLRACE_ASSIGN_OR_RETURN(auto text, OpenText(path_, form_.encoding));
    RecordReader reader(name_, std::move(text), dialect);
    Record record;
    while (true) {
      MILLRACE_ASSIGN_OR_RETURN(const bool more, reader.Next(record));
      if (!more) return {};
    }
  }

  Status CheckAllBytes() {
    MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<ByteReader> bytes, OpenBytes(path_));
    std::vector<char> block(size_t{1} << 18);
    std::string held;
    bool odd_quotes = false;
    bool seen_utf8 = false;
    bool foreign = false;
    while (true) {
      MILLRACE_ASSIGN_OR_RETURN(const size_t count, bytes->Read(block));
      if (count == 0) break;
      const std::string_view piece(block.data(), count);
      if (std::count(piece.begin(), piece.end(), '"') % 2 != 0) odd_quotes = !odd_quotes;
      if ((IsAscii(piece) && held.empty()) || seen_utf8 || foreign) continue;
      held += piece;
      const size_t cut = CutCharacter(held);
      const std::string_view valid =
          ValidFront(std::string_view(held).substr(0, held.size() - cut));
      // Characters that are UTF-8 before the first bytes that are not: those are mistakes.
      seen_utf8 = !IsAscii(valid);
      foreign = !seen_utf8 && valid.size() + cut < held.size();
      held.erase(0, held.size() - cut);
    }
    foreign = foreign || (!held.empty() && !seen_utf8);  // the file ends inside a character
    if (odd_quotes) MILLRACE_RETURN_IF_ERROR(ReadToEnd(form_.dialect));
    if (foreign && options_.encoding.empty()) {
      form_.encoding = Encoding::kWindows1252;
      form_.direct = false;
    }
    return {};
  }

  void Report() {
    const auto add = [this](std::string key, std::string value, std::string reason) {
      form_.found.push_back({std::move(key), std::move(value), std::move(reason)});
    };
    const Dialect& dialect = form_.dialect;
    if (form_.encoding != Encoding::kUtf8) {
      add("encoding", std::string(EncodingName(form_.encoding)),
          form_.encoding == Encoding::kLatin1 || form_.encoding == Encoding::kWindows1252
              ? "bytes that are not UTF-8"
              : "by its byte order mark or zero bytes");
    }
    if (dialect.delimiter != ',') {
      add("delimiter", dialect.delimiter == '\t' ? "tab" : std::string(1, dialect.delimiter),
          "most lines get as many cells as the header by it");
    }
    if (dialect.quote != '"') {
      add("quote", dialect.quote == '\0' ? "none" : std::string(1, dialect.quote),
          "most lines hold cells in single quotes");
    }
    if (dialect.skip > 0) {
      add("skip", Format("{}", dialect.skip),
          title_.empty() ? "blank or comment lines above the header"
                         : Format("above the header: {}", Ellipsize(title_, 40)));
    }
    if (dialect.backslash) {
      add("", "a backslash before a quote", "quotes inside cells are written so");
    }
  }

  const std::string& path_;
  const std::string& name_;
  const SourceOptions options_;
  Front front_;
  DelimitedForm form_;
  std::string title_;
};

}  // namespace

Status CheckUniqueNames(const std::string& where, const std::vector<std::string>& names) {
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    // The engine compares names without case.
    const auto [entry, is_new] = seen.emplace(ToLower(names[i]), i);
    if (!is_new) {
      return InvalidData(Format("{}: two columns share a name: \"{}\" (columns {} and {})", where,
                                names[i], entry->second + 1, i + 1))
          .WithHint("rename one of them in the header (case does not tell names apart)");
    }
  }
  return {};
}

Result<DelimitedForm> SniffDelimited(const std::string& path, const std::string& name,
                                     const SourceOptions& options) {
  return Sniffer(path, name, options).Run();
}

Status CopyDelimited(const std::string& path, const std::string& name, const DelimitedForm& form,
                     const std::string& out, const std::string& rejects) {
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<TextReader> text, OpenText(path, form.encoding));
  MILLRACE_ASSIGN_OR_RETURN(RowFile rows, RowFile::Make(out, form.columns));
  MILLRACE_ASSIGN_OR_RETURN(RowFile rejected,
                            RowFile::Make(rejects, {"file", "line", "rule", "text"}));
  RecordReader reader(name, std::move(text), form.dialect);
  Record record;
  bool at_header = form.dialect.header;
  std::vector<TextCell> cells(form.columns.size());
  int64_t since_check = 0;
  while (true) {
    MILLRACE_ASSIGN_OR_RETURN(const bool more, reader.Next(record));
    if (!more) break;
    if (++since_check % 10000 == 0) MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    if (std::exchange(at_header, false)) continue;
    std::string_view rule;
    if (record.cells.size() != cells.size()) {
      rule = record.cells.size() > cells.size() ? "too many columns" : "missing columns";
    } else if (form.encoding == Encoding::kUtf8 &&
               !std::all_of(record.cells.begin(), record.cells.end(),
                            [](const auto& cell) { return IsValidUtf8(cell); })) {
      rule = "invalid encoding";  // other encodings are decoded to what is valid
    }
    if (!rule.empty()) {
      const std::string line = Format("{}", record.line);
      MILLRACE_RETURN_IF_ERROR(
          rejected.Add(std::vector<TextCell>{name, line, rule, ValidFront(record.text)}));
      continue;
    }
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string_view cell = record.cells[i];
      cells[i] = cell.empty() ? TextCell() : TextCell(cell);
    }
    MILLRACE_RETURN_IF_ERROR(rows.Add(cells));
  }
  MILLRACE_RETURN_IF_ERROR(rejected.Finish());
  return rows.Finish();
}

}  // namespace millrace::engine
