#include "stream/records.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "engine/delimited_text.h"
#include "engine/text_encoding.h"

namespace millrace::stream {
namespace {

constexpr auto kLimit = static_cast<size_t>(kMaxRecordBytes);

// Each byte is a character.
std::string FromLatin1(std::string_view bytes) {
  std::string text;
  engine::TextDecoder(engine::Encoding::kLatin1).Decode(bytes, text);
  return text;
}

// A record that never ends: its first line is set aside, so that one stray quote costs one line.
Record CutShort(std::string_view bytes) {
  const std::string_view whole = bytes.substr(0, kLimit);
  const size_t line_end = whole.find('\n');
  Record record;
  if (line_end == std::string_view::npos) {
    record.size_bytes = whole.size();
    record.problem = "line size over maximum";
  } else {
    record.size_bytes = line_end + 1;
    record.num_lines = 1;
    record.problem = "unterminated quote";
  }
  return record;
}

// Takes the quoted cell whose opening quote stands before `at`; returns where it goes on after the
// closing quote, or npos.
size_t TakeQuoted(std::string_view bytes, size_t at, std::string& cell, int64_t& num_lines) {
  while (true) {
    const size_t stop = bytes.find('"', at);
    if (stop == std::string_view::npos) return stop;
    const std::string_view piece = bytes.substr(at, stop - at);
    num_lines += std::count(piece.begin(), piece.end(), '\n');
    cell += piece;
    // At the end of the bytes nobody knows yet whether the quote is doubled.
    if (stop + 1 == bytes.size()) return std::string_view::npos;
    if (bytes[stop + 1] != '"') return stop + 1;
    cell += '"';
    at = stop + 2;
  }
}

std::optional<std::string> CellOf(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

// Cells of one line; a quote that is not closed in it is taken as closed at its end.
size_t CountCells(std::string_view line, char delimiter) {
  size_t count = 1;
  bool quoted = false;
  bool begins = true;
  for (const char c : line) {
    if (c == '"' && (quoted || begins)) quoted = !quoted;
    begins = !quoted && c == delimiter;
    if (begins) ++count;
  }
  return count;
}

// By the first line alone, so that what follows it later changes nothing.
char BestDelimiter(std::string_view line) {
  char best = ',';
  size_t most = 1;
  for (const char candidate : {',', ';', '\t', '|'}) {
    const size_t count = CountCells(line, candidate);
    if (count > most) {
      best = candidate;
      most = count;
    }
  }
  return best;
}

}  // namespace

std::optional<Record> DelimitedCutter::Next(std::string_view bytes) const {
  Record record;
  const std::string_view window = bytes.substr(0, kLimit);
  const auto unfinished = [&]() -> std::optional<Record> {
    return bytes.size() < kLimit ? std::nullopt : std::optional<Record>(CutShort(bytes));
  };
  std::string cell;
  size_t at = 0;
  bool cell_begins = true;
  const char stops[] = {delimiter_, '\n', '\0'};
  while (true) {
    if (cell_begins && at < window.size() && window[at] == '"') {
      at = TakeQuoted(window, at + 1, cell, record.num_lines);
      if (at == std::string_view::npos) return unfinished();
      cell_begins = false;
      const char next = window[at];
      const bool ends = next == delimiter_ || next == '\n' || next == '\r';
      if (!ends) {
        // Text after the closing quote: the rest of the line cannot be told into cells.
        const size_t line_end = window.find('\n', at);
        if (line_end == std::string_view::npos) return unfinished();
        record.problem = "text after a closing quote";
        record.size_bytes = line_end + 1;
        ++record.num_lines;
        return record;
      }
    }
    const size_t stop = window.find_first_of(std::string_view(stops, 2), at);
    if (stop == std::string_view::npos) return unfinished();
    cell += window.substr(at, stop - at);
    const bool last = window[stop] == '\n';
    // Not one that stands within quotes.
    if (last && stop > at && window[stop - 1] == '\r') cell.pop_back();
    record.cells.push_back(CellOf(std::move(cell)));
    cell.clear();
    cell_begins = true;
    at = stop + 1;
    if (last) break;
  }
  record.size_bytes = at;
  ++record.num_lines;
  if (record.cells.size() == 1 && !record.cells[0] && num_columns_ != 1) {
    record.blank = true;
  } else if (num_columns_ != 0 && record.cells.size() != num_columns_) {
    record.problem = record.cells.size() < num_columns_ ? "missing columns" : "too many columns";
  }
  if (!IsValidUtf8(window.substr(0, at))) {
    for (auto& text : record.cells) {
      if (text) text = FromLatin1(*text);
    }
  }
  return record;
}

std::optional<Record> JsonLineCutter::Next(std::string_view bytes) {
  Record record;
  const std::string_view window = bytes.substr(0, kLimit);
  const size_t line_end = window.find('\n');
  if (line_end == std::string_view::npos) {
    if (bytes.size() < kLimit) return std::nullopt;
    return CutShort(bytes);
  }
  record.size_bytes = line_end + 1;
  record.num_lines = 1;
  const std::string_view line = Trim(window.substr(0, line_end));
  if (line.empty()) {
    record.blank = true;
    return record;
  }
  const Status read =
      reader_.Read(line, [&record](std::string_view name, std::optional<std::string_view> text) {
        record.names.emplace_back(name);
        record.cells.emplace_back(text);
        return Status();
      });
  if (!read.ok()) {
    record.names.clear();
    record.cells.clear();
    record.problem = line.starts_with('{') ? "not json" : "not an object";
  }
  return record;
}

Result<std::optional<Header>> ReadHeader(std::string_view bytes, std::optional<char> delimiter,
                                         const std::string& path) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) {
    return Unsupported(Format("{}: UTF-16 text cannot be followed", path))
        .WithHint("let the writer write UTF-8, or set data.append_only: false");
  }
  const size_t mark = bytes.starts_with(kMark) ? kMark.size() : 0;
  const std::string_view text = bytes.substr(mark);
  const size_t line_end = text.substr(0, kLimit).find('\n');
  if (line_end == std::string_view::npos) return std::optional<Header>();
  const std::string_view line = text.substr(0, line_end);
  if (line.find('\0') != std::string_view::npos) {
    return InvalidData(Format("{}: not a text file (it holds zero bytes)", path));
  }
  Header header;
  header.delimiter = delimiter.value_or(BestDelimiter(line));
  const auto record = DelimitedCutter(header.delimiter, 0).Next(text);
  if (!record) return std::optional<Header>();
  if (record->blank || !record->problem.empty()) {
    return InvalidData(Format("{}:1: the header line is {}", path,
                              record->blank ? "empty" : record->problem))
        .WithHint("the first line must name the columns");
  }
  header.size_bytes = mark + record->size_bytes;
  header.num_lines = record->num_lines;
  for (size_t i = 0; i < record->cells.size(); ++i) {
    std::string name(Trim(record->cells[i].value_or("")));
    if (name.empty()) name = Format("column_{}", i + 1);
    header.columns.push_back(std::move(name));
  }
  MILLRACE_RETURN_IF_ERROR(engine::CheckUniqueNames(path + ":1", header.columns));
  return std::optional<Header>(std::move(header));
}

}  // namespace millrace::stream
