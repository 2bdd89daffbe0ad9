// RecordReader: delimited text of any dialect as records of cells, with the line of each.
//
// Thread safety: one thread at a time. Memory: one record and one block; a record is 16 MB at most.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/byte_reader.h"
#include "engine/text_encoding.h"

namespace millrace::engine {

/// How delimited text is written.
struct Dialect {
  char delimiter = ',';
  char quote = '"';        // '\0': none
  bool backslash = false;  // a backslash takes the next sign's meaning, in quotes and outside
  char comment = '\0';     // lines that begin with it are left out; '\0': none
  int64_t skip = 0;        // lines above the header
  bool header = true;      // the first record names the columns

  friend bool operator==(const Dialect&, const Dialect&) = default;
};

struct Record {
  int64_t line = 0;  // 1-based, of its first sign
  std::vector<std::string> cells;
  std::string text;  // as it stands in the file, cut to 1,000 bytes
};

/// Gives UTF-8 text in pieces.
class TextReader {
 public:
  virtual ~TextReader() = default;
  /// Appends the next piece to `text`; false at the end.
  virtual Result<bool> ReadMore(std::string& text) = 0;
};

/// Returns the text of a file in an encoding.
Result<std::unique_ptr<TextReader>> OpenText(const std::string& path, Encoding encoding);
/// Returns text that is in memory.
std::unique_ptr<TextReader> TextOf(std::string text);

class RecordReader {
 public:
  /// `name` stands in messages.
  RecordReader(std::string name, std::unique_ptr<TextReader> text, Dialect dialect)
      : name_(std::move(name)), source_(std::move(text)), dialect_(dialect) {}

  /// Reads the next record; false at the end. Lines end in LF, CR LF or CR. Blank lines and comment
  /// lines are left out. kInvalidData: a quote that is never closed (with its line), a record
  /// beyond 16 MB.
  Result<bool> Next(Record& record);

 private:
  Result<bool> Peek(char& c);
  void Take(Record& record);
  Result<bool> EndOfLine();
  Status SkipLine();
  Status ReadQuoted(Record& record);
  Result<bool> ReadRecord(Record& record);
  Status TooLong(const Record& record) const;

  std::string name_;
  std::unique_ptr<TextReader> source_;
  Dialect dialect_;
  std::string text_;
  size_t at_ = 0;
  bool ended_ = false;
  bool skipped_ = false;
  int64_t line_ = 1;
  size_t record_bytes_ = 0;
};

}  // namespace millrace::engine
