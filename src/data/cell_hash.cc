#include "data/cell_hash.h"

#include <bit>

#include "base/digest.h"

namespace millrace::data {

uint64_t HashCell(const table::Column& column, int64_t row) {
  if (!column.valid(row)) return 0x9e3779b97f4a7c15u;
  if (!table::IsNumeric(column.type())) return Hash64(column.text(row), 1);
  const double value = column.number(row) == 0.0 ? 0.0 : column.number(row);
  return MixHash(std::bit_cast<uint64_t>(value), 2);
}

}  // namespace millrace::data
