#include "pipeline/run_driver.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "json/text.h"

namespace millrace::pipeline {
namespace {

using store::RunStatus;

/// A phase whose key, record and end the test decides.
class FakeStep final : public PhaseStep {
 public:
  FakeStep(int number, std::string input) : number_(number), input_(std::move(input)) {}

  int number() const override { return number_; }
  std::string_view name() const override { return PhaseName(number_); }
  Result<std::optional<Digest>> Key(const PhaseContext&) const override {
    if (number_ > 4) return std::optional<Digest>();
    return std::optional<Digest>(DigestOf(input_));
  }
  Result<json::Json> Run(const PhaseContext& context) override {
    ++num_runs;
    if (stages) {
      MILLRACE_RETURN_IF_ERROR(MakeFolders(context.staging_folder));
      MILLRACE_RETURN_IF_ERROR(WriteFile(JoinPath(context.staging_folder, "copy.csv"), "a,b\n"));
    }
    if (!end.ok()) return end;
    report::Section section;
    section.phase = number_;
    section.title = input_;
    section.checkpoint.phase = number_;
    section.checkpoint.checks.push_back({.id = "fake.check",
                                         .label = "auc",
                                         .state = check,
                                         .blocks = true,
                                         .value = 0.7,
                                         .requirement = ">= 0.8",
                                         .fix = "try harder"});
    MILLRACE_ASSIGN_OR_RETURN(const Digest object, context.objects.Put("object of " + input_));
    return json::Json::Of({{"object", object.ToHex()}, {"section", report::ToJson(section)}});
  }
  Result<PhaseTraces> Accept(PhaseContext& context, const json::Json& record) const override {
    PhaseTraces traces;
    MILLRACE_ASSIGN_OR_RETURN(traces.section, report::SectionFromJson(record["section"]));
    MILLRACE_ASSIGN_OR_RETURN(const Digest object, Digest::FromHex(record["object"].AsString()));
    MILLRACE_RETURN_IF_ERROR(context.objects.Verify(object));
    traces.artefacts.push_back(
        {.run = "", .name = input_, .digest = object, .kind = "fake", .size_bytes = 1});
    traces.metrics.push_back({.run = "", .name = input_, .value = 0.5});
    traces.versions.push_back(
        {.kind = "data", .digest = object, .name = input_, .detail = {}, .labels = {}});
    return traces;
  }

  int num_runs = 0;
  Status end;
  report::CheckState check = report::CheckState::kMet;
  bool stages = false;  // leaves a copy of a source, as a database makes one

 private:
  int number_;
  std::string input_;
};

class Recorder final : public RunObserver {
 public:
  void RunStarted(const std::string& run_id, bool resumed) override {
    lines.push_back(Format("start {}", resumed ? "resumed" : "new"));
    id = run_id;
  }
  void PhaseStarted(int phase, const std::string& name) override {
    lines.push_back(Format("{} {}", phase, name));
  }
  void Progress(const ProgressEvent&) override {}
  void PhaseEnded(const report::Section& section, bool found) override {
    lines.push_back(Format("{} {}", section.phase, found ? "found" : "done"));
  }
  void RunEnded(const RunOutcome& outcome) override { ended = outcome; }

  std::vector<std::string> lines;
  std::string id;
  std::optional<RunOutcome> ended;
};

class RunDriverTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::make_unique<TemporaryFolder>(TemporaryFolder::Make().value());
    ASSERT_TRUE(WriteFile(JoinPath(folder_->path(), "millrace.yaml"), "millrace: 1\n").ok());
    ASSERT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), "a,y\n1,2\n3,4\n").ok());
    spec_.problem.target = "y";
    spec_.problem.description = "Predict y";
    spec_.data.paths = {"d.csv"};
    Reset();
  }

  // New steps over an opened project, as a new process has them.
  void Reset(const std::string& input = "") {
    workspace_.reset();
    workspace_ = std::make_unique<Workspace>(OpenWorkspace(folder_->path(), clock_).value());
    steps_.clear();
    for (int phase = 1; phase <= 6; ++phase) {
      auto step = std::make_unique<FakeStep>(phase, Format("{} {}", PhaseName(phase), input));
      fakes_[phase] = step.get();
      steps_.push_back(std::move(step));
    }
    observer_ = Recorder();
  }

  Result<RunOutcome> Run(RunOptions options = {}) {
    RunDriver driver({.workspace = *workspace_,
                      .spec = spec_,
                      .options = std::move(options),
                      .previous_salt = std::nullopt,
                      .clock = clock_,
                      .observer = observer_});
    MILLRACE_RETURN_IF_ERROR(driver.Start());
    return driver.Finish(driver.Drive(steps_));
  }

  int NumRuns() const {
    int total = 0;
    for (const auto& [phase, step] : fakes_) total += step->num_runs;
    return total;
  }

  std::unique_ptr<TemporaryFolder> folder_;
  FakeClock clock_;
  spec::Spec spec_;
  std::unique_ptr<Workspace> workspace_;
  std::vector<std::unique_ptr<PhaseStep>> steps_;
  std::map<int, FakeStep*> fakes_;
  Recorder observer_;
};

