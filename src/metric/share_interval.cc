#include "metric/share_interval.h"

#include <algorithm>
#include <cmath>

namespace millrace::metric {

ShareInterval WilsonInterval(double count, double total, double z) {
  if (total <= 0.0) return {};
  const double share = count / total;
  const double z2 = z * z;
  const double scale = 1.0 + z2 / total;
  const double center = (share + z2 / (2.0 * total)) / scale;
  const double half =
      z * std::sqrt(share * (1.0 - share) / total + z2 / (4.0 * total * total)) / scale;
  return {std::max(0.0, center - half), std::min(1.0, center + half)};
}

}  // namespace millrace::metric
