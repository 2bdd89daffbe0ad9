// Clock: the seam to time. Code that needs time takes a Clock; tests pass a FakeClock.

#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Returns microseconds since 1970-01-01 UTC.
  virtual int64_t NowMicros() const = 0;
  /// Returns seconds since an arbitrary start; never goes back.
  virtual double MonotonicSeconds() const = 0;
  /// Waits; a FakeClock advances itself instead.
  virtual void SleepSeconds(double seconds) = 0;
};

/// The operating system's clock. Thread-safe.
class SystemClock final : public Clock {
 public:
  int64_t NowMicros() const override;
  double MonotonicSeconds() const override;
  void SleepSeconds(double seconds) override;
};

/// A clock that moves only when told. Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t now_micros = 1'700'000'000'000'000) : now_micros_(now_micros) {}
  int64_t NowMicros() const override { return now_micros_; }
  double MonotonicSeconds() const override { return static_cast<double>(now_micros_) * 1e-6; }
  void SleepSeconds(double seconds) override { Advance(seconds); }
  void Advance(double seconds) { now_micros_ += static_cast<int64_t>(seconds * 1e6); }

 private:
  std::atomic<int64_t> now_micros_;
};

/// Returns "2026-03-01T12:30:00Z" (with fractional seconds where not zero), proleptic Gregorian.
std::string FormatUtc(int64_t micros_since_epoch);
/// Returns days since 1970-01-01 of a proleptic Gregorian date (Hinnant 2021, days_from_civil);
/// the date must be valid.
int64_t DaysFromCivil(int64_t year, int month, int day);
/// A calendar date.
struct CivilDate {
  int64_t year;
  int month;  // 1..12
  int day;    // 1..31
};
/// Returns the date of a day number (civil_from_days).
CivilDate CivilFromDays(int64_t days);
/// Returns false for 2023-02-30 and the like.
bool IsValidDate(int64_t year, int month, int day);

}  // namespace millrace
