// Matrix: the numbers that learners and models see. Dense, row-major, float32, NaN = missing.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace millrace::table {

class Matrix {
 public:
  Matrix() = default;
  /// Makes a matrix of zeros [num_rows, num_columns].
  Matrix(int64_t num_rows, int64_t num_columns)
      : num_rows_(num_rows),
        num_columns_(num_columns),
        values_(static_cast<size_t>(num_rows * num_columns)) {}

  int64_t num_rows() const { return num_rows_; }
  int64_t num_columns() const { return num_columns_; }
  float at(int64_t row, int64_t column) const {
    return values_[static_cast<size_t>(row * num_columns_ + column)];
  }
  float& at(int64_t row, int64_t column) {
    return values_[static_cast<size_t>(row * num_columns_ + column)];
  }
  /// Returns one row [num_columns].
  std::span<const float> row(int64_t index) const {
    return {values_.data() + index * num_columns_, static_cast<size_t>(num_columns_)};
  }
  std::span<float> mutable_row(int64_t index) {
    return {values_.data() + index * num_columns_, static_cast<size_t>(num_columns_)};
  }
  /// Returns all values [num_rows * num_columns], row after row.
  std::span<const float> values() const { return values_; }
  std::span<float> mutable_values() { return values_; }
  /// Returns the given rows, in that order.
  Matrix Take(std::span<const int64_t> rows) const;

 private:
  int64_t num_rows_ = 0;
  int64_t num_columns_ = 0;
  std::vector<float> values_;
};

}  // namespace millrace::table
