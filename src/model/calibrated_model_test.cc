#include "model/calibrated_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/rng.h"
#include "model/constant_model.h"
#include "model/ensemble_model.h"

namespace millrace::model {
namespace {

std::shared_ptr<const Model> Constant(Link link, std::vector<double> scores) {
  return std::move(ConstantModel::Make(2, link, std::move(scores))).value();
}

std::vector<double> Mapped(const CalibrationMap& map, int64_t num_scores,
                           std::vector<double> probabilities) {
  ApplyCalibration(map, num_scores, probabilities);
  return probabilities;
}

TEST(CalibratedModelTest, TemperatureRaisesProbabilitiesToAPower) {
  const CalibrationMap map{CalibrationForm::kTemperature, {2.0}};
  // 0.6^2 : 0.3^2 : 0.1^2 = 36 : 9 : 1
  const std::vector<double> several = Mapped(map, 3, {0.6, 0.3, 0.1});
  EXPECT_NEAR(several[0], 36.0 / 46.0, 1e-15);
  EXPECT_NEAR(several[1], 9.0 / 46.0, 1e-15);
  EXPECT_NEAR(several[2], 1.0 / 46.0, 1e-15);
  // 0.8^2 : 0.2^2 = 16 : 1
  EXPECT_NEAR(Mapped(map, 1, {0.8})[0], 16.0 / 17.0, 1e-15);
}

TEST(CalibratedModelTest, BetaIsLinearInTheLogarithms) {
  const CalibrationMap map{CalibrationForm::kBeta, {2.0, 1.0, std::log(3.0)}};
  // odds = p^2 / (1 - p) * 3 = 0.25 / 0.5 * 3
  EXPECT_NEAR(Mapped(map, 1, {0.5})[0], 1.5 / 2.5, 1e-15);
}

TEST(CalibratedModelTest, KeepsTheOrderAndStaysProbability) {
  Rng rng(3);
  std::vector<double> drawn = {0.0, 1.0, 1e-300, 0.5};
  for (int i = 0; i < 500; ++i) drawn.push_back(rng.Uniform());
  std::sort(drawn.begin(), drawn.end());
  for (const CalibrationMap& map : {CalibrationMap{CalibrationForm::kTemperature, {0.3}},
                                    CalibrationMap{CalibrationForm::kBeta, {0.7, 1.9, -2.0}},
                                    CalibrationMap{CalibrationForm::kBeta, {0.0, 1.0, 0.5}}}) {
    const std::vector<double> mapped = Mapped(map, 1, drawn);
    EXPECT_TRUE(std::is_sorted(mapped.begin(), mapped.end()));
    EXPECT_GE(mapped.front(), 0.0);
    EXPECT_LE(mapped.back(), 1.0);
    // What was apart by more than rounding stays apart.
    for (size_t i = 1; i < drawn.size(); ++i) {
      EXPECT_TRUE(drawn[i] - drawn[i - 1] < 1e-6 || mapped[i] > mapped[i - 1]);
    }
  }
  const std::vector<double> zeros =
      Mapped({CalibrationForm::kTemperature, {0.5}}, 3, {1.0, 0.0, 0.0});
  EXPECT_NEAR(zeros[0] + zeros[1] + zeros[2], 1.0, 1e-15);
  EXPECT_GT(zeros[1], 0.0);
}

TEST(CalibratedModelTest, SavesLoadsAndMapsOutputsAfterTheLink) {
  const std::vector<float> row = {0.0f, 0.0f};
  const auto model = CalibratedModel::Make({CalibrationForm::kTemperature, {2.0}},
                                           Constant(Link::kSigmoid, {std::log(4.0)}));
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  const auto loaded = LoadModel((*model)->Serialize());
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  EXPECT_EQ((*loaded)->kind(), "calibrated");
  EXPECT_EQ((*loaded)->Serialize(), (*model)->Serialize());
  std::vector<double> out(1);
  Predict(**loaded, row, 1, out);
  EXPECT_NEAR(out[0], 16.0 / 17.0, 1e-15);
}

TEST(CalibratedModelTest, MapsThatBreakTheOrderAreRefused) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& numbers :
       {std::vector<double>{}, {0.0}, {-1.0}, {nan}, {infinity}, {2e3}, {1.0, 1.0}}) {
    EXPECT_EQ(CheckCalibrationMap({CalibrationForm::kTemperature, numbers}, 3).code(),
              Code::kCorrupt);
  }
  for (const std::vector<double>& numbers :
       {std::vector<double>{1.0}, {0.0, 0.0, 1.0}, {-1.0, 2.0, 0.0}, {1.0, 1.0, nan}}) {
    EXPECT_EQ(CheckCalibrationMap({CalibrationForm::kBeta, numbers}, 1).code(), Code::kCorrupt);
  }
  EXPECT_EQ(CheckCalibrationMap({CalibrationForm::kBeta, {1.0, 1.0, 0.0}}, 3).code(),
            Code::kCorrupt);
  EXPECT_TRUE(CheckCalibrationMap({CalibrationForm::kBeta, {1.0, 1.0, 0.0}}, 1).ok());
}

TEST(CalibratedModelTest, DamageAndNestingAreRefused) {
  std::shared_ptr<const Model> inner =
      std::move(CalibratedModel::Make({CalibrationForm::kTemperature, {1.5}},
                                      Constant(Link::kSoftmax, {0.1, 0.2, 0.3})))
          .value();
  const std::string bytes = inner->Serialize();
  for (size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(LoadModel(bytes.substr(0, cut)).ok()) << cut;
  }
  const auto twice = CalibratedModel::Make({CalibrationForm::kTemperature, {1.5}}, inner);
  ASSERT_TRUE(twice.ok());
  EXPECT_EQ(LoadModel((*twice)->Serialize()).status().code(), Code::kCorrupt);
  std::vector<EnsembleModel::Member> members;
  members.push_back({1.0, inner});
  const auto mixed = EnsembleModel::Make(std::move(members));
  ASSERT_TRUE(mixed.ok());
  EXPECT_EQ(LoadModel((*mixed)->Serialize()).status().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace millrace::model
