// What is promised about crashes: processes are killed at random instants, and what they said was
// done is done, what they did not say is there as a whole or not at all.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "store/catalog.h"
#include "store/object_store.h"

namespace millrace::store {
namespace {

using json::Json;

struct Store {
  std::unique_ptr<Catalog> catalog;
  ObjectStore objects;
};

Result<Store> OpenStore(const std::string& folder, Clock& clock) {
  MILLRACE_ASSIGN_OR_RETURN(ObjectStore objects, ObjectStore::Open(JoinPath(folder, "objects")));
  MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<Catalog> catalog,
                            Catalog::Open(JoinPath(folder, "catalog.sqlite"), clock));
  return Store{std::move(catalog), std::move(objects)};
}

// One unit of work: an object, then the rows that name it.
Status DoUnit(const Store& store, const std::string& run, int64_t unit) {
  const std::string content = Format("{} {} {}", run, unit, std::string(20'000, 'x'));
  MILLRACE_ASSIGN_OR_RETURN(const Digest digest, store.objects.Put(content));
  return store.catalog->Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(store.catalog->PutArtefact(
        {run, Format("unit{:06}", unit), digest, "test", static_cast<int64_t>(content.size())}));
    MILLRACE_RETURN_IF_ERROR(store.catalog->AppendAudit("child", "unit", Json(unit)).status());
    return store.catalog->PutState(run, Json(unit));
  });
}

// Works until it is killed; writes a byte after each unit that is done.
[[noreturn]] void WorkForever(const std::string& folder, const std::string& run, int pipe_end) {
  SystemClock clock;
  const auto store = OpenStore(folder, clock);
  if (!store.ok()) _exit(2);
  RunRow row;
  row.id = run;
  if (!store->catalog->StartRun(row).ok()) _exit(3);
  for (int64_t unit = 1;; ++unit) {
    if (!DoUnit(*store, run, unit).ok()) _exit(4);
    if (write(pipe_end, "x", 1) != 1) _exit(5);
  }
}

// Starts the work, kills it after a while, and returns the number of units that it said were done;
// -1 when it ended by itself.
int64_t RunAndKill(const std::string& folder, const std::string& run, double seconds) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) WorkForever(folder, run, ends[1]);
  close(ends[1]);
  SystemClock().SleepSeconds(seconds);
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  int64_t acknowledged = 0;
  std::array<char, 4096> bytes{};
  for (ssize_t got = 1; got > 0;) {
    got = read(ends[0], bytes.data(), bytes.size());
    if (got > 0) acknowledged += got;
  }
  close(ends[0]);
  return WIFSIGNALED(status) ? acknowledged : -1;
}

void ExpectWhole(const Store& store, const std::string& run, int64_t acknowledged) {
  if (!store.catalog->FindRun(run).ok()) {
    EXPECT_EQ(acknowledged, 0);
    return;
  }
  const auto artefacts = store.catalog->ListArtefacts(run).value();
  const int64_t last = store.catalog->GetState(run).value().AsInteger();
  EXPECT_GE(last, acknowledged) << "an acknowledged unit is lost";
  EXPECT_LE(last, acknowledged + 1);
  EXPECT_EQ(static_cast<int64_t>(artefacts.size()), last) << "a transaction is there in part";
  for (const ArtefactRow& artefact : artefacts) {
    EXPECT_TRUE(store.objects.Verify(artefact.digest).ok()) << artefact.name;
  }
}

TEST(CrashTest, KilledWritersLoseNothingTheySaidWasDone) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  SystemClock clock;
  Rng rng(11);
  int64_t total = 0;
  int64_t units = 0;
  for (int round = 0; round < 50; ++round) {
    const std::string run = Format("run{:02}", round);
    const int64_t acknowledged = RunAndKill(folder.path(), run, 0.08 * rng.Uniform());
    ASSERT_GE(acknowledged, 0) << "the child failed";
    total += acknowledged;
    const auto store = OpenStore(folder.path(), clock);
    ASSERT_TRUE(store.ok()) << store.status().ToString();
    ExpectWhole(*store, run, acknowledged);
    ASSERT_TRUE(store->catalog->VerifyAudit().ok());
    units += store->catalog->GetState(run).value().AsInteger();
    EXPECT_EQ(static_cast<int64_t>(store->catalog->ListAudit().value().size()), units);
  }
  EXPECT_GT(total, 10) << "the children were killed before they did anything";
}

// Appends entries and versions; 0 when all succeeded.
int WriteMany(const std::string& folder, const std::string& name) {
  SystemClock clock;
  const auto store = OpenStore(folder, clock);
  if (!store.ok()) return 2;
  for (int i = 0; i < 40; ++i) {
    const std::string content = Format("{} {}", name, i);
    const auto digest = store->objects.Put(content);
    const auto shared = store->objects.Put(Format("shared {}", i));
    if (!digest.ok() || !shared.ok()) return 3;
    if (!store->catalog->AddVersion("data", *digest, name, Json()).ok()) return 4;
    if (!store->catalog->AppendAudit(name, "add", Json(i)).ok()) return 5;
  }
  return 0;
}

TEST(CrashTest, TwoWritersDoNotDisturbEachOther) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  std::array<pid_t, 2> children{};
  for (size_t i = 0; i < children.size(); ++i) {
    children[i] = fork();
    ASSERT_GE(children[i], 0);
    if (children[i] == 0) _exit(WriteMany(folder.path(), Format("writer{}", i)));
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
  SystemClock clock;
  const auto store = OpenStore(folder.path(), clock);
  ASSERT_TRUE(store.ok());
  const auto versions = store->catalog->ListVersions("data").value();
  ASSERT_EQ(versions.size(), 80u);
  for (size_t i = 0; i < versions.size(); ++i) {
    EXPECT_EQ(versions[i].number, static_cast<int64_t>(80 - i));
    EXPECT_TRUE(store->objects.Verify(versions[i].digest).ok());
  }
  EXPECT_EQ(store->catalog->ListAudit().value().size(), 80u);
  EXPECT_TRUE(store->catalog->VerifyAudit().ok());
  EXPECT_EQ(store->objects.List().value().size(), 120u);
}

}  // namespace
}  // namespace millrace::store
