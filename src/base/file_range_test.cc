#include "base/file_range.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "base/file_stream.h"
#include "base/files.h"

namespace millrace {
namespace {

TEST(FileRangeTest, PiecesAreReadAndTheEndIsNoError) {
  const auto folder = TemporaryFolder::Make();
  ASSERT_TRUE(folder.ok());
  const std::string path = JoinPath(folder->path(), "f");
  ASSERT_TRUE(WriteFile(path, "0123456789").ok());
  EXPECT_EQ(*ReadFileRange(path, 0, 4), "0123");
  EXPECT_EQ(*ReadFileRange(path, 8, 4), "89");
  EXPECT_EQ(*ReadFileRange(path, 10, 4), "");
  EXPECT_EQ(*ReadFileRange(path, 99, 4), "");
  EXPECT_EQ(*ReadFileRange(path, 3, 0), "");
}

TEST(FileRangeTest, MissingFilesAndFoldersAreErrors) {
  const auto folder = TemporaryFolder::Make();
  ASSERT_TRUE(folder.ok());
  EXPECT_EQ(ReadFileRange(JoinPath(folder->path(), "no"), 0, 1).status().code(), Code::kNotFound);
  EXPECT_EQ(ReadFileRange(folder->path(), 0, 1).status().code(), Code::kIoError);
}

// As many words whichever way a file is read.
TEST(FileRangeTest, NoMoreOpenFilesIsToldAlike) {
  const auto folder = TemporaryFolder::Make();
  ASSERT_TRUE(folder.ok());
  const std::string path = JoinPath(folder->path(), "f");
  ASSERT_TRUE(WriteFile(path, "0123456789").ok());
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const Status failures[] = {ReadFile(path).status(), ReadFileRange(path, 0, 1).status(),
                             FileReader::Open(path).status()};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  for (const Status& failure : failures) {
    EXPECT_EQ(failure.code(), Code::kResourceExhausted) << failure.ToString();
    EXPECT_EQ(failure.hint(), "raise the limit on open files");
  }
}

}  // namespace
}  // namespace millrace
