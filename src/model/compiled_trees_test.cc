#include "model/compiled_trees.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/rng.h"
#include "model/tree_ensemble.h"

namespace millrace::model {
namespace {

constexpr int64_t kNumFeatures = 6;  // the last two hold categories
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct TreeOptions {
  int64_t max_leaves = 31;
  bool zero_rules = false;
};

// Values that tests of trees like to stumble on.
double AwkwardNumber(Rng& rng) {
  static constexpr double kValues[] = {0.0,  -0.0, 1e-36, -1e-36, 1e-35, 2e-35, 0.1,
                                       -0.1, 1.0,  -1.0,  1e30,   -1e30, 1e300};
  return rng.Below(3) == 0 ? kValues[rng.Below(std::size(kValues))] : rng.Normal();
}

void AddSplit(const TreeOptions& options, Rng& rng, TreeParts& parts) {
  const auto feature = static_cast<int32_t>(rng.Below(kNumFeatures));
  parts.split_feature.push_back(feature);
  if (feature >= kNumFeatures - 2) {
    parts.threshold.push_back(static_cast<double>(parts.set_starts.size() - 1));
    parts.rule.push_back(kCategorySplit);
    for (uint64_t w = 0; w <= rng.Below(3); ++w) {
      parts.set_words.push_back(static_cast<uint32_t>(rng.Next()));
    }
    parts.set_starts.push_back(static_cast<int32_t>(parts.set_words.size()));
  } else {
    parts.threshold.push_back(AwkwardNumber(rng));
    const uint64_t rules = options.zero_rules ? 3 : 2;
    uint64_t rule = rng.Below(rules);
    if (!options.zero_rules && rule == 1) rule = 2;
    parts.rule.push_back(static_cast<uint8_t>(rule | (rng.Below(2) * kDefaultLeft)));
  }
}

// Adds a tree of random shape: the open places are filled in random order.
void AddTree(const TreeOptions& options, Rng& rng, TreeParts& parts) {
  const auto first = parts.split_feature.size();
  const auto num_leaves =
      static_cast<int32_t>(1 + rng.Below(static_cast<uint64_t>(options.max_leaves)));
  struct Place {
    size_t node;
    bool left;
  };
  std::vector<Place> open;
  const auto fill = [&](Place place, int32_t child) {
    (place.left ? parts.left : parts.right)[place.node] = child;
  };
  for (int32_t n = 0; n + 1 < num_leaves; ++n) {
    if (n > 0) {
      const auto pick = static_cast<size_t>(rng.Below(open.size()));
      fill(open[pick], n);
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    AddSplit(options, rng, parts);
    parts.left.push_back(0);
    parts.right.push_back(0);
    open.push_back({first + static_cast<size_t>(n), true});
    open.push_back({first + static_cast<size_t>(n), false});
  }
  rng.Shuffle(std::span<Place>(open));
  for (size_t i = 0; i < open.size(); ++i) fill(open[i], ~static_cast<int32_t>(i));
  for (int32_t leaf = 0; leaf < num_leaves; ++leaf) parts.leaf_value.push_back(rng.Normal());
  parts.tree_nodes.push_back(static_cast<int32_t>(parts.split_feature.size()));
  parts.tree_leaves.push_back(static_cast<int32_t>(parts.leaf_value.size()));
}

TreeParts RandomTrees(int64_t num_trees, int64_t num_scores, const TreeOptions& options, Rng& rng) {
  TreeParts parts;
  parts.num_features = kNumFeatures;
  parts.num_scores = num_scores;
  parts.base_scores.assign(static_cast<size_t>(num_scores), 0.125);
  parts.tree_nodes = {0};
  parts.tree_leaves = {0};
  parts.set_starts = {0};
  for (int64_t t = 0; t < num_trees; ++t) AddTree(options, rng, parts);
  return parts;
}

std::vector<float> AwkwardRows(int64_t num_rows, Rng& rng) {
  std::vector<float> rows;
  for (int64_t i = 0; i < num_rows * kNumFeatures; ++i) {
    if (rng.Below(8) == 0) {
      rows.push_back(std::numeric_limits<float>::quiet_NaN());
    } else if (rng.Below(16) == 0) {
      rows.push_back(static_cast<float>(rng.Below(2) == 0 ? kInfinity : -kInfinity));
    } else if (i % kNumFeatures >= kNumFeatures - 2) {
      rows.push_back(static_cast<float>(rng.Below(120)) - 5.0f);
    } else {
      rows.push_back(std::clamp(static_cast<float>(AwkwardNumber(rng)), -1e38f, 1e38f));
    }
  }
  return rows;
}

void ExpectSameBits(TreeParts parts, Rng& rng) {
  const auto model = TreeEnsemble::Make(std::move(parts));
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  constexpr int64_t kRows = 300;
  const std::vector<float> rows = AwkwardRows(kRows, rng);
  const auto size = static_cast<size_t>(kRows * (*model)->num_scores());
  std::vector<double> compiled(size, -1.0);
  std::vector<double> walked(size, -2.0);
  (*model)->PredictRaw(rows, kRows, compiled);
  (*model)->PredictRawBySplits(rows, kRows, walked);
  for (size_t i = 0; i < size; ++i) {
    ASSERT_EQ(std::bit_cast<uint64_t>(compiled[i]), std::bit_cast<uint64_t>(walked[i])) << i;
  }
}

TEST(CompiledTreesTest, EqualTheWalkBitByBit) {
  Rng rng(1);
  for (const int64_t leaves : {1, 2, 3, 31, 64}) {
    ExpectSameBits(RandomTrees(40, 1, {.max_leaves = leaves}, rng), rng);
  }
}

TEST(CompiledTreesTest, LargeTreesAndZeroRules) {
  Rng rng(2);
  ExpectSameBits(RandomTrees(30, 1, {.max_leaves = 65}, rng), rng);
  ExpectSameBits(RandomTrees(10, 1, {.max_leaves = 500}, rng), rng);
  ExpectSameBits(RandomTrees(30, 1, {.max_leaves = 20, .zero_rules = true}, rng), rng);
}

TEST(CompiledTreesTest, ManyBlocksAndScores) {
  Rng rng(3);
  ExpectSameBits(RandomTrees(700, 1, {.max_leaves = 16}, rng), rng);
  ExpectSameBits(RandomTrees(699, 3, {.max_leaves = 70}, rng), rng);
  ExpectSameBits(RandomTrees(0, 1, {}, rng), rng);
}

TEST(CompiledTreesTest, AFullChainOf64LeavesInBothDirections) {
  for (const bool left : {true, false}) {
    Rng rng(4);
    TreeParts parts = RandomTrees(0, 1, {}, rng);
    for (int32_t n = 0; n < 63; ++n) {
      parts.split_feature.push_back(0);
      parts.threshold.push_back(left ? -n : n);
      parts.rule.push_back(static_cast<uint8_t>(MissingRule::kNan));
      const int32_t next = n == 62 ? ~63 : n + 1;
      parts.left.push_back(left ? next : ~n);
      parts.right.push_back(left ? ~n : next);
    }
    for (int32_t leaf = 0; leaf < 64; ++leaf) parts.leaf_value.push_back(leaf);
    parts.tree_nodes.push_back(63);
    parts.tree_leaves.push_back(64);
    ExpectSameBits(parts, rng);
  }
}

// A tree whose split n has the splits 2n + 1 and 2n + 2 below it.
void AddFullTree(int32_t num_splits, Rng& rng, TreeParts& parts) {
  int32_t leaf = 0;
  const auto below = [&leaf, num_splits](int32_t n) { return n < num_splits ? n : ~leaf++; };
  for (int32_t n = 0; n < num_splits; ++n) {
    AddSplit({}, rng, parts);
    parts.left.push_back(below(2 * n + 1));
    parts.right.push_back(below(2 * n + 2));
  }
  for (int32_t l = 0; l <= num_splits; ++l) parts.leaf_value.push_back(rng.Normal());
  parts.tree_nodes.push_back(static_cast<int32_t>(parts.split_feature.size()));
  parts.tree_leaves.push_back(static_cast<int32_t>(parts.leaf_value.size()));
}

TEST(CompiledTreesTest, TreesAtAndBeyondTheLargestThatIsLaidOut) {
  Rng rng(6);
  TreeParts parts = RandomTrees(3, 1, {}, rng);
  for (const int32_t splits : {32'766, 32'767, 32'768, 60'000, 5}) AddFullTree(splits, rng, parts);
  ExpectSameBits(parts, rng);
}

// Sets of a block are stored in one length: one long set among many short ones must not make all of
// them long.
TEST(CompiledTreesTest, ALongSetOfCategoriesAmongShortOnesStaysSmall) {
  Rng rng(7);
  const std::vector<uint32_t> some = {5};
  const std::vector<uint32_t> many(300'000, 0x5555'5555);
  const auto read = [&](size_t tree, LeafFinder::Tree& into) {
    for (int32_t n = 0; n < 30; ++n) {
      into.splits.push_back({.reading = LeafFinder::Reading::kCategory,
                             .set = tree == 3 && n == 7 ? many : some,
                             .left = ~n,
                             .right = n == 29 ? ~30 : n + 1});
    }
  };
  const LeafFinder finder(8, read);
  size_t words = 0;
  size_t not_taken = 0;
  for (const LeafFinder::Block& block : finder.blocks()) {
    words += block.set_words.size();
    not_taken += block.not_taken.size();
  }
  EXPECT_EQ(not_taken, 1u);  // 30 sets of 300,001 words are more than a block may have
  EXPECT_LT(words, 10'000u);
}

TEST(CompiledTreesTest, AThresholdThatIsNoNumberSendsEverythingRight) {
  Rng rng(5);
  TreeParts parts = RandomTrees(20, 1, {.max_leaves = 8}, rng);
  for (size_t n = 0; n < parts.threshold.size(); n += 2) {
    if ((parts.rule[n] & kCategorySplit) == 0) parts.threshold[n] = std::nan("");
  }
  ExpectSameBits(parts, rng);
}

}  // namespace
}  // namespace millrace::model
