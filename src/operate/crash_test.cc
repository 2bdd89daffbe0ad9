// What is promised about kills: a monitor that is killed at random instants, again and again, ends
// with the same windows as one that never was: none lost, none twice, every label joined once.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <set>

#include "operate/project_fixture.h"

namespace millrace::operate {
namespace {

constexpr int64_t kWindowRows = 50;

// Runs passes until it is killed. Each opens the catalog anew, as a new process would.
[[noreturn]] void WatchForever(const std::string& folder) {
  SystemClock clock;
  SilentProgress progress;
  spec::Spec spec;
  spec.monitor.window_rows = kWindowRows;
  spec.monitor.window_seconds = 1e9;
  spec.monitor.alerts = {{spec::AlertKind::kLog, ""}};
  while (true) {
    const auto project = store::Project::Open(folder);
    if (!project.ok()) _exit(2);
    const auto objects = store::ObjectStore::Open(project->objects_folder());
    const auto catalog = store::Catalog::Open(project->catalog_path(), clock);
    if (!objects.ok() || !catalog.ok()) _exit(3);
    const auto record = RunOperate({.spec = spec,
                                    .project = *project,
                                    .objects = *objects,
                                    .catalog = **catalog,
                                    .clock = clock,
                                    .progress = progress});
    if (!record.ok()) _exit(4);
  }
}

// Starts a monitor and kills it after a while; returns true when the kill ended it.
bool WatchAndKill(const std::string& folder, double seconds) {
  const pid_t child = fork();
  if (child == 0) {
    fclose(stderr);
    WatchForever(folder);
  }
  SystemClock().SleepSeconds(seconds);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status);
}

TEST(OperateCrashTest, KilledMonitorsNeitherLoseNorRepeatAWindow) {
  const auto folder = TemporaryFolder::Make();
  auto project = std::make_unique<ProjectFixture>(folder->path());
  project->Deploy();
  project->spec().monitor.window_rows = kWindowRows;
  project->spec().monitor.window_seconds = 1e9;
  Rng rng(41);
  int64_t predicted = 0;
  int64_t labelled = 0;
  std::vector<int64_t> last_times;
  for (int round = 0; round < 40; ++round) {
    const auto count = static_cast<int64_t>(1 + rng.Below(120));
    // Every third round drifts, so that alerts are raised while kills come.
    const auto ids = project->Predict(count, round % 3 == 2 ? 1.5 : 0.0);
    predicted += count;
    for (size_t i = 0; i < ids.size(); i += 2) {
      project->Label({.request_id = ids[i], .label = "yes"});
      ++labelled;
    }
    ASSERT_TRUE(WatchAndKill(folder->path(), 0.12 * rng.Uniform())) << "the child failed";
  }
  const OperateRecord record = project->Run().value();
  EXPECT_EQ(record.num_predictions, predicted);
  EXPECT_EQ(record.num_labels, labelled);
  EXPECT_EQ(record.num_unmatched, 0);
  EXPECT_EQ(static_cast<int64_t>(record.windows.size()), predicted / kWindowRows);
  EXPECT_EQ(record.open_rows, predicted % kWindowRows);
  int64_t before = 0;
  for (size_t i = 0; i < record.windows.size(); ++i) {
    EXPECT_EQ(record.windows[i].number, static_cast<int64_t>(i) + 1);
    EXPECT_EQ(record.windows[i].num_rows, kWindowRows);
    EXPECT_GT(record.windows[i].first_micros, before) << "windows overlap";
    before = record.windows[i].last_micros;
    // One row a millisecond: a window without a gap spans 49.
    EXPECT_EQ(record.windows[i].last_micros - record.windows[i].first_micros,
              (kWindowRows - 1) * 1000);
  }
  // Every alert reached the log, with its own id.
  const std::string log =
      ReadFile(JoinPath(project->project().logs_folder(), "alerts.log")).value();
  std::set<std::string> ids;
  for (const Alert& alert : record.alerts) {
    EXPECT_TRUE(alert.delivered) << alert.id;
    EXPECT_TRUE(ids.insert(alert.id).second) << alert.id;
    EXPECT_NE(log.find("\"" + alert.id + "\""), std::string::npos) << alert.id;
  }
  EXPECT_GT(ids.size(), 3u) << "no drift was planted";
}

}  // namespace
}  // namespace millrace::operate
