#include "data/ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/digest.h"

namespace millrace::data {
namespace {

NumberStream Over(const std::vector<double>& values) {
  return [&values](const std::function<void(double)>& take) -> Status {
    for (const double value : values) take(value);
    return {};
  };
}

TEST(RanksTest, AreThoseOfTheSortedNumbers) {
  for (const int64_t count : {1, 2, 7, 1'000, 20'000}) {
    std::vector<double> values;
    for (int64_t i = 0; i < count; ++i) {
      const uint64_t hash = MixHash(static_cast<uint64_t>(i), 11);
      const double wide = std::ldexp(static_cast<double>(hash % 1'000'003) - 500'000.0,
                                     static_cast<int>(hash >> 60) * 8 - 60);
      values.push_back(hash % 3 == 0 ? static_cast<double>(hash % 50) : wide);
    }
    values.front() = -std::numeric_limits<double>::max();
    values.back() = 0.0;
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    std::vector<int64_t> ranks = {0};
    for (int64_t q = 1; q <= 10; ++q) ranks.push_back((count - 1) * q / 10);
    const auto found = ValuesAtRanks(Over(values), ranks);
    ASSERT_TRUE(found.ok());
    ASSERT_EQ(found->size(), ranks.size());
    for (size_t i = 0; i < ranks.size(); ++i) {
      EXPECT_EQ((*found)[i], sorted[static_cast<size_t>(ranks[i])])
          << count << " rank " << ranks[i];
    }
  }
}

TEST(RanksTest, EqualNumbersAndInfinitiesHaveTheirPlaces) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> values = {5.0, 5.0, inf, 5.0, -inf, -0.0, 5.0};
  const auto found = ValuesAtRanks(Over(values), {0, 1, 2, 5, 6});
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, (std::vector<double>{-inf, 0.0, 5.0, 5.0, inf}));
}

TEST(RanksTest, AFailedReadIsReturned) {
  const auto found = ValuesAtRanks(
      [](const std::function<void(double)>&) -> Status { return IoError("rows: gone"); }, {0});
  EXPECT_EQ(found.status().code(), Code::kIoError);
}

}  // namespace
}  // namespace millrace::data
