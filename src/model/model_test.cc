#include "model/model.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "base/rng.h"
#include "model/constant_model.h"
#include "model/ensemble_model.h"
#include "model/forest_model.h"
#include "model/linear_model.h"
#include "model/mlp_model.h"
#include "model/tree_ensemble.h"

namespace millrace::model {
namespace {

// x0 <= 0.5 (missing right) -> x1 in {1, 40} -> leaves 1, 2; else 3.
TreeParts SmallTree() {
  TreeParts parts;
  parts.num_features = 2;
  parts.base_scores = {0.25};
  parts.tree_nodes = {0, 2};
  parts.tree_leaves = {0, 3};
  parts.split_feature = {0, 1};
  parts.threshold = {0.5, 0.0};
  parts.rule = {static_cast<uint8_t>(MissingRule::kNan), kCategorySplit};
  parts.left = {1, ~0};
  parts.right = {~2, ~1};
  parts.leaf_value = {1.0, 2.0, 3.0};
  parts.set_starts = {0, 2};
  parts.set_words = {1u << 1, 1u << 8};
  return parts;
}

double PredictOne(const Model& model, std::vector<float> row) {
  std::vector<double> out(1);
  model.PredictRaw(row, 1, out);
  return out[0];
}

TEST(ModelTest, TreesFollowThresholdsCategoriesAndMissingRules) {
  const auto model = TreeEnsemble::Make(SmallTree());
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(PredictOne(**model, {0.5f, 1.0f}), 1.25);
  EXPECT_EQ(PredictOne(**model, {0.5f, 40.0f}), 1.25);
  EXPECT_EQ(PredictOne(**model, {0.5f, 2.0f}), 2.25);
  EXPECT_EQ(PredictOne(**model, {0.5f, nan}), 2.25);
  EXPECT_EQ(PredictOne(**model, {0.5f, -1.0f}), 2.25);
  EXPECT_EQ(PredictOne(**model, {0.5f, 1e9f}), 2.25);
  EXPECT_EQ(PredictOne(**model, {0.6f, 1.0f}), 3.25);
  EXPECT_EQ(PredictOne(**model, {nan, 1.0f}), 3.25);
}

TEST(ModelTest, EveryKindSurvivesSaveAndLoad) {
  std::vector<std::unique_ptr<Model>> models;
  models.push_back(std::move(TreeEnsemble::Make(SmallTree())).value());
  models.push_back(std::move(ConstantModel::Make(2, Link::kIdentity, {0.5})).value());
  LinearParts linear;
  linear.terms = {{.first_column = 0, .fill = 0.1, .shift = 1.0, .scale = 2.0},
                  {.first_column = 1, .num_columns = 3, .category = 1}};
  linear.intercepts = {0.5};
  linear.weights = {1.0, -1.0, 2.0, 4.0};
  models.push_back(std::move(LinearModel::Make(linear)).value());
  std::vector<EnsembleModel::Member> members;
  members.push_back({2.0, std::move(TreeEnsemble::Make(SmallTree())).value()});
  members.push_back({1.0, std::move(LinearModel::Make(linear)).value()});
  models.push_back(std::move(EnsembleModel::Make(std::move(members))).value());
  Rng rng(5);
  for (const auto& model : models) {
    const std::string bytes = model->Serialize();
    const auto loaded = LoadModel(bytes);
    ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
    EXPECT_EQ((*loaded)->kind(), model->kind());
    EXPECT_EQ((*loaded)->Serialize(), bytes);
    for (int i = 0; i < 50; ++i) {
      const std::vector<float> row = {static_cast<float>(rng.Normal()),
                                      static_cast<float>(rng.Below(50))};
      EXPECT_EQ(PredictOne(**loaded, row), PredictOne(*model, row));
    }
  }
}

TEST(ModelTest, DamagedBytesAreRefusedOrHarmless) {
  const std::string bytes = std::move(TreeEnsemble::Make(SmallTree())).value()->Serialize();
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(LoadModel(bytes.substr(0, cut)).ok()) << cut;
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      std::string flipped = bytes;
      flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
      const auto loaded = LoadModel(flipped);
      if (!loaded.ok() || (*loaded)->num_features() != 2) continue;
      std::vector<double> out(static_cast<size_t>((*loaded)->num_scores()));
      (*loaded)->PredictRaw(std::vector<float>{0.1f, 2.0f}, 1, out);
    }
  }
}

