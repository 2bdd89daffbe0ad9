#include "model/compiled_trees.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace millrace::model {
namespace {

// Entries that category tests of one block may take; trees beyond are walked.
constexpr size_t kMaxCategoryEntries = size_t{1} << 22;

// Returns the largest float that is <= threshold, so that x <= threshold says the same for any
// float x. -inf when even the smallest float is greater, which no finite x passes.
float RoundDown(double threshold) {
  auto rounded = static_cast<float>(threshold);
  if (static_cast<double>(rounded) > threshold) {
    rounded = std::nextafter(rounded, -std::numeric_limits<float>::infinity());
  }
  return rounded;
}

bool HasCategory(const uint32_t* words, size_t num_words, size_t value) {
  return value / 32 < num_words && ((words[value / 32] >> (value % 32)) & 1u) != 0;
}

}  // namespace

// Compiles one block of trees.
struct CompiledTrees::Builder {
  struct NumberTest {
    float threshold;
    Clearing clearing;
  };
  struct CategoryTest {
    const uint32_t* words;
    size_t num_words;
    Clearing clearing;
  };
  struct Tests {
    std::vector<NumberTest> numbers;
    std::vector<Clearing> missing;
    std::vector<CategoryTest> categories;
  };

  const TreeParts& parts;
  CompiledTrees& out;
  Block& block;
  std::map<int32_t, Tests> tests = {};
  size_t category_entries = 0;

  size_t NumNodes(size_t tree) const {
    return static_cast<size_t>(parts.tree_nodes[tree + 1] - parts.tree_nodes[tree]);
  }

  std::pair<const uint32_t*, size_t> SetOf(size_t node) const {
    const auto set = static_cast<size_t>(parts.threshold[node]);
    const auto first = static_cast<size_t>(parts.set_starts[set]);
    return {parts.set_words.data() + first, static_cast<size_t>(parts.set_starts[set + 1]) - first};
  }

  // Returns true when masks answer the tree: few leaves, ordered thresholds, no zero rule,
  // small category tests.
  bool Fits(size_t tree) {
    if (NumNodes(tree) + 1 > kMaxLeaves) return false;
    size_t entries = 0;
    for (size_t n = 0; n < NumNodes(tree); ++n) {
      const size_t node = static_cast<size_t>(parts.tree_nodes[tree]) + n;
      if ((parts.rule[node] & kCategorySplit) != 0) {
        entries += 32 * SetOf(node).second + 1;
      } else if (static_cast<MissingRule>(parts.rule[node] & 3) == MissingRule::kZero ||
                 std::isnan(parts.threshold[node])) {
        return false;
      }
    }
    if (category_entries + entries > kMaxCategoryEntries) return false;
    category_entries += entries;
    return true;
  }

  // Adds the tests below a node and returns how many leaves it has; `first_leaf` is its leftmost
  // one, counted from left to right. Depth is at most 64, the number of leaves.
  size_t AddNode(size_t tree, int32_t at, size_t first_leaf) {
    if (at < 0) {
      const auto leaf = static_cast<size_t>(parts.tree_leaves[tree]) + static_cast<size_t>(~at);
      out.leaves_.push_back(parts.leaf_value[leaf]);
      return 1;
    }
    const auto node = static_cast<size_t>(parts.tree_nodes[tree]) + static_cast<size_t>(at);
    const size_t left = AddNode(tree, parts.left[node], first_leaf);
    // left <= 63: a split has a leaf on its right.
    const uint64_t leaves = ((uint64_t{1} << left) - 1) << first_leaf;
    AddTest(node, {~leaves, static_cast<uint32_t>(tree - block.first_tree)});
    return left + AddNode(tree, parts.right[node], first_leaf + left);
  }

  void AddTest(size_t node, Clearing clearing) {
    Tests& of_feature = tests[parts.split_feature[node]];
    const uint8_t rule = parts.rule[node];
    if ((rule & kCategorySplit) != 0) {
      const auto [words, num_words] = SetOf(node);
      of_feature.categories.push_back({words, num_words, clearing});
      return;
    }
    const double threshold = parts.threshold[node];
    of_feature.numbers.push_back({RoundDown(threshold), clearing});
    if (!GoesLeft(rule, threshold, std::numeric_limits<double>::quiet_NaN())) {
      of_feature.missing.push_back(clearing);
    }
  }

  void AddWalk(size_t tree) {
    Tree& walked = out.trees_[tree];
    walked.first_node = static_cast<int32_t>(out.walk_nodes_.size());
    for (size_t n = 0; n < NumNodes(tree); ++n) {
      const size_t node = static_cast<size_t>(parts.tree_nodes[tree]) + n;
      out.walk_nodes_.push_back({parts.threshold[node], parts.split_feature[node], parts.left[node],
                                 parts.right[node], parts.rule[node]});
    }
    const auto first = parts.leaf_value.begin() + parts.tree_leaves[tree];
    out.leaves_.insert(out.leaves_.end(), first,
                       parts.leaf_value.begin() + parts.tree_leaves[tree + 1]);
  }

  void AddTree(size_t tree) {
    out.trees_[tree].first_leaf = static_cast<uint32_t>(out.leaves_.size());
    if (Fits(tree)) {
      block.has_masks = true;
      AddNode(tree, NumNodes(tree) > 0 ? 0 : ~0, 0);
    } else {
      block.has_walks = true;
      AddWalk(tree);
    }
  }

