#include <gtest/gtest.h>

#include "deploy/deploy_phase.h"
#include "pipeline/project_fixture.h"
#include "pipeline/run.h"

#ifdef MILLRACE_SERVER_PROGRAM

namespace millrace::pipeline {
namespace {

using report::CheckState;
using store::RunStatus;

class SixPhasesTest : public ::testing::Test, protected ProjectFixture {
 protected:
  void SetUp() override {
    options_.last_phase = 6;
    options_.server_program = MILLRACE_SERVER_PROGRAM;
    spec_.deploy.port = 0;
    spec_.deploy.threads = 1;
  }
  void TearDown() override {
    static_cast<void>(deploy::StopProduction(*store::Project::Open(folder_->path())).ok());
  }
};

TEST_F(SixPhasesTest, EndInAServedModelAndRetrainingSwapsIt) {
  const auto outcome = RunProject();
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->status, RunStatus::kDone) << outcome->document.answer;
  EXPECT_EQ(outcome->document.sections.size(), 6u);
  EXPECT_FALSE(outcome->url.empty());
  for (const report::Criterion& criterion : outcome->document.criteria) {
    if (criterion.number == 6) continue;  // no bound on fairness is set
    EXPECT_EQ(criterion.state, CheckState::kMet)
        << criterion.title << ": " << criterion.evidence << " " << criterion.fix;
  }
  EXPECT_NE(outcome->document.answer.find("In production at http"), std::string::npos)
      << outcome->document.answer;

  // The second run finds four phases and leaves the server alone.
  const auto project = store::Project::Open(folder_->path());
  const auto before = deploy::ObserveProduction(*project);
  const auto again = RunProject();
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(observer_.num_found, 4);
  EXPECT_EQ(deploy::ObserveProduction(*project)->process_id, before->process_id);

  ASSERT_TRUE(WriteFile(Path("d.csv"), Customers(1600, 1)).ok());
  const auto retrained = RunRetrain(folder_->path(), spec_,
                                    {.reason = "test",
                                     .budget_seconds = std::nullopt,
                                     .num_threads = 2,
                                     .promote = true,
                                     .server_program = MILLRACE_SERVER_PROGRAM},
                                    clock_, observer_);
  ASSERT_TRUE(retrained.ok()) << retrained.status().ToString();
  const auto after = deploy::ObserveProduction(*project);
  ASSERT_TRUE(after.ok() && after->bundle);
  EXPECT_EQ(*after->bundle, retrained->promoted ? retrained->challenger : *outcome->bundle)
      << retrained->reason;
  EXPECT_EQ(after->process_id, before->process_id);  // swapped, not started again
  const auto workspace = OpenWorkspace(folder_->path(), clock_);
  EXPECT_TRUE(workspace->catalog->VerifyAudit().ok());
}

}  // namespace
}  // namespace millrace::pipeline

#endif
