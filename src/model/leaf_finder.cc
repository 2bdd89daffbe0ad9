#include "model/leaf_finder.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "model/tree_parts.h"

namespace millrace::model {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Children are 16 bits wide.
constexpr size_t kMaxBlockNodes = size_t{1} << 16;
// The highest bit of a slot says that it holds a category.
constexpr uint16_t kCategorySlot = uint16_t{1} << 15;
constexpr size_t kMaxSlots = kCategorySlot;
// A leaf keeps its number in the bits of its threshold: those of a positive, normal number.
constexpr uint32_t kFirstLeafBits = 0x0080'0000;
constexpr uint32_t kMaxLeaves = 0x7f00'0000;
// Steps between two looks at whether all trees have arrived.
constexpr int kStepsPerLook = 8;
// Words of category sets in a block, all as long as the longest; trees beyond are not taken.
constexpr size_t kMaxSetWords = size_t{1} << 22;

bool IsZero(float x) {
  const double value = static_cast<double>(x);
  return value >= -kZeroBand && value <= kZeroBand;
}

float ReadNumber(LeafFinder::Reading reading, float x) {
  using Reading = LeafFinder::Reading;
  const bool nan = std::isnan(x);
  switch (reading) {
    case Reading::kNanRight:
    case Reading::kCategory:
      return x;
    case Reading::kNanLeft:
      return nan ? -kInfinity : x;
    case Reading::kZeroedNan:
      return nan || IsZero(x) ? 0.0f : x;
    case Reading::kZeroedRight:
      return IsZero(x) ? 0.0f : x;
    case Reading::kZeroedLeft:
      return nan ? -kInfinity : IsZero(x) ? 0.0f : x;
    case Reading::kZeroGoesRight:
      return IsZero(x) ? std::numeric_limits<float>::quiet_NaN() : x;
    case Reading::kZeroGoesLeft:
      return nan || IsZero(x) ? -kInfinity : x;
  }
  return x;
}

// The bit of a category within a set of `words`; those that no set holds share the last word, which
// is empty.
uint32_t ReadCategory(float x, size_t words) {
  const size_t unseen = 32 * (words - 1);
  return x >= 0.0f && x < static_cast<float>(unseen) ? static_cast<uint32_t>(x)
                                                     : static_cast<uint32_t>(unseen);
}

}  // namespace

// What a block reads of rows, row by row and slot by slot. Slot 0 is -inf: it passes
// the test of any leaf.
struct LeafFinder::Readings {
  std::vector<float> values;
  std::vector<uint32_t> categories;

  void Take(std::span<const float> rows, size_t num_rows, const Block& block) {
    const size_t width = rows.size() / num_rows;
    const size_t stride = block.slots.size() + 1;
    values.resize(std::max(values.size(), kMaxRows * stride));
    categories.resize(values.size());
    for (size_t r = 0; r < num_rows; ++r) {
      const float* row = rows.data() + r * width;
      float* value = values.data() + r * stride;
      uint32_t* category = categories.data() + r * stride;
      value[0] = -kInfinity;
      category[0] = 0;
      for (size_t i = 0; i < block.slots.size(); ++i) {
        const auto [reading, feature] = block.slots[i];
        const bool is_category = reading == Reading::kCategory;
        value[i + 1] = is_category ? 0.0f : ReadNumber(reading, row[feature]);
        category[i + 1] = is_category ? ReadCategory(row[feature], block.slot_words[i]) : 0;
      }
    }
  }
};

// Gathers trees until a block is full, then lays them out.
class LeafFinder::Builder {
 public:
  explicit Builder(LeafFinder& out) : out_(out) {}

  void Add(const Tree& tree) {
    const size_t num_nodes = 2 * tree.splits.size() + 1;
    size_t num_sets = 0;
    size_t longest = 0;
    for (const Split& split : tree.splits) {
      if (split.reading != Reading::kCategory) continue;
      ++num_sets;
      longest = std::max(longest, split.set.size() + 1);
    }
    const bool taken = tree.wanted && tree.first_leaf + tree.splits.size() < kMaxLeaves &&
                       num_nodes < kMaxBlockNodes && tree.splits.size() + 1 < kMaxSlots &&
                       num_sets * longest <= kMaxSetWords;
    const bool full =
        trees_.size() == kMaxBlockTrees ||
        (taken && (num_nodes_ + num_nodes > kMaxBlockNodes ||
                   slots_.size() + tree.splits.size() + 1 > kMaxSlots ||
                   (num_sets_ + num_sets) * std::max(longest_set_, longest) > kMaxSetWords));
    if (full) Close();
    trees_.push_back({splits_.size(), taken ? tree.splits.size() : kNoSplits, tree.first_leaf});
    if (!taken) return;
    num_nodes_ += num_nodes;
    num_sets_ += num_sets;
    longest_set_ = std::max(longest_set_, longest);
    splits_.insert(splits_.end(), tree.splits.begin(), tree.splits.end());
    for (const Split& split : tree.splits) {
      Slot& slot = slots_[{split.reading, split.feature}];
      if (split.reading != Reading::kCategory) continue;
      slot.words = std::max(slot.words, static_cast<uint32_t>(split.set.size()) + 1);
    }
  }

