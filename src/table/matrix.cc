#include "table/matrix.h"

#include <algorithm>

namespace millrace::table {

Matrix Matrix::Take(std::span<const int64_t> rows) const {
  Matrix taken(static_cast<int64_t>(rows.size()), num_columns_);
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::span<const float> from = row(rows[i]);
    std::copy(from.begin(), from.end(), taken.mutable_row(static_cast<int64_t>(i)).begin());
  }
  return taken;
}

}  // namespace millrace::table
