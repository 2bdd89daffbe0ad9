// Quantities as they are written in millrace.yaml: exact, in the largest unit that fits.

#pragma once

#include <cstdint>
#include <string>

namespace millrace::spec {

/// Returns "250ms", "60s", "5m", "1h", "30d"; ParseDuration reads exactly `seconds` back.
/// `seconds` >= 0 and finite.
std::string DurationText(double seconds);
/// Returns "50MB", "64KiB", "1234B"; ParseBytes reads exactly `bytes` back. `bytes` >= 0.
std::string BytesText(int64_t bytes);

}  // namespace millrace::spec
