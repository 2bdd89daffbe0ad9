#include "sketch/drift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/rng.h"

namespace millrace::sketch {
namespace {

table::Column Normals(Rng& rng, int64_t rows, double shift) {
  table::Column column(table::ColumnType::kNumber);
  for (int64_t i = 0; i < rows; ++i) column.AppendNumber(rng.Normal() + shift);
  return column;
}

// Share of windows in which any of `num_columns` columns is called significant.
double AlarmShare(int64_t num_rows, int64_t num_columns, double shift, int64_t num_windows) {
  Rng rng(11);
  int64_t alarms = 0;
  for (int64_t window = 0; window < num_windows; ++window) {
    bool alarm = false;
    for (int64_t c = 0; c < num_columns; ++c) {
      const auto reference = ColumnSketch::FromReference("x", Normals(rng, 4000, 0.0));
      ColumnSketch now = reference.Empty();
      now.AddColumn(Normals(rng, num_rows, shift));
      alarm = alarm || CompareSketches(reference, now, num_columns).significant;
    }
    alarms += alarm ? 1 : 0;
  }
  return static_cast<double>(alarms) / static_cast<double>(num_windows);
}

TEST(DriftTest, EqualCountsAreAtDistanceZero) {
  const std::vector<double> cells = {10, 20, 30, 0};
  EXPECT_DOUBLE_EQ(Psi(cells, cells), 0.0);
  EXPECT_DOUBLE_EQ(JensenShannon(cells, cells), 0.0);
  EXPECT_DOUBLE_EQ(KolmogorovSmirnov(cells, cells), 0.0);
  EXPECT_DOUBLE_EQ(HomogeneityPValue(cells, cells), 1.0);
}

TEST(DriftTest, DisjointCountsAreAtDistanceOne) {
  const std::vector<double> a = {50, 0};
  const std::vector<double> b = {0, 50};
  EXPECT_NEAR(JensenShannon(a, b), 1.0, 1e-12);
  EXPECT_NEAR(KolmogorovSmirnov(a, b), 1.0, 1e-12);
  EXPECT_LT(HomogeneityPValue(a, b), 1e-10);
  EXPECT_TRUE(std::isfinite(Psi(a, b)));
}

// By hand: a 2 x 2 table 30, 70 / 50, 50 has Pearson's statistic 25/3 and one degree of freedom,
// so p = erfc(sqrt(25 / 6)).
TEST(DriftTest, HomogeneityIsPearsonsTest) {
  const std::vector<double> a = {30, 70};
  const std::vector<double> b = {50, 50};
  EXPECT_NEAR(HomogeneityPValue(a, b), std::erfc(std::sqrt(25.0 / 6.0)), 1e-12);
}

// By hand: two cells of 100 lie 50 ranks below and above the middle, so the rank sum of 60 and 40
// is off by 1000, its variance 100 * 100 / (200 * 199) * 200 * 50^2, and z^2 = 199 / 25.
TEST(DriftTest, RankTestIsWilcoxonsWithMidranks) {
  const std::vector<double> a = {40, 60};
  const std::vector<double> b = {60, 40};
  EXPECT_NEAR(RankPValue(a, b), std::erfc(std::sqrt(199.0) / 5.0 / std::sqrt(2.0)), 1e-12);
  EXPECT_DOUBLE_EQ(RankPValue(a, a), 1.0);
  const std::vector<double> few = {100, 5};
  EXPECT_DOUBLE_EQ(RankPValue(few, few), 1.0);
}

TEST(DriftTest, FindsAShiftOfATenthOfADeviationInLargeWindows) {
  EXPECT_GE(AlarmShare(10'000, 1, 0.1, 40), 0.95);
}

TEST(DriftTest, EmptyWindowIsNoDrift) {
  const std::vector<double> a = {30, 70};
  const std::vector<double> none = {0, 0};
  EXPECT_DOUBLE_EQ(HomogeneityPValue(a, none), 1.0);
  EXPECT_DOUBLE_EQ(JensenShannon(a, none), 0.0);
}

TEST(DriftTest, FalseAlarmsStayBelowOneInThirtyAtAnyWindowSize) {
  for (const int64_t rows : {int64_t{30}, int64_t{300}, int64_t{2000}}) {
    EXPECT_LE(AlarmShare(rows, 5, 0.0, 240), 1.0 / 30.0) << rows;
  }
}

TEST(DriftTest, FindsAShiftOfHalfADeviationInSmallWindows) {
  EXPECT_GE(AlarmShare(400, 1, 0.5, 40), 0.95);
}

}  // namespace
}  // namespace millrace::sketch
