// Any text as a cell of every column type: a finite value, missing or invalid.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "table/value_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  namespace table = millrace::table;
  for (const auto type :
       {table::ColumnType::kNumber, table::ColumnType::kInteger, table::ColumnType::kBoolean,
        table::ColumnType::kDate, table::ColumnType::kCategory, table::ColumnType::kText}) {
    table::ColumnSchema column;
    column.name = "column";
    column.type = type;
    const table::ValueParser parser(column);
    const table::Cell cell = parser.Parse(input);
    MILLRACE_CHECK(cell.state != table::CellState::kValue || std::isfinite(cell.number),
                   "a value is finite");
    const table::Cell again = parser.Parse(input);
    MILLRACE_CHECK(again.state == cell.state && again.number == cell.number,
                   "reading depends on the text alone");
  }
  table::LooksMissing(input);
  return 0;
}
