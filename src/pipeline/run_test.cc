#include "pipeline/run.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "pipeline/project_fixture.h"

namespace millrace::pipeline {
namespace {

using store::RunStatus;

class RunTest : public ::testing::Test, protected ProjectFixture {};

TEST_F(RunTest, TrainsEvaluatesAndReplaysToTheSameBytes) {
  const auto outcome = RunProject();
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->status, RunStatus::kDone) << outcome->document.answer;
  ASSERT_TRUE(outcome->bundle_object.has_value());
  ASSERT_EQ(outcome->document.criteria.size(), 11u);
  for (const int number : {1, 2, 3, 4, 11}) {
    const report::Criterion& criterion =
        outcome->document.criteria[static_cast<size_t>(number - 1)];
    EXPECT_EQ(criterion.state, report::CheckState::kMet) << criterion.title << criterion.evidence;
  }
  EXPECT_EQ(outcome->document.criteria[6].state, report::CheckState::kNotMeasured);
  EXPECT_NE(outcome->document.answer.find("held-out rows"), std::string::npos);
  for (const char* name : {"index.html", "report.json", "design.md", "model_card.md"}) {
    EXPECT_TRUE(FileExists(Path(Format("reports/{}/{}", outcome->run_id, name)))) << name;
  }

  const auto same = Replay(folder_->path(), "", 1, clock_, progress_);
  ASSERT_TRUE(same.ok()) << same.status().ToString();
  EXPECT_TRUE(same->equal) << Join(same->differences, "\n");
  EXPECT_EQ(same->first_phase, 1);
  EXPECT_TRUE(same->notes.empty());

  // The source has grown: the recorded rows still give the same bytes, and it is said.
  ASSERT_TRUE(AppendFile(Path("d.csv"), "c99999,5,pro,f,yes\n").ok());
  const auto changed = Replay(folder_->path(), outcome->run_id, 4, clock_, progress_);
  ASSERT_TRUE(changed.ok()) << changed.status().ToString();
  EXPECT_TRUE(changed->equal) << Join(changed->differences, "\n");
  EXPECT_EQ(changed->first_phase, 3);
  ASSERT_EQ(changed->notes.size(), 1u);
  EXPECT_NE(changed->notes[0].find("has changed"), std::string::npos);
}

// What only the words of a text column tell is learnt, evaluated and replayed.
TEST_F(RunTest, ATextColumnBesideOthersIsRead) {
  Rng rng(3);
  std::string csv = "customer,tenure,remark,churn\n";
  for (int i = 0; i < 800; ++i) {
    const bool leaves = rng.Uniform() < 0.4;
    const bool tells = rng.Uniform() < 0.85;
    csv += Format("c{:05},{},\"call {} about the {} and asked to {} it soon\",{}\n", i,
                  rng.Below(70), i, rng.Below(2) == 0 ? "invoice" : "modem",
                  leaves == tells ? "cancel" : "extend", leaves ? "yes" : "no");
  }
  ASSERT_TRUE(WriteFile(Path("d.csv"), csv).ok());
  spec_.data.sensitive = {};
  spec_.require.gates = {{"auc", spec::Comparison::kAtLeast, 0.75, {}}};
  const auto outcome = RunProject();
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->status, RunStatus::kDone) << outcome->document.answer;
  const auto same = Replay(folder_->path(), "", 1, clock_, progress_);
  ASSERT_TRUE(same.ok()) << same.status().ToString();
  EXPECT_TRUE(same->equal) << Join(same->differences, "\n");
}

TEST_F(RunTest, EqualInputsAreFoundAndAnotherGateRepeatsNoTraining) {
  ASSERT_TRUE(RunProject().ok());
  observer_ = SilentObserver();
  const auto again = RunProject();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(observer_.num_found, 4);
  observer_ = SilentObserver();
  spec_.deploy.port = 9999;
  ASSERT_TRUE(RunProject().ok());
  EXPECT_EQ(observer_.num_found, 3);  // the design reads the whole specification
  observer_ = SilentObserver();
  spec_.require.gates = {{"auc", spec::Comparison::kAtLeast, 0.999, {}}};
  const auto strict = RunProject();
  ASSERT_TRUE(strict.ok()) << strict.status().ToString();
  EXPECT_EQ(strict->status, RunStatus::kNotMet);
  EXPECT_EQ(strict->document.criteria[4].state, report::CheckState::kNotMet);
  EXPECT_NE(strict->document.criteria[4].evidence.find("auc"), std::string::npos);
}

