#include "stream/row_builder.h"

#include <memory>
#include <set>
#include <utility>

#include "base/text.h"

namespace millrace::stream {

using table::Column;
using table::ColumnType;

RowBuilder::RowBuilder(const std::vector<std::string>& columns) {
  for (const std::string& name : columns) IndexOf(name);
}

size_t RowBuilder::IndexOf(const std::string& name) {
  const auto [entry, is_new] = index_.emplace(ToLower(name), names_.size());
  if (is_new) {
    names_.push_back(name);
    columns_.emplace_back(ColumnType::kText);
    for (int64_t row = 0; row < num_rows_; ++row) columns_.back().AppendMissing();
  }
  return entry->second;
}

void RowBuilder::Add(size_t column, const std::optional<std::string>& cell) {
  if (cell) {
    columns_[column].AppendText(*cell);
  } else {
    columns_[column].AppendMissing();
  }
}

void RowBuilder::AddCells(const Record& record) {
  for (size_t c = 0; c < record.cells.size(); ++c) Add(c, record.cells[c]);
  ++num_rows_;
}

std::string_view RowBuilder::AddNamed(const Record& record) {
  std::set<std::string> seen;
  for (const std::string& name : record.names) {
    if (name.empty()) return "a field without a name";
    if (!seen.insert(ToLower(name)).second) return "two fields share a name";
  }
  for (size_t i = 0; i < record.names.size(); ++i) Add(IndexOf(record.names[i]), record.cells[i]);
  ++num_rows_;
  for (Column& column : columns_) {
    if (column.size() < num_rows_) column.AppendMissing();
  }
  return "";
}

Result<table::Table> RowBuilder::Finish() {
  num_rows_ = 0;
  index_.clear();
  return MakeTextTable(std::exchange(names_, {}), std::exchange(columns_, {}));
}

Result<table::Table> MakeTextTable(const std::vector<std::string>& names,
                                   std::vector<Column> columns) {
  std::vector<table::ColumnSchema> schemas;
  for (const std::string& name : names) {
    schemas.push_back({.name = name, .type = ColumnType::kText});
  }
  MILLRACE_ASSIGN_OR_RETURN(table::Schema schema, table::Schema::Make(std::move(schemas)));
  table::Table rows(std::make_shared<const table::Schema>(std::move(schema)));
  for (size_t c = 0; c < columns.size(); ++c) {
    rows.mutable_column(static_cast<int64_t>(c)) = std::move(columns[c]);
  }
  return rows;
}

}  // namespace millrace::stream
