#include "feature/number_shapes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace millrace::feature {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

TEST(NumberShapesTest, BinsCountTheBordersAtOrBelow) {
  const std::vector<double> borders{-1.0, 0.0, 2.5};
  EXPECT_EQ(BinOf(borders, -1.5), 0.0);
  EXPECT_EQ(BinOf(borders, -1.0), 1.0);
  EXPECT_EQ(BinOf(borders, -0.0), 2.0);
  EXPECT_EQ(BinOf(borders, 0.0), 2.0);
  EXPECT_EQ(BinOf(borders, 2.4), 2.0);
  EXPECT_EQ(BinOf(borders, 2.5), 3.0);
  EXPECT_EQ(BinOf(borders, kInfinite), 3.0);
  EXPECT_EQ(BinOf(borders, -kInfinite), 0.0);
  EXPECT_TRUE(std::isnan(BinOf(borders, kNan)));
}

TEST(NumberShapesTest, LogarithmsAreMissingWhereTheyAreNotDefined) {
  EXPECT_EQ(LogOf(1.0, 0.0), 0.0);
  EXPECT_DOUBLE_EQ(LogOf(std::exp(2.0) - 1.0, 1.0), 2.0);
  EXPECT_TRUE(std::isnan(LogOf(0.0, 0.0)));
  EXPECT_TRUE(std::isnan(LogOf(-0.0, 0.0)));
  EXPECT_TRUE(std::isnan(LogOf(-3.0, 2.0)));
  EXPECT_TRUE(std::isnan(LogOf(kNan, 2.0)));
  EXPECT_EQ(SignedLogOf(0.0), 0.0);
  EXPECT_TRUE(std::signbit(SignedLogOf(-0.0)));
  EXPECT_DOUBLE_EQ(SignedLogOf(-9.0), -std::log(10.0));
  EXPECT_TRUE(std::isnan(SignedLogOf(kNan)));
}

// Values of scikit-learn 1.2's PowerTransformer without standardising, by its formula.
TEST(NumberShapesTest, PowersFollowYeoAndJohnson) {
  EXPECT_DOUBLE_EQ(PowerOf(3.0, 1.0), 3.0);
  EXPECT_DOUBLE_EQ(PowerOf(-3.0, 1.0), -3.0);
  EXPECT_DOUBLE_EQ(PowerOf(3.0, 0.5), 2.0);  // (4^0.5 - 1) / 0.5
  EXPECT_DOUBLE_EQ(PowerOf(3.0, 0.0), std::log(4.0));
  EXPECT_DOUBLE_EQ(PowerOf(-3.0, 0.5), -(8.0 - 1.0) / 1.5);  // -(4^1.5 - 1) / 1.5
  EXPECT_DOUBLE_EQ(PowerOf(-3.0, 2.0), -std::log(4.0));
  EXPECT_DOUBLE_EQ(PowerOf(-3.0, 3.0), -0.75);  // -(4^-1 - 1) / -1
  EXPECT_EQ(PowerOf(0.0, -7.0), 0.0);
  EXPECT_TRUE(std::isnan(PowerOf(kNan, 0.3)));
  // Continuous in lambda and in the value, ascending in the value.
  for (const double lambda : {-2.0, 0.0, 0.7, 2.0, 5.0}) {
    double before = PowerOf(-10.0, lambda);
    for (double value = -9.5; value < 10.0; value += 0.5) {
      EXPECT_GT(PowerOf(value, lambda), before) << value << " with " << lambda;
      before = PowerOf(value, lambda);
      EXPECT_NEAR(PowerOf(value, lambda + 1e-9), before, 1e-6 * (1.0 + std::abs(before)));
    }
  }
}

}  // namespace
}  // namespace millrace::feature
