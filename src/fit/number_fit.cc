#include "fit/number_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "feature/number_shapes.h"

namespace millrace::fit {
namespace {

constexpr double kLargest = 5.0;
constexpr double kPrecision = 1e-4;

// Twice the log likelihood per value, but for a constant.
double Likelihood(std::span<const double> values, double logs, double lambda) {
  Moments moments;
  for (const double value : values) moments.Add(feature::PowerOf(value, lambda));
  const double deviation = moments.deviation();
  if (!(deviation > 0.0) || !std::isfinite(deviation)) {
    return -std::numeric_limits<double>::infinity();
  }
  return -2.0 * std::log(deviation) + 2.0 * (lambda - 1.0) * logs;
}

}  // namespace

void Moments::Add(double value) {
  ++count_;
  const double before = value - mean_;
  mean_ += before / static_cast<double>(count_);
  squares_ += before * (value - mean_);
}

double Moments::deviation() const {
  return count_ == 0 ? 0.0 : std::sqrt(std::max(0.0, squares_ / static_cast<double>(count_)));
}

double FitLambda(std::span<const double> values) {
  Moments plain;
  double logs = 0.0;
  for (const double value : values) {
    plain.Add(value);
    logs += std::copysign(std::log1p(std::abs(value)), value);
  }
  if (!(plain.deviation() > 0.0)) return 1.0;
  logs /= static_cast<double>(values.size());
  // Golden section; the likelihood has one summit.
  const double ratio = (std::sqrt(5.0) - 1.0) / 2.0;
  double low = -kLargest;
  double high = kLargest;
  double a = high - ratio * (high - low);
  double b = low + ratio * (high - low);
  double at_a = Likelihood(values, logs, a);
  double at_b = Likelihood(values, logs, b);
  while (high - low > kPrecision) {
    if (at_a >= at_b) {
      high = b;
      b = a;
      at_b = at_a;
      a = high - ratio * (high - low);
      at_a = Likelihood(values, logs, a);
    } else {
      low = a;
      a = b;
      at_a = at_b;
      b = low + ratio * (high - low);
      at_b = Likelihood(values, logs, b);
    }
  }
  const double lambda = (low + high) / 2.0;
  return std::isfinite(Likelihood(values, logs, lambda)) ? lambda : 1.0;
}

}  // namespace millrace::fit
