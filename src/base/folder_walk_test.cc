#include "base/folder_walk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"

namespace millrace {
namespace {

class FolderWalkTest : public ::testing::Test {
 protected:
  std::string Path(std::string_view name) const { return JoinPath(folder_.path(), name); }
  TemporaryFolder folder_ = TemporaryFolder::Make().value();
};

TEST_F(FolderWalkTest, FindsFilesSortedAndSaysWhatItLeftOut) {
  ASSERT_TRUE(MakeFolders(Path("b/deep")).ok());
  ASSERT_TRUE(MakeFolders(Path(".git")).ok());
  ASSERT_TRUE(WriteFile(Path("b/deep/x"), "12345").ok());
  ASSERT_TRUE(WriteFile(Path("a"), "").ok());
  ASSERT_TRUE(WriteFile(Path(".git/hidden"), "no").ok());
  ASSERT_EQ(symlink(Path("a").c_str(), Path("link").c_str()), 0);
  ASSERT_EQ(symlink(folder_.path().c_str(), Path("circle").c_str()), 0);
  ASSERT_EQ(symlink("/nowhere/at/all", Path("dead").c_str()), 0);
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  const auto walk = WalkFolder(folder_.path(), {".git"});
  ASSERT_TRUE(walk.ok()) << walk.status().ToString();
  ASSERT_EQ(walk->files.size(), 3u);
  EXPECT_EQ(walk->files[0].path, Path("a"));
  EXPECT_EQ(walk->files[1].path, Path("b/deep/x"));
  EXPECT_EQ(walk->files[1].state.size_bytes, 5);
  EXPECT_EQ(walk->files[2].path, Path("link"));
  EXPECT_EQ(walk->skipped, (std::vector<std::string>{Path("circle"), Path("dead"), Path("pipe")}));
}

TEST_F(FolderWalkTest, OneFileIsItself) {
  ASSERT_TRUE(WriteFile(Path("a"), "x").ok());
  EXPECT_EQ(WalkFolder(Path("a"), {})->files.size(), 1u);
  EXPECT_EQ(WalkFolder(Path("gone"), {}).status().code(), Code::kNotFound);
}

TEST_F(FolderWalkTest, WritersLeaveTheOldFileUntilTheyCommit) {
  ASSERT_TRUE(WriteFile(Path("a"), "old").ok());
  {
    auto writer = FileWriter::Open(Path("a"), FileWriter::Mode::kPlain);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->Write("new").ok());
    EXPECT_EQ(ReadFile(Path("a")).value(), "old");
  }
  EXPECT_EQ(ListFolder(folder_.path())->size(), 1u) << "a temporary file is left";
  auto writer = FileWriter::Open(Path("a"), FileWriter::Mode::kExecutable);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(writer->Write("new").ok());
  ASSERT_TRUE(writer->Commit().ok());
  EXPECT_EQ(ReadFile(Path("a")).value(), "new");
  EXPECT_TRUE(FileStateOf(Path("a"))->executable);
  ASSERT_TRUE(SetExecutable(Path("a"), FileWriter::Mode::kPlain).ok());
  EXPECT_FALSE(FileStateOf(Path("a"))->executable);
}

TEST_F(FolderWalkTest, ReadersReturnPiecesAndRefuseWhatIsNoFile) {
  ASSERT_TRUE(WriteFile(Path("a"), "abcdefg").ok());
  auto reader = FileReader::Open(Path("a"));
  ASSERT_TRUE(reader.ok());
  std::string buffer = "+";
  EXPECT_EQ(reader->Append(buffer, 5).value(), 5);
  EXPECT_EQ(reader->Append(buffer, 5).value(), 2);
  EXPECT_EQ(reader->Append(buffer, 5).value(), 0);
  EXPECT_EQ(buffer, "+abcdefg");
  ASSERT_EQ(mkfifo(Path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(FileReader::Open(Path("pipe")).status().code(), Code::kIoError);
  EXPECT_EQ(FileReader::Open(folder_.path()).status().code(), Code::kIoError);
  EXPECT_EQ(FileReader::Open(Path("gone")).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace millrace
