// The parts of a scan: the table of values, the sample of rows, the hashes of rows.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/format.h"
#include "profile/cell_hash.h"
#include "profile/distinct_sketch.h"
#include "profile/row_hashes.h"
#include "profile/row_sample.h"
#include "profile/value_table.h"

namespace millrace::profile {
namespace {

TEST(ValueTableTest, CountsUpToItsBound) {
  ValueTable table(1'000);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1'500; ++i) {
      const std::string text = Format("value {}", i);
      EXPECT_EQ(table.Count(HashCell(text), std::string_view(text)), i < 1'000);
    }
  }
  ASSERT_EQ(table.size(), 1'000);
  for (const ValueTable::Entry& entry : table.entries()) EXPECT_EQ(entry.count, 3);
  EXPECT_EQ(table.TextOf(table.entries()[7]), "value 7");
}

TEST(ValueTableTest, EqualHashesDoNotMixValues) {
  ValueTable table(10);
  EXPECT_TRUE(table.Count(42, std::string_view("a")));
  EXPECT_TRUE(table.Count(42, std::string_view("b")));
  EXPECT_TRUE(table.Count(42, std::string_view("a")));
  ASSERT_EQ(table.size(), 2);
  EXPECT_EQ(table.entries()[0].count, 2);
}

TEST(ValueTableTest, LongTextsAreCutAndStillCounted) {
  ValueTable table(10);
  const std::string text(5'000, 'x');
  EXPECT_TRUE(table.Count(HashCell(text), std::string_view(text)));
  EXPECT_TRUE(table.Count(HashCell(text), std::string_view(text)));
  ASSERT_EQ(table.size(), 1);
  EXPECT_EQ(table.entries()[0].count, 2);
}

TEST(CellHashTest, TextsOfEveryLengthDiffer) {
  std::set<uint64_t> seen;
  std::string text;
  for (int length = 0; length < 40; ++length) {
    for (const char c : {'a', 'b'}) {
      for (size_t at = 0; at < text.size(); ++at) {
        std::string other = text;
        other[at] = c == 'a' ? 'y' : 'z';
        EXPECT_TRUE(seen.insert(HashCell(other)).second) << other;
      }
    }
    EXPECT_TRUE(seen.insert(HashCell(text)).second) << text;
    text += 'x';
  }
}

TEST(DistinctSketchTest, EstimatesWithinThreeStandardErrors) {
  DistinctSketch sketch;
  EXPECT_EQ(sketch.Estimate(), 0.0);
  int64_t added = 0;
  for (const int64_t size : {1, 100, 5'000, 20'000, 50'000, 100'000, 1'000'000}) {
    for (; added < size; ++added) {
      const uint64_t hash = HashCell(static_cast<uint64_t>(added)) * kSketchSpread;
      sketch.Add(hash);
      sketch.Add(hash);
    }
    EXPECT_NEAR(sketch.Estimate(), static_cast<double>(size),
                0.5 + 0.025 * static_cast<double>(size));
  }
}

std::vector<int64_t> SampleInBatches(int64_t num_rows, int64_t batch, int64_t size) {
  RowSample sample(size);
  std::vector<int64_t> rows;
  const auto keep = [&rows](std::span<const int32_t> staying) {
    if (staying.empty()) return;
    std::vector<int64_t> kept;
    for (const int32_t i : staying) kept.push_back(rows[static_cast<size_t>(i)]);
    rows = std::move(kept);
  };
  for (int64_t start = 0; start < num_rows; start += batch) {
    for (const int32_t i : sample.Add(std::min(batch, num_rows - start))) {
      rows.push_back(start + i);
    }
    keep(sample.Prune());
  }
  keep(sample.Finish());
  EXPECT_EQ(sample.num_kept(), static_cast<int64_t>(rows.size()));
  return rows;
}

TEST(RowSampleTest, IsTheSameForAnyBatchSizeAndSpreadOverTheRows) {
  const std::vector<int64_t> rows = SampleInBatches(50'000, 2'048, 1'000);
  EXPECT_EQ(rows.size(), 1'000u);
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  EXPECT_EQ(SampleInBatches(50'000, 37, 1'000), rows);
  const auto in_first_half =
      std::count_if(rows.begin(), rows.end(), [](int64_t row) { return row < 25'000; });
  EXPECT_NEAR(static_cast<double>(in_first_half), 500.0, 80.0);
}

TEST(RowSampleTest, FewRowsAreAllTaken) { EXPECT_EQ(SampleInBatches(500, 64, 1'000).size(), 500u); }

TEST(RowHashesTest, CountsTheSameInMemoryAndOnDisk) {
  std::vector<uint64_t> hashes;
  for (uint64_t i = 0; i < 20'000; ++i) hashes.push_back(MixHash(i % 15'000, 3));
  RowHashes in_memory(int64_t{1} << 20);
  RowHashes on_disk(1'000);
  for (size_t start = 0; start < hashes.size(); start += 500) {
    const std::span<const uint64_t> some(hashes.data() + start, 500);
    ASSERT_TRUE(in_memory.Add(some).ok());
    ASSERT_TRUE(on_disk.Add(some).ok());
  }
  const auto a = in_memory.Finish();
  const auto b = on_disk.Finish();
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->num_duplicates, 5'000);
  EXPECT_EQ(b->num_duplicates, 5'000);
  EXPECT_EQ(a->digest.ToHex(), b->digest.ToHex());
}

}  // namespace
}  // namespace millrace::profile
