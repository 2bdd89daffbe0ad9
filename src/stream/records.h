// Records: bytes of a growing text file cut into rows of cells. What a record is depends on the
// bytes from its first one on, never on where a piece of the file happened to end: cut at any
// places, the same file gives the same records.
//
// Thread safety: one thread at a time per object.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/flat_object.h"

namespace millrace::stream {

/// No record is longer; what is, is set aside: a quote that is never closed would take the rest of
/// the file.
inline constexpr int64_t kMaxRecordBytes = int64_t{1} << 20;

/// One record.
struct Record {
  size_t size_bytes = 0;  // with its line end
  int64_t num_lines = 0;  // line ends in it
  /// Empty line: no row, and nothing is wrong with it.
  bool blank = false;
  /// Why it is no row: "too many columns", "unterminated quote", ...; empty: it is one.
  std::string_view problem;
  /// Columns of the cells, where the record names them itself (JSON); else empty.
  std::vector<std::string> names;
  /// Cells; nothing is missing.
  std::vector<std::optional<std::string>> cells;
};

/// Cuts delimited text (RFC 4180 with any delimiter, "\n" or "\r\n"). An empty cell is missing,
/// quoted or not. Bytes that are no UTF-8 are read as Latin-1, record by record.
class DelimitedCutter {
 public:
  /// `num_columns` 0: any number of cells.
  DelimitedCutter(char delimiter, size_t num_columns)
      : delimiter_(delimiter), num_columns_(num_columns) {}

  /// Reads the record at the beginning of `bytes`; nothing where it does not end within. A record
  /// longer than kMaxRecordBytes ends after its first line, or after kMaxRecordBytes.
  std::optional<Record> Next(std::string_view bytes) const;

 private:
  char delimiter_;
  size_t num_columns_;
};

/// Cuts JSON lines: an object per line, its members are the cells as json::FlatObjectReader hands
/// them over: nested ones with dotted names, arrays and numbers as written. Null is missing.
class JsonLineCutter {
 public:
  std::optional<Record> Next(std::string_view bytes);

 private:
  json::FlatObjectReader reader_;
};

/// The header of delimited text.
struct Header {
  char delimiter = ',';
  std::vector<std::string> columns;
  size_t size_bytes = 0;
  int64_t num_lines = 0;
};
/// Reads the header at the beginning of `bytes` (a byte order mark is passed over); nothing where
/// its line does not end within. Without `delimiter` it is the one of , ; tab | that gives most
/// columns. A column without a name is "column_N". kInvalidData: an empty header, two columns of a
/// name, UTF-16 or binary content.
Result<std::optional<Header>> ReadHeader(std::string_view bytes, std::optional<char> delimiter,
                                         const std::string& path);

}  // namespace millrace::stream