TEST(ModelTest, CyclesAndSharedLeavesAreRefused) {
  TreeParts parts = SmallTree();
  parts.left = {0, ~0};
  EXPECT_EQ(TreeEnsemble::Make(parts).status().code(), Code::kCorrupt);
  parts = SmallTree();
  parts.right = {~0, ~1};
  EXPECT_EQ(TreeEnsemble::Make(parts).status().code(), Code::kCorrupt);
  parts = SmallTree();
  parts.split_feature = {0, 2};
  EXPECT_EQ(TreeEnsemble::Make(parts).status().code(), Code::kCorrupt);
  parts = SmallTree();
  parts.threshold = {0.5, 1.0};
  EXPECT_EQ(TreeEnsemble::Make(parts).status().code(), Code::kCorrupt);
}

TEST(ModelTest, SharesOfAForestSumToOne) {
  ForestParts parts;
  parts.num_features = 1;
  parts.num_scores = 3;
  parts.base_shares = {0.0, 0.0, 0.0};
  parts.tree_nodes = {0, 0};
  parts.tree_leaves = {0, 1};
  parts.leaf_starts = {0, 3};
  parts.share_class = {0, 1, 2};
  parts.share = {0.1f, 0.3f, 0.6f};  // 1.00000002 in float32
  const auto forest = ForestModel::Make(parts);
  ASSERT_TRUE(forest.ok()) << forest.status().ToString();
  std::vector<double> out(3);
  const std::vector<float> row = {1.0f};
  (*forest)->PredictRaw(row, 1, out);
  EXPECT_NEAR(out[0] + out[1] + out[2], 1.0, 1e-15);
}

// Shares of one class by a walk from each root.
double MeanShare(const ForestParts& parts, const std::vector<float>& row, uint16_t wanted) {
  double sum = 0.0;
  const size_t num_trees = parts.tree_nodes.size() - 1;
  for (size_t tree = 0; tree < num_trees; ++tree) {
    int32_t at = parts.tree_nodes[tree] == parts.tree_nodes[tree + 1] ? ~0 : 0;
    while (at >= 0) {
      const auto node = static_cast<size_t>(parts.tree_nodes[tree] + at);
      const float x = row[static_cast<size_t>(parts.split_feature[node])];
      const bool left = std::isnan(x) ? parts.missing_left[node] != 0 : x <= parts.threshold[node];
      at = left ? parts.left[node] : parts.right[node];
    }
    const auto leaf = static_cast<size_t>(parts.tree_leaves[tree] + ~at);
    for (auto i = static_cast<size_t>(parts.leaf_starts[leaf]);
         i < static_cast<size_t>(parts.leaf_starts[leaf + 1]); ++i) {
      if (parts.share_class[i] == wanted) sum += static_cast<double>(parts.share[i]);
    }
  }
  return sum / static_cast<double>(num_trees);
}

TEST(ModelTest, ForestsAnswerWithTheLeavesThatAWalkFinds) {
  Rng rng(3);
  ForestParts parts{.num_features = 4, .num_scores = 2, .base_shares = {0.0, 0.0}};
  parts.tree_nodes = {0};
  parts.tree_leaves = {0};
  parts.leaf_starts = {0};
  // Sizes on both sides of what is laid out for speed, and many small ones.
  std::vector<int32_t> sizes = {0, 1, 32'767, 32'768, 7};
  for (int i = 0; i < 300; ++i) sizes.push_back(static_cast<int32_t>(rng.Below(12)));
  for (const int32_t size : sizes) {
    int32_t leaf = 0;
    const auto below = [&leaf, size](int32_t n) { return n < size ? n : ~leaf++; };
    for (int32_t n = 0; n < size; ++n) {
      parts.split_feature.push_back(static_cast<int32_t>(rng.Below(4)));
      parts.threshold.push_back(rng.Below(9) == 0 ? 0.0f : static_cast<float>(rng.Normal()));
      parts.missing_left.push_back(static_cast<uint8_t>(rng.Below(2)));
      parts.left.push_back(below(2 * n + 1));
      parts.right.push_back(below(2 * n + 2));
    }
    parts.tree_nodes.push_back(static_cast<int32_t>(parts.split_feature.size()));
    parts.tree_leaves.push_back(parts.tree_leaves.back() + size + 1);
    for (int32_t l = 0; l <= size; ++l) {
      parts.share_class.push_back(static_cast<uint16_t>(rng.Below(2)));
      parts.share.push_back(1.0f);
      parts.leaf_starts.push_back(static_cast<int32_t>(parts.share.size()));
    }
  }
  const auto forest = ForestModel::Make(parts);
  ASSERT_TRUE(forest.ok()) << forest.status().ToString();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> rows;
  constexpr int64_t kRows = 37;
  for (int64_t i = 0; i < kRows * 4; ++i) {
    rows.push_back(rng.Below(6) == 0   ? nan
                   : rng.Below(6) == 0 ? 1e-36f
                                       : static_cast<float>(rng.Normal()));
  }
  std::vector<double> out(2 * kRows);
  (*forest)->PredictRaw(rows, kRows, out);
  for (int64_t r = 0; r < kRows; ++r) {
    const std::vector<float> row(rows.begin() + r * 4, rows.begin() + r * 4 + 4);
    EXPECT_EQ(out[static_cast<size_t>(2 * r)], MeanShare(parts, row, 0)) << r;
    EXPECT_EQ(out[static_cast<size_t>(2 * r + 1)], MeanShare(parts, row, 1)) << r;
  }
}

