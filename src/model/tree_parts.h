// TreeParts: decision trees as arrays, the form in which they are grown, stored and compiled.

#pragma once

#include <cstdint>
#include <vector>

#include "model/model.h"

namespace millrace::model {

/// How a split sends a missing value. Values with |x| <= 1e-35 (in float32) count as 0 everywhere.
enum class MissingRule : uint8_t {
  kNone = 0,  // NaN counts as 0
  kZero = 1,  // NaN counts as 0; zeros go the default way
  kNan = 2,   // NaN goes the default way
};

/// The parts of an ensemble, tree after tree. Children >= 0 are nodes of the same tree, counted
/// from its first node; children < 0 are leaves: ~child, counted from the tree's first leaf.
struct TreeParts {
  int64_t num_features = 0;
  int64_t num_scores = 1;  // tree t adds to score t % num_scores
  Link link = Link::kIdentity;
  bool average = false;                // divide each score by its number of trees
  std::vector<double> base_scores;     // [num_scores], added at the end
  std::vector<int32_t> tree_nodes;     // [num_trees + 1] first node of each tree
  std::vector<int32_t> tree_leaves;    // [num_trees + 1] first leaf of each tree
  std::vector<int32_t> split_feature;  // [num_nodes]
  std::vector<double> threshold;       // [num_nodes] numeric: left when x <= threshold;
                                       // category: index of the split's value set
  std::vector<uint8_t> rule;           // [num_nodes] bits 0-1 MissingRule, 2 default left,
                                       // 3 category split
  std::vector<int32_t> left;           // [num_nodes]
  std::vector<int32_t> right;          // [num_nodes]
  std::vector<double> leaf_value;      // [num_leaves]
  std::vector<int32_t> set_starts;     // [num_sets + 1] first word of each value set
  std::vector<uint32_t> set_words;     // bit v of a set: category v goes left
};

inline constexpr uint8_t kDefaultLeft = 4;
inline constexpr uint8_t kCategorySplit = 8;

/// Values at most this far from zero count as zero, as in the engine that grew them (1e-35 in
/// float32).
inline constexpr double kZeroBand = static_cast<double>(1e-35f);

/// Returns true when a number that is not a category goes left at a split: the meaning of a rule.
bool GoesLeft(uint8_t rule, double threshold, double value);

}  // namespace millrace::model
