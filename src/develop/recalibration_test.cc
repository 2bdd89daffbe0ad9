#include "develop/recalibration.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace millrace::develop {
namespace {

using metric::Scored;
using model::CalibrationForm;
using table::Task;

double Sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

// Labels drawn from true log-odds, outputs that claim other ones.
struct Drawn {
  std::vector<double> labels;
  std::vector<double> outputs;
  std::vector<int32_t> part;

  Scored scored() const {
    return {.task = task,
            .num_classes = task == Task::kBinary ? 2 : 3,
            .labels = labels,
            .outputs = outputs};
  }
  Task task = Task::kBinary;
};

template <typename Claim>
Drawn DrawBinary(int num_rows, const Claim& claim) {
  Rng rng(11);
  Drawn drawn;
  for (int i = 0; i < num_rows; ++i) {
    const double odds = 1.5 * rng.Normal();
    drawn.labels.push_back(rng.Uniform() < Sigmoid(odds) ? 1.0 : 0.0);
    drawn.outputs.push_back(Sigmoid(claim(odds)));
    drawn.part.push_back(i % 5);
  }
  return drawn;
}

Drawn DrawSeveral(int num_rows, double sharpness) {
  Rng rng(12);
  Drawn drawn;
  drawn.task = Task::kMulticlass;
  for (int i = 0; i < num_rows; ++i) {
    std::vector<double> truth;
    std::vector<double> claimed;
    double sum = 0.0;
    double claims = 0.0;
    for (int k = 0; k < 3; ++k) {
      const double score = 1.5 * rng.Normal();
      truth.push_back(std::exp(score));
      claimed.push_back(std::exp(sharpness * score));
      sum += truth.back();
      claims += claimed.back();
    }
    const double place = rng.Uniform() * sum;
    drawn.labels.push_back(place < truth[0] ? 0.0 : place < truth[0] + truth[1] ? 1.0 : 2.0);
    for (const double claim : claimed) drawn.outputs.push_back(claim / claims);
    drawn.part.push_back(i % 5);
  }
  return drawn;
}

TEST(RecalibrationTest, FindsTheTemperatureThatWasPutIn) {
  // Claims are twice as sure as the truth: the exponent that undoes it is 1/2.
  const Drawn binary = DrawBinary(20'000, [](double odds) { return 2.0 * odds; });
  const auto one = FitCalibration(CalibrationForm::kTemperature, binary.scored());
  ASSERT_TRUE(one.has_value());
  EXPECT_NEAR(one->parameters[0], 0.5, 0.02);
  const Drawn several = DrawSeveral(20'000, 0.5);
  const auto many = FitCalibration(CalibrationForm::kTemperature, several.scored());
  ASSERT_TRUE(many.has_value());
  EXPECT_NEAR(many->parameters[0], 2.0, 0.06);
}

TEST(RecalibrationTest, TakesTheSimplestFormThatMendsTheClaims) {
  const Drawn sure = DrawBinary(6000, [](double odds) { return 2.0 * odds; });
  const Recalibration scaled = Recalibrate(sure.scored(), sure.part);
  ASSERT_TRUE(scaled.map.has_value());
  EXPECT_EQ(scaled.map->form, CalibrationForm::kTemperature);
  EXPECT_LT(scaled.change.high, 0.0);
  EXPECT_LT(metric::CalibrationError(scaled.bins_after),
            0.5 * metric::CalibrationError(scaled.bins_before));
  // Claims that are too high everywhere: no temperature mends that.
  const Drawn high = DrawBinary(6000, [](double odds) { return odds + 1.5; });
  const Recalibration moved = Recalibrate(high.scored(), high.part);
  ASSERT_TRUE(moved.map.has_value());
  EXPECT_EQ(moved.map->form, CalibrationForm::kBeta);
  EXPECT_NEAR(moved.map->parameters[2], -1.5, 0.3);
}

TEST(RecalibrationTest, LeavesTrueClaimsAlone) {
  const Drawn binary = DrawBinary(6000, [](double odds) { return odds; });
  const Recalibration found = Recalibrate(binary.scored(), binary.part);
  EXPECT_FALSE(found.map.has_value());
  EXPECT_TRUE(found.honest_outputs.empty());
  EXPECT_GE(found.change.high, 0.0);
  const Drawn several = DrawSeveral(6000, 1.0);
  EXPECT_FALSE(Recalibrate(several.scored(), several.part).map.has_value());
}

TEST(RecalibrationTest, FewRowsGetNoMapWithThreeNumbers) {
  const Drawn high = DrawBinary(300, [](double odds) { return odds + 1.5; });
  const Recalibration found = Recalibrate(high.scored(), high.part);
  EXPECT_TRUE(!found.map || found.map->form == CalibrationForm::kTemperature);
}

TEST(RecalibrationTest, OneClassOrNoRowsAreLeft) {
  Drawn drawn = DrawBinary(50, [](double odds) { return odds; });
  drawn.labels.assign(50, 1.0);
  EXPECT_FALSE(Recalibrate(drawn.scored(), drawn.part).map.has_value());
  const Drawn none;
  EXPECT_FALSE(Recalibrate(none.scored(), none.part).map.has_value());
}

TEST(RecalibrationTest, PartsAreTheFoldsOfTheFirstDivision) {
  Folds folds;
  folds.scored_rows = {2, 3, 5, 7};
  folds.num_repeats = 2;
  folds.folds = {{.train = {}, .validation = {3, 7}},
                 {.train = {}, .validation = {2, 5}},
                 {.train = {}, .validation = {2, 3}},
                 {.train = {}, .validation = {5, 7}}};
  EXPECT_EQ(PartsOf(folds), (std::vector<int32_t>{1, 0, 1, 0}));
}

TEST(RecalibrationTest, TimeIsReservedForClassesOnly) {
  EXPECT_EQ(RecalibrationSeconds(table::Task::kRegression, 100'000, 1, 8), 0.0);
  const double few = RecalibrationSeconds(table::Task::kMulticlass, 5'000, 7, 8);
  EXPECT_GT(few, 0.0);
  EXPECT_GT(RecalibrationSeconds(table::Task::kMulticlass, 5'000, 26, 8), few);
  // Beyond the rows that maps are fitted on it takes no longer.
  EXPECT_EQ(RecalibrationSeconds(table::Task::kBinary, 10'000, 2, 8),
            RecalibrationSeconds(table::Task::kBinary, 1'000'000, 2, 8));
}

}  // namespace
}  // namespace millrace::develop
