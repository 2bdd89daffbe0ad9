// Row builder: records become a table of text columns; columns that a later record brings are
// missing in the earlier ones.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "stream/records.h"
#include "table/table.h"

namespace millrace::stream {

class RowBuilder {
 public:
  /// Begins with these columns.
  explicit RowBuilder(const std::vector<std::string>& columns);

  /// Adds cells in the order of the columns given at first.
  void AddCells(const Record& record);
  /// Adds cells by name, without regard to case as the engine compares names. Returns why the
  /// record is no row ("two fields share a name"); empty: it was added.
  std::string_view AddNamed(const Record& record);

  int64_t num_rows() const { return num_rows_; }
  /// Returns the rows and leaves the builder empty.
  Result<table::Table> Finish();

 private:
  size_t IndexOf(const std::string& name);
  void Add(size_t column, const std::optional<std::string>& cell);

  std::vector<std::string> names_;
  std::map<std::string, size_t> index_;  // by lower-case name
  std::vector<table::Column> columns_;
  int64_t num_rows_ = 0;
};

/// Makes a table of text columns.
Result<table::Table> MakeTextTable(const std::vector<std::string>& names,
                                   std::vector<table::Column> columns);

}  // namespace millrace::stream
