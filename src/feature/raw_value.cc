#include "feature/raw_value.h"

namespace millrace::feature {

RawValue RawValueAt(const table::Column& column, int64_t row) {
  RawValue value;
  value.missing = !column.valid(row);
  if (value.missing) return value;
  if (table::IsNumeric(column.type())) {
    value.number = column.number(row);
  } else {
    value.text = column.text(row);
  }
  return value;
}

}  // namespace millrace::feature
