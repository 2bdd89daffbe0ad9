#include "learner/boosting/lightgbm_model_text.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace millrace::learner {
namespace {

using Fields = std::map<std::string_view, std::string_view>;

// Bits of decision_type.
constexpr int kCategoryBit = 1;
constexpr int kDefaultLeftBit = 2;

template <typename T>
Result<std::vector<T>> Numbers(const Fields& fields, std::string_view key) {
  std::vector<T> numbers;
  const auto field = fields.find(key);
  if (field == fields.end()) return Internal(Format("boosting: model text without {}", key));
  for (const std::string_view part : Split(field->second, ' ')) {
    if (part.empty()) continue;
    T value{};
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    // A denormal that from_chars cannot hold is zero.
    if (error == std::errc::result_out_of_range) value = T{};
    if (error == std::errc::invalid_argument || end != part.data() + part.size()) {
      return Internal(Format("boosting: model text: {}: not a number: {}", key, part));
    }
    numbers.push_back(value);
  }
  return numbers;
}

// The greatest float32 that is not above the threshold: features are float32, so no row changes
// sides, and the stored model takes half the space.
double RoundDown(double threshold) {
  auto rounded = static_cast<float>(threshold);
  if (static_cast<double>(rounded) > threshold) {
    rounded = std::nextafter(rounded, -std::numeric_limits<float>::infinity());
  }
  return static_cast<double>(rounded);
}

Status AddLeafOnly(const Fields& fields, model::TreeParts& parts) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<double> values,
                            Numbers<double>(fields, "leaf_value"));
  if (values.size() != 1) return Internal("boosting: model text: a tree of one leaf expected");
  parts.leaf_value.push_back(values[0]);
  return {};
}

Status AddSets(const Fields& fields, model::TreeParts& parts) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<int32_t> borders,
                            Numbers<int32_t>(fields, "cat_boundaries"));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<uint32_t> words,
                            Numbers<uint32_t>(fields, "cat_threshold"));
  const auto first = static_cast<int32_t>(parts.set_words.size());
  for (size_t i = 1; i < borders.size(); ++i) parts.set_starts.push_back(first + borders[i]);
  parts.set_words.insert(parts.set_words.end(), words.begin(), words.end());
  return {};
}

Status AddTree(const Fields& fields, model::TreeParts& parts) {
  const auto linear = fields.find("is_linear");
  if (linear != fields.end() && linear->second != "0") {
    return Internal("boosting: model text: linear leaves");
  }
  const auto leaves = fields.find("num_leaves");
  if (leaves != fields.end() && leaves->second == "1") {
    MILLRACE_RETURN_IF_ERROR(AddLeafOnly(fields, parts));
  } else {
    const auto first_set = static_cast<double>(parts.set_starts.size() - 1);
    MILLRACE_ASSIGN_OR_RETURN(const auto features, Numbers<int32_t>(fields, "split_feature"));
    MILLRACE_ASSIGN_OR_RETURN(const auto thresholds, Numbers<double>(fields, "threshold"));
    MILLRACE_ASSIGN_OR_RETURN(const auto decisions, Numbers<int>(fields, "decision_type"));
    MILLRACE_ASSIGN_OR_RETURN(const auto left, Numbers<int32_t>(fields, "left_child"));
    MILLRACE_ASSIGN_OR_RETURN(const auto right, Numbers<int32_t>(fields, "right_child"));
    MILLRACE_ASSIGN_OR_RETURN(const auto values, Numbers<double>(fields, "leaf_value"));
    if (thresholds.size() != features.size() || decisions.size() != features.size()) {
      return Internal("boosting: model text: arrays of a tree differ in length");
    }
    for (size_t n = 0; n < features.size(); ++n) {
      const bool category = (decisions[n] & kCategoryBit) != 0;
      uint8_t rule = static_cast<uint8_t>((decisions[n] >> 2) & 3);
      if ((decisions[n] & kDefaultLeftBit) != 0) rule |= model::kDefaultLeft;
      if (category) rule |= model::kCategorySplit;
      parts.rule.push_back(rule);
      parts.threshold.push_back(category ? first_set + thresholds[n] : RoundDown(thresholds[n]));
    }
    parts.split_feature.insert(parts.split_feature.end(), features.begin(), features.end());
    parts.left.insert(parts.left.end(), left.begin(), left.end());
    parts.right.insert(parts.right.end(), right.begin(), right.end());
    parts.leaf_value.insert(parts.leaf_value.end(), values.begin(), values.end());
    const auto categories = fields.find("num_cat");
    if (categories != fields.end() && categories->second != "0") {
      MILLRACE_RETURN_IF_ERROR(AddSets(fields, parts));
    }
  }
  parts.tree_nodes.push_back(static_cast<int32_t>(parts.split_feature.size()));
  parts.tree_leaves.push_back(static_cast<int32_t>(parts.leaf_value.size()));
  return {};
}

}  // namespace

Result<model::TreeParts> ReadLightGbmModel(std::string_view text, int64_t num_features,
                                           model::Link link) {
  model::TreeParts parts;
  parts.num_features = num_features;
  parts.link = link;
  parts.tree_nodes = {0};
  parts.tree_leaves = {0};
  parts.set_starts = {0};
  Fields fields;
  bool inside_tree = false;
  for (const std::string_view line : Split(text, '\n')) {
    const bool starts_tree = line.starts_with("Tree=");
    if (starts_tree || line.starts_with("end of trees")) {
      if (inside_tree) {
        MILLRACE_RETURN_IF_ERROR(AddTree(fields, parts));
      } else {
        const auto scores = fields.find("num_tree_per_iteration");
        const auto count = scores == fields.end() ? std::nullopt : ParseInt(scores->second);
        if (!count || *count < 1) return Internal("boosting: model text without a header");
        parts.num_scores = *count;
      }
      fields.clear();
      inside_tree = true;
      if (!starts_tree) break;
      continue;
    }
    const size_t sign = line.find('=');
    if (sign != std::string_view::npos) fields[line.substr(0, sign)] = line.substr(sign + 1);
  }
  parts.base_scores.assign(static_cast<size_t>(parts.num_scores), 0.0);
  return parts;
}

}  // namespace millrace::learner
