#include "journal/cursor.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "journal/segment.h"

namespace millrace::journal {
namespace {

std::string Frames(int64_t first, int64_t count) {
  std::string bytes;
  for (int64_t i = first; i < first + count; ++i) {
    AppendFrame(bytes, EncodeRecord(FeedbackRecord{"r" + std::to_string(i), i, "", i, "yes"}));
  }
  return bytes;
}

std::vector<int64_t> Rows(const NewRecords& batch) {
  std::vector<int64_t> rows;
  for (const Record& record : batch.records) {
    rows.push_back(std::get<FeedbackRecord>(record).row_index);
  }
  return rows;
}

TEST(CursorTest, AnOlderSegmentThatGrowsIsReadToo) {
  const auto folder = TemporaryFolder::Make();
  const std::string old_path = JoinPath(folder->path(), SegmentName(1, 10, 0));
  const std::string new_path = JoinPath(folder->path(), SegmentName(2, 11, 0));
  ASSERT_TRUE(WriteFile(old_path, std::string(kSegmentHeader) + Frames(0, 2)).ok());
  ASSERT_TRUE(WriteFile(new_path, std::string(kSegmentHeader) + Frames(10, 2)).ok());
  const auto first = ReadNew(folder->path(), {}, 100);
  EXPECT_EQ(Rows(*first), (std::vector<int64_t>{0, 1, 10, 11}));
  EXPECT_FALSE(first->more);
  ASSERT_TRUE(AppendFile(old_path, Frames(2, 1)).ok());
  ASSERT_TRUE(AppendFile(new_path, Frames(12, 1)).ok());
  const auto second = ReadNew(folder->path(), first->next, 100);
  EXPECT_EQ(Rows(*second), (std::vector<int64_t>{2, 12}));
  EXPECT_TRUE(ReadNew(folder->path(), second->next, 100)->records.empty());
}

TEST(CursorTest, ATornTailIsReadOnceItIsWhole) {
  const auto folder = TemporaryFolder::Make();
  const std::string path = JoinPath(folder->path(), SegmentName(1, 10, 0));
  const std::string frame = Frames(1, 1);
  ASSERT_TRUE(
      WriteFile(path, std::string(kSegmentHeader) + Frames(0, 1) + frame.substr(0, 9)).ok());
  const auto first = ReadNew(folder->path(), {}, 100);
  EXPECT_EQ(Rows(*first), (std::vector<int64_t>{0}));
  EXPECT_EQ(first->num_torn, 1);
  EXPECT_FALSE(first->more);
  ASSERT_TRUE(AppendFile(path, frame.substr(9)).ok());
  EXPECT_EQ(Rows(*ReadNew(folder->path(), first->next, 100)), (std::vector<int64_t>{1}));
}

TEST(CursorTest, SmallBatchesReadEverythingOnce) {
  const auto folder = TemporaryFolder::Make();
  for (int64_t s = 0; s < 3; ++s) {
    ASSERT_TRUE(WriteFile(JoinPath(folder->path(), SegmentName(s, 10, 0)),
                          std::string(kSegmentHeader) + Frames(10 * s, 10))
                    .ok());
  }
  std::vector<int64_t> rows;
  Cursor cursor;
  for (bool more = true; more;) {
    const auto batch = ReadNew(folder->path(), cursor, 7);
    for (const int64_t row : Rows(*batch)) rows.push_back(row);
    cursor = batch->next;
    more = batch->more;
  }
  ASSERT_EQ(rows.size(), 30u);
  for (int64_t i = 0; i < 30; ++i) EXPECT_EQ(rows[static_cast<size_t>(i)], i);
}

TEST(CursorTest, ArchivedSegmentsAreForgotten) {
  const auto folder = TemporaryFolder::Make();
  const std::string path = JoinPath(folder->path(), SegmentName(1, 10, 0));
  ASSERT_TRUE(WriteFile(path, std::string(kSegmentHeader) + Frames(0, 2)).ok());
  const auto first = ReadNew(folder->path(), {}, 100);
  ASSERT_TRUE(RemoveAll(path).ok());
  EXPECT_TRUE(ReadNew(folder->path(), first->next, 100)->next.offsets.empty());
}

}  // namespace
}  // namespace millrace::journal
