#include "profile/distinct_sketch.h"

#include <array>
#include <cmath>

namespace millrace::profile {
namespace {

// The series of Ertl (2017), equations 13 and 20.
double Sigma(double x) {
  if (x == 1.0) return INFINITY;
  double y = 1.0;
  double z = x;
  for (double before = -1.0; z != before;) {
    before = z;
    x *= x;
    z += x * y;
    y += y;
  }
  return z;
}

double Tau(double x) {
  if (x == 0.0 || x == 1.0) return 0.0;
  double y = 1.0;
  double z = 1.0 - x;
  for (double before = -1.0; z != before;) {
    before = z;
    x = std::sqrt(x);
    y *= 0.5;
    z -= (1.0 - x) * (1.0 - x) * y;
  }
  return z / 3.0;
}

}  // namespace

double DistinctSketch::Estimate() const {
  if (registers_.empty()) return 0.0;
  constexpr int kHighest = 64 - kIndexBits + 1;
  std::array<double, kHighest + 1> counts{};
  for (const uint8_t rank : registers_) ++counts[rank];
  const auto m = static_cast<double>(kNumRegisters);
  double z = m * Tau(1.0 - counts[kHighest] / m);
  for (size_t rank = kHighest - 1; rank >= 1; --rank) z = 0.5 * (z + counts[rank]);
  z += m * Sigma(counts[0] / m);
  return m * m / (2.0 * std::log(2.0) * z);
}

}  // namespace millrace::profile
