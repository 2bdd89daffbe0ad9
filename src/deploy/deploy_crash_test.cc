// A deployment that is killed at random instants: production is the old bundle or the new one, and
// the next call finishes.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"
#include "deploy/production.h"
#include "deploy/project_fixture.h"
#include "deploy/server_process.h"

namespace millrace::deploy {
namespace {

// Switches between the two bundles until it is killed.
[[noreturn]] void SwitchForever(const std::string& folder, const ProjectFixture& fixture) {
  SystemClock clock;
  SilentProgress progress;
  const auto project = store::Project::Open(folder);
  const auto objects = store::ObjectStore::Open(project->objects_folder());
  const auto catalog = store::Catalog::Open(project->catalog_path(), clock);
  if (!catalog.ok()) _exit(2);
  for (int i = 0;; ++i) {
    const Digest& object = i % 2 == 0 ? fixture.second : fixture.first;
    const auto promoted = Promote({.spec = fixture.spec,
                                   .project = *project,
                                   .objects = *objects,
                                   .catalog = **catalog,
                                   .clock = clock,
                                   .progress = progress,
                                   .bundle_object = object,
                                   .server_program = MILLRACE_SERVER_PROGRAM,
                                   .actor = "child"});
    if (!promoted.ok()) _exit(3);
  }
}

int RunAndKill(const std::string& folder, const ProjectFixture& fixture, double seconds) {
  const pid_t child = fork();
  if (child == 0) SwitchForever(folder, fixture);
  SystemClock().SleepSeconds(seconds);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 0 : WEXITSTATUS(status);
}

TEST(DeployCrash, ProductionIsTheOldOrTheNewAfterAKillAtAnyInstant) {
  ProjectFixture fixture;
  // Opened again by each child: a connection must not cross a fork.
  fixture.catalog.reset();
  Rng rng(11);
  for (int round = 0; round < 15; ++round) {
    const double seconds = 0.002 + 0.25 * rng.Uniform();
    ASSERT_EQ(RunAndKill(fixture.folder.path(), fixture, seconds), 0) << "round " << round;
    const auto found = ObserveProduction(fixture.project);
    ASSERT_TRUE(found.ok());
    if (found->object) {
      EXPECT_TRUE(*found->object == fixture.first || *found->object == fixture.second);
    }
    fixture.catalog = *store::Catalog::Open(fixture.project.catalog_path(), fixture.clock);
    const DeployInputs inputs = fixture.Inputs(fixture.first);
    const Status reconciled = Reconcile(inputs);
    ASSERT_TRUE(reconciled.ok()) << reconciled.ToString();
    // Catalog, file and server agree.
    const auto live = ReadLive(*fixture.catalog);
    ASSERT_TRUE(live.ok());
    const auto after = ObserveProduction(fixture.project);
    if (live->routes.empty()) {
      EXPECT_FALSE(after->object.has_value());
    } else {
      ASSERT_EQ(after->object, live->routes.front().object) << "round " << round;
      ASSERT_TRUE(StartProduction(inputs).ok());
      const auto server = serve::FindServer(ProductionStatePath(fixture.project));
      ASSERT_TRUE(server.has_value());
      EXPECT_EQ((*AskRoutes(*server)).front().digest, live->routes.front().bundle.ToHex());
    }
    int64_t num_live = 0;
    for (const store::DeploymentRow& row : *fixture.catalog->ListDeployments()) {
      num_live += row.state == "live" ? 1 : 0;
      EXPECT_NE(row.state, "starting");
    }
    EXPECT_EQ(num_live, live->routes.empty() ? 0 : 1);
    EXPECT_TRUE(fixture.catalog->VerifyAudit().ok());
    // Every other round the server is killed too.
    if (round % 2 == 1) {
      if (const auto server = serve::FindServer(ProductionStatePath(fixture.project))) {
        kill(static_cast<pid_t>(server->process_id), SIGKILL);
      }
    }
    fixture.catalog.reset();
  }
}

}  // namespace
}  // namespace millrace::deploy
