// Numbers of a date: parts of the calendar, and waves that close the cycle of a part, so that
// 23 o'clock stands beside 0 o'clock. All in UTC.

#pragma once

#include <optional>
#include <string_view>

namespace millrace::feature {

enum class DatePart {
  kYear,
  kMonth,         // 1 .. 12
  kDay,           // of the month, 1 .. 31
  kWeekday,       // 0 = Monday
  kHour,          // 0 .. 23
  kQuarter,       // 1 .. 4
  kWeek,          // of the year, 1 .. 53 (ISO 8601)
  kDayOfYear,     // 1 .. 366
  kMinute,        // 0 .. 59
  kIsWeekend,     // 1 on Saturday and Sunday, else 0
  kIsMonthStart,  // 1 on the first day of a month, else 0
  kIsMonthEnd,    // 1 on the last day of a month, else 0
};
std::string_view DatePartName(DatePart part);  // "year", ..., "day_of_year", "is_weekend"
std::optional<DatePart> DatePartFromName(std::string_view name);

/// Returns true for parts that come around: month, weekday, hour, day of the year.
bool HasCycle(DatePart part);

enum class Wave { kSine, kCosine };
std::string_view WaveName(Wave wave);  // "sine", "cosine"
std::optional<Wave> WaveFromName(std::string_view name);

/// Returns the part of a date in seconds since 1970-01-01 UTC; NaN beyond a million years, where
/// calendars end, and for NaN.
double DatePartOf(DatePart part, double seconds);

/// Returns the sine or cosine, in [-1, 1], of the angle 2 pi (place / length): the place of `part`
/// in its cycle, from 0, over the cycle's length (hours 24, weekdays 7, months 12, days of the year
/// 365 or 366). NaN as DatePartOf, and for parts without a cycle.
double DateWaveOf(DatePart part, Wave wave, double seconds);

}  // namespace millrace::feature
