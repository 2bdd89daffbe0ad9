// Tests of the single measurements of phase 4, each against a truth that is planted.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "evaluate/calibration.h"
#include "evaluate/edge_cases.h"
#include "evaluate/evaluated_project.h"
#include "evaluate/fairness.h"
#include "evaluate/gates.h"
#include "evaluate/held_out.h"
#include "evaluate/importance.h"
#include "evaluate/mistakes.h"
#include "evaluate/performance.h"

namespace millrace::evaluate {
namespace {

using table::Task;

// Rows whose labels are drawn from their own probabilities, stretched by `sharpness`.
struct Sample {
  std::vector<double> labels;
  std::vector<double> outputs;
  metric::Scored scored() const {
    return {.task = Task::kBinary, .num_classes = 2, .labels = labels, .outputs = outputs};
  }
};

Sample DrawSample(Rng rng, int64_t num_rows, double sharpness) {
  Sample sample;
  for (int64_t i = 0; i < num_rows; ++i) {
    const double score = rng.Normal();
    sample.labels.push_back(rng.Uniform() < 1.0 / (1.0 + std::exp(-score)) ? 1.0 : 0.0);
    sample.outputs.push_back(1.0 / (1.0 + std::exp(-sharpness * score)));
  }
  return sample;
}

TEST(MeasurementsTest, CalibratedProbabilitiesAreRarelyCalledOff) {
  int off = 0;
  for (uint64_t i = 0; i < 60; ++i) {
    const Sample sample = DrawSample(Rng(3).Fork("sample", i), 800, 1.0);
    off += MeasureCalibration(sample.scored(), Rng(i), 1).off() ? 1 : 0;
  }
  EXPECT_LE(off, 8);  // 5 % of 60 and three standard errors
  const Sample sharp = DrawSample(Rng(4), 2000, 4.0);
  const Calibration found = MeasureCalibration(sharp.scored(), Rng(1), 2);
  EXPECT_TRUE(found.off());
  EXPECT_EQ(CheckCalibration(found).state, report::CheckState::kWarning);
}

// A threshold that says yes to five rows of 100 positive ones is right each time, and says nothing.
TEST(MeasurementsTest, APrecisionOfAFewDecisionsMeetsNoGate) {
  Sample sample;
  for (int i = 0; i < 1000; ++i) {
    const bool positive = i % 10 == 0;
    sample.labels.push_back(positive ? 1.0 : 0.0);
    sample.outputs.push_back(positive ? 0.9 - 0.0005 * i : 0.3);
  }
  spec::Spec spec;
  spec.require.gates = {
      {.metric = "precision", .op = spec::Comparison::kAtLeast, .bound = 0.99, .place = {}}};
  const auto check = [&](double threshold) {
    metric::Scored scored = sample.scored();
    scored.threshold = threshold;
    return CheckMetricGates(spec, MeasureMetrics(scored, Rng(1), 1), scored).at(0);
  };
  const report::Check few = check(0.9 - 0.0005 * 45);
  EXPECT_EQ(few.state, report::CheckState::kNotMet) << few.evidence;
  EXPECT_NE(few.evidence.find("5 positive decisions"), std::string::npos) << few.evidence;
  EXPECT_NE(few.fix.find("require.recall"), std::string::npos) << few.fix;
  const report::Check enough = check(0.35);
  EXPECT_EQ(enough.state, report::CheckState::kMet) << enough.evidence;
  // Where there are few positive rows, half of them are enough.
  for (size_t i = 0; i < sample.labels.size(); ++i) {
    if (i >= 60) sample.labels[i] = sample.outputs[i] = 0.0;
  }
  EXPECT_EQ(check(0.9 - 0.0005 * 25).state, report::CheckState::kMet);
  // Nobody is said to be positive.
  EXPECT_EQ(check(0.95).state, report::CheckState::kNotMet);
}

TEST(MeasurementsTest, ARecallOfAFewRowsIsSaidToBe) {
  Sample sample;
  for (int i = 0; i < 200; ++i) {
    sample.labels.push_back(i < 4 ? 1.0 : 0.0);
    sample.outputs.push_back(i < 4 ? 0.9 : 0.1);
  }
  spec::Spec spec;
  spec.require.gates = {
      {.metric = "recall", .op = spec::Comparison::kAtLeast, .bound = 0.8, .place = {}}};
  const metric::Scored scored = sample.scored();
  const report::Check check =
      CheckMetricGates(spec, MeasureMetrics(scored, Rng(1), 1), scored).at(0);
  EXPECT_EQ(check.state, report::CheckState::kMet);
  EXPECT_NE(check.evidence.find("4 positive rows"), std::string::npos) << check.evidence;
}

Binning TwoGroups(Rng rng, size_t num_rows) {
  Binning groups{.column = "sex", .parts = {"F", "M"}, .phrases = {"sex = F", "sex = M"}};
  for (size_t i = 0; i < num_rows; ++i) {
    groups.part_of_row.push_back(static_cast<int32_t>(rng.Below(2)));
  }
  return groups;
}

TEST(MeasurementsTest, GapIntervalsOfEqualGroupsReachZeroAsOftenAsTheySay) {
  int surely = 0;
  for (uint64_t i = 0; i < 300; ++i) {
    const Sample sample = DrawSample(Rng(5).Fork("sample", i), 400, 1.0);
    const auto groups = TwoGroups(Rng(6).Fork("groups", i), 400);
    const auto found = MeasureFairness(sample.scored(), groups, {"no", "yes"});
    const MeasuredGap* gap = found.FindGap("equalized_odds_difference");
    ASSERT_NE(gap, nullptr);
    surely += gap->value.low > 0.0 ? 1 : 0;
  }
  EXPECT_LE(surely, 26);  // 5 % of 300 and three standard errors
}

TEST(MeasurementsTest, GapsAreThoseOfTheCounts) {
  // Of 40 F: 20 positive, 16 found, 4 of 20 negatives called; of 40 M: 10 found, 2 called.
  Sample sample;
  Binning groups{.column = "sex", .parts = {"F", "M"}, .phrases = {"sex = F", "sex = M"}};
  for (int group = 0; group < 2; ++group) {
    for (int i = 0; i < 40; ++i) {
      const int found = group == 0 ? 16 : 10;
      const int wrong = group == 0 ? 4 : 2;
      sample.labels.push_back(i < 20 ? 1.0 : 0.0);
      sample.outputs.push_back(i < found || (i >= 20 && i < 20 + wrong) ? 0.9 : 0.1);
      groups.part_of_row.push_back(group);
    }
  }
  const auto fairness = MeasureFairness(sample.scored(), groups, {"no", "yes"});
  const auto value = [&fairness](const char* name) { return fairness.FindGap(name)->value.value; };
  EXPECT_DOUBLE_EQ(value("demographic_parity_difference"), 20.0 / 40 - 12.0 / 40);
  EXPECT_DOUBLE_EQ(value("demographic_parity_ratio"), 12.0 / 20);
  EXPECT_DOUBLE_EQ(value("equal_opportunity_difference"), 16.0 / 20 - 10.0 / 20);
  EXPECT_DOUBLE_EQ(value("false_positive_rate_difference"), 4.0 / 20 - 2.0 / 20);
  EXPECT_DOUBLE_EQ(value("equalized_odds_difference"), 16.0 / 20 - 10.0 / 20);
  EXPECT_NEAR(value("accuracy_difference"), 32.0 / 40 - 28.0 / 40, 1e-12);
  EXPECT_EQ(fairness.FindGap("mae_ratio"), nullptr);
}

TEST(MeasurementsTest, SmallGroupsStandInNoGap) {
  const Sample sample = DrawSample(Rng(7), 200, 1.0);
  Binning groups = TwoGroups(Rng(8), 200);
  for (size_t i = 0; i < 200; ++i) groups.part_of_row[i] = i < 20 ? 0 : 1;
  const auto fairness = MeasureFairness(sample.scored(), groups, {"no", "yes"});
  EXPECT_TRUE(fairness.gaps.empty());
  EXPECT_FALSE(fairness.groups[0].in_gaps);
  EXPECT_EQ(fairness.groups[0].num_rows, 20);
}

TEST(MeasurementsTest, ConstantAnswersAreTheBestOfTheirKind) {
  const std::vector<double> labels = {0, 0, 0, 1};
  const std::vector<std::string> names = {"no", "yes"};
  const auto best = [&](const char* name) {
    return BestConstant(*metric::FindMetric(Task::kBinary, name), Task::kBinary, names, labels);
  };
  EXPECT_EQ(best("log_loss").outputs, std::vector<double>{0.25});
  EXPECT_EQ(best("accuracy").text, "always no");
  EXPECT_EQ(best("f1").text, "always yes");
  const std::vector<double> numbers = {1, 2, 9};
  const auto number = [&](const char* name) {
    return BestConstant(*metric::FindMetric(Task::kRegression, name), Task::kRegression, {},
                        numbers);
  };
  EXPECT_EQ(number("rmse").outputs[0], 4.0);
  EXPECT_EQ(number("mae").outputs[0], 2.0);
}

class MeasuredProjectTest : public ::testing::Test, protected EvaluatedProject {
 protected:
  Result<HeldOut> Load(const TrainedModel& trained) {
    return LoadHeldOut(*data_, develop_, trained, *objects_, *engine_, {"city", "sex"}, 2);
  }
};

TEST_F(MeasuredProjectTest, ImportanceFindsTheColumnThatDecides) {
  Make({.num_rows = 1200});
  const auto trained = LoadTrained(*data_, develop_, *objects_);
  ASSERT_TRUE(trained.ok()) << trained.status().ToString();
  const auto held_out = Load(*trained);
  ASSERT_TRUE(held_out.ok()) << held_out.status().ToString();
  const auto* auc = metric::FindMetric(Task::kBinary, "auc");
  const Importance one = MeasureImportance(*trained, *held_out, *auc, Rng(1), {.num_threads = 1});
  ASSERT_EQ(one.columns.size(), 2u);
  EXPECT_EQ(one.columns[0].column, "a");
  EXPECT_GT(one.columns[0].loss.low, 0.1);
  EXPECT_EQ(one.columns[1].loss.value, 0.0);  // b has weight 0
  const Importance two = MeasureImportance(*trained, *held_out, *auc, Rng(1), {.num_threads = 2});
  EXPECT_EQ(one.columns[0].loss.low, two.columns[0].loss.low);
}

TEST_F(MeasuredProjectTest, WorstRowsAreWrongRowsWithTheirPlace) {
  Make({.num_rows = 600});
  const auto trained = LoadTrained(*data_, develop_, *objects_);
  const auto held_out = Load(*trained);
  ASSERT_TRUE(held_out.ok());
  const report::DataTable table = WorstRows(*held_out, {"a", "city"});
  ASSERT_EQ(table.rows.size(), 10u);
  for (const auto& row : table.rows) {
    ASSERT_EQ(row.size(), table.columns.size());
    EXPECT_NE(row[1], row[2]);
  }
  EXPECT_EQ(table.columns.back(), "city");
}

TEST_F(MeasuredProjectTest, EdgeCasesNameAnAnswerThatIsNoNumber) {
  Make({.task = Task::kRegression, .num_rows = 300, .weight = 1e300});
  const auto trained = LoadTrained(*data_, develop_, *objects_);
  ASSERT_TRUE(trained.ok());
  const auto held_out = Load(*trained);
  ASSERT_TRUE(held_out.ok());
  const auto cases = RunEdgeCases(trained->scorer, held_out->rows);
  ASSERT_TRUE(cases.ok()) << cases.status().ToString();
  const auto checks = CheckEdgeCases(*cases);
  const auto found = std::find_if(checks.begin(), checks.end(), [](const report::Check& check) {
    return check.id == "edge.largest_number";
  });
  ASSERT_NE(found, checks.end());
  EXPECT_EQ(found->state, report::CheckState::kNotMet);
  EXPECT_TRUE(found->blocks);
  EXPECT_NE(found->evidence.find("no finite number"), std::string::npos);
}

}  // namespace
}  // namespace millrace::evaluate
