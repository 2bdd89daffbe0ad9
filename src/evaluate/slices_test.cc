#include "evaluate/slices.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/rng.h"

namespace millrace::evaluate {
namespace {

// Columns of 4 parts each, drawn without regard to anything.
std::vector<Binning> DrawColumns(Rng& rng, int64_t num_rows, int num_columns) {
  std::vector<Binning> columns;
  for (int c = 0; c < num_columns; ++c) {
    Binning binning;
    binning.column = Format("c{}", c);
    for (int p = 0; p < 4; ++p) {
      binning.parts.push_back(Format("{}", p));
      binning.phrases.push_back(Format("c{} = {}", c, p));
    }
    for (int64_t i = 0; i < num_rows; ++i) {
      binning.part_of_row.push_back(static_cast<int32_t>(rng.Below(4)));
    }
    columns.push_back(std::move(binning));
  }
  return columns;
}

std::vector<double> DrawLosses(Rng& rng, int64_t num_rows) {
  std::vector<double> losses;
  for (int64_t i = 0; i < num_rows; ++i) losses.push_back(rng.Exponential());
  return losses;
}

TEST(SlicesTest, FindsNothingInNoise) {
  int found = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Rng rng(seed);
    const auto columns = DrawColumns(rng, 800, 8);
    const SliceSearch search = FindWorstSlices(DrawLosses(rng, 800), columns);
    EXPECT_GT(search.num_tested, 300);
    found += search.worst.empty() ? 0 : 1;
  }
  EXPECT_LE(found, 4);  // 1 % of 100 and three standard errors
}

TEST(SlicesTest, FindsAPlantedSliceOfOneAndOfTwoConditions) {
  Rng rng(5);
  const auto columns = DrawColumns(rng, 4000, 6);
  std::vector<double> losses = DrawLosses(rng, 4000);
  for (size_t i = 0; i < losses.size(); ++i) {
    if (columns[2].part_of_row[i] == 1) losses[i] += 1.0;
    if (columns[3].part_of_row[i] == 2 && columns[5].part_of_row[i] == 0) losses[i] += 1.5;
  }
  const SliceSearch search = FindWorstSlices(losses, columns);
  ASSERT_GE(search.worst.size(), 2u);
  std::vector<std::string> texts;
  for (const Slice& slice : search.worst) texts.push_back(slice.text);
  EXPECT_NE(std::find(texts.begin(), texts.end(), "c2 = 1"), texts.end());
  EXPECT_NE(std::find(texts.begin(), texts.end(), "c3 = 2 and c5 = 0"), texts.end());
  for (const Slice& slice : search.worst) {
    EXPECT_GT(slice.loss.low, slice.rest_loss);
    EXPECT_LE(slice.p_value, 0.01);
    EXPECT_GE(slice.num_rows, 40);
  }
}

TEST(SlicesTest, SameForAnyThreadsAndQuietOnFewOrEqualRows) {
  Rng rng(6);
  const auto columns = DrawColumns(rng, 2000, 10);
  std::vector<double> losses = DrawLosses(rng, 2000);
  for (size_t i = 0; i < losses.size(); ++i) {
    if (columns[7].part_of_row[i] == 3) losses[i] *= 3.0;
  }
  const SliceSearch one = FindWorstSlices(losses, columns, {.num_threads = 1});
  const SliceSearch two = FindWorstSlices(losses, columns, {.num_threads = 2});
  ASSERT_EQ(one.worst.size(), two.worst.size());
  for (size_t i = 0; i < one.worst.size(); ++i) {
    EXPECT_EQ(one.worst[i].text, two.worst[i].text);
    EXPECT_EQ(one.worst[i].p_value, two.worst[i].p_value);
  }
  EXPECT_TRUE(FindWorstSlices(std::vector<double>(2000, 0.5), columns).worst.empty());
  EXPECT_TRUE(FindWorstSlices({}, {}).worst.empty());
}

}  // namespace
}  // namespace millrace::evaluate
