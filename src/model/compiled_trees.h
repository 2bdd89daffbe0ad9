// CompiledTrees: the trees of an ensemble laid out for speed; made once per loaded model.
//
// Leaves are found by a LeafFinder; the few trees that it does not take are walked from their root.
// Results equal the walk over TreeParts bit by bit: the same leaf of each tree, added in the same
// order. Thread safety: immutable; use from many threads. No allocation while predicting after the
// first call on a thread.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/leaf_finder.h"
#include "model/tree_parts.h"

namespace millrace::model {

class CompiledTrees {
 public:
  CompiledTrees() = default;
  /// Compiles parts that TreeEnsemble::Make has checked.
  explicit CompiledTrees(const TreeParts& parts);

  /// Adds the leaf of tree t to scores[row, t % num_scores], tree after tree. `rows`
  /// [num_rows, num_features], `scores` [num_rows, num_scores], row-major. `parts`: those that it
  /// was made from.
  void AddLeaves(const TreeParts& parts, std::span<const float> rows, int64_t num_rows,
                 std::span<double> scores) const;

 private:
  LeafFinder finder_;
};

/// Returns the leaf that a row reaches in one tree, counted from the first leaf of all; split by
/// split.
uint32_t WalkToLeaf(const TreeParts& parts, size_t tree, const float* row);

}  // namespace millrace::model
