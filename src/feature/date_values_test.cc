#include "feature/date_values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "base/clock.h"

namespace millrace::feature {
namespace {

double At(int64_t year, int month, int day, double seconds = 0.0) {
  return static_cast<double>(DaysFromCivil(year, month, day)) * 86400.0 + seconds;
}

TEST(DateValuesTest, PartsOfTheCalendar) {
  const double date = At(2024, 2, 29, 13 * 3600 + 59 * 60 + 59.5);  // a Thursday
  EXPECT_EQ(DatePartOf(DatePart::kYear, date), 2024.0);
  EXPECT_EQ(DatePartOf(DatePart::kMonth, date), 2.0);
  EXPECT_EQ(DatePartOf(DatePart::kDay, date), 29.0);
  EXPECT_EQ(DatePartOf(DatePart::kWeekday, date), 3.0);
  EXPECT_EQ(DatePartOf(DatePart::kHour, date), 13.0);
  EXPECT_EQ(DatePartOf(DatePart::kMinute, date), 59.0);
  EXPECT_EQ(DatePartOf(DatePart::kQuarter, date), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kDayOfYear, date), 60.0);
  EXPECT_EQ(DatePartOf(DatePart::kIsWeekend, date), 0.0);
  EXPECT_EQ(DatePartOf(DatePart::kIsMonthEnd, date), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kIsMonthStart, date), 0.0);
  EXPECT_EQ(DatePartOf(DatePart::kIsMonthEnd, At(2023, 2, 28)), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kIsMonthEnd, At(2024, 2, 28)), 0.0);
  EXPECT_EQ(DatePartOf(DatePart::kIsMonthStart, At(2024, 12, 1)), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kIsWeekend, At(2024, 3, 2)), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kQuarter, At(2024, 12, 31)), 4.0);
  EXPECT_EQ(DatePartOf(DatePart::kDayOfYear, At(2024, 12, 31)), 366.0);
  EXPECT_EQ(DatePartOf(DatePart::kDayOfYear, At(2023, 12, 31)), 365.0);
}

// Weeks as `date +%V` gives them.
TEST(DateValuesTest, WeeksBelongToTheYearOfTheirThursday) {
  EXPECT_EQ(DatePartOf(DatePart::kWeek, At(2021, 1, 3)), 53.0);
  EXPECT_EQ(DatePartOf(DatePart::kWeek, At(2021, 1, 4)), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kWeek, At(2018, 12, 31)), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kWeek, At(2020, 12, 31)), 53.0);
  EXPECT_EQ(DatePartOf(DatePart::kWeek, At(1969, 12, 31)), 1.0);
  EXPECT_EQ(DatePartOf(DatePart::kWeek, At(2024, 7, 15)), 29.0);
}

TEST(DateValuesTest, WavesCloseTheCycle) {
  for (const DatePart part :
       {DatePart::kMonth, DatePart::kWeekday, DatePart::kHour, DatePart::kDayOfYear}) {
    ASSERT_TRUE(HasCycle(part));
    for (double date = At(1999, 12, 20); date < At(2001, 1, 10); date += 5.0 * 3600.0) {
      const double sine = DateWaveOf(part, Wave::kSine, date);
      const double cosine = DateWaveOf(part, Wave::kCosine, date);
      EXPECT_NEAR(sine * sine + cosine * cosine, 1.0, 1e-12);
    }
  }
  EXPECT_EQ(DateWaveOf(DatePart::kMonth, Wave::kSine, At(2024, 1, 31)), 0.0);
  EXPECT_EQ(DateWaveOf(DatePart::kMonth, Wave::kCosine, At(2024, 1, 31)), 1.0);
  EXPECT_DOUBLE_EQ(DateWaveOf(DatePart::kHour, Wave::kSine, At(2024, 5, 5, 6 * 3600.0)), 1.0);
  EXPECT_DOUBLE_EQ(DateWaveOf(DatePart::kDayOfYear, Wave::kSine, At(2023, 2, 1)),
                   std::sin(2.0 * std::numbers::pi * 31.0 / 365.0));
  EXPECT_DOUBLE_EQ(DateWaveOf(DatePart::kDayOfYear, Wave::kSine, At(2024, 2, 1)),
                   std::sin(2.0 * std::numbers::pi * 31.0 / 366.0));
  // December stands as near to January as to November.
  const auto gap = [](int a, int b) {
    return std::hypot(DateWaveOf(DatePart::kMonth, Wave::kSine, At(2024, a, 1)) -
                          DateWaveOf(DatePart::kMonth, Wave::kSine, At(2024, b, 1)),
                      DateWaveOf(DatePart::kMonth, Wave::kCosine, At(2024, a, 1)) -
                          DateWaveOf(DatePart::kMonth, Wave::kCosine, At(2024, b, 1)));
  };
  EXPECT_NEAR(gap(12, 1), gap(11, 12), 1e-12);
  EXPECT_TRUE(std::isnan(DateWaveOf(DatePart::kYear, Wave::kSine, 0.0)));
}

TEST(DateValuesTest, DatesBeyondTheCalendarAreMissing) {
  for (const double date : {std::numeric_limits<double>::quiet_NaN(), 1e300, -1e300,
                            std::numeric_limits<double>::infinity()}) {
    for (int part = 0; part <= static_cast<int>(DatePart::kIsMonthEnd); ++part) {
      EXPECT_TRUE(std::isnan(DatePartOf(static_cast<DatePart>(part), date)));
      EXPECT_TRUE(std::isnan(DateWaveOf(static_cast<DatePart>(part), Wave::kSine, date)));
    }
  }
}

TEST(DateValuesTest, NamesReadBack) {
  for (int part = 0; part <= static_cast<int>(DatePart::kIsMonthEnd); ++part) {
    EXPECT_EQ(DatePartFromName(DatePartName(static_cast<DatePart>(part))),
              static_cast<DatePart>(part));
  }
  EXPECT_FALSE(DatePartFromName("fortnight"));
  EXPECT_EQ(WaveFromName("sine"), Wave::kSine);
  EXPECT_EQ(WaveFromName("cosine"), Wave::kCosine);
  EXPECT_FALSE(WaveFromName("tangent"));
}

}  // namespace
}  // namespace millrace::feature
