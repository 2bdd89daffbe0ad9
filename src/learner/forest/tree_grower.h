// Grows one decision tree of a forest on bins: random forest (Breiman 2001) or extremely randomised
// trees (Geurts, Ernst & Wehenkel 2006).

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "learner/binned_matrix.h"

namespace millrace::learner {

struct GrowOptions {
  bool random_cuts = true;         // one random cut per feature instead of the best one
  bool draw_with_repeats = false;  // grow on a bootstrap sample
  int64_t features_per_split = 1;
  int64_t min_leaf_rows = 1;
  int64_t max_depth = 64;
};

/// A tree as grown. Children >= 0 are nodes, < 0 leaves (~index).
struct GrownTree {
  std::vector<int32_t> feature;
  std::vector<float> threshold;  // left when x <= threshold
  std::vector<uint8_t> missing_left;
  std::vector<int32_t> left;
  std::vector<int32_t> right;
  /// Rows (with repeats) of each leaf: leaf l holds leaf_rows[leaf_starts[l] ..
  /// leaf_starts[l + 1]).
  std::vector<int32_t> leaf_starts{0};
  std::vector<uint32_t> leaf_rows;
};

/// Grows a tree on `rows`. `labels` are class indexes when `num_classes` > 0, else values. Same
/// inputs and generator, same tree.
GrownTree GrowTree(const BinnedMatrix& bins, std::span<const double> labels, int64_t num_classes,
                   std::span<const int64_t> rows, const GrowOptions& options, Rng rng);

}  // namespace millrace::learner
