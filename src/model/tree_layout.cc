#include "model/tree_layout.h"

#include <cmath>
#include <limits>
#include <utility>

#include "base/format.h"

namespace millrace::model {
namespace {

// Beside the rule of a split: which of its children are leaves.
constexpr uint8_t kRuleBits = 15;
constexpr uint8_t kLeftLeaf = 16;
constexpr uint8_t kRightLeaf = 32;

bool FitsFloat(const std::vector<double>& values) {
  for (const double value : values) {
    if (static_cast<double>(static_cast<float>(value)) != value) return false;
  }
  return true;
}

void PutNumbers(const std::vector<double>& values, ByteWriter& writer) {
  const bool fits = FitsFloat(values);
  writer.Put(static_cast<uint8_t>(fits ? 1 : 0));
  if (fits) {
    writer.PutArray(std::vector<float>(values.begin(), values.end()));
  } else {
    writer.PutArray(values);
  }
}

Result<std::vector<double>> GetNumbers(ByteReader& reader) {
  MILLRACE_ASSIGN_OR_RETURN(const uint8_t fits, reader.Get<uint8_t>());
  if (fits == 0) return reader.GetArray<double>();
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<float> values, reader.GetArray<float>());
  return std::vector<double>(values.begin(), values.end());
}

void PutFeatures(const std::vector<int32_t>& features, int64_t num_features, ByteWriter& writer) {
  if (num_features <= 256) {
    writer.PutArray(std::vector<uint8_t>(features.begin(), features.end()));
  } else if (num_features <= 65536) {
    writer.PutArray(std::vector<uint16_t>(features.begin(), features.end()));
  } else {
    writer.PutArray(features);
  }
}

template <typename T>
Result<std::vector<int32_t>> GetFeaturesAs(ByteReader& reader) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<T> values, reader.GetArray<T>());
  return std::vector<int32_t>(values.begin(), values.end());
}

Result<std::vector<int32_t>> GetFeatures(ByteReader& reader, int64_t num_features) {
  if (num_features <= 256) return GetFeaturesAs<uint8_t>(reader);
  if (num_features <= 65536) return GetFeaturesAs<uint16_t>(reader);
  return GetFeaturesAs<int32_t>(reader);
}

// Rebuilds the children of one tree whose splits stand in walking order from `first`.
Status Rebuild(size_t first, size_t num_nodes, const std::vector<uint8_t>& rules,
               TreeParts& parts) {
  int32_t leaves = 0;
  std::vector<size_t> open;  // splits whose right child comes next
  for (size_t n = 0; n < num_nodes; ++n) {
    const uint8_t rule = rules[first + n];
    if (n > 0) {
      if (open.empty()) return Corrupt("model: splits beyond the end of a tree");
      const size_t parent = open.back();
      // The split before is this one's parent to the left, unless it ended in a leaf there.
      if (parts.left[first + parent] == std::numeric_limits<int32_t>::min()) {
        parts.left[first + parent] = static_cast<int32_t>(n);
      } else {
        parts.right[first + parent] = static_cast<int32_t>(n);
        open.pop_back();
      }
    }
    parts.left[first + n] = std::numeric_limits<int32_t>::min();
    parts.right[first + n] = std::numeric_limits<int32_t>::min();
    open.push_back(n);
    if ((rule & kLeftLeaf) != 0) parts.left[first + n] = ~leaves++;
    // Leaves to the right end their splits at once, from the inside out.
    while (!open.empty()) {
      const size_t at = open.back();
      if (parts.left[first + at] == std::numeric_limits<int32_t>::min() ||
          (rules[first + at] & kRightLeaf) == 0) {
        break;
      }
      parts.right[first + at] = ~leaves++;
      open.pop_back();
    }
  }
  if (!open.empty()) return Corrupt("model: a tree without its end");
  return {};
}

}  // namespace

void WriteTrees(const TreeParts& parts, ByteWriter& writer) {
  const size_t num_trees = parts.tree_nodes.size() - 1;
  std::vector<int32_t> tree_sizes;
  std::vector<int32_t> features;
  std::vector<uint8_t> rules;
  std::vector<double> thresholds;
  std::vector<double> leaves;
  std::vector<int32_t> open;
  for (size_t tree = 0; tree < num_trees; ++tree) {
    const auto first_node = static_cast<size_t>(parts.tree_nodes[tree]);
    const auto first_leaf = static_cast<size_t>(parts.tree_leaves[tree]);
    const int32_t num_nodes = parts.tree_nodes[tree + 1] - parts.tree_nodes[tree];
    tree_sizes.push_back(num_nodes);
    open.assign(1, num_nodes > 0 ? 0 : ~0);
    while (!open.empty()) {
      const int32_t at = open.back();
      open.pop_back();
      if (at < 0) {
        leaves.push_back(parts.leaf_value[first_leaf + static_cast<size_t>(~at)]);
        continue;
      }
      const size_t node = first_node + static_cast<size_t>(at);
      features.push_back(parts.split_feature[node]);
      thresholds.push_back(parts.threshold[node]);
      rules.push_back(static_cast<uint8_t>(parts.rule[node] |
                                           (parts.left[node] < 0 ? kLeftLeaf : 0) |
                                           (parts.right[node] < 0 ? kRightLeaf : 0)));
      open.push_back(parts.right[node]);
      open.push_back(parts.left[node]);
    }
  }
  writer.PutArray(tree_sizes);
  PutFeatures(features, parts.num_features, writer);
  writer.PutArray(rules);
  PutNumbers(thresholds, writer);
  PutNumbers(leaves, writer);
  writer.PutArray(parts.set_starts);
  writer.PutArray(parts.set_words);
}

Status ReadTrees(ByteReader& reader, TreeParts& parts) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<int32_t> sizes, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.split_feature, GetFeatures(reader, parts.num_features));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<uint8_t> rules, reader.GetArray<uint8_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.threshold, GetNumbers(reader));
  MILLRACE_ASSIGN_OR_RETURN(parts.leaf_value, GetNumbers(reader));
  MILLRACE_ASSIGN_OR_RETURN(parts.set_starts, reader.GetArray<int32_t>());
  MILLRACE_ASSIGN_OR_RETURN(parts.set_words, reader.GetArray<uint32_t>());
  const size_t num_nodes = rules.size();
  if (num_nodes > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
    return Corrupt("model: too many splits");
  }
  parts.tree_nodes = {0};
  parts.tree_leaves = {0};
  parts.left.assign(num_nodes, 0);
  parts.right.assign(num_nodes, 0);
  int64_t nodes = 0;
  int64_t leaves = 0;
  for (const int32_t size : sizes) {
    if (size < 0 || nodes + size > static_cast<int64_t>(num_nodes)) {
      return Corrupt(Format("model: a tree of {} splits", size));
    }
    MILLRACE_RETURN_IF_ERROR(
        Rebuild(static_cast<size_t>(nodes), static_cast<size_t>(size), rules, parts));
    nodes += size;
    leaves += int64_t{size} + 1;
    if (leaves > static_cast<int64_t>(parts.leaf_value.size())) {
      return Corrupt("model: a tree without its leaves");
    }
    parts.tree_nodes.push_back(static_cast<int32_t>(nodes));
    parts.tree_leaves.push_back(static_cast<int32_t>(leaves));
  }
  if (nodes != static_cast<int64_t>(num_nodes)) return Corrupt("model: splits without a tree");
  for (const uint8_t rule : rules) parts.rule.push_back(rule & kRuleBits);
  return {};
}

}  // namespace millrace::model
