#include "operate/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "base/process.h"
#include "deploy/project_fixture.h"

namespace millrace::operate {
namespace {

using ::testing::HasSubstr;

// A deployed project; `Watch` runs an operator in this thread until `until` says enough.
class SupervisorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto record = deploy::RunDeploy(project_.Inputs(project_.first));
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    ASSERT_TRUE(WriteFile(project_.project.Resolve("customers.csv"), "a\n").ok());
    project_.spec.data.paths = {"customers.csv"};
    project_.spec.retrain.on = {};
  }

  SupervisorInputs Inputs() {
    return {.spec = project_.spec,
            .project = project_.project,
            .objects = project_.objects,
            .catalog = *project_.catalog,
            .clock = project_.clock,
            .progress = project_.progress,
            .server_program = MILLRACE_SERVER_PROGRAM,
            .pass_seconds = 0.1,
            .tick_seconds = 0.02,
            .first_pause_seconds = 0.1,
            .lock_patience_seconds = 0.3,
            .start_retrain = {},
            .stop = {},
            .changed = {}};
  }

  Result<SupervisorState> Watch(SupervisorInputs inputs,
                                const std::function<bool(const SupervisorState&)>& until,
                                double seconds = 15.0) {
    SupervisorState last;
    const double end = project_.clock.MonotonicSeconds() + seconds;
    inputs.changed = [&last](const SupervisorState& state) { last = state; };
    inputs.stop = [&] { return until(last) || project_.clock.MonotonicSeconds() > end; };
    return RunSupervisor(inputs);
  }

  void RecordOldRun() {
    project_.spec.retrain.on = {spec::RetrainTrigger::kSchedule};
    project_.spec.retrain.every_seconds = 0.0;
    store::RunRow run;
    run.id = "run1";
    ASSERT_TRUE(project_.catalog->StartRun(run).ok());
    ASSERT_TRUE(project_.catalog->FinishRun("run1", store::RunStatus::kDone).ok());
  }

  deploy::ProjectFixture project_;
};

TEST_F(SupervisorTest, AKilledServerComesBackAndAnAlertSaysSo) {
  std::set<int64_t> servers;
  const auto state = Watch(Inputs(), [&](const SupervisorState& now) {
    if (now.num_restarts > 0) {
      EXPECT_NE(now.url, "") << "a restart is told with its address";
    }
    if (now.server_process_id != 0 && servers.insert(now.server_process_id).second &&
        servers.size() == 1) {
      EXPECT_EQ(kill(static_cast<pid_t>(now.server_process_id), SIGKILL), 0);
    }
    return servers.size() == 2;
  });
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ(servers.size(), 2u);
  EXPECT_EQ(state->num_restarts, 1);
  EXPECT_TRUE(deploy::ObserveProduction(project_.project)->running) << "it outlives its operator";
  const auto record = RunOperate({.spec = project_.spec,
                                  .project = project_.project,
                                  .objects = project_.objects,
                                  .catalog = *project_.catalog,
                                  .clock = project_.clock,
                                  .progress = project_.progress});
  ASSERT_EQ(record->alerts.size(), 1u);
  EXPECT_EQ(record->alerts[0].kind, "server");
  EXPECT_TRUE(record->alerts[0].delivered);
}

TEST_F(SupervisorTest, AServerComesBackWhileAnotherCommandHoldsTheProject) {
  const auto lock = store::ProjectLock::Take(project_.project, "millrace run");
  ASSERT_TRUE(lock.ok());
  ASSERT_TRUE(deploy::StopProduction(project_.project).ok());
  const auto state =
      Watch(Inputs(), [](const SupervisorState& now) { return now.server_process_id != 0; });
  ASSERT_TRUE(state.ok());
  EXPECT_TRUE(deploy::ObserveProduction(project_.project)->running);
}

TEST_F(SupervisorTest, ThereIsOnePerProject) {
  SupervisorInputs inputs = Inputs();
  const auto state = Watch(inputs, [&](const SupervisorState& now) {
    if (now.pass_micros == 0) return false;
    const auto found = FindSupervisor(project_.project);
    EXPECT_TRUE(found.has_value());
    EXPECT_EQ(found ? found->process_id : 0, CurrentProcessId());
    inputs.stop = [] { return true; };
    const Status second = RunSupervisor(inputs).status();
    EXPECT_EQ(second.code(), Code::kUnavailable);
    EXPECT_THAT(second.message(), HasSubstr(std::to_string(CurrentProcessId())));
    return true;
  });
  ASSERT_TRUE(state.ok());
  EXPECT_FALSE(FindSupervisor(project_.project).has_value());
}

