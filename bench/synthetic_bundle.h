// Bundles of a given size for measuring the server: random trees over numbers and categories.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace millrace::bench {

struct SyntheticOptions {
  int64_t num_numbers = 14;
  int64_t num_categories = 6;
  int64_t num_trees = 100;
  int64_t num_leaves = 31;
  uint64_t seed = 7;
  /// Every value is checked: numbers against two bounds, which all requests keep, and categories
  /// against the values that there are.
  enum class Checks { kNone, kAll } checks = Checks::kNone;
};

/// Returns the bytes of a binary bundle.
Result<std::string> SyntheticBundle(const SyntheticOptions& options);
/// Returns a request body with one row of that bundle's columns, {"rows":[{...}]}; another one for
/// each `row`.
std::string SyntheticRequest(const SyntheticOptions& options, uint64_t row);

}  // namespace millrace::bench
