#include "model/forest_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/format.h"
#include "model/model_header.h"

namespace millrace::model {
namespace {

bool IsRising(const std::vector<int32_t>& starts, size_t end) {
  if (starts.empty() || starts.front() != 0 || static_cast<size_t>(starts.back()) != end) {
    return false;
  }
  return std::is_sorted(starts.begin(), starts.end());
}

// Every node but the root and every leaf has one parent before it.
Status CheckTree(const ForestParts& parts, size_t tree) {
  const auto first_node = static_cast<size_t>(parts.tree_nodes[tree]);
  const auto num_nodes = static_cast<size_t>(parts.tree_nodes[tree + 1]) - first_node;
  const auto num_leaves =
      static_cast<size_t>(parts.tree_leaves[tree + 1] - parts.tree_leaves[tree]);
  if (num_leaves != num_nodes + 1) {
    return Corrupt(
        Format("model: tree {} has {} splits and {} leaves", tree, num_nodes, num_leaves));
  }
  std::vector<uint8_t> node_reached(num_nodes);
  std::vector<uint8_t> leaf_reached(num_leaves);
  for (size_t n = 0; n < num_nodes; ++n) {
    for (const int32_t child : {parts.left[first_node + n], parts.right[first_node + n]}) {
      const auto index = static_cast<size_t>(child < 0 ? ~child : child);
      std::vector<uint8_t>& reached = child < 0 ? leaf_reached : node_reached;
      if (index >= reached.size() || (child >= 0 && index <= n) || reached[index] != 0) {
        return Corrupt(Format("model: tree {}: a child out of place: {}", tree, child));
      }
      reached[index] = 1;
    }
  }
  return {};
}

Status CheckArrays(const ForestParts& parts) {
  const size_t num_nodes = parts.split_feature.size();
  if (parts.num_features < 0 || parts.num_scores < 1 || parts.num_scores > 65'536 ||
      parts.base_shares.size() != static_cast<size_t>(parts.num_scores) ||
      parts.threshold.size() != num_nodes || parts.missing_left.size() != num_nodes ||
      parts.left.size() != num_nodes || parts.right.size() != num_nodes ||
      parts.share.size() != parts.share_class.size() ||
      parts.tree_nodes.size() != parts.tree_leaves.size() || parts.tree_nodes.size() < 2 ||
      parts.leaf_starts.empty() || !IsRising(parts.tree_nodes, num_nodes) ||
      !IsRising(parts.tree_leaves, parts.leaf_starts.size() - 1) ||
      !IsRising(parts.leaf_starts, parts.share.size())) {
    return Corrupt("model: sizes of a forest do not fit");
  }
  for (const double share : parts.base_shares) {
    if (!(share >= 0.0 && share <= 1.0)) return Corrupt("model: a bad base share of a forest");
  }
  for (size_t n = 0; n < num_nodes; ++n) {
    if (parts.split_feature[n] < 0 || parts.split_feature[n] >= parts.num_features ||
        std::isnan(parts.threshold[n]) || parts.missing_left[n] > 1) {
      return Corrupt("model: a bad split of a forest");
    }
  }
  for (size_t i = 0; i < parts.share.size(); ++i) {
    if (parts.share_class[i] >= parts.num_scores ||
        !(parts.share[i] >= 0.0f && parts.share[i] <= 1.0f)) {
      return Corrupt("model: a bad class share of a forest");
    }
  }
  return {};
}

void ReadTree(const ForestParts& parts, size_t tree, LeafFinder::Tree& into) {
  into.first_leaf = static_cast<uint32_t>(parts.tree_leaves[tree]);
  for (auto node = static_cast<size_t>(parts.tree_nodes[tree]);
       node < static_cast<size_t>(parts.tree_nodes[tree + 1]); ++node) {
    into.splits.push_back({.feature = parts.split_feature[node],
                           .reading = parts.missing_left[node] != 0
                                          ? LeafFinder::Reading::kNanLeft
                                          : LeafFinder::Reading::kNanRight,
                           .threshold = parts.threshold[node],
                           .set = {},
                           .left = parts.left[node],
                           .right = parts.right[node]});
  }
}

// The leaf of a tree that is too large for the finder, split by split.
uint32_t WalkToLeaf(const ForestParts& parts, size_t tree, const float* row) {
  const auto first_node = static_cast<size_t>(parts.tree_nodes[tree]);
  const auto first_leaf = static_cast<uint32_t>(parts.tree_leaves[tree]);
  if (parts.tree_nodes[tree + 1] == parts.tree_nodes[tree]) return first_leaf;
  int32_t at = 0;
  while (at >= 0) {
    const size_t node = first_node + static_cast<size_t>(at);
    const float value = row[parts.split_feature[node]];
    const bool left =
        std::isnan(value) ? parts.missing_left[node] != 0 : value <= parts.threshold[node];
    at = left ? parts.left[node] : parts.right[node];
  }
  return first_leaf + static_cast<uint32_t>(~at);
}

}  // namespace

Result<std::unique_ptr<ForestModel>> ForestModel::Make(ForestParts parts) {
  MILLRACE_RETURN_IF_ERROR(CheckArrays(parts));
  for (size_t tree = 0; tree + 1 < parts.tree_nodes.size(); ++tree) {
    MILLRACE_RETURN_IF_ERROR(CheckTree(parts, tree));
  }
  return std::make_unique<ForestModel>(ForestModel(std::move(parts)));
}

ForestModel::ForestModel(ForestParts parts)
    : parts_(std::move(parts)),
      finder_(parts_.tree_nodes.size() - 1,
              [this](size_t tree, LeafFinder::Tree& into) { ReadTree(parts_, tree, into); }) {}

void ForestModel::PredictRaw(std::span<const float> rows, int64_t num_rows,
                             std::span<double> scores) const {
  const auto width = static_cast<size_t>(parts_.num_scores);
  const auto num_features = static_cast<size_t>(parts_.num_features);
  MILLRACE_CHECK(rows.size() == static_cast<size_t>(num_rows) * num_features &&
                     scores.size() == static_cast<size_t>(num_rows) * width,
                 "callers size rows and scores");
  std::fill(scores.begin(), scores.end(), 0.0);
  LeafFinder::Leaves leaves;
  for (const LeafFinder::Block& block : finder_.blocks()) {
    for (size_t first = 0; first < static_cast<size_t>(num_rows); first += LeafFinder::kMaxRows) {
      const size_t count = std::min(LeafFinder::kMaxRows, static_cast<size_t>(num_rows) - first);
      const std::span<const float> some = rows.subspan(first * num_features, count * num_features);
      finder_.Find(some, count, block, leaves);
      for (size_t r = 0; r < count; ++r) {
        for (size_t t = 0; t < block.num_trees; ++t) {
          const uint32_t found = leaves[r][t];
          const uint32_t leaf =
              found != LeafFinder::kNotTaken
                  ? found
                  : WalkToLeaf(parts_, block.first_tree + t, some.data() + r * num_features);
          AddShares(leaf, scores.data() + (first + r) * width);
        }
      }
    }
  }
  const auto num_trees = static_cast<double>(parts_.tree_nodes.size() - 1);
  for (size_t r = 0; r < static_cast<size_t>(num_rows); ++r) {
    double* out = scores.data() + r * width;
    double total = 0.0;
    for (size_t k = 0; k < width; ++k) {
      out[k] = out[k] / num_trees + parts_.base_shares[k];
      total += out[k];
    }
    // Shares are stored in float32, so that they add up to 1 within 1e-8 only.
    if (width > 1 && total > 0.0) {
      for (size_t k = 0; k < width; ++k) out[k] /= total;
    }
  }
}

void ForestModel::AddShares(uint32_t leaf, double* out) const {
  const auto first = static_cast<size_t>(parts_.leaf_starts[leaf]);
  const auto last = static_cast<size_t>(parts_.leaf_starts[leaf + 1]);
  for (size_t i = first; i < last; ++i) {
    out[parts_.share_class[i]] += static_cast<double>(parts_.share[i]);
  }
}

std::string ForestModel::Serialize() const {
  ByteWriter writer;
  WriteHeader(writer, kind());
  writer.Put(parts_.num_features);
  writer.Put(parts_.num_scores);
  writer.PutArray(parts_.base_shares);
  writer.PutArray(parts_.tree_nodes);
  writer.PutArray(parts_.tree_leaves);
  writer.PutArray(parts_.split_feature);
  writer.PutArray(parts_.threshold);
  writer.PutArray(parts_.missing_left);
  writer.PutArray(parts_.left);
  writer.PutArray(parts_.right);
  writer.PutArray(parts_.leaf_starts);
  writer.PutArray(parts_.share_class);
  writer.PutArray(parts_.share);
  return writer.Take();
}

Result<std::unique_ptr<Model>> ReadForestModel(ByteReader& reader) {
  ForestParts parts;
  MILLRACE_ASSIGN_OR_RETURN(parts.num_features, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.num_scores, reader.Get<int64_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.base_shares, reader.GetArray<double>());
  MILLRACE_ASSIGN_OR_RETURN(parts.tree_nodes, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.tree_leaves, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.split_feature, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.threshold, reader.GetArray<float>());
  MILLRACE_ASSIGN_OR_RETURN(parts.missing_left, reader.GetArray<uint8_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.left, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.right, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.leaf_starts, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.share_class, reader.GetArray<uint16_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.share, reader.GetArray<float>());
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<ForestModel> model,
                            ForestModel::Make(std::move(parts)));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace millrace::model
