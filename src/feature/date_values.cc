#include "feature/date_values.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "base/clock.h"

namespace millrace::feature {
namespace {

constexpr double kDaySeconds = 86400.0;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

struct PartRow {
  DatePart part;
  std::string_view name;
};
constexpr PartRow kParts[] = {
    {DatePart::kYear, "year"},
    {DatePart::kMonth, "month"},
    {DatePart::kDay, "day"},
    {DatePart::kWeekday, "weekday"},
    {DatePart::kHour, "hour"},
    {DatePart::kQuarter, "quarter"},
    {DatePart::kWeek, "week"},
    {DatePart::kDayOfYear, "day_of_year"},
    {DatePart::kMinute, "minute"},
    {DatePart::kIsWeekend, "is_weekend"},
    {DatePart::kIsMonthStart, "is_month_start"},
    {DatePart::kIsMonthEnd, "is_month_end"},
};

// 1970-01-01 was a Thursday.
int64_t WeekdayOf(int64_t day) { return ((day + 3) % 7 + 7) % 7; }

int64_t DayOfYear(int64_t day, int64_t year) { return day - DaysFromCivil(year, 1, 1) + 1; }

// The week belongs to the year of its Thursday.
int64_t WeekOf(int64_t day) {
  const int64_t thursday = day - WeekdayOf(day) + 3;
  return (DayOfYear(thursday, CivilFromDays(thursday).year) - 1) / 7 + 1;
}

double CalendarPart(DatePart part, int64_t day) {
  if (part == DatePart::kWeekday) return static_cast<double>(WeekdayOf(day));
  if (part == DatePart::kIsWeekend) return WeekdayOf(day) >= 5 ? 1.0 : 0.0;
  if (part == DatePart::kWeek) return static_cast<double>(WeekOf(day));
  const CivilDate date = CivilFromDays(day);
  switch (part) {
    case DatePart::kMonth:
      return date.month;
    case DatePart::kDay:
      return date.day;
    case DatePart::kQuarter:
      return (date.month - 1) / 3 + 1;
    case DatePart::kDayOfYear:
      return static_cast<double>(DayOfYear(day, date.year));
    case DatePart::kIsMonthStart:
      return date.day == 1 ? 1.0 : 0.0;
    case DatePart::kIsMonthEnd:
      return CivilFromDays(day + 1).day == 1 ? 1.0 : 0.0;
    default:
      return static_cast<double>(date.year);
  }
}

// Seconds of the day into whole units.
double ClockPart(DatePart part, double seconds_of_day) {
  const double hour = std::floor(seconds_of_day / 3600.0);
  if (part == DatePart::kHour) return hour;
  return std::floor((seconds_of_day - hour * 3600.0) / 60.0);
}

}  // namespace

std::string_view DatePartName(DatePart part) {
  for (const PartRow& row : kParts) {
    if (row.part == part) return row.name;
  }
  return "year";
}

std::optional<DatePart> DatePartFromName(std::string_view name) {
  for (const PartRow& row : kParts) {
    if (row.name == name) return row.part;
  }
  return std::nullopt;
}

bool HasCycle(DatePart part) {
  return part == DatePart::kMonth || part == DatePart::kWeekday || part == DatePart::kHour ||
         part == DatePart::kDayOfYear;
}

std::string_view WaveName(Wave wave) { return wave == Wave::kSine ? "sine" : "cosine"; }

std::optional<Wave> WaveFromName(std::string_view name) {
  for (const Wave wave : {Wave::kSine, Wave::kCosine}) {
    if (WaveName(wave) == name) return wave;
  }
  return std::nullopt;
}

double DatePartOf(DatePart part, double seconds) {
  const double day = std::floor(seconds / kDaySeconds);
  if (!(std::abs(day) < 366e6)) return kNone;
  if (part == DatePart::kHour || part == DatePart::kMinute) {
    return ClockPart(part, seconds - day * kDaySeconds);
  }
  return CalendarPart(part, static_cast<int64_t>(day));
}

double DateWaveOf(DatePart part, Wave wave, double seconds) {
  const double value = DatePartOf(part, seconds);
  double place = value;
  double length = 0.0;
  switch (part) {
    case DatePart::kHour:
      length = 24.0;
      break;
    case DatePart::kWeekday:
      length = 7.0;
      break;
    case DatePart::kMonth:
      place = value - 1.0;
      length = 12.0;
      break;
    case DatePart::kDayOfYear: {
      if (std::isnan(value)) return kNone;
      const auto day = static_cast<int64_t>(std::floor(seconds / kDaySeconds));
      const int64_t year = CivilFromDays(day).year;
      place = value - 1.0;
      length = static_cast<double>(DaysFromCivil(year + 1, 1, 1) - DaysFromCivil(year, 1, 1));
      break;
    }
    default:
      return kNone;
  }
  const double angle = 2.0 * std::numbers::pi * (place / length);
  return wave == Wave::kSine ? std::sin(angle) : std::cos(angle);
}

}  // namespace millrace::feature
