#include "version/data_versions.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "store/gc.h"

namespace millrace::version {
namespace {

class DataVersionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    project_ = std::make_unique<store::Project>(store::Project::Create(folder_.path()).value());
    Reopen();
  }
  void Reopen() {
    objects_ = std::make_unique<store::ObjectStore>(
        store::ObjectStore::Open(project_->objects_folder()).value());
    catalog_ = store::Catalog::Open(project_->catalog_path(), clock_).value();
  }
  VersionStore In() {
    return {.project = *project_,
            .objects = *objects_,
            .catalog = *catalog_,
            .clock = clock_,
            .num_threads = 2};
  }
  void Write(std::string_view name, std::string_view content) {
    const std::string path = JoinPath(folder_.path(), name);
    ASSERT_TRUE(MakeFolders(FolderName(path)).ok());
    ASSERT_TRUE(WriteFile(path, content).ok());
  }
  RecordedVersion Add(const std::vector<std::string>& paths) {
    return AddDataVersion(In(), ListFiles(folder_.path(), paths).value()).value();
  }
  std::string Restored(const Manifest& manifest, const std::string& path) {
    ChunkStore chunks = OpenChunks(In(), manifest).value();
    const FileTree tree = LoadTree(manifest, chunks).value();
    std::string bytes;
    for (const Digest& chunk : tree.Find(path)->chunks) bytes += chunks.Get(chunk).value();
    return bytes;
  }
  RunData RunOf(const std::string& run, const std::string& file, int64_t keep_bytes = 1 << 20) {
    store::RunRow row;
    row.id = run;
    EXPECT_TRUE(catalog_->StartRun(row).ok());
    RunData data;
    data.rows.run = run;
    data.rows.rows_version =
        DigestOf("rows of " + ReadFile(JoinPath(folder_.path(), file)).value());
    data.rows.num_rows = 3;
    data.paths = {JoinPath(folder_.path(), file)};
    data.contents = {FileDigest(data.paths[0]).value()};
    data.keep_bytes = keep_bytes;
    EXPECT_TRUE(catalog_
                    ->AddVersion(kDataKind, data.rows.rows_version, "",
                                 json::Json::Of({{"rows_object", "x"}, {"rows", 3}}))
                    .ok());
    return data;
  }

  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  SystemClock clock_;
  std::unique_ptr<store::Project> project_;
  std::unique_ptr<store::ObjectStore> objects_;
  std::unique_ptr<store::Catalog> catalog_;
};

TEST_F(DataVersionsTest, AStateOfTheFilesIsOneVersion) {
  Write("d/a.txt", "one");
  const RecordedVersion first = Add({"d"});
  EXPECT_TRUE(first.is_new);
  EXPECT_FALSE(Add({"d"}).is_new);
  Write("d/a.txt", "two");
  const RecordedVersion second = Add({"d"});
  EXPECT_TRUE(second.is_new);
  EXPECT_EQ(second.number, 2);
  EXPECT_EQ(second.manifest.parent, first.version);
  EXPECT_EQ(Restored(first.manifest, "d/a.txt"), "one");
  EXPECT_EQ(Restored(second.manifest, "d/a.txt"), "two");
}

TEST_F(DataVersionsTest, FoundByTagNumberDigestAndRun) {
  Write("a.csv", "x\n1\n");
  const RecordedVersion first = Add({"a.csv"});
  Write("a.csv", "x\n2\n");
  const RunData run = RunOf("20260301-120000-ab12", "a.csv");
  ASSERT_TRUE(RecordRunData(In(), run).ok());
  ASSERT_TRUE(catalog_->SetLabel(kDataKind, "golden", first.version).ok());
  const auto find = [&](const std::string& name) { return FindDataVersion(In(), name); };
  EXPECT_EQ(find("golden")->row.digest, first.version);
  EXPECT_EQ(find("1")->row.digest, first.version);
  EXPECT_EQ(find("")->row.digest, run.rows.rows_version);
  EXPECT_EQ(find("latest")->row.digest, run.rows.rows_version);
  EXPECT_EQ(find(first.version.Short(8))->row.digest, first.version);
  EXPECT_EQ(find("20260301-12")->manifest->rows->run, run.rows.run);
  EXPECT_EQ(find("20260301-12")->row.digest, run.rows.rows_version);
  const auto typo = find("goldn");
  EXPECT_EQ(typo.status().code(), Code::kNotFound);
  EXPECT_NE(typo.status().hint().find("golden"), std::string::npos);
  EXPECT_EQ(find("9").status().code(), Code::kNotFound);
}

