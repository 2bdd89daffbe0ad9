#include "data/split.h"

#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/format.h"
#include "base/rng.h"

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

TEST(SplitTest, TheEmbargoLeavesAGapBeforeTheBorder) {
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) times.push_back(i);
  const auto split = SplitByTime(times, 0.2, 10.0);
  ASSERT_TRUE(split.ok());
  for (size_t i = 0; i < 100; ++i) {
    const SplitPart expected = i >= 80   ? SplitPart::kTest
                               : i >= 71 ? SplitPart::kEmbargo
                                         : SplitPart::kTrain;
    EXPECT_EQ(split->parts[i], expected) << i;
  }
  const auto all = SplitByTime(times, 0.2, 1000.0);
  ASSERT_FALSE(all.ok());
  EXPECT_NE(all.status().message().find("split.embargo"), std::string::npos);
}

TEST(SplitTest, StatedPartsAreTaken) {
  EXPECT_EQ(ReadStatedPart(" Train "), StatedPart::kTrain);
  EXPECT_EQ(ReadStatedPart("VAL"), StatedPart::kValidation);
  EXPECT_EQ(ReadStatedPart("test"), StatedPart::kTest);
  for (const char* other : {"", "1", "tset", "train test"}) {
    EXPECT_FALSE(ReadStatedPart(other)) << other;
  }
  const std::vector<StatedPart> stated = {StatedPart::kTrain, StatedPart::kTest,
                                          StatedPart::kValidation};
  const std::vector<int32_t> strata(3, 0);
  const auto split = SplitByStatement(stated, strata);
  ASSERT_TRUE(split.ok());
  EXPECT_EQ(split->parts,
            (std::vector<SplitPart>{SplitPart::kTrain, SplitPart::kTest, SplitPart::kTrain}));
  EXPECT_EQ(
      SplitByStatement(std::span(stated).first(1), std::span(strata).first(1)).status().code(),
      Code::kInvalidData);
}

TEST(SplitTest, AnyNewRowsInAnyOrderMoveNoOldOnes) {
  Rng rng(5);
  for (int round = 0; round < 50; ++round) {
    std::vector<uint64_t> keys = Keys(static_cast<int>(100 + rng.Below(400)));
    std::vector<int32_t> strata;
    for (size_t i = 0; i < keys.size(); ++i) strata.push_back(static_cast<int32_t>(rng.Below(3)));
    const auto before = SplitByKey(keys, strata, {.seed = rng.Next()});
    ASSERT_TRUE(before.ok());
    // New rows of other strata, old rows shuffled among them, some twice.
    std::vector<std::pair<uint64_t, size_t>> later;
    for (size_t i = 0; i < keys.size(); ++i) later.emplace_back(keys[i], i);
    for (int i = 0; i < 300; ++i) later.emplace_back(rng.Next(), keys.size());
    later.push_back(later[0]);
    rng.Shuffle(std::span(later));
    std::vector<uint64_t> later_keys;
    for (const auto& [key, index] : later) later_keys.push_back(key);
    const std::vector<int32_t> later_strata(later.size(), 0);
    const auto after = SplitByKey(later_keys, later_strata, {.salt = before->salt});
    ASSERT_TRUE(after.ok());
    const auto again = SplitByKey(keys, strata, {.salt = before->salt});
    for (size_t i = 0; i < later.size(); ++i) {
      if (later[i].second == keys.size()) continue;
      EXPECT_EQ(after->parts[i], again->parts[later[i].second]);
    }
  }
}

}  // namespace
}  // namespace millrace::data