  static void FinishNumbers(Tests& from, FeatureTests& to) {
    std::stable_sort(
        from.numbers.begin(), from.numbers.end(),
        [](const NumberTest& a, const NumberTest& b) { return a.threshold < b.threshold; });
    for (const NumberTest& test : from.numbers) {
      to.thresholds.push_back(test.threshold);
      to.clearings.push_back(test.clearing);
    }
    to.missing = std::move(from.missing);
  }

  static void FinishCategories(const Tests& from, FeatureTests& to) {
    if (from.categories.empty()) return;
    size_t num_words = 0;
    for (const CategoryTest& test : from.categories) {
      num_words = std::max(num_words, test.num_words);
    }
    // The last value stands for all that no set holds.
    for (size_t value = 0; value <= 32 * num_words; ++value) {
      to.starts.push_back(static_cast<uint32_t>(to.by_value.size()));
      for (const CategoryTest& test : from.categories) {
        if (!HasCategory(test.words, test.num_words, value)) to.by_value.push_back(test.clearing);
      }
    }
    to.starts.push_back(static_cast<uint32_t>(to.by_value.size()));
  }

  void Finish() {
    for (auto& [feature, of_feature] : tests) {
      FeatureTests compiled;
      compiled.feature = feature;
      FinishNumbers(of_feature, compiled);
      FinishCategories(of_feature, compiled);
      block.tests.push_back(std::move(compiled));
    }
  }
};

CompiledTrees::CompiledTrees(const TreeParts& parts)
    : num_features_(static_cast<size_t>(parts.num_features)),
      num_scores_(static_cast<size_t>(parts.num_scores)),
      trees_(parts.tree_nodes.size() - 1),
      set_words_(parts.set_words),
      set_starts_(parts.set_starts) {
  for (size_t first = 0; first < trees_.size(); first += kBlockTrees) {
    Block& block = blocks_.emplace_back();
    block.first_tree = first;
    block.num_trees = std::min(kBlockTrees, trees_.size() - first);
    Builder builder{parts, *this, block};
    for (size_t t = first; t < first + block.num_trees; ++t) builder.AddTree(t);
    builder.Finish();
  }
}

void CompiledTrees::Clear(std::span<const Clearing> clearings, Masks& masks) {
  for (const Clearing& clearing : clearings) masks[clearing.tree] &= clearing.keep;
}

void CompiledTrees::ClearFeature(const FeatureTests& tests, float x, Masks& masks) {
  if (!tests.thresholds.empty()) {
    if (std::isnan(x)) {
      Clear(tests.missing, masks);
    } else {
      const double value = static_cast<double>(x);
      if (value >= -kZeroBand && value <= kZeroBand) x = 0.0f;
      const auto end = std::lower_bound(tests.thresholds.begin(), tests.thresholds.end(), x);
      Clear({tests.clearings.data(), static_cast<size_t>(end - tests.thresholds.begin())}, masks);
    }
  }
  if (!tests.starts.empty()) {
    // Values without a list, missing and negative ones go right everywhere.
    const size_t unseen = tests.starts.size() - 2;
    const size_t value =
        x >= 0.0f && x < static_cast<float>(unseen) ? static_cast<size_t>(x) : unseen;
    Clear({tests.by_value.data() + tests.starts[value],
           tests.starts[value + 1] - tests.starts[value]},
          masks);
  }
}

double CompiledTrees::Walk(const Tree& tree, const float* row) const {
  const WalkNode* nodes = walk_nodes_.data() + tree.first_node;
  int32_t at = 0;
  while (at >= 0) {
    const WalkNode& node = nodes[at];
    const float x = row[node.feature];
    bool goes_left = false;
    if ((node.rule & kCategorySplit) != 0) {
      const auto set = static_cast<size_t>(node.threshold);
      const auto first = static_cast<size_t>(set_starts_[set]);
      const size_t num_words = static_cast<size_t>(set_starts_[set + 1]) - first;
      goes_left = x >= 0.0f && static_cast<double>(x) < 32.0 * static_cast<double>(num_words) &&
                  HasCategory(set_words_.data() + first, num_words, static_cast<size_t>(x));
    } else {
      goes_left = GoesLeft(node.rule, node.threshold, static_cast<double>(x));
    }
    at = goes_left ? node.left : node.right;
  }
  return leaves_[tree.first_leaf + static_cast<size_t>(~at)];
}

void CompiledTrees::AddLeaves(std::span<const float> rows, int64_t num_rows,
                              std::span<double> scores) const {
  Masks masks;
  for (const Block& block : blocks_) {
    for (size_t r = 0; r < static_cast<size_t>(num_rows); ++r) {
      const float* row = rows.data() + r * num_features_;
      double* out = scores.data() + r * num_scores_;
      if (block.has_masks) {
        std::fill_n(masks.begin(), block.num_trees, ~uint64_t{0});
        for (const FeatureTests& tests : block.tests)
          ClearFeature(tests, row[tests.feature], masks);
      }
      size_t score = block.first_tree % num_scores_;
      for (size_t t = 0; t < block.num_trees; ++t) {
        const Tree& tree = trees_[block.first_tree + t];
        out[score] +=
            tree.first_node < 0
                ? leaves_[tree.first_leaf + static_cast<size_t>(std::countr_zero(masks[t]))]
                : Walk(tree, row);
        if (++score == num_scores_) score = 0;
      }
    }
  }
}

}  // namespace millrace::model
