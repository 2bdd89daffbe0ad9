#include "store/project.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

namespace millrace::store {
namespace {

TEST(ProjectTest, FoldersWithoutAProjectAreRefused) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  const Status empty = Project::Open(folder.path()).status();
  EXPECT_EQ(empty.code(), Code::kNotFound);
  EXPECT_EQ(empty.message(), folder.path() + ": is no project: there is no millrace.yaml");
  EXPECT_FALSE(FileExists(JoinPath(folder.path(), ".millrace"))) << "nothing was made";
  EXPECT_EQ(Project::Open(JoinPath(folder.path(), "none")).status().code(), Code::kNotFound);
}

TEST(ProjectTest, GivesThePaths) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  const std::string at = JoinPath(folder.path(), "a/b");
  const Project project = Project::Create(at).value();
  EXPECT_TRUE(IsFolder(project.state_folder()));
  EXPECT_EQ(project.spec_path(), at + "/millrace.yaml");
  EXPECT_EQ(project.catalog_path(), at + "/.millrace/catalog.sqlite");
  EXPECT_EQ(project.ReportFolder("r1"), at + "/reports/r1");
  EXPECT_EQ(project.Resolve("x.csv"), at + "/x.csv");
  EXPECT_EQ(project.Resolve("/x.csv"), "/x.csv");
  EXPECT_TRUE(Project::Create(at).ok()) << "an existing project is no error";
  EXPECT_EQ(Project::Open(at)->folder(), at);
}

TEST(ProjectTest, OneCommandAtATime) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  const Project project = Project::Create(folder.path()).value();
  {
    const auto lock = ProjectLock::Take(project, "millrace run");
    ASSERT_TRUE(lock.ok());
    const Status taken = ProjectLock::Take(project, "millrace retrain").status();
    EXPECT_EQ(taken.code(), Code::kUnavailable);
    EXPECT_EQ(taken.message(), folder.path() + ": is in use by `millrace run`, process " +
                                   std::to_string(CurrentProcessId()));
  }
  EXPECT_TRUE(ProjectLock::Take(project, "millrace retrain").ok());
}

TEST(ProjectTest, TheLockDiesWithItsProcess) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  const Project project = Project::Create(folder.path()).value();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = ProjectLock::Take(project, "millrace run");
    _exit(lock.ok() ? 0 : 1);  // without giving it up
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(ProjectLock::Take(project, "millrace run").ok());
}

}  // namespace
}  // namespace millrace::store
