#include "metric/share_interval.h"

#include <gtest/gtest.h>

namespace millrace::metric {
namespace {

constexpr double kZ95 = 1.959964;

TEST(ShareIntervalTest, IsWilsons) {
  const ShareInterval tenth = WilsonInterval(10, 100, kZ95);
  EXPECT_NEAR(tenth.low, 0.0552, 1e-4);
  EXPECT_NEAR(tenth.high, 0.1744, 1e-4);
  EXPECT_EQ(WilsonInterval(0, 50, kZ95).low, 0.0);
  EXPECT_EQ(WilsonInterval(0, 0, kZ95).high, 1.0);
}

TEST(ShareIntervalTest, IsThatOfTheBooks) {
  // Newcombe 1998, table I: 15 of 148 at 95 %: 0.0624 to 0.1605; 0 of 20: 0 to 0.1611.
  const ShareInterval some = WilsonInterval(15, 148, kZ95);
  EXPECT_NEAR(some.low, 0.0624, 1e-4);
  EXPECT_NEAR(some.high, 0.1605, 1e-4);
  EXPECT_NEAR(WilsonInterval(0, 20, kZ95).high, 0.1611, 1e-4);
  EXPECT_EQ(WilsonInterval(0, 0, 2.0).high, 1.0);
}

}  // namespace
}  // namespace millrace::metric
