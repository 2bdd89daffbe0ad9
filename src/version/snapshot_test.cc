#include "version/snapshot.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"

namespace millrace::version {
namespace {

class SnapshotTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(MakeFolders(Path("p/.millrace")).ok());
    objects_ = std::make_unique<store::ObjectStore>(
        store::ObjectStore::Open(Path("p/.millrace/objects")).value());
  }
  std::string Path(std::string_view name) const { return JoinPath(folder_.path(), name); }
  void Write(std::string_view name, std::string_view content) {
    const std::string path = JoinPath(Path("p"), name);
    ASSERT_TRUE(MakeFolders(FolderName(path)).ok());
    ASSERT_TRUE(WriteFile(path, content).ok());
  }
  static std::string Table(uint64_t seed, int rows) {
    Rng rng(seed);
    std::string csv = "id,a,b,city\n";
    for (int i = 0; i < rows; ++i) {
      csv += Format("{},{:.8f},{},city{}\n", i, rng.Normal(), rng.Below(100000), rng.Below(500));
    }
    return csv;
  }
  ChunkStore Open(const std::vector<Digest>& packs) {
    return ChunkStore::Open(*objects_, packs, ChunkStore::MissingPacks::kRefused, 2).value();
  }
  Result<Manifest> Store(const std::vector<std::string>& paths,
                         const std::vector<Digest>& packs = {}, const FileTree& previous = {},
                         Keep keep = Keep::kBytes) {
    const auto list = ListFiles(Path("p"), paths);
    if (!list.ok()) return list.status();
    ChunkStore chunks = Open(packs);
    MILLRACE_ASSIGN_OR_RETURN(
        StoredFiles stored,
        StoreFiles(
            {.list = *list, .keep = keep, .previous = previous, .clock = clock_, .num_threads = 2},
            chunks, index_));
    return std::move(stored.manifest);
  }
  Result<RestoreOutcome> Restore(const Manifest& manifest, const std::string& out,
                                 Overwrite overwrite = Overwrite::kRefused) {
    ChunkStore chunks = Open(manifest.packs);
    const auto tree = LoadTree(manifest, chunks);
    if (!tree.ok()) return tree.status();
    return RestoreFiles({.tree = *tree,
                         .place = [&](std::string_view path) { return JoinPath(out, path); },
                         .overwrite = overwrite,
                         .is_stored = [](const Digest&) { return false; }},
                        chunks);
  }

  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  std::unique_ptr<store::ObjectStore> objects_;
  SystemClock clock_;
  FileIndex index_;
};

