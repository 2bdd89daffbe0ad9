#include "data/split.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/format.h"

namespace millrace::data {
namespace {

std::vector<uint64_t> Keys(int count) {
  std::vector<uint64_t> keys;
  for (int i = 0; i < count; ++i) keys.push_back(Hash64(Format("row {}", i)));
  return keys;
}

TEST(SplitTest, NewRowsNeverMoveOldOnes) {
  const std::vector<uint64_t> many = Keys(5000);
  const std::vector<int32_t> strata(many.size(), 0);
  const auto first = SplitByKey(std::span(many).first(1000), std::span(strata).first(1000), {});
  ASSERT_TRUE(first.ok());
  const auto later = SplitByKey(many, strata, {.salt = first->salt});
  ASSERT_TRUE(later.ok());
  for (size_t i = 0; i < 1000; ++i) EXPECT_EQ(first->parts[i], later->parts[i]);
}

TEST(SplitTest, StrataComeOutNearTheShare) {
  const std::vector<uint64_t> keys = Keys(150);
  std::vector<int32_t> strata;
  for (int i = 0; i < 150; ++i) strata.push_back(i % 3);
  const auto split = SplitByKey(keys, strata, {});
  ASSERT_TRUE(split.ok());
  EXPECT_LE(split->worst_share_error, 0.05);
}

TEST(SplitTest, RareClassIsOnBothSides) {
  const std::vector<uint64_t> keys = Keys(1000);
  std::vector<int32_t> strata(1000, 0);
  strata[3] = strata[500] = strata[700] = 1;
  const auto split = SplitByKey(keys, strata, {});
  ASSERT_TRUE(split.ok());
  const int tests = (split->parts[3] == SplitPart::kTest) +
                    (split->parts[500] == SplitPart::kTest) +
                    (split->parts[700] == SplitPart::kTest);
  EXPECT_GE(tests, 1);
  EXPECT_LE(tests, 2);
}

TEST(SplitTest, EqualKeysShareASide) {
  std::vector<uint64_t> keys = Keys(200);
  keys.insert(keys.end(), keys.begin(), keys.begin() + 50);
  const std::vector<int32_t> strata(keys.size(), 0);
  const auto split = SplitByKey(keys, strata, {});
  ASSERT_TRUE(split.ok());
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ(split->parts[i], split->parts[200 + i]);
}

TEST(SplitTest, OneRowCannotBeSplit) {
  const std::vector<uint64_t> keys = Keys(1);
  const std::vector<int32_t> strata{0};
  const auto split = SplitByKey(keys, strata, {});
  ASSERT_FALSE(split.ok());
  EXPECT_EQ(split.status().code(), Code::kInvalidData);
}

TEST(SplitTest, ByTimeTakesTheLatestRows) {
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) times.push_back(i / 2);
  const auto split = SplitByTime(times, 0.2);
  ASSERT_TRUE(split.ok());
  for (size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(split->parts[i], i >= 80 ? SplitPart::kTest : SplitPart::kTrain) << i;
  }
}

}  // namespace
}  // namespace millrace::data
