#include "base/file_range.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace millrace
