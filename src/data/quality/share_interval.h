// ShareInterval: the interval of a share.

#pragma once

#include <cstdint>

namespace millrace::data {

struct ShareInterval {
  double low = 0.0;
  double high = 1.0;
};

/// Returns the 95 % score interval of `count` of `total` (Wilson 1927); [0, 1] of none.
ShareInterval IntervalOfShare(double count, double total);

}  // namespace millrace::data
