// ShareInterval: the interval of a share.

#pragma once

namespace millrace::metric {

struct ShareInterval {
  double low = 0.0;
  double high = 1.0;
};

/// Returns the score interval of `count` of `total`, `z` standard errors to each side (Wilson
/// 1927); [0, 1] of none.
ShareInterval WilsonInterval(double count, double total, double z);

}  // namespace millrace::metric