  // Lays out the trees so far as a block.
  void Close() {
    if (trees_.empty()) return;
    block_ = Block{.first_tree = first_tree_,
                   .num_trees = trees_.size(),
                   .first_node = out_.nodes_.size(),
                   .first_group = out_.groups_.size(),
                   .num_groups = 0,
                   .slots = {},
                   .slot_words = {},
                   .set_words = {0},
                   .not_taken = {}};
    for (auto& [key, slot] : slots_) {
      block_.slots.push_back(key);
      block_.slot_words.push_back(slot.words);
      slot.place = static_cast<uint16_t>(block_.slots.size());
    }
    AddLeaf(0);
    std::vector<Placed> placed;
    for (size_t t = 0; t < trees_.size(); ++t) {
      if (trees_[t].num_splits == kNoSplits) {
        block_.not_taken.push_back(static_cast<uint16_t>(t));
        continue;
      }
      placed.push_back(PlaceTree(trees_[t]));
      placed.back().tree = static_cast<uint16_t>(t);
    }
    GroupTrees(std::move(placed));
    block_.num_groups = out_.groups_.size() - block_.first_group;
    out_.blocks_.push_back(std::move(block_));
    first_tree_ += trees_.size();
    trees_.clear();
    splits_.clear();
    slots_.clear();
    num_nodes_ = 1;
    num_sets_ = 0;
    longest_set_ = 0;
  }

 private:
  static constexpr size_t kNoSplits = SIZE_MAX;
  struct Gathered {
    size_t first_split;
    size_t num_splits;  // kNoSplits: not taken
    uint32_t first_leaf;
  };
  struct Slot {
    uint32_t words = 0;
    uint16_t place = 0;
  };
  struct Placed {
    uint16_t root = 0;
    uint16_t tree = 0;
    uint16_t depth = 0;
    bool has_categories = false;
  };

  uint16_t Here() const { return static_cast<uint16_t>(out_.nodes_.size() - block_.first_node); }

  void AddLeaf(uint32_t leaf) {
    out_.nodes_.push_back(
        {.threshold = std::bit_cast<float>(kFirstLeafBits + leaf), .slot = 0, .child = Here()});
  }

  // Level by level, so that siblings stand side by side and the upper levels lie together.
  Placed PlaceTree(const Gathered& tree) {
    Placed placed{.root = Here()};
    std::vector<int32_t> level = {tree.num_splits > 0 ? 0 : ~0};
    while (!level.empty()) {
      std::vector<int32_t> next;
      const size_t below = Here() + level.size();
      for (const int32_t at : level) {
        if (at < 0) {
          AddLeaf(tree.first_leaf + static_cast<uint32_t>(~at));
          continue;
        }
        const Split& split = splits_[tree.first_split + static_cast<size_t>(at)];
        placed.has_categories |= split.reading == Reading::kCategory;
        out_.nodes_.push_back(NodeOf(split, static_cast<uint16_t>(below + next.size())));
        next.push_back(split.left);
        next.push_back(split.right);
      }
      if (!next.empty()) ++placed.depth;
      level = std::move(next);
    }
    return placed;
  }

  Node NodeOf(const Split& split, uint16_t child) {
    const Slot& slot = slots_.at({split.reading, split.feature});
    if (split.reading != Reading::kCategory) {
      return {.threshold = split.threshold, .slot = slot.place, .child = child};
    }
    const auto first = static_cast<uint32_t>(block_.set_words.size());
    block_.set_words.insert(block_.set_words.end(), split.set.begin(), split.set.end());
    block_.set_words.resize(first + slot.words, 0);
    return {.threshold = std::bit_cast<float>(first),
            .slot = static_cast<uint16_t>(slot.place | kCategorySlot),
            .child = child};
  }

