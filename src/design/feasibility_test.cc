#include "design/feasibility.h"

#include <gtest/gtest.h>

#include "base/rng.h"

namespace millrace::design {
namespace {

using table::Task;

// Scores that say nothing of the label, but for the greatest one, which is right.
QuickProbe LuckyFirst(int rows) {
  QuickProbe probe{.metric = "auc", .num_rows = rows, .num_folds = 3, .num_classes = 2};
  Rng rng(11);
  for (int i = 0; i < rows; ++i) {
    probe.labels.push_back(i == 0 || rng.Uniform() < 0.3 ? 1.0 : 0.0);
    probe.outputs.push_back(i == 0 ? 0.99 : 0.9 * rng.Uniform());
  }
  return probe;
}

spec::Gate AtLeast(const char* metric, double bound) {
  return {.metric = metric, .op = spec::Comparison::kAtLeast, .bound = bound, .place = {}};
}

TEST(FeasibilityTest, PrecisionOfAHandfulOfDecisionsIsNoReach) {
  const QuickProbe probe = LuckyFirst(600);
  const std::vector<spec::Gate> gates = {AtLeast("precision", 0.9)};
  const auto words = JudgeGates(probe, Task::kBinary, gates);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_NE(words[0].reach, Reach::kWithin) << words[0].text;
  // With a demand on recall that few decisions meet, too.
  const std::vector<spec::Gate> both = {AtLeast("precision", 0.9), AtLeast("recall", 0.005)};
  const auto two = JudgeGates(probe, Task::kBinary, both);
  ASSERT_EQ(two.size(), 2u);
  EXPECT_NE(two[0].reach, Reach::kWithin) << two[0].text;
}

TEST(FeasibilityTest, PrecisionOfEnoughDecisionsIsWithinReach) {
  QuickProbe probe = LuckyFirst(600);
  for (size_t i = 0; i < probe.labels.size(); i += 3) {
    probe.labels[i] = 1.0;
    probe.outputs[i] = 0.95;
  }
  const std::vector<spec::Gate> gates = {AtLeast("precision", 0.9)};
  const auto words = JudgeGates(probe, Task::kBinary, gates);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].reach, Reach::kWithin) << words[0].text;
}

// Where there are few positive rows, half of them are enough, as for the gate itself.
TEST(FeasibilityTest, FewPositiveRowsAskForHalfOfThem) {
  QuickProbe probe{.metric = "auc", .num_rows = 200, .num_folds = 3, .num_classes = 2};
  for (int i = 0; i < 200; ++i) {
    probe.labels.push_back(i < 8 ? 1.0 : 0.0);
    probe.outputs.push_back(i < 5 ? 0.9 + 0.01 * i : 0.001 * i);
  }
  const std::vector<spec::Gate> gates = {AtLeast("precision", 0.9)};
  const auto words = JudgeGates(probe, Task::kBinary, gates);
  ASSERT_EQ(words.size(), 1u);
  EXPECT_EQ(words[0].reach, Reach::kWithin) << words[0].text;
}

}  // namespace
}  // namespace millrace::design
