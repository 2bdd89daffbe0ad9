#include "metric/two_sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace millrace::metric {
namespace {

struct Sample {
  std::vector<double> labels;
  std::vector<double> outputs;
  Scored scored() const {
    Scored scored;
    scored.num_classes = 2;
    scored.labels = labels;
    scored.outputs = outputs;
    return scored;
  }
};

// Decisions that are right with probability `accuracy`.
Sample MakeSample(int num_rows, double accuracy, Rng rng) {
  Sample sample;
  for (int i = 0; i < num_rows; ++i) {
    const double label = rng.Uniform() < 0.4 ? 1.0 : 0.0;
    const bool right = rng.Uniform() < accuracy;
    sample.labels.push_back(label);
    sample.outputs.push_back((label == 1.0) == right ? 0.9 : 0.1);
  }
  return sample;
}

const MetricInfo& Accuracy() { return *FindMetric(table::Task::kBinary, "accuracy"); }

TEST(TwoSample, StandardErrorIsThatOfTwoShares) {
  const Sample left = MakeSample(2000, 0.8, Rng(1));
  const Sample right = MakeSample(500, 0.7, Rng(2));
  const SampleDifference found =
      BootstrapTwoSamples(Accuracy(), left.scored(), right.scored(), Rng(3));
  const double expected = std::sqrt(0.8 * 0.2 / 2000 + 0.7 * 0.3 / 500);
  EXPECT_NEAR(found.standard_error, expected, 0.15 * expected);
  EXPECT_NEAR(found.difference.value, 0.1, 4 * expected);
  EXPECT_LT(found.difference.low, found.difference.value);
  EXPECT_GT(found.difference.high, found.difference.value);
  EXPECT_EQ(found.left.value - found.right.value, found.difference.value);
}

TEST(TwoSample, ThreadsAndASmallerDrawChangeNothingOfNote) {
  const Sample left = MakeSample(3000, 0.8, Rng(1));
  const Sample right = MakeSample(3000, 0.8, Rng(2));
  BootstrapOptions options;
  const auto one = BootstrapTwoSamples(Accuracy(), left.scored(), right.scored(), Rng(3), options);
  options.num_threads = 3;
  const auto three =
      BootstrapTwoSamples(Accuracy(), left.scored(), right.scored(), Rng(3), options);
  EXPECT_EQ(one.standard_error, three.standard_error);
  EXPECT_EQ(one.difference.low, three.difference.low);
  options.max_rows = 600;
  const auto small =
      BootstrapTwoSamples(Accuracy(), left.scored(), right.scored(), Rng(3), options);
  EXPECT_NEAR(small.standard_error, one.standard_error, 0.2 * one.standard_error);
}

TEST(TwoSample, AnEmptySampleIsNotDefined) {
  const Sample left = MakeSample(10, 0.8, Rng(1));
  EXPECT_TRUE(std::isnan(
      BootstrapTwoSamples(Accuracy(), left.scored(), Sample().scored(), Rng(3)).difference.value));
}

TEST(TwoSample, SpendingGrowsToAlpha) {
  EXPECT_EQ(SpentAlpha(0.05, 0.0), 0.0);
  EXPECT_EQ(SpentAlpha(0.05, 1.0), 0.05);
  // Lan & DeMets: 2 - 2 Phi(1.95996 / sqrt(0.5)) = 0.00557.
  EXPECT_NEAR(SpentAlpha(0.05, 0.5), 0.005575, 1e-5);
  EXPECT_LT(SpentAlpha(0.05, 0.1), 1e-8);
  EXPECT_NEAR(TwoSidedPValue(1.959964), 0.05, 1e-6);
}

// Looked at ten times, two equal models are called different in at most alpha of the experiments.
TEST(TwoSample, LookingOftenKeepsTheErrorRate) {
  int false_alarms = 0;
  constexpr int kExperiments = 400;
  for (int e = 0; e < kExperiments; ++e) {
    const Rng rng = Rng(17).Fork("experiment", static_cast<uint64_t>(e));
    const Sample left = MakeSample(1000, 0.75, rng.Fork("left"));
    const Sample right = MakeSample(1000, 0.75, rng.Fork("right"));
    double spent = 0.0;
    for (int look = 1; look <= 10; ++look) {
      const auto size = static_cast<size_t>(look * 100);
      const auto rate = [size](const Sample& sample) {
        double right_ones = 0.0;
        for (size_t i = 0; i < size; ++i) {
          right_ones += (sample.outputs[i] >= 0.5) == (sample.labels[i] == 1.0) ? 1.0 : 0.0;
        }
        return right_ones / static_cast<double>(size);
      };
      const double a = rate(left);
      const double b = rate(right);
      const double error = std::sqrt((a * (1 - a) + b * (1 - b)) / static_cast<double>(size));
      const double allowed = SpentAlpha(0.05, 0.1 * look);
      if (TwoSidedPValue((a - b) / error) <= allowed - spent) {
        ++false_alarms;
        break;
      }
      spent = allowed;
    }
  }
  EXPECT_LE(false_alarms, 0.05 * kExperiments + 3 * std::sqrt(0.05 * 0.95 * kExperiments));
}

}  // namespace
}  // namespace millrace::metric
