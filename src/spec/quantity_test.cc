#include "spec/quantity.h"

#include <gtest/gtest.h>

#include "base/rng.h"
#include "base/text.h"

namespace millrace::spec {
namespace {

TEST(QuantityTest, UsesTheLargestUnitThatFits) {
  EXPECT_EQ(DurationText(60), "1m");
  EXPECT_EQ(DurationText(90), "90s");
  EXPECT_EQ(DurationText(86400), "1d");
  EXPECT_EQ(DurationText(0.25), "250ms");
  EXPECT_EQ(DurationText(0), "0s");
  EXPECT_EQ(BytesText(50'000'000), "50MB");
  EXPECT_EQ(BytesText(65'536), "64KiB");
  EXPECT_EQ(BytesText(1234), "1234B");
  EXPECT_EQ(BytesText(0), "0B");
}

TEST(QuantityTest, ReadsBackExactly) {
  Rng rng(1);
  for (int i = 0; i < 10'000; ++i) {
    const double seconds = rng.Exponential() * (i % 2 == 0 ? 1e-4 : 1e6);
    EXPECT_EQ(ParseDuration(DurationText(seconds)), seconds);
    const auto bytes = static_cast<int64_t>(rng.Below(uint64_t{1} << 50));
    EXPECT_EQ(ParseBytes(BytesText(bytes)), bytes);
  }
}

}  // namespace
}  // namespace millrace::spec
