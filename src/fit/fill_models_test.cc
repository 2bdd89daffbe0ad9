#include "fit/fill_models.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/rng.h"

namespace millrace::fit {
namespace {

constexpr double kGap = std::numeric_limits<double>::quiet_NaN();
constexpr size_t kRows = 400;

// y = 3 + 2 x - 5 (c = red) + noise; x and y have gaps.
std::vector<FillPredictor> Planted(double noise) {
  Rng rng(11);
  FillPredictor x{.column = "x"};
  FillPredictor red{.column = "c", .value = "red"};
  FillPredictor y{.column = "y"};
  FillPredictor unrelated{.column = "u"};
  for (size_t i = 0; i < kRows; ++i) {
    const double number = rng.Normal();
    const double is_red = rng.Below(3) == 0 ? 1.0 : 0.0;
    x.cells.push_back(i % 7 == 0 ? kGap : number);
    red.cells.push_back(is_red);
    y.cells.push_back(i % 5 == 0 ? kGap : 3.0 + 2.0 * number - 5.0 * is_red + noise * rng.Normal());
    unrelated.cells.push_back(rng.Normal());
  }
  return {x, red, y, unrelated};
}

double WeightOf(const feature::FillModel& model, const std::string& column) {
  for (const feature::FillTerm& term : model.terms) {
    if (term.column == column) return term.weight;
  }
  return 0.0;
}

TEST(FillModelsTest, FindsWhatTellsTheColumn) {
  std::vector<FillPredictor> predictors = Planted(0.1);
  // Without gaps in x its weight is the planted one.
  for (size_t i = 0; i < kRows; ++i) {
    if (std::isnan(predictors[0].cells[i])) predictors[2].cells[i] = kGap;
  }
  const auto fitted = FitFillModels(predictors, std::vector<size_t>{2});
  ASSERT_TRUE(fitted[0].has_value());
  const feature::FillModel& model = fitted[0]->model;
  EXPECT_NEAR(WeightOf(model, "x"), 2.0, 0.05);
  EXPECT_NEAR(WeightOf(model, "c"), -5.0, 0.1);
  EXPECT_NEAR(model.intercept, 3.0, 0.1);
  EXPECT_NEAR(WeightOf(model, "u"), 0.0, 0.05);
  EXPECT_GT(fitted[0]->explained, 0.98);
  for (const feature::FillTerm& term : model.terms) EXPECT_NE(term.column, "y");
}

TEST(FillModelsTest, RoundsUseOneColumnForTheOther) {
  const std::vector<FillPredictor> predictors = Planted(0.1);
  const auto together = FitFillModels(predictors, std::vector<size_t>{0, 2});
  const auto alone = FitFillModels(predictors, std::vector<size_t>{2});
  ASSERT_TRUE(together[0] && together[1] && alone[0]);
  // A gap of x that is filled by y tells y better than the centre does.
  EXPECT_GT(together[1]->explained, alone[0]->explained);
  EXPECT_NEAR(WeightOf(together[1]->model, "x"), 2.0, 0.1);
}

TEST(FillModelsTest, NothingToLearnFromGivesNoModel) {
  std::vector<FillPredictor> predictors = Planted(0.1);
  for (size_t i = 30; i < kRows; ++i) predictors[2].cells[i] = kGap;
  EXPECT_FALSE(FitFillModels(predictors, std::vector<size_t>{2})[0].has_value());
  predictors = Planted(0.1);
  for (double& cell : predictors[2].cells) cell = std::isnan(cell) ? kGap : 1.0;
  EXPECT_FALSE(FitFillModels(predictors, std::vector<size_t>{2})[0].has_value());
  predictors = Planted(0.1);
  for (double& cell : predictors[2].cells) cell *= 1e308;
  EXPECT_FALSE(FitFillModels(predictors, std::vector<size_t>{2})[0].has_value());
  EXPECT_TRUE(FitFillModels({}, {}).empty());
}

// A column of noise may find weak terms by chance; on rows held out they explain nothing much.
TEST(FillModelsTest, NoiseIsNotExplained) {
  std::vector<FillPredictor> predictors;
  Rng rng(5);
  for (int p = 0; p < 10; ++p) {
    FillPredictor predictor{.column = std::string(1, static_cast<char>('a' + p))};
    for (size_t i = 0; i < kRows; ++i) {
      predictor.cells.push_back(p == 0 && i % 4 == 0 ? kGap : rng.Normal());
    }
    predictors.push_back(std::move(predictor));
  }
  const auto fitted = FitFillModels(predictors, std::vector<size_t>{0});
  EXPECT_LT(fitted[0] ? fitted[0]->explained : 0.0, 0.05);
}

TEST(FillModelsTest, EqualColumnsShareTheWeight) {
  std::vector<FillPredictor> predictors = Planted(0.0);
  for (double& cell : predictors[0].cells) cell = std::isnan(cell) ? 0.0 : cell;
  FillPredictor copy = predictors[0];
  copy.column = "copy";
  predictors.push_back(copy);
  const auto fitted = FitFillModels(predictors, std::vector<size_t>{2});
  ASSERT_TRUE(fitted[0].has_value());
  EXPECT_NEAR(WeightOf(fitted[0]->model, "x"), WeightOf(fitted[0]->model, "copy"), 1e-9);
}

}  // namespace
}  // namespace millrace::fit
