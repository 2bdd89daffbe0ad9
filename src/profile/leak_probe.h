// Leak probe: does one column alone tell the target? Pure functions over rows in memory.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/column.h"

namespace millrace::profile {

/// Returns the bin of each row [column.size()]: quantile bins for numeric types (at most 256, about
/// 20 rows each), one bin per value for texts; -1 where missing.
std::vector<int64_t> BinsOf(const table::Column& column);

/// Returns two bins [column.size()]: 0 where present, -1 where missing.
std::vector<int64_t> PresenceOf(const table::Column& column);

/// A share of explained variance with its 95 % interval, all in [0, 1].
struct ProbeScore {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

/// As ProbeColumn, with an interval: the normal one of a ratio of sums over rows (delta method;
/// Cochran 1977, section 2.11).
ProbeScore ScoreColumn(std::span<const int64_t> bins, std::span<const double> targets,
                       int64_t num_classes);

/// Probes one column: rows fall into bins (a number at its quantiles, a text by value); each bin's
/// mean target is learnt on every other row and scored on the rest, both ways. Returns the share of
/// the target's variance explained out of fold, [0, 1]. `targets` are values, or class indexes when
/// `num_classes` > 0: then the variance is summed over the classes' indicators.
double ProbeColumn(std::span<const int64_t> bins, std::span<const double> targets,
                   int64_t num_classes);

/// A column that explains more than this on its own is taken for a leak: a real cause is hardly
/// ever so clean.
inline constexpr double kLeakScore = 0.98;

}  // namespace millrace::profile
