#include "model/compiled_trees.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::model {
namespace {

using Reading = LeafFinder::Reading;

// Returns the largest float that is <= threshold, so that x <= threshold says the same for any
// float x. -inf when even the smallest float is greater, which no finite x passes.
float RoundDown(double threshold) {
  auto rounded = static_cast<float>(threshold);
  if (static_cast<double>(rounded) > threshold) {
    rounded = std::nextafter(rounded, -std::numeric_limits<float>::infinity());
  }
  return rounded;
}

Reading ReadingOf(uint8_t rule) {
  if ((rule & kCategorySplit) != 0) return Reading::kCategory;
  const bool left = (rule & kDefaultLeft) != 0;
  switch (static_cast<MissingRule>(rule & 3)) {
    case MissingRule::kZero:
      return left ? Reading::kZeroGoesLeft : Reading::kZeroGoesRight;
    case MissingRule::kNan:
      return left ? Reading::kZeroedLeft : Reading::kZeroedRight;
    case MissingRule::kNone:
      break;
  }
  return Reading::kZeroedNan;
}

std::span<const uint32_t> SetOf(const TreeParts& parts, size_t node) {
  const auto set = static_cast<size_t>(parts.threshold[node]);
  const auto first = static_cast<size_t>(parts.set_starts[set]);
  return std::span(parts.set_words)
      .subspan(first, static_cast<size_t>(parts.set_starts[set + 1]) - first);
}

void ReadTree(const TreeParts& parts, size_t tree, LeafFinder::Tree& into) {
  into.first_leaf = static_cast<uint32_t>(parts.tree_leaves[tree]);
  into.wanted = true;
  for (auto node = static_cast<size_t>(parts.tree_nodes[tree]);
       node < static_cast<size_t>(parts.tree_nodes[tree + 1]); ++node) {
    LeafFinder::Split split{.feature = parts.split_feature[node],
                            .reading = ReadingOf(parts.rule[node]),
                            .threshold = 0.0f,
                            .set = {},
                            .left = parts.left[node],
                            .right = parts.right[node]};
    if (split.reading == Reading::kCategory) {
      split.set = SetOf(parts, node);
    } else {
      split.threshold = RoundDown(parts.threshold[node]);
      // Nothing is at most such a threshold, but a missing value may still go left.
      if (std::isnan(split.threshold)) into.wanted = false;
    }
    into.splits.push_back(split);
  }
}

}  // namespace

CompiledTrees::CompiledTrees(const TreeParts& parts)
    : finder_(parts.tree_nodes.size() - 1,
              [&parts](size_t tree, LeafFinder::Tree& into) { ReadTree(parts, tree, into); }) {}

void CompiledTrees::AddLeaves(const TreeParts& parts, std::span<const float> rows, int64_t num_rows,
                              std::span<double> scores) const {
  const auto num_features = static_cast<size_t>(parts.num_features);
  const auto num_scores = static_cast<size_t>(parts.num_scores);
  LeafFinder::Leaves leaves;
  for (const LeafFinder::Block& block : finder_.blocks()) {
    for (size_t first = 0; first < static_cast<size_t>(num_rows); first += LeafFinder::kMaxRows) {
      const size_t count = std::min(LeafFinder::kMaxRows, static_cast<size_t>(num_rows) - first);
      const std::span<const float> some = rows.subspan(first * num_features, count * num_features);
      finder_.Find(some, count, block, leaves);
      double* out = scores.data() + first * num_scores;
      size_t score = block.first_tree % num_scores;
      for (size_t t = 0; t < block.num_trees; ++t) {
        for (size_t r = 0; r < count; ++r) {
          const uint32_t found = leaves[r][t];
          const uint32_t leaf =
              found != LeafFinder::kNotTaken
                  ? found
                  : WalkToLeaf(parts, block.first_tree + t, some.data() + r * num_features);
          out[r * num_scores + score] += parts.leaf_value[leaf];
        }
        if (++score == num_scores) score = 0;
      }
    }
  }
}

uint32_t WalkToLeaf(const TreeParts& parts, size_t tree, const float* row) {
  const auto first_node = static_cast<size_t>(parts.tree_nodes[tree]);
  const auto first_leaf = static_cast<uint32_t>(parts.tree_leaves[tree]);
  if (first_node == static_cast<size_t>(parts.tree_nodes[tree + 1])) return first_leaf;
  int32_t at = 0;
  while (at >= 0) {
    const size_t node = first_node + static_cast<size_t>(at);
    const uint8_t rule = parts.rule[node];
    const auto value = static_cast<double>(row[parts.split_feature[node]]);
    bool goes_left = false;
    if ((rule & kCategorySplit) != 0) {
      const std::span<const uint32_t> set = SetOf(parts, node);
      // NaN, negative and unknown categories go right.
      if (value >= 0.0 && value < 32.0 * static_cast<double>(set.size())) {
        const auto category = static_cast<uint32_t>(value);
        goes_left = ((set[category / 32] >> (category % 32)) & 1u) != 0;
      }
    } else {
      goes_left = GoesLeft(rule, parts.threshold[node], value);
    }
    at = goes_left ? parts.left[node] : parts.right[node];
  }
  return first_leaf + static_cast<uint32_t>(~at);
}

}  // namespace millrace::model
