// Forests of several classes: the mean over trees of the class shares in the leaf that a row
// reaches. Leaves hold shares of present classes only, so a pure leaf costs a few bytes.
//
// Forests of one number are TreeEnsembles with `average`.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "model/byte_stream.h"
#include "model/leaf_finder.h"
#include "model/model.h"

namespace millrace::model {

/// Children as in TreeParts: >= 0 a node of the same tree after its parent, < 0 leaf ~child, both
/// counted from the tree's first one.
struct ForestParts {
  int64_t num_features = 0;
  int64_t num_scores = 2;
  std::vector<double> base_shares;     // [num_scores] added at the end
  std::vector<int32_t> tree_nodes;     // [num_trees + 1] first node of each tree
  std::vector<int32_t> tree_leaves;    // [num_trees + 1] first leaf of each tree
  std::vector<int32_t> split_feature;  // [num_nodes]
  std::vector<float> threshold;        // [num_nodes] left when x <= threshold
  std::vector<uint8_t> missing_left;   // [num_nodes] 1: NaN goes left
  std::vector<int32_t> left;           // [num_nodes]
  std::vector<int32_t> right;          // [num_nodes]
  std::vector<int32_t> leaf_starts;    // [num_leaves + 1] first share of each leaf
  std::vector<uint16_t> share_class;   // [num_shares]
  std::vector<float> share;            // [num_shares] in (0, 1]
};

class ForestModel final : public Model {
 public:
  /// kCorrupt unless every index is in range, each tree is a tree and shares are finite.
  static Result<std::unique_ptr<ForestModel>> Make(ForestParts parts);

  std::string_view kind() const override { return "forest"; }
  int64_t num_features() const override { return parts_.num_features; }
  int64_t num_scores() const override { return parts_.num_scores; }
  /// Scores are probabilities already.
  Link link() const override { return Link::kIdentity; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;
  const ForestParts& parts() const { return parts_; }

 private:
  explicit ForestModel(ForestParts parts);
  void AddShares(uint32_t leaf, double* out) const;

  ForestParts parts_;
  LeafFinder finder_;
};

Result<std::unique_ptr<Model>> ReadForestModel(ByteReader& reader);

}  // namespace millrace::model
