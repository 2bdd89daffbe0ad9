// Values at given places of the sorted order, of numbers that are handed over as often as asked and
// never held: a search by 11 bits of their order after the other (Knuth, TAOCP 3, 5.2.5, radix
// exchange), in six passes.
//
// Thread safety: pure functions. Deterministic: independent of the order of the numbers.

#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/result.h"

namespace millrace::data {

/// Hands all numbers over, the same each time that it is called; none is NaN.
using NumberStream = std::function<Status(const std::function<void(double)>&)>;

/// Returns the value at each of `ranks` (0-based, below the count of numbers) in rising order. -0
/// comes before +0. Errors of `numbers`. Memory: 16 kB for each different beginning of the values.
Result<std::vector<double>> ValuesAtRanks(const NumberStream& numbers, std::vector<int64_t> ranks);

}  // namespace millrace::data
