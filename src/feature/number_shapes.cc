#include "feature/number_shapes.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::feature {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// ((1 + size)^exponent - 1) / exponent, also where the exponent is 0; exact for small sizes.
double BoxCox(double size, double exponent) {
  const double log = std::log1p(size);
  return exponent == 0.0 ? log : std::expm1(exponent * log) / exponent;
}

}  // namespace

double BinOf(std::span<const double> borders, double value) {
  if (std::isnan(value)) return kNone;
  return static_cast<double>(std::upper_bound(borders.begin(), borders.end(), value) -
                             borders.begin());
}

double LogOf(double value, double offset) {
  const double sum = value + offset;
  return sum > 0.0 ? std::log(sum) : kNone;
}

double SignedLogOf(double value) { return std::copysign(std::log1p(std::abs(value)), value); }

double PowerOf(double value, double lambda) {
  return value >= 0.0 ? BoxCox(value, lambda) : -BoxCox(-value, 2.0 - lambda);
}

}  // namespace millrace::feature
