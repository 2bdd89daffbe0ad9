// RowFile: rows of text written as a CSV file of one fixed dialect: comma, double quotes, UTF-8,
// "\n" after each row, a header. What comes from elsewhere (a database, JSON, odd delimited text)
// is brought into this form and read by the engine like any file.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::engine {

/// A cell; nothing is NULL.
using TextCell = std::optional<std::string_view>;

/// Writes rows, holding a megabyte at most. One thread at a time.
class RowFile {
 public:
  /// Makes the file, replacing what is there, with a header of `columns` (at least one).
  static Result<RowFile> Make(const std::string& path, const std::vector<std::string>& columns);

  /// Adds a row; as many cells as columns. kResourceExhausted when the disk is full.
  Status Add(std::span<const TextCell> cells);
  /// Writes what is held back.
  Status Finish();

  int64_t num_rows() const { return num_rows_; }

 private:
  explicit RowFile(std::string path) : path_(std::move(path)) {}
  void AppendQuoted(std::string_view text);

  std::string path_;
  std::string pending_;
  int64_t num_rows_ = 0;
};

}  // namespace millrace::engine