TEST_F(RunTest, TheDataVersionIsTheSameInAnotherFolder) {
  options_.last_phase = 2;
  ASSERT_TRUE(RunProject().ok());
  const auto data = OpenWorkspace(folder_->path(), clock_)->catalog->ListVersions("data");
  ASSERT_TRUE(data.ok());
  ASSERT_EQ(data->size(), 1u);
  const TemporaryFolder other = TemporaryFolder::Make().value();
  ASSERT_TRUE(WriteFile(JoinPath(other.path(), "millrace.yaml"), "millrace: 1\n").ok());
  ASSERT_TRUE(CopyFileAtomic(Path("d.csv"), JoinPath(other.path(), "d.csv")).ok());
  ASSERT_TRUE(RunPipeline(other.path(), spec_, options_, clock_, observer_).ok());
  const auto copied = OpenWorkspace(other.path(), clock_)->catalog->ListVersions("data");
  EXPECT_EQ(copied->front().digest, data->front().digest);
}

TEST_F(RunTest, TwoRunsAtOnceAreRefused) {
  const auto workspace = OpenWorkspace(folder_->path(), clock_);
  ASSERT_TRUE(workspace.ok());
  const auto lock = store::ProjectLock::Take(workspace->project, "millrace run");
  ASSERT_TRUE(lock.ok());
  EXPECT_EQ(RunProject().status().code(), Code::kUnavailable);
}

TEST_F(RunTest, RetrainingOnEqualDataKeepsTheChampion) {
  const auto first = RunProject();
  ASSERT_TRUE(first.ok());
  {
    const auto workspace = OpenWorkspace(folder_->path(), clock_);
    ASSERT_TRUE(workspace->catalog->SetLabel("bundle", "champion", *first->bundle).ok());
  }
  const auto outcome = RunRetrain(
      folder_->path(), spec_,
      {.reason = "test", .budget_seconds = std::nullopt, .num_threads = 2, .promote = false},
      clock_, observer_);
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_FALSE(outcome->promoted);
  EXPECT_EQ(outcome->challenger, *first->bundle) << outcome->reason;
}

TEST_F(RunTest, AChallengerIsComparedOnRowsThatNeitherWasTrainedOn) {
  const auto first = RunProject();
  ASSERT_TRUE(first.ok());
  {
    const auto workspace = OpenWorkspace(folder_->path(), clock_);
    ASSERT_TRUE(workspace->catalog->SetLabel("bundle", "champion", *first->bundle).ok());
  }
  ASSERT_TRUE(WriteFile(Path("d.csv"), Customers(1600, 1)).ok());
  const auto outcome = RunRetrain(
      folder_->path(), spec_,
      {.reason = "test", .budget_seconds = std::nullopt, .num_threads = 2, .promote = false},
      clock_, observer_);
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_NE(outcome->challenger, *outcome->champion);
  EXPECT_FALSE(outcome->promoted);
  EXPECT_NEAR(static_cast<double>(outcome->num_rows), 320, 60);
  EXPECT_LT(outcome->low, outcome->high);
  EXPECT_TRUE(FileExists(outcome->report_path));
}

TEST_F(RunTest, TrainsOnceOnEveryRowAndPredictsAFile) {
  TrainOnceInputs inputs;
  inputs.data = {Path("d.csv")};
  inputs.target = "churn";
  inputs.budget_seconds = 1.0;
  inputs.num_threads = 2;
  inputs.out = Path("m.mill");
  const auto trained = TrainOnce(inputs, clock_, progress_);
  ASSERT_TRUE(trained.ok()) << trained.status().ToString();
  EXPECT_GT(trained->estimate, 0.7);
  const auto bundle = bundle::Bundle::Open(inputs.out);
  ASSERT_TRUE(bundle.ok()) << bundle.status().ToString();
  EXPECT_EQ((*bundle)->digest(), trained->bundle);
  EXPECT_EQ((*bundle)->provenance()["data"]["train"].AsInteger(), 800);
}

}  // namespace
}  // namespace millrace::pipeline
