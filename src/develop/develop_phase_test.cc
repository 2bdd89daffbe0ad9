#include "develop/develop_phase.h"

#include <gtest/gtest.h>

#include <cmath>

#include "develop/develop_fixture.h"
#include "develop/threshold.h"
#include "json/text.h"
#include "model/model.h"

namespace millrace::develop {
namespace {

using table::Task;

class DevelopPhaseTest : public ::testing::Test, protected DevelopFixture {
 protected:
  void SetUp() override { ASSERT_TRUE(Open().ok()); }
  void Load(Task task) { ASSERT_TRUE(LoadDrawn(task).ok()); }
};

TEST_F(DevelopPhaseTest, ChoosesAModelBetterThanTheBaselineOnEachTask) {
  for (const Task task : {Task::kBinary, Task::kMulticlass, Task::kRegression}) {
    Load(task);
    const auto record = Develop(2, std::nullopt);
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    EXPECT_GE(record->leaderboard.size(), 3u);
    EXPECT_EQ(record->leaderboard.back().learner, "baseline") << table::TaskName(task);
    const auto bytes = objects->Get(record->model_object);
    ASSERT_TRUE(bytes.ok());
    EXPECT_TRUE(model::LoadModel(*bytes).ok());
    if (task == Task::kBinary) {
      EXPECT_GT(record->estimate.value, 0.9);
      EXPECT_TRUE(record->section.checkpoint.passed());
    }
  }
}

TEST_F(DevelopPhaseTest, ReplayOfThePlanGivesTheSameBytesForAnyThreads) {
  Load(Task::kBinary);
  const auto first = Develop(2, std::nullopt);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  for (const int threads : {1, 4}) {
    const auto again = Develop(threads, first->plan);
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    EXPECT_EQ(again->model_object, first->model_object);
    EXPECT_EQ(again->graph_object, first->graph_object);
    EXPECT_EQ(json::Write(again->plan), json::Write(first->plan));
    EXPECT_EQ(again->threshold, first->threshold);
    auto leaderboard = [](const DevelopRecord& record) {
      return json::Write(ToJson(record)["leaderboard"]) + json::Write(ToJson(record)["estimate"]);
    };
    EXPECT_EQ(leaderboard(*again), leaderboard(*first));
  }
}

TEST_F(DevelopPhaseTest, AShortBudgetStillGivesAModelThatReplays) {
  Load(Task::kRegression);
  spec.develop.budget.time_seconds = 0.001;
  const auto first = Develop(1, std::nullopt);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_LT(first->leaderboard.size(), 8u);
  spec.develop.budget.time_seconds = 60.0;
  const auto again = Develop(2, first->plan);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->model_object, first->model_object);
}

TEST_F(DevelopPhaseTest, RecordSurvivesJson) {
  Load(Task::kBinary);
  spec.develop.learners = {"linear"};
  const auto record = Develop(2, std::nullopt);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const auto back = DevelopRecordFromJson(ToJson(*record));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(json::Write(ToJson(*back)), json::Write(ToJson(*record)));
  EXPECT_FALSE(DevelopRecordFromJson(json::Json()).ok());
}

// Validation rows follow the opposite rule: what is learnt without them is wrong on each.
std::string OppositeValidation() {
  Rng rng(4);
  std::string csv = "a,part,y\n";
  for (int i = 0; i < 900; ++i) {
    const char* part = i % 3 == 0 ? "validation" : i % 3 == 1 ? "train" : "test";
    const double a = rng.Normal();
    csv += Format("{:.4f},{},{}\n", a, part, (a > 0.0) == (i % 3 != 0) ? "yes" : "no");
  }
  return csv;
}

TEST_F(DevelopPhaseTest, StatedValidationRowsJoinNoTraining) {
  spec.split.column = "part";
  ASSERT_TRUE(LoadText(Task::kBinary, OppositeValidation(), "yes").ok());
  spec.develop.learners = {"linear"};
  const auto record = Develop(2, std::nullopt);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  for (const Candidate& candidate : record->leaderboard) {
    EXPECT_EQ(candidate.num_folds, 1);
    if (candidate.learner == "linear") {
      EXPECT_LT(candidate.score.value, 0.05);
    }
  }
  const auto again = Develop(1, record->plan);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->model_object, record->model_object);
  spec.split.folds = 5;
  const Status refused = Develop(1, std::nullopt).status();
  EXPECT_EQ(refused.code(), Code::kInvalidSpec);
  EXPECT_NE(refused.message().find("part states validation rows"), std::string::npos);
}

TEST_F(DevelopPhaseTest, NoFeatureReadsAColumnThatIsKnownTooLate) {
  spec.data.not_at_prediction = {"c"};
  Load(Task::kBinary);
  EXPECT_EQ(std::count(data->features.begin(), data->features.end(), "c"), 0);
  spec.develop.learners = {"linear"};
  spec.features.add = {{"twice", "a * 2", {}}};
  EXPECT_TRUE(Develop(1, std::nullopt).ok());
  spec.features.add = {{"twice", "c * 2", {}}};
  const Status refused = Develop(1, std::nullopt).status();
  EXPECT_EQ(refused.code(), Code::kInvalidSpec);
  EXPECT_NE(refused.message().find("reads a column that is no feature: \"c\""), std::string::npos);
}

TEST_F(DevelopPhaseTest, RepeatedFoldsReplayAndAreCounted) {
  Load(Task::kBinary);
  spec.split.folds = 3;
  spec.split.repeats = 2;
  spec.develop.learners = {"linear"};
  const auto record = Develop(2, std::nullopt);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->leaderboard.front().num_folds, 6);
  EXPECT_GT(record->estimate.value, 0.7);
  const auto again = Develop(1, record->plan);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->model_object, record->model_object);
  EXPECT_EQ(json::Write(ToJson(*again)["estimate"]), json::Write(ToJson(*record)["estimate"]));
}

TEST_F(DevelopPhaseTest, WrongOptionsAreRefused) {
  Load(Task::kBinary);
  spec.develop.options = {{"boosting", {{"leafs", "3"}}}};
  EXPECT_EQ(Develop(1, std::nullopt).status().code(), Code::kInvalidSpec);
  spec.develop.options.clear();
  spec.develop.metric = "rmse";
  EXPECT_EQ(Develop(1, std::nullopt).status().code(), Code::kInvalidSpec);
}

TEST(ThresholdTest, FollowsValuesAndGates) {
  const std::vector<double> labels = {0, 0, 0, 1, 0, 1, 1, 1};
  const std::vector<double> outputs = {0.1, 0.2, 0.3, 0.35, 0.5, 0.6, 0.7, 0.9};
  const metric::Scored scored{.task = Task::kBinary,
                              .num_classes = 2,
                              .labels = labels,
                              .outputs = outputs,
                              .threshold = 0.5};
  const spec::Gate precise{"precision", spec::Comparison::kAtLeast, 1.0, {}};
  const double strict = ChooseThreshold(scored, std::nullopt, {&precise, 1}).threshold;
  EXPECT_GT(strict, 0.5);
  EXPECT_LE(strict, 0.6);
  const spec::DecisionValue misses_are_dear{0.0, -1.0, -100.0, 0.0};
  const double loose = ChooseThreshold(scored, misses_are_dear, {}).threshold;
  EXPECT_GT(loose, 0.3);
  EXPECT_LE(loose, 0.35);
}

}  // namespace
}  // namespace millrace::develop
