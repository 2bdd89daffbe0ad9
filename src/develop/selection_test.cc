#include "develop/selection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"

namespace millrace::develop {
namespace {

using table::Task;

TEST(SelectionTest, BinnedAucAgreesWithTheExactOne) {
  Rng rng(1);
  std::vector<double> labels;
  std::vector<double> outputs;
  for (int i = 0; i < 5000; ++i) {
    labels.push_back(static_cast<double>(rng.Below(2)));
    outputs.push_back(1.0 / (1.0 + std::exp(-rng.Normal() - labels.back())));
  }
  const metric::Scored scored{
      .task = Task::kBinary, .num_classes = 2, .labels = labels, .outputs = outputs};
  const metric::MetricInfo& auc = *metric::FindMetric(Task::kBinary, "auc");
  EXPECT_NEAR(FastMetric(auc, scored).Value(outputs), metric::Compute(auc, scored), 1e-5);
}

TEST(SelectionTest, MixesTwoHalvesAndLeavesNoiseOut) {
  // Two candidates with independent errors, and one of noise.
  Rng rng(2);
  std::vector<double> labels;
  std::vector<std::vector<double>> candidates(3);
  for (int i = 0; i < 3000; ++i) {
    labels.push_back(rng.Normal());
    candidates[0].push_back(labels.back() + 0.5 * rng.Normal());
    candidates[1].push_back(labels.back() + 0.5 * rng.Normal());
    candidates[2].push_back(3.0 * rng.Normal());
  }
  const std::vector<std::span<const double>> outputs(candidates.begin(), candidates.end());
  const metric::Scored scored{.task = Task::kRegression, .labels = labels};
  const FastMetric rmse(*metric::FindMetric(Task::kRegression, "rmse"), scored);
  for (const int threads : {1, 4}) {
    const auto counts = SelectGreedily(rmse, outputs, {.rounds = 20, .num_threads = threads});
    EXPECT_GT(counts[0], 0);
    EXPECT_NEAR(static_cast<double>(counts[0]), static_cast<double>(counts[1]), 1.0);
    EXPECT_EQ(counts[2], 0);
    const std::vector<double> mean = WeightedMean(outputs, counts);
    EXPECT_GT(rmse.Value(mean), rmse.Value(candidates[0]));
  }
}

}  // namespace
}  // namespace millrace::develop
