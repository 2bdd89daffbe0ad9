// The parts of a scan: the table of values, evidence of a column, the sample of rows, the hashes of
// rows.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/digest.h"
#include "base/format.h"
#include "json/text.h"
#include "profile/cell_hash.h"
#include "profile/column_evidence.h"
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

TEST(ValueTableTest, ManyAtOnceCountAsOneAfterTheOther) {
  for (const int64_t most : {10, 3'000, 12'000}) {
    ValueTable alone(most);
    ValueTable together(most);
    std::vector<uint64_t> hashes;
    std::vector<uint64_t> bits;
    for (uint64_t i = 0; i < 40'000; ++i) {
      bits.push_back(MixHash(i, 9) % 10'000);
      // Few hashes: values share them, and slots.
      hashes.push_back(HashCell(bits.back() / 3));
    }
    size_t counted = 0;
    bool known = true;
    while (known && counted < bits.size()) {
      const size_t size = std::min<size_t>(500, bits.size() - counted);
      const size_t some =
          together.CountEach(std::span<const uint64_t>(hashes).subspan(counted, size),
                             std::span<const uint64_t>(bits).subspan(counted, size));
      known = some == size;
      counted += some;
    }
    size_t expected = 0;
    while (expected < bits.size() && alone.Count(hashes[expected], bits[expected])) ++expected;
    EXPECT_EQ(counted, expected);
    EXPECT_EQ(counted == bits.size(), most >= 10'000);
    ASSERT_EQ(together.size(), alone.size());
    for (size_t i = 0; i < alone.entries().size(); ++i) {
      EXPECT_EQ(together.entries()[i].bits, alone.entries()[i].bits);
      EXPECT_EQ(together.entries()[i].count, alone.entries()[i].count);
    }
  }
}

// The figures of a column whose cells come in chunks of `size` rows.
std::string ProfileInChunks(const std::vector<double>& numbers,
                            const std::vector<std::string>& texts, size_t size) {
  ColumnEvidence column("c", 3, 300, {});
  const size_t num_rows = numbers.empty() ? texts.size() : numbers.size();
  std::vector<uint64_t> hashes(num_rows, 0);
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  for (size_t at = 0; at < num_rows; at += size) {
    const size_t rows = std::min(size, num_rows - at);
    engine::ChunkColumn cells;
    if (numbers.empty()) {
      cells.texts = std::span(views).subspan(at, rows);
    } else {
      cells.numbers = std::span(numbers).subspan(at, rows);
    }
    column.Add(cells, std::span(hashes).subspan(at, rows));
    std::vector<int32_t> sampled;
    for (size_t row = 0; row < rows; ++row) {
      if ((at + row) % 7 == 0) sampled.push_back(static_cast<int32_t>(row));
    }
    column.AddSample(cells, sampled);
  }
  uint64_t all = 0;
  for (const uint64_t hash : hashes) all = MixHash(all, hash);
  return Format("{:016x} {}", all, json::Write(ToJson(column.Finish())));
}

TEST(ColumnEvidenceTest, BlocksDoNotShow) {
  std::vector<double> few;
  std::vector<double> many;
  std::vector<double> odd;
  std::vector<std::string> words;
  std::vector<std::string> amounts;
  for (uint64_t i = 0; i < 6'000; ++i) {
    const uint64_t hash = MixHash(i, 4);
    few.push_back(hash % 9 == 0 ? NAN : static_cast<double>(hash % 100));
    many.push_back(hash % 11 == 0 ? NAN : static_cast<double>(hash % 100'000) / 8.0);
    odd.push_back(hash % 500 == 0 ? INFINITY : hash % 2 == 0 ? -0.0 : static_cast<double>(i));
    words.push_back(hash % 5 == 0 ? "" : Format(" word {} ", hash % 900));
    amounts.push_back(hash % 50 == 0 ? "n/a" : Format("${}.5", hash % 3'000));
  }
  for (const std::vector<double>& numbers : {few, many, odd}) {
    const std::string whole = ProfileInChunks(numbers, {}, 6'000);
    for (const size_t size : {1u, 64u, 511u, 513u, 2'048u}) {
      EXPECT_EQ(ProfileInChunks(numbers, {}, size), whole);
    }
  }
  for (const std::vector<std::string>& texts : {words, amounts}) {
    const std::string whole = ProfileInChunks({}, texts, 6'000);
    for (const size_t size : {1u, 64u, 511u, 513u, 2'048u}) {
      EXPECT_EQ(ProfileInChunks({}, texts, size), whole);
    }
  }
}

TEST(PowerSumsTest, ManyAtOnceAddAsOneAfterTheOther) {
  PowerSums alone;
  PowerSums together;
  std::vector<double> values;
  for (uint64_t i = 0; i < 1'000; ++i) {
    values.push_back(static_cast<double>(MixHash(i, 5) % 10'007) / 7.0 - 300.0);
    alone.Add(values.back(), 1.0);
  }
  together.AddEach(std::span(values).first(1));
  together.AddEach({});
  together.AddEach(std::span(values).subspan(1));
  EXPECT_EQ(together.count, alone.count);
  EXPECT_EQ(together.minimum, alone.minimum);
  EXPECT_EQ(together.maximum, alone.maximum);
  for (int power = 0; power < 4; ++power) EXPECT_EQ(together.sums[power], alone.sums[power]);
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

TEST(DistinctSketchTest, ManyAtOnceAddAsOneAfterTheOther) {
  DistinctSketch alone;
  DistinctSketch together;
  std::vector<uint64_t> hashes;
  for (uint64_t i = 0; i < 30'000; ++i) hashes.push_back(HashCell(i));
  for (const uint64_t hash : hashes) alone.Add(hash * kSketchSpread);
  together.AddEach(std::span(hashes).first(7), kSketchSpread);
  together.AddEach(std::span(hashes).subspan(7), kSketchSpread);
  EXPECT_EQ(together.Estimate(), alone.Estimate());
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