TEST_F(RunDriverTest, RunsSixPhasesAndWritesTheReport) {
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->status, RunStatus::kDone);
  EXPECT_EQ(outcome->document.sections.size(), 6u);
  EXPECT_EQ(outcome->document.criteria.size(), 11u);
  EXPECT_EQ(NumRuns(), 6);
  for (const char* name : {"index.html", "report.json", "design.md"}) {
    EXPECT_TRUE(FileExists(JoinPath(workspace_->project.ReportFolder(outcome->run_id), name)))
        << name;
  }
  EXPECT_EQ(workspace_->catalog->FindRun(outcome->run_id)->status, RunStatus::kDone);
  EXPECT_EQ(workspace_->catalog->ListPhases(outcome->run_id)->size(), 6u);
  EXPECT_EQ(workspace_->catalog->ListArtefacts(outcome->run_id)->size(), 8u);
  EXPECT_TRUE(workspace_->catalog->VerifyAudit().ok());
}

TEST_F(RunDriverTest, ASecondRunFindsTheFirstFourAndReconcilesTheRest) {
  const auto first = Run();
  ASSERT_TRUE(first.ok());
  Reset();
  const auto second = Run();
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  EXPECT_NE(second->run_id, first->run_id);
  EXPECT_EQ(NumRuns(), 2);
  EXPECT_EQ(observer_.lines[2], "1 found");
  EXPECT_EQ(observer_.lines.back(), "6 done");
  // Found rows are no source of their own, and a third run still finds.
  Reset();
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(NumRuns(), 2);
}

TEST_F(RunDriverTest, AKilledRunIsContinuedUnderItsId) {
  fakes_[3]->end = Cancelled("stopped");
  const auto stopped = Run();
  EXPECT_EQ(stopped.status().code(), Code::kCancelled);
  const std::string id = observer_.id;
  EXPECT_EQ(workspace_->catalog->FindRun(id)->status, RunStatus::kInterrupted);
  // A kill leaves the run marked as running.
  ASSERT_TRUE(workspace_->catalog->FinishRun(id, RunStatus::kRunning).ok());
  Reset();
  const auto resumed = Run();
  ASSERT_TRUE(resumed.ok()) << resumed.status().ToString();
  EXPECT_EQ(resumed->run_id, id);
  EXPECT_EQ(observer_.lines.front(), "start resumed");
  EXPECT_EQ(NumRuns(), 4);  // 3 to 6
  EXPECT_EQ(workspace_->catalog->FindRun(id)->status, RunStatus::kDone);
  // The rows of what it did before the kill are still sources for later runs.
  Reset();
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(NumRuns(), 2);
}

TEST_F(RunDriverTest, OtherInputsAreAnotherRunAndTheKilledOneIsMarked) {
  fakes_[3]->end = Cancelled("stopped");
  static_cast<void>(Run());
  const std::string id = observer_.id;
  ASSERT_TRUE(workspace_->catalog->FinishRun(id, RunStatus::kRunning).ok());
  ASSERT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), "a,y\n1,2\n3,4\n5,6\n").ok());
  Reset();
  const auto next = Run();
  ASSERT_TRUE(next.ok());
  EXPECT_NE(next->run_id, id);
  EXPECT_EQ(observer_.lines.front(), "start new");
  EXPECT_EQ(workspace_->catalog->FindRun(id)->status, RunStatus::kInterrupted);
}

