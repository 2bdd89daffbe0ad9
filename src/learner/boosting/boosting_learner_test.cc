// The conversion of trees: our predictor gives LightGBM's own raw scores within 1e-12.

#include "learner/boosting/boosting_learner.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/format.h"
#include "base/rng.h"
#include "learner/boosting/lightgbm_booster.h"
#include "learner/boosting/lightgbm_model_text.h"
#include "model/tree_ensemble.h"

namespace millrace::learner {
namespace {

// Numbers with missing values, zeros of both signs and tiny values; a category with 150 codes.
table::Matrix Draw(int64_t num_rows, Rng& rng) {
  table::Matrix features(num_rows, 4);
  for (int64_t r = 0; r < num_rows; ++r) {
    features.at(r, 0) = static_cast<float>(rng.Normal());
    const uint64_t kind = rng.Below(6);
    features.at(r, 1) = kind == 0   ? std::numeric_limits<float>::quiet_NaN()
                        : kind == 1 ? 0.0f
                        : kind == 2 ? -0.0f
                        : kind == 3 ? 1e-36f
                                    : static_cast<float>(rng.Normal());
    features.at(r, 2) = static_cast<float>(rng.Below(150));
    features.at(r, 3) = static_cast<float>(rng.Below(10));
  }
  return features;
}

void CheckEqual(const std::string& parameters, int64_t num_classes) {
  Rng rng(9);
  const table::Matrix train = Draw(4000, rng);
  std::vector<float> labels;
  for (int64_t r = 0; r < train.num_rows(); ++r) {
    const float x = train.at(r, 0) + (std::isnan(train.at(r, 1)) ? 1.0f : train.at(r, 1)) +
                    std::sin(train.at(r, 2));
    labels.push_back(num_classes == 0
                         ? x
                         : std::floor(std::clamp(x, 0.0f, static_cast<float>(num_classes) - 0.5f)));
  }
  const auto data = LightGbmData::Make(train, labels, parameters);
  ASSERT_TRUE(data.ok()) << data.status().ToString();
  auto booster = LightGbmBooster::Make(*data, nullptr, parameters);
  ASSERT_TRUE(booster.ok()) << booster.status().ToString();
  for (int round = 0; round < 60; ++round) ASSERT_TRUE(booster->Update().ok());
  const auto text = booster->ModelText(60);
  ASSERT_TRUE(text.ok());
  auto parts = ReadLightGbmModel(*text, 4, model::Link::kIdentity);
  ASSERT_TRUE(parts.ok()) << parts.status().ToString();
  const auto model = model::TreeEnsemble::Make(std::move(*parts));
  ASSERT_TRUE(model.ok()) << model.status().ToString();

  table::Matrix rows = Draw(3000, rng);
  // Exact thresholds, unseen and negative categories, infinities.
  const auto& thresholds = (*model)->parts().threshold;
  for (int64_t r = 0; r < 1000; ++r) {
    rows.at(r, 0) = static_cast<float>(thresholds[static_cast<size_t>(r) % thresholds.size()]);
  }
  rows.at(1, 2) = 151.0f;
  rows.at(2, 2) = 1e9f;
  rows.at(3, 2) = -1.0f;
  rows.at(4, 2) = std::numeric_limits<float>::quiet_NaN();
  rows.at(5, 0) = std::numeric_limits<float>::infinity();
  rows.at(6, 0) = -std::numeric_limits<float>::infinity();
  const auto expected = booster->RawScores(rows, 60);
  ASSERT_TRUE(expected.ok());
  std::vector<double> scores(expected->size());
  (*model)->PredictRaw(rows.values(), rows.num_rows(), scores);
  for (size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(scores[i], (*expected)[i], 1e-12) << i;
}

TEST(BoostingLearnerTest, TreesEqualTheEngineOnRegression) {
  CheckEqual("objective=regression verbosity=-1 categorical_feature=2,3 min_data_in_leaf=5", 0);
}

TEST(BoostingLearnerTest, TreesEqualTheEngineOnBinary) {
  CheckEqual("objective=binary verbosity=-1 categorical_feature=2,3 zero_as_missing=true", 2);
}

TEST(BoostingLearnerTest, TreesEqualTheEngineOnManyClasses) {
  CheckEqual("objective=multiclass num_class=4 verbosity=-1 use_missing=false", 4);
}

TEST(BoostingLearnerTest, DamagedTextIsRefused) {
  EXPECT_FALSE(ReadLightGbmModel("", 3, model::Link::kIdentity).value().tree_nodes.size() > 1);
  EXPECT_FALSE(
      ReadLightGbmModel("Tree=0\nnum_leaves=2\n\nend of trees", 3, model::Link::kIdentity).ok());
}

}  // namespace
}  // namespace millrace::learner
