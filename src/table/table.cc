#include "table/table.h"

#include "base/check.h"

namespace millrace::table {

Table::Table(std::shared_ptr<const Schema> schema) : schema_(std::move(schema)) {
  columns_.reserve(static_cast<size_t>(schema_->num_columns()));
  for (const ColumnSchema& column : schema_->columns()) columns_.emplace_back(column.type);
}

Table Table::Take(std::span<const int64_t> rows) const {
  Table taken(schema_);
  for (size_t c = 0; c < columns_.size(); ++c) taken.columns_[c] = columns_[c].Take(rows);
  return taken;
}

Result<Table> Table::Select(const std::vector<std::string>& names) const {
  MILLRACE_ASSIGN_OR_RETURN(Schema schema, schema_->Select(names));
  Table selected(std::make_shared<const Schema>(std::move(schema)));
  for (size_t i = 0; i < names.size(); ++i) {
    selected.columns_[i] = columns_[static_cast<size_t>(*schema_->Find(names[i]))];
  }
  return selected;
}

void Table::AppendRows(const Table& other) {
  MILLRACE_CHECK(other.num_columns() == num_columns(), "rows of an equal schema are appended");
  for (size_t c = 0; c < columns_.size(); ++c) {
    const Column& from = other.columns_[c];
    Column& to = columns_[c];
    for (int64_t row = 0; row < from.size(); ++row) {
      if (!from.valid(row)) {
        to.AppendMissing();
      } else if (IsNumeric(to.type())) {
        to.AppendNumber(from.number(row));
      } else {
        to.AppendText(from.text(row));
      }
    }
  }
}

void Table::Clear() {
  for (Column& column : columns_) column.Clear();
}

}  // namespace millrace::table
