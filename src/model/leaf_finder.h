// LeafFinder: trees laid out so that the leaves of several trees are found at the same time.
//
// A tree walked from its root waits at every split for the one before. Here eight trees go down
// together, so that the waits of one are the work of the others, and no step branches on data: the
// children of a split stand side by side and the outcome of its test is added to the place of the
// first; a leaf is a split that leads to itself (predication and interleaving: Asadi, Lin, de Vries
// 2014, "Runtime optimizations for tree-based machine learning models", IEEE TKDE 26(9)). What a
// missing value or a zero does is settled once per row: each feature is read in each of the ways
// that its splits ask for, and splits name the reading.
//
// The leaf of every tree is the one that a walk finds. Thread safety: immutable once built; use
// from many threads. No allocation while finding after the first call on a thread.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace millrace::model {

class LeafFinder {
 public:
  /// How a split reads the value of its feature. "Zero" is what lies within kZeroBand of 0.
  enum class Reading : uint8_t {
    kNanRight,       // as it is; NaN goes right
    kNanLeft,        // as it is; NaN goes left
    kZeroedNan,      // zero for zero and NaN
    kZeroedRight,    // zero for zero; NaN goes right
    kZeroedLeft,     // zero for zero; NaN goes left
    kZeroGoesRight,  // zero and NaN go right
    kZeroGoesLeft,   // zero and NaN go left
    kCategory,       // left when the value's bit is set; NaN, negative, unknown go right
  };
  struct Split {
    int32_t feature = 0;
    Reading reading = Reading::kNanRight;
    float threshold = 0.0f;         // left when value <= threshold; not NaN; unused for categories
    std::span<const uint32_t> set;  // kCategory: bit v: category v goes left
    int32_t left = 0;               // >= 0: split of the same tree after this one, else ~leaf
    int32_t right = 0;
  };
  /// One tree as it is handed over; reused from call to call.
  struct Tree {
    std::vector<Split> splits;
    uint32_t first_leaf = 0;  // its leaves are numbered from here
    bool wanted = true;       // false: the caller finds its leaf in another way
  };
  /// Trees that are found together, in their order.
  struct Block {
    size_t first_tree = 0;
    size_t num_trees = 0;
    size_t first_node = 0;
    size_t first_group = 0;
    size_t num_groups = 0;
    std::vector<std::pair<Reading, int32_t>> slots;  // and feature; numbers, then categories
    std::vector<uint32_t> slot_words;                // of the sets of a category slot, else 0
    std::vector<uint32_t> set_words;
    std::vector<uint16_t> not_taken;  // trees, within the block
  };
  static constexpr size_t kMaxBlockTrees = 256;
  static constexpr size_t kMaxRows = 16;
  /// Of up to kMaxRows rows and of the trees of one block.
  using Leaves = std::array<std::array<uint32_t, kMaxBlockTrees>, kMaxRows>;
  /// Stands for the leaf of a tree that is not wanted, or too large (65,536 splits and leaves).
  static constexpr uint32_t kNotTaken = UINT32_MAX;

  LeafFinder() = default;
  /// Asks `read` for each tree, from the first to the last.
  LeafFinder(size_t num_trees, const std::function<void(size_t tree, Tree& into)>& read);

  std::span<const Block> blocks() const { return blocks_; }
  /// Writes the leaf of each tree of a block for 1 to kMaxRows rows [num_rows, features].
  void Find(std::span<const float> rows, size_t num_rows, const Block& block, Leaves& leaves) const;

 private:
  static constexpr size_t kLanes = 8;

  // A split or leaf. `slot`: place of the reading, the highest bit set for a category. `child`: the
  // left one, counted from the block's first node; the right one follows. A leaf is its own child.
  struct Node {
    float threshold = 0.0f;  // or bits: the place of a category split's set, the number of a leaf
    uint16_t slot = 0;
    uint16_t child = 0;
  };
  // Trees that go down together; lanes beyond num_trees stay at node 0, a leaf.
  struct Group {
    std::array<uint32_t, kLanes> roots{};
    std::array<uint16_t, kLanes> trees{};  // within the block
    uint16_t num_trees = 0;
    uint16_t num_steps = 0;  // of the deepest
    bool has_categories = false;
  };
  using Places = std::array<uint32_t, kLanes>;  // nodes, counted from the block's first
  struct Readings;
  class Builder;

  template <bool kHasCategories>
  static Places Descend(const Node* nodes, const Group& group, const uint32_t* set_words,
                        const float* values, const uint32_t* categories);

  std::vector<Block> blocks_;
  std::vector<Node> nodes_;
  std::vector<Group> groups_;
};

}  // namespace millrace::model