  // Trees of like depth go down together: a group takes the steps of its deepest.
  void GroupTrees(std::vector<Placed> placed) {
    std::stable_sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
      return a.has_categories != b.has_categories ? b.has_categories : a.depth < b.depth;
    });
    for (size_t i = 0; i < placed.size(); ++i) {
      const bool starts = i == 0 || out_.groups_.back().num_trees == kLanes ||
                          placed[i].has_categories != out_.groups_.back().has_categories;
      if (starts) out_.groups_.emplace_back().has_categories = placed[i].has_categories;
      Group& group = out_.groups_.back();
      group.roots[group.num_trees] = placed[i].root;
      group.trees[group.num_trees++] = placed[i].tree;
      group.num_steps = std::max(group.num_steps, placed[i].depth);
    }
  }

  LeafFinder& out_;
  size_t first_tree_ = 0;
  std::vector<Gathered> trees_;
  std::vector<Split> splits_;
  std::map<std::pair<Reading, int32_t>, Slot> slots_;
  size_t num_nodes_ = 1;  // node 0 is the leaf of empty lanes
  size_t num_sets_ = 0;
  size_t longest_set_ = 0;  // words
  Block block_;
};

LeafFinder::LeafFinder(size_t num_trees, const std::function<void(size_t, Tree&)>& read) {
  Builder builder(*this);
  Tree tree;
  for (size_t t = 0; t < num_trees; ++t) {
    tree.splits.clear();
    read(t, tree);
    builder.Add(tree);
  }
  builder.Close();
}

template <bool kHasCategories>
auto LeafFinder::Descend(const Node* nodes, const Group& group, const uint32_t* set_words,
                         const float* values, const uint32_t* categories) -> Places {
  const auto next = [=](uint32_t place) {
    const Node& node = nodes[place];
    if constexpr (!kHasCategories) {
      return node.child + static_cast<uint32_t>(!(values[node.slot] <= node.threshold));
    }
    // Both tests are made, and the one that counts is taken by a mask: a branch would be guessed
    // wrong too often.
    const uint16_t slot = node.slot & (kCategorySlot - 1);
    const uint32_t mask = 0u - static_cast<uint32_t>(node.slot / kCategorySlot);
    const uint32_t category = categories[slot];
    const uint32_t set = std::bit_cast<uint32_t>(node.threshold) & mask;
    const uint32_t outside = ~(set_words[set + category / 32] >> (category % 32)) & 1u;
    const auto above = static_cast<uint32_t>(!(values[slot] <= node.threshold));
    return node.child + ((above & ~mask) | (outside & mask));
  };
  // Written out lane by lane: places stay in registers.
  static_assert(kLanes == 8);
  auto [a, b, c, d, e, f, g, h] = group.roots;
  for (int left = group.num_steps; left > 0; left -= kStepsPerLook) {
    for (int step = std::min(left, kStepsPerLook); step > 0; --step) {
      a = next(a);
      b = next(b);
      c = next(c);
      d = next(d);
      e = next(e);
      f = next(f);
      g = next(g);
      h = next(h);
    }
    const auto arrived = [nodes](uint32_t place) { return nodes[place].child == place; };
    if (left > kStepsPerLook && arrived(a) && arrived(b) && arrived(c) && arrived(d) &&
        arrived(e) && arrived(f) && arrived(g) && arrived(h)) {
      break;
    }
  }
  return {a, b, c, d, e, f, g, h};
}

void LeafFinder::Find(std::span<const float> rows, size_t num_rows, const Block& block,
                      Leaves& leaves) const {
  thread_local Readings readings;
  readings.Take(rows, num_rows, block);
  const Node* nodes = nodes_.data() + block.first_node;
  for (const uint16_t tree : block.not_taken) {
    for (size_t r = 0; r < num_rows; ++r) leaves[r][tree] = kNotTaken;
  }
  const size_t stride = block.slots.size() + 1;
  for (size_t g = block.first_group; g < block.first_group + block.num_groups; ++g) {
    const Group& group = groups_[g];
    const auto descend = group.has_categories ? &Descend<true> : &Descend<false>;
    for (size_t r = 0; r < num_rows; ++r) {
      const Places places =
          descend(nodes, group, block.set_words.data(), readings.values.data() + r * stride,
                  readings.categories.data() + r * stride);
      for (size_t lane = 0; lane < group.num_trees; ++lane) {
        leaves[r][group.trees[lane]] =
            std::bit_cast<uint32_t>(nodes[places[lane]].threshold) - kFirstLeafBits;
      }
    }
  }
}

}  // namespace millrace::model
