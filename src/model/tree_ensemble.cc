#include "model/tree_ensemble.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/format.h"
#include "model/byte_stream.h"
#include "model/model_header.h"
#include "model/tree_layout.h"

namespace millrace::model {
namespace {

bool IsRising(const std::vector<int32_t>& starts, size_t end) {
  if (starts.empty() || starts.front() != 0) return false;
  for (size_t i = 1; i < starts.size(); ++i) {
    if (starts[i] < starts[i - 1]) return false;
  }
  return static_cast<size_t>(starts.back()) == end;
}

// Every node and leaf of the tree is reached exactly once from its root.
Status CheckTree(const TreeParts& parts, size_t tree) {
  const auto first_node = static_cast<size_t>(parts.tree_nodes[tree]);
  const auto num_nodes = static_cast<size_t>(parts.tree_nodes[tree + 1]) - first_node;
  const auto num_leaves =
      static_cast<size_t>(parts.tree_leaves[tree + 1] - parts.tree_leaves[tree]);
  if (num_leaves != num_nodes + 1) {
    return Corrupt(
        Format("model: tree {} has {} splits and {} leaves", tree, num_nodes, num_leaves));
  }
  std::vector<uint8_t> reached_node(num_nodes);
  std::vector<uint8_t> reached_leaf(num_leaves);
  if (num_nodes > 0) reached_node[0] = 1;
  for (size_t n = 0; n < num_nodes; ++n) {
    for (const int32_t child : {parts.left[first_node + n], parts.right[first_node + n]}) {
      const bool leaf = child < 0;
      const auto index = static_cast<size_t>(leaf ? ~child : child);
      // Children come after their parent: no cycle can arise.
      const bool inside = leaf ? index < num_leaves : index < num_nodes && index > n;
      if (!inside) return Corrupt(Format("model: tree {}: bad child: {}", tree, child));
      uint8_t& seen = leaf ? reached_leaf[index] : reached_node[index];
      if (leaf && num_nodes > 0 && seen != 0) {
        return Corrupt(Format("model: tree {}: a leaf has two parents", tree));
      }
      if (!leaf && seen != 0)
        return Corrupt(Format("model: tree {}: a split has two parents", tree));
      seen = 1;
    }
  }
  return {};
}

Status CheckNodes(const TreeParts& parts) {
  const size_t num_nodes = parts.split_feature.size();
  if (parts.threshold.size() != num_nodes || parts.rule.size() != num_nodes ||
      parts.left.size() != num_nodes || parts.right.size() != num_nodes) {
    return Corrupt("model: arrays of splits differ in length");
  }
  const auto num_sets = parts.set_starts.empty() ? 0 : parts.set_starts.size() - 1;
  for (size_t n = 0; n < num_nodes; ++n) {
    if (parts.split_feature[n] < 0 || parts.split_feature[n] >= parts.num_features) {
      return Corrupt(
          Format("model: split on feature {} of {}", parts.split_feature[n], parts.num_features));
    }
    if ((parts.rule[n] & 3) > 2 || parts.rule[n] > 15) {
      return Corrupt(Format("model: unknown split rule: {}", parts.rule[n]));
    }
    if ((parts.rule[n] & kCategorySplit) != 0 &&
        !(parts.threshold[n] >= 0.0 && parts.threshold[n] < static_cast<double>(num_sets))) {
      return Corrupt("model: a category split without its values");
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<TreeEnsemble>> TreeEnsemble::Make(TreeParts parts) {
  if (parts.num_features < 0 || parts.num_scores < 1 || parts.num_scores > 1'000'000 ||
      parts.base_scores.size() != static_cast<size_t>(parts.num_scores)) {
    return Corrupt("model: bad sizes of a tree ensemble");
  }
  if (parts.set_starts.empty()) parts.set_starts.push_back(0);
  if (parts.tree_nodes.size() != parts.tree_leaves.size() || parts.tree_nodes.empty() ||
      !IsRising(parts.tree_nodes, parts.split_feature.size()) ||
      !IsRising(parts.tree_leaves, parts.leaf_value.size()) ||
      !IsRising(parts.set_starts, parts.set_words.size())) {
    return Corrupt("model: bad borders of trees");
  }
  MILLRACE_RETURN_IF_ERROR(CheckNodes(parts));
  const size_t num_trees = parts.tree_nodes.size() - 1;
  if (num_trees % static_cast<size_t>(parts.num_scores) != 0) {
    return Corrupt("model: the number of trees is no multiple of the number of scores");
  }
  for (size_t tree = 0; tree < num_trees; ++tree) {
    MILLRACE_RETURN_IF_ERROR(CheckTree(parts, tree));
  }
  return std::unique_ptr<TreeEnsemble>(
      std::make_unique<TreeEnsemble>(TreeEnsemble(std::move(parts))));
}

bool GoesLeft(uint8_t rule, double threshold, double value) {
  const auto missing = static_cast<MissingRule>(rule & 3);
  const bool nan = std::isnan(value);
  const bool zero = value >= -kZeroBand && value <= kZeroBand;
  if (zero || (nan && missing != MissingRule::kNan)) value = 0.0;
  const bool default_way = missing == MissingRule::kNan    ? nan
                           : missing == MissingRule::kZero ? zero || nan
                                                           : false;
  return default_way ? (rule & kDefaultLeft) != 0 : value <= threshold;
}

void TreeEnsemble::PredictRaw(std::span<const float> rows, int64_t num_rows,
                              std::span<double> scores) const {
  MILLRACE_CHECK(rows.size() == static_cast<size_t>(num_rows * parts_.num_features) &&
                     scores.size() == static_cast<size_t>(num_rows * parts_.num_scores),
                 "callers size rows and scores");
  std::fill(scores.begin(), scores.end(), 0.0);
  compiled_.AddLeaves(parts_, rows, num_rows, scores);
  Finish(scores, num_rows);
}

void TreeEnsemble::PredictRawBySplits(std::span<const float> rows, int64_t num_rows,
                                      std::span<double> scores) const {
  const auto num_scores = static_cast<size_t>(parts_.num_scores);
  std::fill(scores.begin(), scores.end(), 0.0);
  for (size_t r = 0; r < static_cast<size_t>(num_rows); ++r) {
    const float* row = rows.data() + r * static_cast<size_t>(parts_.num_features);
    double* out = scores.data() + r * num_scores;
    for (size_t tree = 0; tree < static_cast<size_t>(num_trees()); ++tree) {
      out[tree % num_scores] += parts_.leaf_value[WalkToLeaf(parts_, tree, row)];
    }
  }
  Finish(scores, num_rows);
}

void TreeEnsemble::Finish(std::span<double> scores, int64_t num_rows) const {
  const auto num_scores = static_cast<size_t>(parts_.num_scores);
  const auto trees = static_cast<size_t>(num_trees());
  const double divisor =
      parts_.average && trees > 0 ? static_cast<double>(trees / num_scores) : 1.0;
  for (size_t r = 0; r < static_cast<size_t>(num_rows); ++r) {
    for (size_t k = 0; k < num_scores; ++k) {
      double& score = scores[r * num_scores + k];
      score = score / divisor + parts_.base_scores[k];
    }
  }
}

std::vector<int64_t> TreeEnsemble::SplitCounts() const {
  std::vector<int64_t> counts(static_cast<size_t>(parts_.num_features));
  for (const int32_t feature : parts_.split_feature) ++counts[static_cast<size_t>(feature)];
  return counts;
}

std::unique_ptr<TreeEnsemble> TreeEnsemble::First(int64_t num_trees) const {
  MILLRACE_CHECK(
      num_trees >= 0 && num_trees <= this->num_trees() && num_trees % parts_.num_scores == 0,
      "callers count rounds that the ensemble has");
  const auto trees = static_cast<std::ptrdiff_t>(num_trees);
  TreeParts first = parts_;
  first.tree_nodes.resize(static_cast<size_t>(trees + 1));
  first.tree_leaves.resize(static_cast<size_t>(trees + 1));
  const auto nodes = static_cast<size_t>(first.tree_nodes.back());
  first.split_feature.resize(nodes);
  first.threshold.resize(nodes);
  first.rule.resize(nodes);
  first.left.resize(nodes);
  first.right.resize(nodes);
  first.leaf_value.resize(static_cast<size_t>(first.tree_leaves.back()));
  // Value sets come in the order of trees.
  size_t sets = 0;
  for (size_t n = 0; n < nodes; ++n) {
    if ((first.rule[n] & kCategorySplit) == 0) continue;
    sets = std::max(sets, static_cast<size_t>(first.threshold[n]) + 1);
  }
  first.set_starts.resize(sets + 1);
  first.set_words.resize(static_cast<size_t>(first.set_starts.back()));
  return std::make_unique<TreeEnsemble>(TreeEnsemble(std::move(first)));
}

std::string TreeEnsemble::Serialize() const {
  ByteWriter writer;
  WriteHeader(writer, "packed trees");
  writer.Put(parts_.num_features);
  writer.Put(parts_.num_scores);
  writer.Put(static_cast<uint8_t>(parts_.link));
  writer.Put(static_cast<uint8_t>(parts_.average ? 1 : 0));
  writer.PutArray(parts_.base_scores);
  WriteTrees(parts_, writer);
  return writer.Take();
}

Result<std::unique_ptr<Model>> ReadPackedTrees(ByteReader& reader) {
  TreeParts parts;
  MILLRACE_ASSIGN_OR_RETURN(parts.num_features, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.num_scores, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.link, ReadLink(reader));
  MILLRACE_ASSIGN_OR_RETURN(const uint8_t average, reader.Get<uint8_t>());
  parts.average = average != 0;
  MILLRACE_ASSIGN_OR_RETURN(parts.base_scores, reader.GetArray<double>());
  MILLRACE_RETURN_IF_ERROR(ReadTrees(reader, parts));
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<TreeEnsemble> model,
                            TreeEnsemble::Make(std::move(parts)));
  return std::unique_ptr<Model>(std::move(model));
}

Result<std::unique_ptr<Model>> ReadTreeEnsemble(ByteReader& reader) {
  TreeParts parts;
  MILLRACE_ASSIGN_OR_RETURN(parts.num_features, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.num_scores, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.link, ReadLink(reader));
  MILLRACE_ASSIGN_OR_RETURN(const uint8_t average, reader.Get<uint8_t>());
  parts.average = average != 0;
  MILLRACE_ASSIGN_OR_RETURN(parts.base_scores, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.tree_nodes, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.tree_leaves, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.split_feature, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.threshold, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.rule, reader.GetArray<uint8_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.left, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.right, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.leaf_value, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.set_starts, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.set_words, reader.GetArray<uint32_t>());
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<TreeEnsemble> model,
                            TreeEnsemble::Make(std::move(parts)));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace millrace::model