TEST_F(RunDriverTest, AGateThatIsNotMetEndsTheRunBeforeDeployment) {
  fakes_[4]->check = report::CheckState::kNotMet;
  const auto outcome = Run();
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->status, RunStatus::kNotMet);
  EXPECT_EQ(fakes_[5]->num_runs, 0);
  EXPECT_EQ(outcome->document.sections.size(), 4u);
  EXPECT_NE(outcome->document.answer.find("auc 0.7"), std::string::npos)
      << outcome->document.answer;
  // Found again: the verdict is the same, nothing is repeated.
  Reset();
  const auto again = Run();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->status, RunStatus::kNotMet);
  EXPECT_EQ(NumRuns(), 0);
}

TEST_F(RunDriverTest, AFailedPhaseIsReturnedAndStandsInTheReport) {
  fakes_[2]->end = InvalidData("d.csv: is empty").WithHint("give it rows");
  const auto outcome = Run();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.status().message(), "d.csv: is empty");
  ASSERT_TRUE(observer_.ended.has_value());
  EXPECT_EQ(observer_.ended->status, RunStatus::kFailed);
  const auto page = ReadFile(observer_.ended->report_path);
  ASSERT_TRUE(page.ok());
  EXPECT_NE(page->find("d.csv: is empty"), std::string::npos);
  EXPECT_EQ(observer_.ended->document.criteria[1].state, report::CheckState::kNotMet);
  EXPECT_EQ(workspace_->catalog->FindRun(observer_.id)->status, RunStatus::kFailed);
}

TEST_F(RunDriverTest, AMissingSourceFailsPhaseOneAndIsRecorded) {
  spec_.data.paths = {"gone.csv"};
  const auto outcome = Run();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.status().code(), Code::kNotFound);
  EXPECT_EQ(NumRuns(), 0);
  EXPECT_EQ(workspace_->catalog->FindRun(observer_.id)->status, RunStatus::kFailed);
  EXPECT_EQ(observer_.ended->document.sections.front().phase, 1);
}

TEST_F(RunDriverTest, ADamagedObjectIsMadeAnew) {
  ASSERT_TRUE(Run().ok());
  const Digest object = DigestOf("object of data ");
  ASSERT_TRUE(WriteFile(workspace_->objects.PathOf(object), "damaged").ok());
  Reset();
  ASSERT_TRUE(Run().ok());
  EXPECT_EQ(fakes_[1]->num_runs, 0);
  EXPECT_EQ(fakes_[2]->num_runs, 1);
  EXPECT_EQ(fakes_[3]->num_runs, 0);
  EXPECT_TRUE(workspace_->objects.Verify(object).ok());
}

TEST_F(RunDriverTest, StopsAfterTheLastPhaseAskedFor) {
  const auto outcome = Run({.last_phase = 2});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->status, RunStatus::kDone);
  EXPECT_EQ(NumRuns(), 2);
  EXPECT_EQ(outcome->document.criteria[6].state, report::CheckState::kNotMeasured);
}

TEST_F(RunDriverTest, TheRecordHoldsTheDurationAndKeysDoNot) {
  ASSERT_TRUE(Run().ok());
  const auto phases = workspace_->catalog->ListPhases(observer_.id);
  const auto record = workspace_->objects.Get(*phases->front().record);
  ASSERT_TRUE(record.ok());
  EXPECT_TRUE((*json::Parse(*record, "record"))["section"]["seconds"].is_number());
}

TEST_F(RunDriverTest, NoCopyOfASourceStaysHoweverTheRunEnds) {
  const std::string staging = JoinPath(workspace_->project.state_folder(), "staging");
  for (const Status& end : {Status(), IoError("disk"), Cancelled("stopped")}) {
    Reset(end.ok() ? "ends well" : end.ToString());
    fakes_[1]->stages = true;
    fakes_[1]->end = end;
    EXPECT_EQ(Run({.last_phase = 1}).ok(), end.ok());
    EXPECT_FALSE(FileExists(staging)) << end.ToString();
  }
}

}  // namespace
}  // namespace millrace::pipeline