TEST_F(SupervisorTest, RetrainingIsStartedOnceAndNotHammered) {
  RecordOldRun();
  SupervisorInputs inputs = Inputs();
  std::vector<std::string> reasons;
  inputs.start_retrain = [&](const std::string& reason) -> Result<int64_t> {
    reasons.push_back(reason);
    ChildOptions options;
    options.arguments = {"/bin/false"};
    return StartChild(options);
  };
  const auto state = Watch(
      inputs, [](const SupervisorState&) { return false; }, 0.5);
  ASSERT_TRUE(state.ok());
  ASSERT_EQ(reasons.size(), 1u);
  EXPECT_THAT(reasons[0], HasSubstr("schedule: "));
  EXPECT_EQ(state->num_retrains, 1);
  EXPECT_EQ(state->retrain_process_id, 0) << "its end was noticed";
}

TEST_F(SupervisorTest, AManualApprovalIsAskedForByAnAlert) {
  RecordOldRun();
  project_.spec.retrain.approve = spec::Approval::kManual;
  SupervisorInputs inputs = Inputs();
  inputs.start_retrain = [&](const std::string&) -> Result<int64_t> {
    ADD_FAILURE() << "started without approval";
    return Internal("not to be called");
  };
  ASSERT_TRUE(Watch(
                  inputs, [](const SupervisorState&) { return false; }, 0.4)
                  .ok());
  const std::string log = ReadFile(JoinPath(project_.project.logs_folder(), "alerts.log")).value();
  EXPECT_THAT(log, HasSubstr("Retraining is due (schedule"));
  EXPECT_EQ(log.find("retrain.schedule."), log.rfind("retrain.schedule.")) << "told once";
}

TEST_F(SupervisorTest, ARunningRetrainEndsWithTheOperator) {
  RecordOldRun();
  SupervisorInputs inputs = Inputs();
  int64_t child = 0;
  inputs.start_retrain = [&](const std::string&) -> Result<int64_t> {
    ChildOptions options;
    options.arguments = {"/bin/sleep", "60"};
    const Result<int64_t> started = StartChild(options);
    child = started.ok() ? *started : 0;
    return started;
  };
  ASSERT_TRUE(
      Watch(inputs, [](const SupervisorState& now) { return now.retrain_process_id != 0; }).ok());
  ASSERT_NE(child, 0);
  EXPECT_FALSE(ProcessExists(child));
}

TEST_F(SupervisorTest, AKilledOperatorIsSucceededByTheNext) {
  const pid_t operator_process = fork();
  if (operator_process == 0) {
    SystemClock clock;
    const auto catalog = store::Catalog::Open(project_.project.catalog_path(), clock);
    SupervisorInputs inputs{.spec = project_.spec,
                            .project = project_.project,
                            .objects = project_.objects,
                            .catalog = **catalog,
                            .clock = clock,
                            .progress = project_.progress,
                            .server_program = MILLRACE_SERVER_PROGRAM,
                            .pass_seconds = 0.05,
                            .tick_seconds = 0.01,
                            .start_retrain = {},
                            .stop = [] { return false; },
                            .changed = {}};
    _exit(RunSupervisor(inputs).ok() ? 0 : 1);
  }
  const double end = project_.clock.MonotonicSeconds() + 10.0;
  while (!FindSupervisor(project_.project) && project_.clock.MonotonicSeconds() < end) {
    project_.clock.SleepSeconds(0.01);
  }
  ASSERT_TRUE(FindSupervisor(project_.project).has_value());
  kill(operator_process, SIGKILL);
  int status = 0;
  waitpid(operator_process, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(FindSupervisor(project_.project).has_value());
  const auto before = deploy::ObserveProduction(project_.project);
  const auto state =
      Watch(Inputs(), [](const SupervisorState& now) { return now.server_process_id != 0; });
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ(state->server_process_id, before->process_id) << "the server was taken over";
}

TEST(SupervisorWithoutDeploymentTest, IsNotFound) {
  deploy::ProjectFixture project;
  const SupervisorInputs inputs{.spec = project.spec,
                                .project = project.project,
                                .objects = project.objects,
                                .catalog = *project.catalog,
                                .clock = project.clock,
                                .progress = project.progress,
                                .stop = [] { return true; }};
  EXPECT_EQ(RunSupervisor(inputs).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace millrace::operate
