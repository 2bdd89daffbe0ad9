#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "base/text.h"

namespace millrace {
namespace {

class FilesTest : public testing::Test {
 protected:
  std::string PathOf(std::string_view name) const { return JoinPath(folder_.path(), name); }
  TemporaryFolder folder_ = TemporaryFolder::Make().value();
};

TEST_F(FilesTest, AtomicWriteReplacesAndLeavesNothingBehind) {
  const std::string path = PathOf("a.txt");
  ASSERT_TRUE(WriteFileAtomic(path, "one").ok());
  ASSERT_TRUE(WriteFileAtomic(path, "two").ok());
  EXPECT_EQ(ReadFile(path).value(), "two");
  EXPECT_EQ(ListFolder(folder_.path()).value(), std::vector<std::string>{"a.txt"});
}

TEST_F(FilesTest, AtomicWriteThatFailsLeavesNothingBehind) {
  ASSERT_TRUE(MakeFolders(PathOf("target/full")).ok());
  EXPECT_FALSE(WriteFileAtomic(PathOf("target"), "x").ok()) << "a folder cannot be replaced";
  EXPECT_EQ(ListFolder(folder_.path()).value(), std::vector<std::string>{"target"});
}

TEST_F(FilesTest, MissingFileAndFolderAreTold) {
  const Status missing = ReadFile(PathOf("none")).status();
  EXPECT_EQ(missing.code(), Code::kNotFound);
  EXPECT_TRUE(missing.message().ends_with("cannot be opened: No such file or directory"));
  EXPECT_EQ(WriteFile(PathOf("no/folder"), "x").code(), Code::kIoError);
  EXPECT_EQ(ReadFile(folder_.path()).status().code(), Code::kIoError);
  EXPECT_EQ(FileSize(PathOf("none")).status().code(), Code::kNotFound);
  EXPECT_EQ(ListFolder(PathOf("none")).status().code(), Code::kNotFound);
  EXPECT_EQ(FileModifiedMicros(PathOf("none")).status().code(), Code::kNotFound);
}

TEST_F(FilesTest, FullDiskIsResourceExhausted) {
  if (!FileExists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  EXPECT_EQ(AppendFile("/dev/full", "x").code(), Code::kResourceExhausted);
}

TEST_F(FilesTest, AppendsAndCopies) {
  ASSERT_TRUE(AppendFile(PathOf("a"), "x").ok());
  ASSERT_TRUE(AppendFile(PathOf("a"), "y").ok());
  ASSERT_TRUE(CopyFileAtomic(PathOf("a"), PathOf("b")).ok());
  EXPECT_EQ(ReadFile(PathOf("b")).value(), "xy");
  EXPECT_EQ(FileSize(PathOf("b")).value(), 2);
  EXPECT_GT(FileModifiedMicros(PathOf("b")).value(), 1'600'000'000'000'000);
}

TEST_F(FilesTest, ReadsFilesWhoseSizeIsNotTold) {
  EXPECT_FALSE(ReadFile("/proc/self/status").value().empty());
}

TEST_F(FilesTest, FoldersAreMadeAndRemoved) {
  ASSERT_TRUE(MakeFolders(PathOf("x/y/z")).ok());
  ASSERT_TRUE(MakeFolders(PathOf("x/y/z")).ok());
  EXPECT_TRUE(IsFolder(PathOf("x/y")));
  ASSERT_TRUE(RemoveAll(PathOf("x")).ok());
  EXPECT_FALSE(FileExists(PathOf("x")));
  EXPECT_TRUE(RemoveAll(PathOf("x")).ok());
  ASSERT_TRUE(WriteFile(PathOf("f"), "").ok());
  EXPECT_EQ(MakeFolders(PathOf("f")).code(), Code::kIoError);
}

TEST_F(FilesTest, MapsFiles) {
  ASSERT_TRUE(WriteFile(PathOf("m"), "mapped").ok());
  ASSERT_TRUE(WriteFile(PathOf("empty"), "").ok());
  MappedFile file = MappedFile::Open(PathOf("m")).value();
  const MappedFile moved = std::move(file);
  EXPECT_EQ(moved.bytes(), "mapped");
  EXPECT_EQ(MappedFile::Open(PathOf("empty")).value().bytes(), "");
  EXPECT_EQ(MappedFile::Open(PathOf("none")).status().code(), Code::kNotFound);
}

TEST_F(FilesTest, LockIsExclusiveAndFreedByTheKernel) {
  const std::string path = PathOf("lock");
  {
    const auto lock = FileLock::TryLock(path).value();
    ASSERT_TRUE(lock.has_value());
    EXPECT_FALSE(FileLock::TryLock(path).value().has_value());
  }
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto lock = FileLock::TryLock(path);
    _exit(lock.ok() && lock->has_value() ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(FileLock::TryLock(path).value().has_value());
}

TEST_F(FilesTest, SharedLocksExcludeOnlyTheExclusive) {
  const std::string path = PathOf("lock");
  {
    const auto first = FileLock::Wait(path, LockKind::kShared);
    const auto second = FileLock::Wait(path, LockKind::kShared);
    ASSERT_TRUE(first.ok());
    ASSERT_TRUE(second.ok());
    EXPECT_FALSE(FileLock::TryLock(path).value().has_value());
  }
  EXPECT_TRUE(FileLock::Wait(path, LockKind::kExclusive).ok());
}

TEST_F(FilesTest, TemporaryFolderIsRemoved) {
  std::string path;
  {
    const TemporaryFolder folder = TemporaryFolder::Make().value();
    path = folder.path();
    ASSERT_TRUE(WriteFile(JoinPath(path, "x"), "x").ok());
  }
  EXPECT_FALSE(FileExists(path));
}

TEST(PathTest, SplitsAndJoins) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("a", "/b"), "/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(BaseName("a/b.txt"), "b.txt");
  EXPECT_EQ(BaseName("a/b/"), "b");
  EXPECT_EQ(BaseName("b"), "b");
  EXPECT_EQ(FolderName("a/b"), "a");
  EXPECT_EQ(FolderName("b"), ".");
  EXPECT_EQ(FolderName("/b"), "/");
  EXPECT_EQ(AbsolutePath("/a/./b/../c/"), "/a/c");
  EXPECT_TRUE(AbsolutePath("x").starts_with('/'));
}

}  // namespace
}  // namespace millrace