// A number with two knots, a category of three codes, one layer, two members.
NetworkParts SmallNetwork(Link link, uint32_t num_scores) {
  NetworkParts parts{.link = link,
                     .size = {.width = 16,
                              .num_layers = 1,
                              .num_members = 2,
                              .num_scores = num_scores,
                              .num_vectors = 7},
                     .features = {{.category = 0, .first_vector = 0, .num_vectors = 3},
                                  {.category = 1, .first_vector = 3, .num_vectors = 4}},
                     .knots = {-1.0f, 3.0f}};
  parts.low = -100.0;
  parts.high = 100.0;
  Rng rng(5);
  for (size_t i = 0; i < NetworkLayout(parts.size).num_weights; ++i) {
    parts.weights.push_back(static_cast<float>(0.3 * rng.Normal()));
  }
  return parts;
}

TEST(ModelTest, ANetworkMixesTheVectorsOfItsKnots) {
  const NetworkParts parts = SmallNetwork(Link::kIdentity, 1);
  const auto mixed = [&parts](size_t feature, float value) {
    const Mixed found = MixOf(parts, parts.features[feature], value);
    return std::pair(found.vector, found.share);
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(mixed(0, -1.0f), std::pair(0u, 0.0f));
  EXPECT_EQ(mixed(0, 0.0f), std::pair(0u, 0.25f));
  EXPECT_EQ(mixed(0, 3.0f), std::pair(1u, 0.0f));
  EXPECT_EQ(mixed(0, infinity), std::pair(1u, 0.0f));
  EXPECT_EQ(mixed(0, -infinity), std::pair(0u, 0.0f));
  EXPECT_EQ(mixed(0, nan), std::pair(2u, 0.0f));
  EXPECT_EQ(mixed(1, 2.0f), std::pair(5u, 0.0f));
  for (const float unseen : {nan, -1.0f, 3.0f, infinity}) EXPECT_EQ(mixed(1, unseen).first, 6u);
}

// The layers by plain loops in double.
double PlainScore(const NetworkParts& parts, const std::vector<float>& row) {
  const NetworkLayout at(parts.size);
  const size_t width = parts.size.width;
  const auto weight = [&parts](size_t i) { return static_cast<double>(parts.weights[i]); };
  double sum = 0.0;
  for (size_t m = 0; m < parts.size.num_members; ++m) {
    std::vector<double> hidden(width);
    for (size_t j = 0; j < width; ++j) {
      double first = 0.0;
      for (size_t f = 0; f < parts.features.size(); ++f) {
        const Mixed mixed = MixOf(parts, parts.features[f], row[f]);
        const auto share = static_cast<double>(mixed.share);
        first += (1.0 - share) * weight(at.vectors + mixed.vector * width + j);
        if (share > 0.0) first += share * weight(at.vectors + (mixed.vector + 1) * width + j);
      }
      hidden[j] = std::max(0.0, first * weight(at.member_scales + m * width + j) +
                                    weight(at.member_shifts + m * width + j));
    }
    double score = weight(at.heads + m * at.head_weights + width * at.head_width);
    for (size_t j = 0; j < width; ++j) {
      double next = weight(at.layers + width * width + j);
      for (size_t i = 0; i < width; ++i) next += hidden[i] * weight(at.layers + i * width + j);
      score += std::max(0.0, next) * weight(at.heads + m * at.head_weights + j * at.head_width);
    }
    sum += score;
  }
  return sum / static_cast<double>(parts.size.num_members);
}

TEST(ModelTest, ANetworkComputesItsLayersForAnyNumberOfRows) {
  const NetworkParts parts = SmallNetwork(Link::kIdentity, 1);
  NetworkParts scaled = parts;
  scaled.shift = 2.0;
  scaled.scale = 3.0;
  scaled.high = 2.5;
  const auto model = MlpModel::Make(scaled);
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  constexpr int64_t kRows = 77;
  Rng rng(6);
  std::vector<float> rows;
  for (int64_t r = 0; r < kRows; ++r) {
    rows.push_back(static_cast<float>(2.0 * rng.Normal()));
    rows.push_back(static_cast<float>(rng.Below(5)));
  }
  std::vector<double> out(kRows);
  (*model)->PredictRaw(rows, kRows, out);
  for (int64_t r = 0; r < kRows; ++r) {
    const std::vector<float> row(rows.begin() + 2 * r, rows.begin() + 2 * r + 2);
    EXPECT_NEAR(out[static_cast<size_t>(r)], std::min(2.5, 2.0 + 3.0 * PlainScore(parts, row)),
                1e-5);
    EXPECT_EQ(out[static_cast<size_t>(r)], PredictOne(**model, row)) << r;
  }
}

TEST(ModelTest, NetworksAreReadBackAndDamageIsRefused) {
  const NetworkParts parts = SmallNetwork(Link::kSoftmax, 3);
  const std::string bytes = (*MlpModel::Make(parts))->Serialize();
  const auto loaded = LoadModel(bytes);
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ((*loaded)->Serialize(), bytes);
  EXPECT_EQ((*loaded)->kind(), "mlp");
  for (size_t size = 0; size < bytes.size(); size += 7) {
    EXPECT_FALSE(LoadModel(std::string_view(bytes).substr(0, size)).ok());
  }
  NetworkParts bad = parts;
  bad.knots = {3.0f, -1.0f};
  EXPECT_EQ(MlpModel::Make(bad).status().code(), Code::kCorrupt);
  bad = parts;
  bad.weights[9] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(MlpModel::Make(bad).status().code(), Code::kCorrupt);
  bad = parts;
  bad.size.width = 8;
  EXPECT_EQ(MlpModel::Make(bad).status().code(), Code::kCorrupt);
  bad = parts;
  bad.features[1].num_vectors = 5;
  EXPECT_EQ(MlpModel::Make(bad).status().code(), Code::kCorrupt);
}

TEST(ModelTest, LinksGiveProbabilities) {
  std::vector<double> scores = {0.0, 800.0, -800.0};
  ApplyLink(Link::kSigmoid, 1, scores);
  EXPECT_EQ(scores, (std::vector<double>{0.5, 1.0, 0.0}));
  scores = {1000.0, 1000.0, 0.0, 0.0};
  ApplyLink(Link::kSoftmax, 2, scores);
  EXPECT_EQ(scores, (std::vector<double>{0.5, 0.5, 0.5, 0.5}));
}

TEST(ModelTest, LinearFillsScalesAndSkipsUnseenCodes) {
  LinearParts parts;
  parts.terms = {{.first_column = 0, .fill = 3.0, .shift = 1.0, .scale = 2.0},
                 {.first_column = 1, .num_columns = 2, .category = 1}};
  parts.intercepts = {0.5};
  parts.weights = {1.0, 10.0, 20.0};
  const auto model = LinearModel::Make(parts);
  ASSERT_TRUE(model.ok());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(PredictOne(**model, {2.0f, 1.0f}), 0.5 + 2.0 + 20.0);
  EXPECT_EQ(PredictOne(**model, {nan, 0.0f}), 0.5 + 4.0 + 10.0);
  EXPECT_EQ(PredictOne(**model, {1.0f, 2.0f}), 0.5);
  EXPECT_EQ(PredictOne(**model, {1.0f, nan}), 0.5);
}

}  // namespace
}  // namespace millrace::model
