#include "metric/metric.h"

#include <gtest/gtest.h>

#include <cmath>

#include "metric/curves.h"

namespace millrace::metric {
namespace {

using table::Task;

const std::vector<double> kLabels = {0, 1, 1, 0, 1, 0, 0, 1};
const std::vector<double> kOutputs = {0.1, 0.8, 0.4, 0.4, 0.9, 0.6, 0.05, 0.35};

Scored Binary() {
  return {.task = Task::kBinary,
          .num_classes = 2,
          .labels = kLabels,
          .outputs = kOutputs,
          .threshold = 0.5};
}

double Value(const Scored& scored, std::string_view name) {
  const MetricInfo* metric = FindMetric(scored.task, name);
  EXPECT_NE(metric, nullptr) << name;
  return Compute(*metric, scored);
}

TEST(MetricTest, BinaryMetricsByHand) {
  // Pairs: 16; positives above: .8 beats 4, .9 beats 4, .4 beats 2 + half, .35 beats 2.
  EXPECT_DOUBLE_EQ(Value(Binary(), "auc"), (4 + 4 + 2.5 + 2) / 16.0);
  // Decisions at 0.5: tp 2, fp 1, fn 2, tn 3.
  EXPECT_DOUBLE_EQ(Value(Binary(), "accuracy"), 5.0 / 8.0);
  EXPECT_DOUBLE_EQ(Value(Binary(), "precision"), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(Value(Binary(), "recall"), 0.5);
  EXPECT_DOUBLE_EQ(Value(Binary(), "f1"), 4.0 / 7.0);
  EXPECT_DOUBLE_EQ(Value(Binary(), "balanced_accuracy"), 0.5 * (0.5 + 0.75));
  EXPECT_NEAR(Value(Binary(), "mcc"), (2 * 3 - 1 * 2) / std::sqrt(3.0 * 4 * 4 * 5), 1e-15);
  EXPECT_NEAR(Value(Binary(), "brier"), (.01 + .04 + .36 + .16 + .01 + .36 + .0025 + .4225) / 8,
              1e-15);
  // Steps at .9, .8 (precision 1), .4 (tie: 3 of 5), .35 (4 of 6).
  EXPECT_NEAR(Value(Binary(), "average_precision"), (1 + 1 + 3.0 / 5 + 4.0 / 6) / 4, 1e-15);
  double loss = 0.0;
  for (const double p : {0.9, 0.8, 0.4, 0.6, 0.9, 0.4, 0.95, 0.35}) loss -= std::log(p) / 8;
  EXPECT_NEAR(Value(Binary(), "log_loss"), loss, 1e-15);
}

TEST(MetricTest, MulticlassMetricsByHand) {
  const std::vector<double> labels = {0, 1, 2, 2};
  const std::vector<double> outputs = {.5, .3, .2, .2, .3, .5, .1, .1, .8, .3, .3, .4};
  const Scored scored{
      .task = Task::kMulticlass, .num_classes = 3, .labels = labels, .outputs = outputs};
  EXPECT_DOUBLE_EQ(Value(scored, "accuracy"), 0.75);
  EXPECT_NEAR(Value(scored, "macro_f1"), (1.0 + 0.0 + 0.8) / 3, 1e-15);
  EXPECT_NEAR(Value(scored, "log_loss"),
              -(std::log(.5) + std::log(.3) + std::log(.8) + std::log(.4)) / 4, 1e-15);
  const auto counts = ConfusionCounts(scored);
  EXPECT_EQ(counts[1][2], 1.0);
  EXPECT_EQ(counts[2][2], 2.0);
}

TEST(MetricTest, RegressionMetricsByHand) {
  const std::vector<double> labels = {1, 2, 3, 6};
  const std::vector<double> outputs = {1, 3, 3, 4};
  const Scored scored{.task = Task::kRegression, .labels = labels, .outputs = outputs};
  EXPECT_DOUBLE_EQ(Value(scored, "rmse"), std::sqrt(5.0 / 4));
  EXPECT_DOUBLE_EQ(Value(scored, "mae"), 0.75);
  EXPECT_DOUBLE_EQ(Value(scored, "median_absolute_error"), 0.5);
  EXPECT_DOUBLE_EQ(Value(scored, "r2"), 1.0 - 5.0 / 14.0);
}

TEST(MetricTest, UndefinedIsNotANumber) {
  const std::vector<double> labels = {1, 1};
  const std::vector<double> outputs = {0.3, 0.7};
  const Scored one_class{
      .task = Task::kBinary, .num_classes = 2, .labels = labels, .outputs = outputs};
  EXPECT_TRUE(std::isnan(Value(one_class, "auc")));
  const Scored constant{.task = Task::kRegression, .labels = labels, .outputs = outputs};
  EXPECT_TRUE(std::isnan(Value(constant, "r2")));
}

TEST(MetricTest, EveryMetricIsFoundByNameForItsTasksOnly) {
  for (const MetricInfo& metric : AllMetrics()) EXPECT_FALSE(metric.text.empty());
  EXPECT_NE(FindMetric(Task::kBinary, "auc"), nullptr);
  EXPECT_EQ(FindMetric(Task::kRegression, "auc"), nullptr);
  for (const Task task : {Task::kBinary, Task::kMulticlass, Task::kRegression}) {
    EXPECT_NE(FindMetric(task, DefaultMetric(task)), nullptr);
  }
}

TEST(MetricTest, CurvesAndThreshold) {
  const auto points = OperatingPoints(Binary());
  ASSERT_EQ(points.size(), 7u);
  EXPECT_EQ(points.back().true_positives, 4.0);
  const auto roc = RocCurve(points);
  EXPECT_EQ(roc.front(), Point(0.0, 0.0));
  EXPECT_EQ(roc.back(), Point(1.0, 1.0));
  // Greatest f1: three of five above 0.4 give 6/9; four of six above .35 give 8/10.
  const double threshold = BestThreshold(points, [](const OperatingPoint& p) {
    return 2 * p.true_positives / (p.true_positives + p.false_positives + p.positives);
  });
  EXPECT_DOUBLE_EQ(threshold, 0.5 * (0.35 + 0.1));
}

}  // namespace
}  // namespace millrace::metric
