// Tree ensembles: sums (boosting) or means (forests) of decision trees, one score per class.
//
// Thread safety: immutable after Make. Scores are summed in tree order, so a row's result does not
// depend on batch or thread.

#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "model/compiled_trees.h"
#include "model/model.h"
#include "model/tree_parts.h"

namespace millrace::model {

class TreeEnsemble final : public Model {
 public:
  /// Checks every index and that each tree is a tree (each node and leaf reached exactly once).
  /// kCorrupt otherwise.
  static Result<std::unique_ptr<TreeEnsemble>> Make(TreeParts parts);

  /// Returns the ensemble of the first `num_trees` trees, a multiple of the number of scores.
  std::unique_ptr<TreeEnsemble> First(int64_t num_trees) const;

  std::string_view kind() const override { return "trees"; }
  int64_t num_features() const override { return parts_.num_features; }
  int64_t num_scores() const override { return parts_.num_scores; }
  Link link() const override { return parts_.link; }
  void PredictRaw(std::span<const float> rows, int64_t num_rows,
                  std::span<double> scores) const override;
  std::string Serialize() const override;
  /// As PredictRaw, split by split: what the compiled form is compared with.
  void PredictRawBySplits(std::span<const float> rows, int64_t num_rows,
                          std::span<double> scores) const;

  int64_t num_trees() const { return static_cast<int64_t>(parts_.tree_nodes.size()) - 1; }
  const TreeParts& parts() const { return parts_; }
  /// Returns how often each feature splits [num_features].
  std::vector<int64_t> SplitCounts() const;

 private:
  explicit TreeEnsemble(TreeParts parts) : parts_(std::move(parts)), compiled_(parts_) {}
  void Finish(std::span<double> scores, int64_t num_rows) const;

  TreeParts parts_;
  CompiledTrees compiled_;
};

class ByteReader;
/// Reads the body that Serialize wrote after the header. kCorrupt.
Result<std::unique_ptr<Model>> ReadTreeEnsemble(ByteReader& reader);  // plain arrays, older files
Result<std::unique_ptr<Model>> ReadPackedTrees(ByteReader& reader);

}  // namespace millrace::model
