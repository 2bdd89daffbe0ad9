#include "deploy/canary.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace millrace::deploy {
namespace {

constexpr double kZ99 = 2.326347874;  // one-sided 99 %
constexpr int64_t kMinErrors = 3;
constexpr int64_t kMinTimed = 200;
constexpr double kSlowSeconds = 0.005;
constexpr double kSlowRatio = 2.0;

}  // namespace

ShareBounds WilsonBounds(int64_t successes, int64_t trials, double z) {
  if (trials <= 0) return {};
  const auto n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double z2 = z * z;
  const double centre = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
  const double half =
      z / (1.0 + z2 / n) * std::sqrt(share * (1.0 - share) / n + z2 / (4.0 * n * n));
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

CanaryFinding JudgeCanary(const RouteCounters& champion, const RouteCounters& challenger,
                          int64_t min_requests) {
  const ShareBounds theirs = WilsonBounds(challenger.errors, challenger.requests, kZ99);
  // Without traffic of the champion there is nothing to compare with: any error rate that is surely
  // above 1 % counts.
  const double ours =
      champion.requests == 0 ? 0.01 : WilsonBounds(champion.errors, champion.requests, kZ99).high;
  const std::string errors = Format("errors {} of {} (champion {} of {})", challenger.errors,
                                    challenger.requests, champion.errors, champion.requests);
  if (challenger.errors >= kMinErrors && theirs.low > ours) {
    return {CanaryHealth::kBad, errors};
  }
  const double slow = challenger.Quantile(0.99);
  const double usual = champion.Quantile(0.99);
  const std::string latency =
      Format("p99 at most {} ms (champion {} ms)", FormatSignificant(slow * 1e3, 3),
             FormatSignificant(usual * 1e3, 3));
  if (challenger.requests >= kMinTimed && champion.requests >= kMinTimed &&
      slow > kSlowRatio * usual && slow > kSlowSeconds) {
    return {CanaryHealth::kBad, latency};
  }
  if (challenger.requests < min_requests) {
    return {CanaryHealth::kUnknown, Format("{} of {} requests", challenger.requests, min_requests)};
  }
  return {CanaryHealth::kGood, errors + ", " + latency};
}

}  // namespace millrace::deploy
