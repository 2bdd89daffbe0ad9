// The formats of data versions: list of files, packs, manifest: what is written reads back, and
// what is damaged is refused.

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/rng.h"
#include "json/text.h"
#include "version/compression.h"
#include "version/file_tree.h"
#include "version/manifest.h"
#include "version/pack.h"

namespace millrace::version {
namespace {

FileTree SampleTree() {
  FileTree tree;
  tree.files.push_back({.path = "a.csv",
                        .executable = false,
                        .size_bytes = 100'000,
                        .content = DigestOf("a"),
                        .chunks = {DigestOf("a1"), DigestOf("a2")}});
  tree.files.push_back({.path = "b/empty", .content = DigestOf("")});
  tree.files.push_back({.path = "b/run.sh",
                        .executable = true,
                        .size_bytes = 5,
                        .content = DigestOf("c"),
                        .chunks = {DigestOf("c")}});
  return tree;
}

TEST(FileTreeTest, ReadsBackWhatWasWritten) {
  const FileTree tree = SampleTree();
  const auto back = ReadTree(WriteTree(tree));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(*back, tree);
  EXPECT_EQ(tree.TotalBytes(), 100'005);
  EXPECT_EQ(tree.Find("b/run.sh")->size_bytes, 5);
  EXPECT_EQ(tree.Find("b/run"), nullptr);
}

TEST(FileTreeTest, IdentityIsOfPathsRightsAndContentsOnly) {
  FileTree tree = SampleTree();
  const Digest identity = IdentityOf(tree);
  tree.files[0].chunks.clear();
  EXPECT_EQ(IdentityOf(tree), identity) << "how bytes are stored is not what they are";
  tree.files[2].executable = false;
  EXPECT_NE(IdentityOf(tree), identity);
}

TEST(FileTreeTest, RefusesDamageAndUnsafePaths) {
  const std::string good = WriteTree(SampleTree());
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(ReadTree(good.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(ReadTree(good + "x").ok());
  for (const char* path : {"/etc/passwd", "../x", "a/../../x", "a//b", "", "a\nb", "a/."}) {
    EXPECT_FALSE(IsSafePath(path)) << path;
    FileTree tree;
    tree.files.push_back({.path = path});
    EXPECT_EQ(ReadTree(WriteTree(tree)).status().code(), Code::kCorrupt) << path;
  }
  FileTree unsorted = SampleTree();
  std::swap(unsorted.files[0], unsorted.files[1]);
  EXPECT_EQ(ReadTree(WriteTree(unsorted)).status().code(), Code::kCorrupt);
  std::string newer = good;
  newer[6] = 2;
  EXPECT_EQ(ReadTree(newer).status().code(), Code::kUnsupported);
}

std::string SamplePack() {
  PackBuilder builder;
  const std::string raw = "some bytes of two chunks";
  builder.Add({.size = static_cast<uint32_t>(raw.size())}, raw,
              {{DigestOf(raw.substr(0, 10)), 0, 0, 10, {1, 2, 3}},
               {DigestOf(raw.substr(10)), 0, 10, static_cast<uint32_t>(raw.size() - 10)}});
  builder.Add({.size = 9, .form = BlockForm::kDelta, .base = DigestOf("base")}, "delta",
              {{DigestOf("123456789"), 0, 0, 9}});
  return builder.Finish();
}

TEST(PackTest, TableReadsBack) {
  const auto table = ReadPackTable(SamplePack());
  ASSERT_TRUE(table.ok()) << table.status().ToString();
  ASSERT_EQ(table->blocks.size(), 2u);
  ASSERT_EQ(table->chunks.size(), 3u);
  EXPECT_EQ(table->blocks[1].base, DigestOf("base"));
  EXPECT_EQ(table->chunks[2].block, 1u);
  EXPECT_EQ(table->chunks[0].marks, (Marks{1, 2, 3}));
}

TEST(PackTest, AnyDamageOfTheTableIsFound) {
  const std::string good = SamplePack();
  const auto table = ReadPackTable(good);
  for (size_t i = 8 + 24 + 5; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x40);
    EXPECT_FALSE(ReadPackTable(bad).ok()) << i;
  }
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(ReadPackTable(good.substr(0, size)).ok()) << size;
  }
}

TEST(CompressionTest, DeltasAreSmallAndReadBack) {
  Rng rng(5);
  std::string base;
  for (int i = 0; i < 2000; ++i) base += Format("{},{:.6f},city{}\n", i, rng.Normal(), i % 50);
  std::string changed = base;
  changed.replace(20'000, 5, "XXXXX");
  Compressor compressor;
  const std::string whole = compressor.Compress(changed).value();
  const std::string delta = compressor.CompressAgainst(changed, base).value();
  EXPECT_LT(delta.size() * 50, whole.size());
  const auto size = static_cast<int64_t>(changed.size());
  EXPECT_EQ(Decompress(whole, size, "").value(), changed);
  EXPECT_EQ(Decompress(delta, size, base).value(), changed);
  EXPECT_FALSE(Decompress(delta, size - 1, base).ok());
  EXPECT_FALSE(Decompress(whole.substr(0, whole.size() / 2), size, "").ok());
  EXPECT_FALSE(Decompress("nonsense", 10, "").ok());
}

Manifest SampleManifest() {
  Manifest manifest;
  manifest.files_identity = DigestOf("files");
  manifest.parent = DigestOf("parent");
  manifest.roots = {{"data", "data", false}, {"x.csv", "/elsewhere/x.csv", true}};
  manifest.num_files = 3;
  manifest.num_bytes = 1000;
  manifest.num_new_bytes = 400;
  manifest.tree_bytes = 120;
  manifest.tree_content = DigestOf("tree");
  manifest.tree_chunks = {DigestOf("t1")};
  manifest.packs = {DigestOf("p1"), DigestOf("p2")};
  RowsLineage rows;
  rows.run = "20260301-123000-3f9c";
  rows.rows_version = DigestOf("rows");
  rows.spec = DigestOf("spec");
  rows.split_salt = 12;
  rows.num_rows = 77;
  rows.schema = json::Json::Of({{"columns", json::Json::MakeArray()}});
  rows.profile = json::Json::MakeArray();
  manifest.rows = rows;
  return manifest;
}

TEST(ManifestTest, ReadsBackWhatWasWritten) {
  const Manifest manifest = SampleManifest();
  const auto back = ReadManifest(json::Write(ToJson(manifest)));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(*back, manifest);
}

TEST(ManifestTest, EveryMissingMemberIsNamed) {
  const json::Json good = ToJson(SampleManifest());
  for (const auto& [key, value] : good.AsObject()) {
    if (key == "parent" || key == "rows") continue;  // may be absent
    json::Json bad = json::Json::MakeObject();
    for (const auto& [other, kept] : good.AsObject()) {
      if (other != key) bad.Set(other, kept);
    }
    const auto read = ManifestFromJson(bad);
    ASSERT_FALSE(read.ok()) << key;
    EXPECT_EQ(read.status().code(), Code::kCorrupt) << key;
  }
  json::Json newer = good;
  newer.Set("version", 2);
  EXPECT_EQ(ManifestFromJson(newer).status().code(), Code::kUnsupported);
  EXPECT_EQ(ReadManifest("{").status().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace millrace::version
