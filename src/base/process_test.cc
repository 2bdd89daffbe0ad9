#include "base/process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/files.h"
#include "base/text.h"

namespace millrace {
namespace {

ChildOptions Shell(std::string script) {
  ChildOptions options;
  options.arguments = {"/bin/sh", "-c", std::move(script)};
  return options;
}

TEST(ProcessTest, ReturnsTheExitCode) {
  const int64_t id = StartChild(Shell("exit 7")).value();
  EXPECT_EQ(WaitChild(id, 10.0).value(), 7);
  EXPECT_FALSE(ProcessExists(id));
}

TEST(ProcessTest, RedirectsOutputAndChangesFolder) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  ChildOptions options = Shell("pwd; echo bad >&2");
  options.working_folder = folder.path();
  options.stdout_path = JoinPath(folder.path(), "out");
  options.stderr_path = JoinPath(folder.path(), "err");
  const int64_t id = StartChild(options).value();
  EXPECT_EQ(WaitChild(id, 10.0).value(), 0);
  EXPECT_EQ(ReadFile(options.stdout_path).value(), folder.path() + "\n");
  EXPECT_EQ(ReadFile(options.stderr_path).value(), "bad\n");
}

TEST(ProcessTest, MissingProgramIsNotFound) {
  ChildOptions options;
  options.arguments = {"/no/such/program"};
  const Status status = StartChild(options).status();
  EXPECT_EQ(status.code(), Code::kNotFound);
  EXPECT_EQ(status.message(), "/no/such/program: cannot be started: No such file or directory");
}

TEST(ProcessTest, PollSaysNothingWhileItRuns) {
  const int64_t id = StartChild(Shell("exec sleep 60")).value();
  EXPECT_EQ(PollChild(id).value(), std::nullopt);
  EXPECT_TRUE(ProcessExists(id));
  EXPECT_GT(ProcessStartTicks(id).value(), 0);
  EXPECT_TRUE(StopProcess(id, 5.0).ok());
  EXPECT_FALSE(ProcessExists(id));
  EXPECT_TRUE(StopProcess(id, 5.0).ok()) << "a process that is gone is not an error";
}

TEST(ProcessTest, KilledAfterTheGraceWhenItDoesNotListen) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  const std::string ready = JoinPath(folder.path(), "ready");
  const int64_t id =
      StartChild(Shell("trap '' TERM; touch " + ready + "; while :; do sleep 0.05; done")).value();
  for (int i = 0; i < 500 && !FileExists(ready); ++i) EXPECT_TRUE(WaitChild(id, 0.01).ok());
  EXPECT_TRUE(StopProcess(id, 0.05).ok());
  EXPECT_FALSE(ProcessExists(id));
}

TEST(ProcessTest, NeverStopsTheFirstProcess) {
  EXPECT_FALSE(StopProcess(1, 0.0).ok());
  EXPECT_FALSE(StopProcess(0, 0.0).ok());
  EXPECT_FALSE(StopProcess(-1, 0.0).ok());
}

TEST(ProcessTest, KnowsItself) {
  EXPECT_TRUE(ProcessExists(CurrentProcessId()));
  EXPECT_TRUE(FileExists(CurrentProgramPath().value()));
  EXPECT_GT(ResidentBytes(), 0);
  EXPECT_GE(PeakResidentBytes(), ResidentBytes() / 2);
}

TEST(ProcessTest, InterruptIsNoticed) {
  EXPECT_EXIT(
      {
        CatchInterrupts();
        raise(SIGINT);
        _exit(CheckInterrupted().code() == Code::kCancelled ? 3 : 4);
      },
      testing::ExitedWithCode(3), "");
  EXPECT_EXIT(
      {
        CatchInterrupts();
        raise(SIGINT);
        raise(SIGTERM);
      },
      testing::ExitedWithCode(130), "");
  EXPECT_TRUE(CheckInterrupted().ok());
}

}  // namespace
}  // namespace millrace
