// The m-estimate of a target encoding from the counts of some folds; used by fit/ for what serving
// uses, and by the graph for the folds.

#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "feature/node.h"

namespace millrace::feature {

struct TargetEncoding {
  std::vector<double> encodings;  // [num_values]
  double mean = 0.0;              // of the target; 0 without rows
};

/// Returns the encoding of each value from `folds` alone; see TargetFold. Values without a row in
/// them get the mean. The order of folds decides the rounding of sums.
TargetEncoding EncodeTarget(std::span<const TargetFold* const> folds, size_t num_values,
                            double smoothing);

}  // namespace millrace::feature
