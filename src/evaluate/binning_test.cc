#include "evaluate/binning.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace millrace::evaluate {
namespace {

table::ColumnSchema Named(const std::string& name) {
  table::ColumnSchema schema;
  schema.name = name;
  schema.type = table::ColumnType::kNumber;
  return schema;
}

Binning Bin(const std::vector<double>& values, int64_t num_missing = 0) {
  table::Column column(table::ColumnType::kNumber);
  for (const double value : values) column.AppendNumber(value);
  for (int64_t i = 0; i < num_missing; ++i) column.AppendMissing();
  return BinColumn(Named("gain"), column);
}

int64_t RowsIn(const Binning& binning, int32_t part) {
  return std::count(binning.part_of_row.begin(), binning.part_of_row.end(), part);
}

TEST(BinningTest, AValueThatFillsEveryQuantileLeavesTheRestInARange) {
  std::vector<double> values(1000, 0.0);
  for (int i = 1; i <= 40; ++i) values.push_back(100.0 * i);
  const Binning binning = Bin(values, 5);
  ASSERT_EQ(binning.num_parts(), 3);
  EXPECT_EQ(binning.phrases[0], "gain below 100");
  EXPECT_EQ(binning.phrases[1], "gain from 100");
  EXPECT_EQ(RowsIn(binning, 0), 1000);
  EXPECT_EQ(RowsIn(binning, 1), 40);
  EXPECT_EQ(RowsIn(binning, 2), 5);
}

TEST(BinningTest, RangesLieBetweenQuantiles) {
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i);
  const Binning binning = Bin(values);
  ASSERT_EQ(binning.num_parts(), 4);
  for (int32_t part = 0; part < 4; ++part) EXPECT_EQ(RowsIn(binning, part), 100);
}

TEST(BinningTest, FewValuesStaySingleAndNoneIsMissing) {
  EXPECT_EQ(Bin({1.0, 2.0, 2.0}).num_parts(), 2);
  EXPECT_EQ(Bin({}, 3).num_parts(), 1);
  EXPECT_EQ(Bin({7.0}).num_parts(), 1);
}

}  // namespace
}  // namespace millrace::evaluate
