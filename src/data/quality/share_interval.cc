#include "data/quality/share_interval.h"

#include <algorithm>
#include <cmath>

namespace millrace::data {

ShareInterval IntervalOfShare(double count, double total) {
  if (total <= 0.0) return {};
  constexpr double kZ = 1.959964;
  const double share = count / total;
  const double scale = 1.0 + kZ * kZ / total;
  const double center = (share + kZ * kZ / (2.0 * total)) / scale;
  const double half =
      kZ * std::sqrt(share * (1.0 - share) / total + kZ * kZ / (4.0 * total * total)) / scale;
  return {std::max(0.0, center - half), std::min(1.0, center + half)};
}

}  // namespace millrace::data
