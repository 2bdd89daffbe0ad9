// IsolationForest: how few random cuts part a row from the others (Liu, Ting and Zhou 2008): 100
// trees on 256 rows each; score = 2^(-mean depth / c(256)), in (0, 1], greater = more alone.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "table/matrix.h"

namespace millrace::data {

class IsolationForest {
 public:
  /// Grows the trees on `values` [num_rows, num_columns], one row at least, no NaN. The same rows
  /// and seed give the same trees.
  IsolationForest(const table::Matrix& values, const Rng& rng);

  /// Returns the score of one row [num_columns].
  double Score(std::span<const float> row) const;

 private:
  struct Node {
    int32_t column = -1;  // -1: a leaf
    float cut = 0.0F;     // below goes left
    int32_t left = 0;
    int32_t right = 0;
    float depth = 0.0F;  // leaf: with what the unparted rows would still take
  };
  struct Part;  // rows of a node while growing
  void Grow(const table::Matrix& values, std::vector<int64_t> sample, Rng& rng);

  std::vector<Node> nodes_;
  std::vector<int32_t> roots_;
  double expected_depth_ = 1.0;
};

/// Returns the score that fewer than `expected` of the rows with these scores would reach if their
/// upper twentieth thinned out as it begins: the scores' tail taken as exponential beyond the 95th
/// percentile, its rate from the 95th to the 98th (Pickands 1975). The outliers themselves, when
/// they are fewer than 2 %, do not move it.
double TailThreshold(std::vector<double> scores, double expected);

}  // namespace millrace::data