TEST_F(DataVersionsTest, ARunKeepsItsFilesAndLargeOnesByDigest) {
  Write("a.csv", "x\n1\n");
  const auto kept = RecordRunData(In(), RunOf("r1", "a.csv"));
  ASSERT_TRUE(kept.ok()) << kept.status().ToString();
  EXPECT_EQ(Restored(kept->manifest, "a.csv"), "x\n1\n");
  const auto version = FindDataVersion(In(), "");
  EXPECT_EQ(version->row.detail["rows"].AsInteger(), 3) << "what the run wrote stays";
  EXPECT_TRUE(version->row.detail["kept"].AsBool());
  Write("a.csv", "x\n22\n");
  const auto digests = RecordRunData(In(), RunOf("r2", "a.csv", 1));
  ASSERT_TRUE(digests.ok());
  EXPECT_EQ(digests->manifest.keep, Keep::kDigests);
}

TEST_F(DataVersionsTest, AFileThatChangedSinceTheRunIsRefused) {
  Write("a.csv", "x\n1\n");
  RunData run = RunOf("r1", "a.csv");
  Write("a.csv", "x\n2\n");
  // Long enough ago that the index is certain of it.
  const timespec past[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, run.paths[0].c_str(), past, 0), 0);
  SystemClock().SleepSeconds(2.1);
  const auto recorded = RecordRunData(In(), run);
  ASSERT_FALSE(recorded.ok());
  EXPECT_EQ(recorded.status().code(), Code::kInvalidData);
}

TEST_F(DataVersionsTest, AFileThatChangedAMomentAgoIsRefusedToo) {
  Write("a.csv", "x\n1\n");
  Write("b.csv", "x\n5\n");
  RunData run = RunOf("r1", "a.csv");
  run.paths.push_back(JoinPath(folder_.path(), "b.csv"));
  run.contents.push_back(FileDigest(run.paths[1]).value());
  Write("b.csv", "x\n6\n");
  const auto recorded = RecordRunData(In(), run);
  ASSERT_FALSE(recorded.ok());
  EXPECT_EQ(recorded.status().code(), Code::kInvalidData);
  EXPECT_NE(recorded.status().message().find("b.csv"), std::string::npos);
}

TEST_F(DataVersionsTest, ANumberOfFourDigitsIsANumber) {
  ASSERT_TRUE(
      catalog_
          ->Transaction([&]() -> Status {
            for (int i = 1; i <= 1001; ++i) {
              MILLRACE_RETURN_IF_ERROR(
                  catalog_->AddVersion(kDataKind, DigestOf(Format("{}", i)), "", {}).status());
            }
            return {};
          })
          .ok());
  const auto found = FindDataVersion(In(), "1000");
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->row.number, 1000);
  EXPECT_EQ(FindDataVersion(In(), "4444").status().code(), Code::kNotFound);
}

TEST_F(DataVersionsTest, GarbageCollectionKeepsWhatTagsAndRunsNeed) {
  std::vector<RecordedVersion> added;
  for (int i = 0; i < 4; ++i) {
    Write("d/a.txt", Format("content {}", i));
    added.push_back(Add({"d"}));
  }
  ASSERT_TRUE(catalog_->SetLabel(kDataKind, "keep", added[1].version).ok());
  Write("run.csv", "x\n1\n");
  const auto run = RecordRunData(In(), RunOf("r1", "run.csv"));
  ASSERT_TRUE(run.ok());
  Write("d/a.txt", "content 9");
  const RecordedVersion newest = Add({"d"});
  const auto unneeded = UnneededVersions(In());
  ASSERT_TRUE(unneeded.ok());
  EXPECT_EQ(unneeded->size(), 3u) << "0, 2 and 3: not the tagged one, the run's, the newest";
  ASSERT_TRUE(ForgetVersions(In(), *unneeded).ok());
  const auto outcome = store::CollectGarbage(
      *catalog_, *objects_, clock_, {.mode = store::GcMode::kRemove, .grace_seconds = -1.0});
  ASSERT_TRUE(outcome.ok());
  EXPECT_GT(outcome->num_removed, 0);
  EXPECT_EQ(Restored(added[1].manifest, "d/a.txt"), "content 1");
  EXPECT_EQ(Restored(newest.manifest, "d/a.txt"), "content 9");
  EXPECT_EQ(Restored(run->manifest, "run.csv"), "x\n1\n");
  EXPECT_FALSE(OpenChunks(In(), added[0].manifest).ok());
}

