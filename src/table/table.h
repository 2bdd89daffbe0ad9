// Table: columns of equal length with their schema.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "table/column.h"
#include "table/schema.h"

namespace millrace::table {

class Table {
 public:
  /// Makes an empty table with a column of the schema's type for each of its columns.
  explicit Table(std::shared_ptr<const Schema> schema);

  const Schema& schema() const { return *schema_; }
  const std::shared_ptr<const Schema>& shared_schema() const { return schema_; }
  int64_t num_rows() const { return columns_.empty() ? 0 : columns_.front().size(); }
  int64_t num_columns() const { return static_cast<int64_t>(columns_.size()); }
  const Column& column(int64_t index) const { return columns_[static_cast<size_t>(index)]; }
  /// For filling: the caller keeps all columns at equal length.
  Column& mutable_column(int64_t index) { return columns_[static_cast<size_t>(index)]; }

  /// Returns the given rows, in that order.
  Table Take(std::span<const int64_t> rows) const;
  /// Returns the named columns. kNotFound naming the nearest.
  Result<Table> Select(const std::vector<std::string>& names) const;
  /// Appends all rows of a table of an equal schema.
  void AppendRows(const Table& other);
  /// Removes all rows and keeps the memory.
  void Clear();

 private:
  std::shared_ptr<const Schema> schema_;
  std::vector<Column> columns_;
};

}  // namespace millrace::table
