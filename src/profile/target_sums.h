// TargetSums: pairs of numbers whose sum or difference is the target ("casual + registered = cnt").

#pragma once

#include <span>
#include <string>
#include <vector>

#include "table/table.h"

namespace millrace::profile {

struct TargetSum {
  std::string left;
  std::string right;
  std::string identity;  // "casual + registered = cnt"
};

/// Returns the pairs of `features` (integer and number columns of `rows`, the first 60) that meet
/// the target on at least 99.5 % of rows, up to rounding, and where both parts matter on most.
/// `targets` [num_rows]. Cost: pairs times a few rows; only a pair that holds reads all of them.
std::vector<TargetSum> FindTargetSums(const table::Table& rows, const std::string& target,
                                      std::span<const double> targets,
                                      const std::vector<std::string>& features);

}  // namespace millrace::profile
