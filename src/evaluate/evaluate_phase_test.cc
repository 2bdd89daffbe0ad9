#include "evaluate/evaluate_phase.h"

#include <gtest/gtest.h>

#include <cmath>

#include "bundle/bundle.h"
#include "evaluate/evaluated_project.h"
#include "evaluate/seal.h"
#include "spec/gate.h"

namespace millrace::evaluate {
namespace {

using report::CheckState;
using table::Task;

class EvaluatePhaseTest : public ::testing::Test, protected EvaluatedProject {};

spec::Gate Gate(std::string metric, spec::Comparison op, double bound) {
  return {.metric = std::move(metric), .op = op, .bound = bound, .place = {"millrace.yaml", 9, 3}};
}

TEST_F(EvaluatePhaseTest, MeasuresEachTaskAndSealsABundle) {
  for (const Task task : {Task::kBinary, Task::kMulticlass, Task::kRegression}) {
    Make({.task = task});
    const auto record = Evaluate();
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    EXPECT_TRUE(record->passed()) << table::TaskName(task);
    EXPECT_EQ(record->metrics.size(), metric::MetricsOf(task).size());
    for (const MeasuredMetric& metric : record->metrics) {
      EXPECT_LE(metric.value.low, metric.value.value) << metric.name;
      EXPECT_GE(metric.value.high, metric.value.value) << metric.name;
    }
    const auto opened = bundle::Bundle::Open(objects_->PathOf(record->bundle_object));
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    EXPECT_EQ((*opened)->digest(), record->bundle);
    EXPECT_EQ((*opened)->card(), record->card);
    EXPECT_EQ((*opened)->size_bytes(), record->bundle_bytes);
    EXPECT_EQ(FindCheck(*record, "evaluate.better_than_baseline")->state, CheckState::kMet);
  }
}

TEST_F(EvaluatePhaseTest, SameBytesForAnyThreads) {
  Make({});
  const auto one = Evaluate(1);
  const auto two = Evaluate(2);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(one->bundle_object, two->bundle_object);
  EXPECT_EQ(json::Write(ToJson(*one)), json::Write(ToJson(*two)));
}

TEST_F(EvaluatePhaseTest, AGateThatIsNotMetIsNamedWithItsPlace) {
  Make({});
  spec_.require.gates = {Gate("auc", spec::Comparison::kAtLeast, 0.99),
                         Gate("recall", spec::Comparison::kAtLeast, 0.2),
                         Gate("model_size", spec::Comparison::kAtMost, 100.0),
                         Gate("latency_p99", spec::Comparison::kAtMost, 1e-12)};
  const auto record = Evaluate();
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_FALSE(record->passed());
  const report::Check* auc = FindCheck(*record, "gate.auc");
  ASSERT_NE(auc, nullptr);
  EXPECT_EQ(auc->state, CheckState::kNotMet);
  EXPECT_EQ(auc->source, "millrace.yaml:9:3");
  EXPECT_FALSE(auc->fix.empty());
  EXPECT_EQ(FindCheck(*record, "gate.recall")->state, CheckState::kMet);
  EXPECT_EQ(FindCheck(*record, "gate.model_size")->state, CheckState::kNotMet);
  EXPECT_EQ(FindCheck(*record, "gate.latency_p99")->state, CheckState::kNotMet);
  // Neither size nor time stands in the bundle.
  EXPECT_EQ(record->card.find("latency"), std::string::npos);
  EXPECT_EQ(record->card.find("model_size"), std::string::npos);
}

TEST_F(EvaluatePhaseTest, APlantedGroupBiasFailsItsGate) {
  spec_.require.fairness = {Gate("equalized_odds_difference", spec::Comparison::kAtMost, 0.05)};
  Make({.planted = Planted::kGroupBias, .num_rows = 6000});
  const auto record = Evaluate();
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const report::Check* check = FindCheck(*record, "fairness.equalized_odds_difference.sex");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(check->state, CheckState::kNotMet);
  EXPECT_GT(*check->low, 0.0);
  EXPECT_NE(check->evidence.find("(F)"), std::string::npos) << check->evidence;
  EXPECT_FALSE(record->passed());
}

// One draw; that the intervals reach zero as often as they say is tested with the measurements. Of
// the seeds 1 to 12, 1 and 11 are draws whose interval misses it.
TEST_F(EvaluatePhaseTest, EqualGroupsGiveAGapThatReachesZero) {
  Make({.num_rows = 6000, .seed = 2});
  const auto record = Evaluate();
  ASSERT_TRUE(record.ok());
  for (const MeasuredGap& gap : record->gaps) {
    if (gap.name.ends_with("ratio")) {
      EXPECT_EQ(gap.value.high, 1.0) << gap.name;
    } else {
      EXPECT_EQ(gap.value.low, 0.0) << gap.name;
    }
  }
}

TEST_F(EvaluatePhaseTest, APlantedWeakSliceStandsInTheCard) {
  Make({.planted = Planted::kBadSlice});
  const auto record = Evaluate();
  ASSERT_TRUE(record.ok());
  EXPECT_NE(record->card.find("Where city = town3, its mean log loss"), std::string::npos);
  Make({});
  const auto clean = Evaluate();
  ASSERT_TRUE(clean.ok());
  EXPECT_EQ(clean->card.find("Where city ="), std::string::npos);
}

TEST_F(EvaluatePhaseTest, AModelThatSaysNothingIsNoBetterThanAConstant) {
  Make({.weight = 0.0});
  const auto record = Evaluate();
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(FindCheck(*record, "evaluate.better_than_baseline")->state, CheckState::kNotMet);
  EXPECT_FALSE(record->passed());
}

TEST_F(EvaluatePhaseTest, RecordSurvivesJson) {
  Make({});
  const auto record = Evaluate();
  ASSERT_TRUE(record.ok());
  const auto back = EvaluateRecordFromJson(ToJson(*record));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(json::Write(ToJson(*back)), json::Write(ToJson(*record)));
  EXPECT_NE(back->FindMetric("auc"), nullptr);
  EXPECT_EQ(back->FindMetric("rmse"), nullptr);
  EXPECT_EQ(EvaluateRecordFromJson(json::Json()).status().code(), Code::kCorrupt);
}

TEST_F(EvaluatePhaseTest, DamagedObjectsAreRefused) {
  Make({});
  develop_.model_object = develop_.graph_object;
  EXPECT_EQ(Evaluate().status().code(), Code::kCorrupt);
  develop_.graph_object = Digest{};
  EXPECT_EQ(Evaluate().status().code(), Code::kNotFound);
}

TEST_F(EvaluatePhaseTest, AModelWithoutHeldOutRowsIsSealedWithItsEstimates) {
  Make({});
  const auto sealed = SealTrained({.spec = spec_,
                                   .data = *data_,
                                   .develop = develop_,
                                   .objects = *objects_,
                                   .engine = *engine_,
                                   .provenance = json::Json::Of({{"seed", 7}})});
  ASSERT_TRUE(sealed.ok()) << sealed.status().ToString();
  EXPECT_TRUE(bundle::Bundle::Open(objects_->PathOf(sealed->object)).ok());
  EXPECT_NE(sealed->card.find("No row was held out"), std::string::npos);
  EXPECT_NE(sealed->card.find("0.78"), std::string::npos);
}

}  // namespace
}  // namespace millrace::evaluate
