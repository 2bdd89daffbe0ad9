// CompiledTrees: the trees of an ensemble laid out for speed; made once per loaded model.
//
// Trees of at most 64 leaves are answered feature by feature instead of split by split
// (QuickScorer: Lucchese et al. 2015, SIGIR): each tree has a bit per leaf, in order from left to
// right; every split whose test fails clears the leaves on its left side; the lowest bit that is
// left is the leaf. Splits of a feature lie sorted by threshold, so that one pass over their front
// finds the failing ones, without a branch per split. Other trees are walked from their root.
//
// Results equal the walk over TreeParts bit by bit: the same leaf of each tree, added in the same
// order. Thread safety: immutable; use from many threads. No allocation while predicting.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "model/tree_parts.h"

namespace millrace::model {

class CompiledTrees {
 public:
  CompiledTrees() = default;
  /// Compiles parts that TreeEnsemble::Make has checked.
  explicit CompiledTrees(const TreeParts& parts);

  /// Adds the leaf of tree t to scores[row, t % num_scores], tree after tree. `rows`
  /// [num_rows, num_features], `scores` [num_rows, num_scores], row-major.
  void AddLeaves(std::span<const float> rows, int64_t num_rows, std::span<double> scores) const;

 private:
  // Trees of a block share one array of masks on the stack.
  static constexpr size_t kBlockTrees = 256;
  static constexpr size_t kMaxLeaves = 64;
  using Masks = std::array<uint64_t, kBlockTrees>;

  // Clears leaves of one tree.
  struct Clearing {
    uint64_t keep = 0;
    uint32_t tree = 0;  // within the block
  };
  // What a value of one feature clears.
  struct FeatureTests {
    int32_t feature = 0;
    std::vector<float> thresholds;    // increasing; the test fails when thresholds[i] < x
    std::vector<Clearing> clearings;  // [thresholds]
    std::vector<Clearing> missing;    // for NaN
    std::vector<uint32_t> starts;     // [values + 2] categories: first of by_value; last: unseen
    std::vector<Clearing> by_value;
  };
  // One split of a tree that is walked.
  struct WalkNode {
    double threshold;
    int32_t feature;
    int32_t left;  // >= 0: node of the tree, else ~leaf
    int32_t right;
    uint8_t rule;
  };
  struct Tree {
    uint32_t first_leaf = 0;  // in leaves_
    int32_t first_node = -1;  // in walk_nodes_; -1: answered by masks
  };
  struct Block {
    size_t first_tree = 0;
    size_t num_trees = 0;
    bool has_masks = false;
    bool has_walks = false;
    std::vector<FeatureTests> tests;
  };
  struct Builder;

  static void Clear(std::span<const Clearing> clearings, Masks& masks);
  static void ClearFeature(const FeatureTests& tests, float x, Masks& masks);
  double Walk(const Tree& tree, const float* row) const;

  size_t num_features_ = 0;
  size_t num_scores_ = 1;
  std::vector<Block> blocks_;
  std::vector<Tree> trees_;
  std::vector<double> leaves_;  // of masked trees from left to right, of others as in the parts
  std::vector<WalkNode> walk_nodes_;
  std::vector<uint32_t> set_words_;
  std::vector<int32_t> set_starts_;
};

}  // namespace millrace::model
