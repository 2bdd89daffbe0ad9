#include "base/clock.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(ClockTest, FormatsUtc) {
  EXPECT_EQ(FormatUtc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(FormatUtc(1'772'368'200'000'000), "2026-03-01T12:30:00Z");
  EXPECT_EQ(FormatUtc(1'772'368'200'250'000), "2026-03-01T12:30:00.25Z");
  EXPECT_EQ(FormatUtc(-1), "1969-12-31T23:59:59.999999Z");
}

TEST(ClockTest, CalendarRoundTripsOverFourCenturies) {
  for (int64_t day = DaysFromCivil(1800, 1, 1); day < DaysFromCivil(2200, 1, 1); ++day) {
    const CivilDate date = CivilFromDays(day);
    ASSERT_TRUE(IsValidDate(date.year, date.month, date.day));
    ASSERT_EQ(DaysFromCivil(date.year, date.month, date.day), day);
  }
  EXPECT_EQ(DaysFromCivil(1970, 1, 1), 0);
  EXPECT_EQ(DaysFromCivil(2000, 2, 29), 11'016);
}

TEST(ClockTest, KnowsWhichDatesExist) {
  EXPECT_TRUE(IsValidDate(2024, 2, 29));
  EXPECT_FALSE(IsValidDate(2023, 2, 29));
  EXPECT_FALSE(IsValidDate(1900, 2, 29));
  EXPECT_FALSE(IsValidDate(2023, 13, 1));
  EXPECT_FALSE(IsValidDate(2023, 4, 31));
  EXPECT_FALSE(IsValidDate(2023, 4, 0));
}

TEST(ClockTest, FakeClockMovesOnlyWhenTold) {
  FakeClock clock(5'000'000);
  EXPECT_EQ(clock.NowMicros(), 5'000'000);
  clock.SleepSeconds(1.5);
  EXPECT_EQ(clock.NowMicros(), 6'500'000);
}

TEST(ClockTest, SystemClockDoesNotGoBack) {
  SystemClock clock;
  const double before = clock.MonotonicSeconds();
  clock.SleepSeconds(0.001);
  EXPECT_GE(clock.MonotonicSeconds(), before + 0.001);
  EXPECT_GT(clock.NowMicros(), 1'700'000'000'000'000);
}

}  // namespace
}  // namespace millrace
