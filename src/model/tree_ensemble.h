// Tree ensembles: sums (boosting) or means (forests) of decision trees, one score per class.
//
// Thread safety: immutable after Make. Scores are summed in tree order, so a row's result does not
// depend on batch or thread.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
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

class TreeEnsemble final : public Model {
 public:
  /// Checks every index and that each tree is a tree (each node and leaf reached exactly once).
  /// kCorrupt otherwise.
  static Result<std::unique_ptr<TreeEnsemble>> Make(TreeParts parts);

  std::string_view kind() const override { return "trees"; }
  int64_t num_features() const override { return parts_.num_features; }
  int64_t num_scores() const override { return parts_.num_scores; }
  Link link() const override { return parts_.link; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;

  int64_t num_trees() const { return static_cast<int64_t>(parts_.tree_nodes.size()) - 1; }
  const TreeParts& parts() const { return parts_; }
  /// Returns how often each feature splits [num_features].
  std::vector<int64_t> SplitCounts() const;

 private:
  explicit TreeEnsemble(TreeParts parts) : parts_(std::move(parts)) {}
  double LeafOf(size_t tree, const float* row) const;

  TreeParts parts_;
};

/// Reads the body that Serialize wrote after the header. kCorrupt.
class ByteReader;
Result<std::unique_ptr<Model>> ReadTreeEnsemble(ByteReader& reader);

}  // namespace millrace::model
