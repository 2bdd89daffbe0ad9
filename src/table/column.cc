#include "table/column.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace millrace::table {
namespace {

struct TypeRow {
  ColumnType type;
  std::string_view name;
};
constexpr TypeRow kTypes[] = {
    {ColumnType::kInteger, "integer"}, {ColumnType::kNumber, "number"},
    {ColumnType::kBoolean, "boolean"}, {ColumnType::kCategory, "category"},
    {ColumnType::kText, "text"},       {ColumnType::kDate, "date"},
};

}  // namespace

std::string_view ColumnTypeName(ColumnType type) {
  for (const TypeRow& row : kTypes) {
    if (row.type == type) return row.name;
  }
  return "text";
}

std::optional<ColumnType> ColumnTypeFromName(std::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (row.name == name) return row.type;
  }
  return std::nullopt;
}

int64_t Column::num_missing() const {
  return static_cast<int64_t>(std::count(valid_.begin(), valid_.end(), uint8_t{0}));
}

void Column::AppendMissing() {
  valid_.push_back(0);
  if (IsNumeric(type_)) {
    numbers_.push_back(0.0);
  } else {
    ends_.push_back(bytes_.size());
  }
}

void Column::AppendNumber(double value) {
  MILLRACE_CHECK(IsNumeric(type_), "numbers go to numeric columns");
  valid_.push_back(1);
  numbers_.push_back(value);
}

void Column::AppendText(std::string_view value) {
  MILLRACE_CHECK(!IsNumeric(type_), "texts go to category and text columns");
  valid_.push_back(1);
  bytes_.append(value);
  ends_.push_back(bytes_.size());
}

void Column::Clear() {
  valid_.clear();
  numbers_.clear();
  bytes_.clear();
  ends_.resize(1);
}

void Column::Reserve(int64_t num_rows) {
  const auto rows = static_cast<size_t>(num_rows);
  valid_.reserve(rows);
  if (IsNumeric(type_)) {
    numbers_.reserve(rows);
  } else {
    ends_.reserve(rows + 1);
  }
}

Column Column::Take(std::span<const int64_t> rows) const {
  Column taken(type_);
  taken.Reserve(static_cast<int64_t>(rows.size()));
  for (const int64_t row : rows) {
    if (!valid(row)) {
      taken.AppendMissing();
    } else if (IsNumeric(type_)) {
      taken.AppendNumber(number(row));
    } else {
      taken.AppendText(text(row));
    }
  }
  return taken;
}

}  // namespace millrace::table
