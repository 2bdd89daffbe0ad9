#include "spec/quantity.h"

#include <cmath>
#include <string_view>

#include "base/format.h"
#include "base/text.h"

namespace millrace::spec {
namespace {

struct DurationUnit {
  std::string_view name;
  double seconds;
};
constexpr DurationUnit kDurationUnits[] = {{"d", 86400.0}, {"h", 3600.0}, {"m", 60.0},
                                           {"s", 1.0},     {"ms", 1e-3},  {"us", 1e-6}};

struct BytesUnit {
  std::string_view name;
  int64_t bytes;
};
constexpr BytesUnit kBytesUnits[] = {
    {"TB", 1'000'000'000'000}, {"GB", 1'000'000'000}, {"MB", 1'000'000}, {"GiB", int64_t{1} << 30},
    {"MiB", int64_t{1} << 20}, {"kB", 1000},          {"KiB", 1024}};

}  // namespace

std::string DurationText(double seconds) {
  for (const DurationUnit& unit : kDurationUnits) {
    const double count = std::round(seconds / unit.seconds);
    if (count < 1.0 || count > 1e6) continue;
    std::string text = Format("{:.0f}{}", count, unit.name);
    if (ParseDuration(text) == seconds) return text;
  }
  return FormatDouble(seconds) + "s";
}

std::string BytesText(int64_t bytes) {
  for (const BytesUnit& unit : kBytesUnits) {
    if (bytes == 0 || bytes % unit.bytes != 0) continue;
    std::string text = Format("{}{}", bytes / unit.bytes, unit.name);
    if (ParseBytes(text) == bytes) return text;
  }
  return Format("{}B", bytes);
}

}  // namespace millrace::spec
