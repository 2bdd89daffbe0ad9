#include "metric/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

namespace millrace::metric {
namespace {

using table::Task;

struct Sample {
  std::vector<double> labels;
  std::vector<double> outputs;
  Scored scored() const {
    return {.task = Task::kRegression, .labels = labels, .outputs = outputs};
  }
};

Sample Draw(Rng rng, int rows) {
  Sample sample;
  for (int i = 0; i < rows; ++i) {
    sample.labels.push_back(0.0);
    sample.outputs.push_back(std::abs(rng.Normal()));
  }
  return sample;
}

TEST(BootstrapTest, CoversTheTruthAboutAsOftenAsItSays) {
  // Mean absolute value of a normal number: sqrt(2 / pi).
  const double truth = std::sqrt(2.0 / 3.14159265358979);
  const Rng rng(3);
  const MetricInfo* mae = FindMetric(Task::kRegression, "mae");
  int covered = 0;
  for (uint64_t i = 0; i < 200; ++i) {
    const Sample sample = Draw(rng.Fork("sample", i), 200);
    const Interval interval =
        Bootstrap(*mae, sample.scored(), rng.Fork("boot", i), {.num_resamples = 200});
    covered += interval.low <= truth && truth <= interval.high ? 1 : 0;
  }
  EXPECT_GE(covered, 178);  // 95 % of 200 less three standard errors
  EXPECT_LE(covered, 199);
}

TEST(BootstrapTest, SameSeedSameIntervalForAnyThreads) {
  const Sample sample = Draw(Rng(1), 500);
  const MetricInfo* mae = FindMetric(Task::kRegression, "mae");
  const Interval one = Bootstrap(*mae, sample.scored(), Rng(2), {.num_threads = 1});
  const Interval two = Bootstrap(*mae, sample.scored(), Rng(2), {.num_threads = 2});
  EXPECT_EQ(one.low, two.low);
  EXPECT_EQ(one.high, two.high);
  EXPECT_LT(one.low, one.value);
  EXPECT_GT(one.high, one.value);
}

TEST(BootstrapTest, SmallerResamplesGiveTheSameWidth) {
  const Sample sample = Draw(Rng(1), 4000);
  const MetricInfo* mae = FindMetric(Task::kRegression, "mae");
  const Interval full = Bootstrap(*mae, sample.scored(), Rng(2));
  const Interval part = Bootstrap(*mae, sample.scored(), Rng(2), {.max_rows = 1000});
  EXPECT_NEAR((part.high - part.low) / (full.high - full.low), 1.0, 0.15);
}

TEST(BootstrapTest, PairedDifferenceOfEqualModelsIsZero) {
  const Sample sample = Draw(Rng(1), 300);
  const MetricInfo* mae = FindMetric(Task::kRegression, "mae");
  const Interval same = BootstrapDifference(*mae, sample.scored(), sample.scored(), Rng(2));
  EXPECT_EQ(same.low, 0.0);
  EXPECT_EQ(same.high, 0.0);
}

}  // namespace
}  // namespace millrace::metric