TEST_F(DataVersionsTest, ALostPackIsStoredAnew) {
  Write("d/a.txt", "precious");
  const RecordedVersion first = Add({"d"});
  for (const Digest& pack : first.manifest.packs) {
    ASSERT_TRUE(RemoveAll(objects_->PathOf(pack)).ok());
  }
  ASSERT_FALSE(OpenChunks(In(), first.manifest).ok());
  Add({"d"});
  const auto again = FindDataVersion(In(), first.version.Short(12));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(Restored(*again->manifest, "d/a.txt"), "precious");
}

TEST_F(DataVersionsTest, TagsAreNames) {
  for (const char* good : {"v1", "prices/2026-03", "A.b_c"}) EXPECT_TRUE(CheckTag(good).ok());
  for (const char* bad : {"", "1st", "latest", "a b", "-x", "a\n"}) {
    EXPECT_EQ(CheckTag(bad).code(), Code::kInvalidSpec) << bad;
  }
}

// Adds versions until it is killed; writes a byte after each that is done.
[[noreturn]] void AddForever(const std::string& folder, int pipe_end) {
  SystemClock clock;
  const auto project = store::Project::Open(folder);
  const auto objects = store::ObjectStore::Open(project->objects_folder());
  const auto catalog = store::Catalog::Open(project->catalog_path(), clock);
  if (!catalog.ok()) _exit(2);
  const auto lock = store::ProjectLock::Take(*project, "add");
  if (!lock.ok()) _exit(3);
  const VersionStore in{
      .project = *project, .objects = *objects, .catalog = **catalog, .clock = clock};
  const auto begin = static_cast<int64_t>((*catalog)->ListVersions(kDataKind)->size());
  for (int64_t i = begin;; ++i) {
    std::string content = Format("version {}\n", i);
    Rng rng(static_cast<uint64_t>(i));
    for (int row = 0; row < 20'000; ++row) content += Format("{}\n", rng.Below(1000000));
    if (!WriteFile(JoinPath(folder, "d/a.csv"), content).ok()) _exit(4);
    const auto list = ListFiles(folder, std::vector<std::string>{"d"});
    if (!AddDataVersion(in, *list).ok()) _exit(5);
    if (write(pipe_end, "x", 1) != 1) _exit(6);
  }
}

TEST_F(DataVersionsTest, KilledAtAnyInstantNoVersionIsBroken) {
  Write("d/a.csv", "start");
  catalog_.reset();
  Rng rng(17);
  int64_t acknowledged = 0;
  for (int round = 0; round < 25; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) AddForever(folder_.path(), ends[1]);
    close(ends[1]);
    SystemClock().SleepSeconds(0.05 + 0.25 * rng.Uniform());
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child failed with " << WEXITSTATUS(status);
    char byte = 0;
    while (read(ends[0], &byte, 1) == 1) ++acknowledged;
    close(ends[0]);
  }
  EXPECT_GT(acknowledged, 3) << "the children were killed before they did anything";
  Reopen();
  const auto versions = ListDataVersions(In());
  ASSERT_TRUE(versions.ok());
  EXPECT_GE(static_cast<int64_t>(versions->size()), acknowledged);
  for (const DataVersion& version : *versions) {
    ASSERT_TRUE(version.manifest) << version.row.number;
    const std::string bytes = Restored(*version.manifest, "d/a.csv");
    EXPECT_TRUE(bytes.starts_with("version ")) << version.row.number;
    ChunkStore chunks = OpenChunks(In(), *version.manifest).value();
    EXPECT_EQ(LoadTree(*version.manifest, chunks)->files[0].content, DigestOf(bytes));
  }
}

}  // namespace
}  // namespace millrace::version
