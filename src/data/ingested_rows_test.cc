#include "data/ingested_rows.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/digest.h"

namespace millrace::data {
namespace {

IngestedRow RowAt(int64_t i) {
  return {.row = 2 * i,
          .key_hash = MixHash(static_cast<uint64_t>(i), 1),
          .side_hash = MixHash(static_cast<uint64_t>(i), 2),
          .target_number = static_cast<double>(i) / 3.0,
          .time = static_cast<double>(i) * 60.0,
          .target_text = static_cast<int32_t>(i % 5) - 1,
          .part = i % 2 == 0 ? spec::StatedPart::kTest : spec::StatedPart::kValidation};
}

TEST(IngestedRowsTest, ComeBackAsOftenAsAskedInMemoryAndOnDisk) {
  for (const size_t held : {3u, 10u, 1'000u}) {
    IngestedRows rows(held);
    EXPECT_TRUE(rows.empty());
    for (int64_t i = 0; i < 100; ++i) ASSERT_TRUE(rows.Add(RowAt(i)).ok());
    EXPECT_EQ(rows.size(), 100);
    for (int round = 0; round < 2; ++round) {
      int64_t next = 0;
      const Status read = rows.ForEach([&next](const IngestedRow& row) -> Status {
        const IngestedRow expected = RowAt(next++);
        EXPECT_EQ(row.row, expected.row);
        EXPECT_EQ(row.key_hash, expected.key_hash);
        EXPECT_EQ(row.side_hash, expected.side_hash);
        EXPECT_EQ(row.target_number, expected.target_number);
        EXPECT_EQ(row.time, expected.time);
        EXPECT_EQ(row.target_text, expected.target_text);
        EXPECT_EQ(row.part, expected.part);
        return {};
      });
      ASSERT_TRUE(read.ok()) << read.ToString();
      EXPECT_EQ(next, 100);
    }
  }
}

TEST(IngestedRowsTest, AFailureEndsTheReading) {
  IngestedRows rows(4);
  for (int64_t i = 0; i < 10; ++i) ASSERT_TRUE(rows.Add(RowAt(i)).ok());
  int64_t seen = 0;
  const Status read = rows.ForEach(
      [&seen](const IngestedRow&) { return ++seen == 6 ? IoError("enough") : Status(); });
  EXPECT_EQ(read.code(), Code::kIoError);
  EXPECT_EQ(seen, 6);
}

}  // namespace
}  // namespace millrace::data