TEST_F(SnapshotTest, RestoresEveryByteAndTheRightToExecute) {
  Write("data/big.csv", Table(1, 60'000));
  Write("data/deep/small.txt", "hello");
  Write("data/empty", "");
  Write("data/tool.sh", "#!/bin/sh\n");
  ASSERT_EQ(chmod(Path("p/data/tool.sh").c_str(), 0755), 0);
  const auto manifest = Store({"data"});
  ASSERT_TRUE(manifest.ok()) << manifest.status().ToString();
  EXPECT_EQ(manifest->num_files, 4);
  const auto outcome = Restore(*manifest, Path("out"));
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->num_written, 4);
  for (const char* name : {"data/big.csv", "data/deep/small.txt", "data/empty", "data/tool.sh"}) {
    EXPECT_EQ(FileDigest(JoinPath(Path("out"), name)).value(),
              FileDigest(JoinPath(Path("p"), name)).value())
        << name;
  }
  EXPECT_TRUE(FileStateOf(Path("out/data/tool.sh"))->executable);
  EXPECT_FALSE(FileStateOf(Path("out/data/big.csv"))->executable);
  EXPECT_EQ(Restore(*manifest, Path("out"))->num_unchanged, 4);
}

TEST_F(SnapshotTest, ManySmallFilesBecomeFewObjects) {
  for (int i = 0; i < 3000; ++i) Write(Format("img/{}/{}.txt", i % 20, i), Format("file {}", i));
  const auto manifest = Store({"img"});
  ASSERT_TRUE(manifest.ok());
  EXPECT_EQ(manifest->num_files, 3000);
  EXPECT_LE(objects_->List()->size(), 2u);
  EXPECT_EQ(Restore(*manifest, Path("out"))->num_written, 3000);
}

TEST_F(SnapshotTest, ChangedRowsCostLittleWhereverTheyAre) {
  const std::string table = Table(2, 150'000);
  Write("d.csv", table);
  const auto first = Store({"d.csv"});
  ASSERT_TRUE(first.ok());
  // One place: a hundredth of the rows replaced.
  std::string one_place = table;
  const std::string other = Table(9, 1500);
  one_place.replace(one_place.size() / 2, other.size(), other);
  Write("d.csv", one_place);
  const auto second = Store({"d.csv"}, first->packs);
  ASSERT_TRUE(second.ok());
  EXPECT_LT(second->num_new_bytes * 20, first->num_bytes);
  // Everywhere: one row in a hundred.
  std::string everywhere = table;
  Rng rng(3);
  for (size_t at = 0; at < everywhere.size(); at += 1 + rng.Below(6000)) {
    const size_t comma = everywhere.find('.', at);
    if (comma == std::string::npos) break;
    everywhere.replace(comma + 1, 4, "0000");
    at = comma;
  }
  Write("d.csv", everywhere);
  const auto third = Store({"d.csv"}, first->packs);
  ASSERT_TRUE(third.ok());
  EXPECT_LT(third->num_new_bytes * 20, first->num_bytes);
  EXPECT_EQ(Restore(*third, Path("out3"))->num_written, 1);
  EXPECT_EQ(ReadFile(Path("out3/d.csv")).value(), everywhere);
  EXPECT_EQ(Restore(*first, Path("out1"))->num_written, 1);
  EXPECT_EQ(ReadFile(Path("out1/d.csv")).value(), table);
}

TEST_F(SnapshotTest, TheSameFilesStoreNothingNew) {
  Write("d.csv", Table(4, 20'000));
  const auto first = Store({"d.csv"});
  const auto second = Store({"d.csv"}, first->packs);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->num_new_bytes, 0);
  EXPECT_EQ(second->files_identity, first->files_identity);
}

TEST_F(SnapshotTest, ThreadsChangeNothing) {
  Write("d.csv", Table(5, 30'000));
  Write("e.txt", "e");
  const auto list = ListFiles(Path("p"), std::vector<std::string>{"d.csv", "e.txt"});
  std::vector<Manifest> manifests;
  for (const int threads : {1, 5}) {
    const auto objects = store::ObjectStore::Open(Path(Format("objects{}", threads)));
    ChunkStore chunks =
        ChunkStore::Open(*objects, {}, ChunkStore::MissingPacks::kRefused, threads).value();
    FileIndex index;
    const FileTree none;
    manifests.push_back(
        StoreFiles({.list = *list, .previous = none, .clock = clock_, .num_threads = threads},
                   chunks, index)
            .value()
            .manifest);
  }
  EXPECT_EQ(manifests[0], manifests[1]);
}

TEST_F(SnapshotTest, FilesWithUnsavedChangesAreNotOverwritten) {
  Write("a.txt", "one");
  Write("b.txt", "two");
  const auto manifest = Store({"a.txt", "b.txt"});
  Write("a.txt", "my edit");
  ASSERT_TRUE(RemoveAll(Path("p/b.txt")).ok());
  const auto refused = Restore(*manifest, Path("p"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kInvalidData);
  EXPECT_NE(refused.status().message().find("a.txt"), std::string::npos);
  EXPECT_FALSE(FileExists(Path("p/b.txt"))) << "nothing is written when something is refused";
  EXPECT_EQ(ReadFile(Path("p/a.txt")).value(), "my edit");
  EXPECT_TRUE(Restore(*manifest, Path("p"), Overwrite::kForced).ok());
  EXPECT_EQ(ReadFile(Path("p/a.txt")).value(), "one");
}

TEST_F(SnapshotTest, DamagedChunksAreFoundAndNoFileIsMade) {
  Write("d.csv", Table(6, 20'000));
  const auto manifest = Store({"d.csv"});
  ASSERT_TRUE(manifest.ok());
  for (const Digest& pack : manifest->packs) {
    std::string bytes = ReadFile(objects_->PathOf(pack)).value();
    bytes[200] = static_cast<char>(bytes[200] ^ 1);
    ASSERT_TRUE(WriteFile(objects_->PathOf(pack), bytes).ok());
  }
  const auto outcome = Restore(*manifest, Path("out"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.status().code(), Code::kCorrupt) << outcome.status().ToString();
  EXPECT_FALSE(FileExists(Path("out/d.csv")));
}

TEST_F(SnapshotTest, DigestsAloneKeepNoBytes) {
  Write("d.csv", Table(7, 20'000));
  const auto manifest = Store({"d.csv"}, {}, {}, Keep::kDigests);
  ASSERT_TRUE(manifest.ok());
  EXPECT_LT(manifest->num_new_bytes, 1000);
  ChunkStore chunks = Open(manifest->packs);
  const auto tree = LoadTree(*manifest, chunks);
  ASSERT_TRUE(tree.ok());
  EXPECT_EQ(tree->files[0].content, FileDigest(Path("p/d.csv")).value());
}

TEST_F(SnapshotTest, StatusSeesEveryKindOfChange) {
  for (const char* name : {"d/a", "d/b", "d/c", "d/x"}) Write(name, name);
  const auto manifest = Store({"d"});
  ChunkStore chunks = Open(manifest->packs);
  const FileTree before = LoadTree(*manifest, chunks).value();
  Write("d/a", "D/A");  // same size
  ASSERT_TRUE(RemoveAll(Path("p/d/b")).ok());
  Write("d/new", "n");
  ASSERT_EQ(chmod(Path("p/d/x").c_str(), 0755), 0);
  const auto list = ListRoots(Path("p"), manifest->roots);
  const auto now = DigestFiles(*list, clock_, 2, index_);
  ASSERT_TRUE(now.ok());
  std::string seen;
  for (const FileChange& change : CompareTrees(before, *now)) {
    seen += Format("{}{} ", "+-~"[static_cast<int>(change.kind)], change.path);
  }
  EXPECT_EQ(seen, "~d/a -d/b +d/new ~d/x ");
}

TEST_F(SnapshotTest, TheIndexForgetsFilesThatAreGone) {
  Write("stays.txt", "x");
  const FileState state{.size_bytes = 1, .modified_nanos = 1, .changed_nanos = 1};
  const int64_t read = int64_t{10} << 30;
  FileIndex index;
  index.Put(Path("p/gone.txt"), state, DigestOf("a"), read);
  index.Put(Path("p/stays.txt"), state, DigestOf("b"), read);
  ASSERT_TRUE(index.Save(Path("index")).ok());
  FileIndex again = FileIndex::Load(Path("index"));
  again.Put(Path("p/new.txt"), state, DigestOf("c"), read);
  ASSERT_TRUE(again.Save(Path("index")).ok());
  FileIndex third = FileIndex::Load(Path("index"));
  EXPECT_FALSE(third.Find(Path("p/gone.txt"), state));
  EXPECT_TRUE(third.Find(Path("p/stays.txt"), state));
  EXPECT_TRUE(third.Find(Path("p/new.txt"), state));
}

TEST_F(SnapshotTest, TheIndexTrustsOnlyFilesThatRestedBeforeTheyWereRead) {
  const FileState state{.size_bytes = 3, .modified_nanos = 1'000'000'000'000, .inode = 5};
  FileIndex index;
  index.Put("/a", state, DigestOf("abc"), 1'000'500'000'000);
  EXPECT_FALSE(index.Find("/a", state)) << "may have been written to within the clock's grain";
  index.Put("/a", state, DigestOf("abc"), 1'010'000'000'000);
  EXPECT_EQ(index.Find("/a", state), DigestOf("abc"));
  FileState touched = state;
  touched.changed_nanos = 7;
  EXPECT_FALSE(index.Find("/a", touched));
  ASSERT_TRUE(index.Save(Path("index")).ok());
  EXPECT_EQ(FileIndex::Load(Path("index")).Find("/a", state), DigestOf("abc"));
  std::string bytes = ReadFile(Path("index")).value();
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  ASSERT_TRUE(WriteFile(Path("index"), bytes).ok());
  EXPECT_FALSE(FileIndex::Load(Path("index")).Find("/a", state));
}

TEST_F(SnapshotTest, PathsOutsideAreNamedByTheirLastPart) {
  ASSERT_TRUE(MakeFolders(Path("other/x")).ok());
  ASSERT_TRUE(WriteFile(Path("other/d.csv"), "1").ok());
  ASSERT_TRUE(WriteFile(Path("other/x/d.csv"), "2").ok());
  Write("in.csv", "3");
  const auto list = ListFiles(
      Path("p"), std::vector<std::string>{"../other/d.csv", Path("other/x/d.csv"), "in.csv"});
  ASSERT_TRUE(list.ok()) << list.status().ToString();
  ASSERT_EQ(list->files.size(), 3u);
  EXPECT_TRUE(list->roots[0].outside);
  EXPECT_EQ(list->roots[0].name, "d.csv");
  EXPECT_EQ(list->roots[1].name, Path("other/x/d.csv").substr(1));
  EXPECT_EQ(ProjectPlaces(Path("p"), list->roots).Of("d.csv"), "");
  EXPECT_EQ(ProjectPlaces(Path("p"), list->roots).Of("in.csv"), Path("p/in.csv"));
  EXPECT_EQ(ListFiles(Path("p"), std::vector<std::string>{"gone"}).status().code(),
            Code::kNotFound);
  EXPECT_EQ(ListRoots(Path("p"), {{"gone", "gone", false}})->files.size(), 0u);
}

}  // namespace
}  // namespace millrace::version
