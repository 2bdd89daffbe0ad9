// Shapes that a number can take: bins, scales, logarithms, powers. The same functions in the graph
// and where fit/ looks for their parameters.

#pragma once

#include <span>

namespace millrace::feature {

/// Largest size of a Yeo-Johnson parameter: beyond it a transform is a step.
inline constexpr double kMaxLambda = 10.0;

/// Returns how many of `borders` (ascending) are at or below `value`: 0 .. borders.size(); NaN for
/// NaN. 0 and -0 are equal.
double BinOf(std::span<const double> borders, double value);

/// Returns ln(value + offset); NaN where the sum is not above 0.
double LogOf(double value, double offset);

/// Returns ln(1 + |value|) with the sign of `value`; keeps -0.
double SignedLogOf(double value);

/// Returns the power transform of any number (Yeo and Johnson 2000, equation 2.1): for value >= 0
/// ((value + 1)^lambda - 1) / lambda, or ln(value + 1) for lambda 0; for value < 0
/// -((1 - value)^(2 - lambda) - 1) / (2 - lambda), or -ln(1 - value) for lambda 2. May be infinite.
double PowerOf(double value, double lambda);

}  // namespace millrace::feature
