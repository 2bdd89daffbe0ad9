#include "operate/audit_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "json/text.h"

namespace millrace::operate {
namespace {

using report::CheckState;
using ::testing::HasSubstr;

class AuditScoreTest : public ::testing::Test {
 protected:
  AuditScore Score() {
    auto score = ScoreAudit({.spec = spec_,
                             .project = project_,
                             .objects = objects_,
                             .catalog = *catalog_,
                             .clock = clock_});
    EXPECT_TRUE(score.ok()) << score.status().ToString();
    return std::move(score).value();
  }
  static const AuditTest& Find(const AuditScore& score, std::string_view id) {
    static const AuditTest none;
    for (const AuditTest& test : score.tests) {
      if (test.id == id) return test;
    }
    ADD_FAILURE() << "no test " << id;
    return none;
  }
  void Record(const std::string& run, const std::string& phase, std::vector<report::Check> checks) {
    report::Section section;
    section.checkpoint.checks = std::move(checks);
    const Digest object =
        objects_.Put(json::Write(json::Json::Of({{"section", report::ToJson(section)}}))).value();
    if (!catalog_->FindRun(run).ok()) {
      store::RunRow row;
      row.id = run;
      ASSERT_TRUE(catalog_->StartRun(row).ok());
    }
    ASSERT_TRUE(catalog_
                    ->RecordPhase({.run = run,
                                   .phase = phase,
                                   .key = DigestOf(run + phase),
                                   .status = store::PhaseStatus::kDone,
                                   .record = object})
                    .ok());
  }

  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  FakeClock clock_;
  spec::Spec spec_;
  store::Project project_ = store::Project::Create(folder_.path()).value();
  store::ObjectStore objects_ = store::ObjectStore::Open(project_.objects_folder()).value();
  std::unique_ptr<store::Catalog> catalog_ =
      store::Catalog::Open(project_.catalog_path(), clock_).value();
};

TEST_F(AuditScoreTest, AnEmptyProjectScoresZeroAndClaimsNothing) {
  const AuditScore score = Score();
  EXPECT_EQ(score.tests.size(), 28u);
  ASSERT_EQ(score.sections.size(), 4u);
  for (const AuditSection& section : score.sections) {
    EXPECT_EQ(section.num_tests, 7);
    EXPECT_EQ(section.num_measured, 0) << section.name;
  }
  EXPECT_EQ(score.score, 0.0);
  for (const AuditTest& test : score.tests) {
    EXPECT_FALSE(test.score.has_value()) << test.id;
    EXPECT_FALSE(test.fix.empty()) << test.id;
  }
}

TEST_F(AuditScoreTest, ChecksCountByTheirState) {
  Record("run1", "evaluate",
         {{.id = "evaluate.better_than_baseline", .label = "better", .state = CheckState::kMet},
          {.id = "fairness.groups", .state = CheckState::kWarning},
          {.id = "gate.auc", .state = CheckState::kMet},
          {.id = "gate.recall", .state = CheckState::kNotMet},
          {.id = "edge.all_missing", .state = CheckState::kNotMeasured}});
  const AuditScore score = Score();
  EXPECT_EQ(Find(score, "model.5").score, 1.0);
  EXPECT_EQ(Find(score, "model.5").fix, "");
  EXPECT_EQ(Find(score, "model.7").score, 0.5);
  EXPECT_EQ(Find(score, "infrastructure.4").score, 0.0);
  EXPECT_THAT(Find(score, "infrastructure.4").evidence, HasSubstr("1 not met"));
  EXPECT_FALSE(Find(score, "monitor.5").score.has_value());
}

TEST_F(AuditScoreTest, TheNewestRecordOfAPhaseCounts) {
  Record("run1", "evaluate", {{.id = "gate.auc", .state = CheckState::kNotMet}});
  clock_.Advance(10);
  Record("run2", "evaluate", {{.id = "gate.auc", .state = CheckState::kMet}});
  EXPECT_EQ(Find(Score(), "infrastructure.4").score, 1.0);
}

TEST_F(AuditScoreTest, ActionsOfTheAuditChainCount) {
  ASSERT_TRUE(catalog_->AppendAudit("cli", "rollback", json::Json::MakeObject()).ok());
  ASSERT_TRUE(catalog_->AppendAudit("cli", "replay", json::Json::Of({{"equal", false}})).ok());
  EXPECT_EQ(Find(Score(), "infrastructure.7").score, 1.0);
  EXPECT_EQ(Find(Score(), "infrastructure.1").score, 0.0);
  ASSERT_TRUE(catalog_->AppendAudit("cli", "replay", json::Json::Of({{"equal", true}})).ok());
  EXPECT_EQ(Find(Score(), "infrastructure.1").score, 1.0);
}

TEST_F(AuditScoreTest, AWholeRunAndAScheduleCount) {
  for (const char* phase : {"design", "data", "develop", "evaluate", "deploy", "operate"}) {
    Record("run1", phase, {});
  }
  EXPECT_FALSE(Find(Score(), "infrastructure.3").score.has_value()) << "the run is not finished";
  ASSERT_TRUE(catalog_->FinishRun("run1", store::RunStatus::kDone).ok());
  spec_.retrain.on = {spec::RetrainTrigger::kSchedule};
  EXPECT_EQ(Find(Score(), "infrastructure.3").score, 1.0);
  EXPECT_EQ(Find(Score(), "monitor.4").score, 1.0);
  clock_.Advance(31 * 86400.0);
  EXPECT_EQ(Find(Score(), "monitor.4").score, 0.0);
}

TEST_F(AuditScoreTest, TheScoreIsTheSmallestSum) {
  Record("run1", "deploy", {{.id = "deploy.golden_rows", .state = CheckState::kMet}});
  const AuditScore score = Score();
  EXPECT_EQ(score.sections[0].sum, 1.0);
  EXPECT_EQ(score.sections[3].sum, 1.0);
  EXPECT_EQ(score.score, 0.0);
  EXPECT_EQ(ToJson(score)["tests"].size(), 28u);
  EXPECT_EQ(AuditTable(score).rows.size(), 28u);
}

}  // namespace
}  // namespace millrace::operate
