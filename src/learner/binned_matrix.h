// BinnedMatrix: features as one byte each, column after column, made once for all trainings that
// grow their own trees. A column with at most 255 distinct values keeps them all; another one is
// cut at quantiles.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/matrix.h"

namespace millrace::learner {

class BinnedMatrix {
 public:
  /// The bin of missing values.
  static constexpr uint8_t kMissing = 255;

  BinnedMatrix() = default;
  /// Bins every column; infinities are the outermost values. Deterministic.
  explicit BinnedMatrix(const table::Matrix& features);

  int64_t num_rows() const { return num_rows_; }
  int64_t num_columns() const { return static_cast<int64_t>(cuts_.size()); }
  /// Returns the bins of a column [num_rows].
  std::span<const uint8_t> column(int64_t index) const {
    return {bins_.data() + index * num_rows_, static_cast<size_t>(num_rows_)};
  }
  /// Returns the cuts of a column, increasing: a value x falls into the first bin b with
  /// x <= cuts[b], else into the last one, cuts.size().
  std::span<const float> cuts(int64_t index) const { return cuts_[static_cast<size_t>(index)]; }

 private:
  int64_t num_rows_ = 0;
  std::vector<uint8_t> bins_;
  std::vector<std::vector<float>> cuts_;
};

}  // namespace millrace::learner
