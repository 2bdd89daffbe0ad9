// Parameters of shapes of numbers that need every value: mean, deviation, power. Internal to fit/.

#pragma once

#include <cstdint>
#include <span>

namespace millrace::fit {

/// Mean and deviation of numbers in the order in which they come (Welford 1962): the same for any
/// number of threads.
class Moments {
 public:
  void Add(double value);
  double mean() const { return mean_; }
  /// Returns the deviation of the population, >= 0; 0 without a value.
  double deviation() const;

 private:
  int64_t count_ = 0;
  double mean_ = 0.0;
  double squares_ = 0.0;
};

/// Returns the Yeo-Johnson lambda in [-5, 5] under which `values` are likeliest normal (Yeo and
/// Johnson 2000, section 3), within 1e-4; 1 (no change) where all values are equal or there is
/// none.
double FitLambda(std::span<const double> values);

}  // namespace millrace::fit
