#include "deploy/canary.h"

#include "base/format.h"
#include "base/text.h"
#include "metric/share_interval.h"

namespace millrace::deploy {
namespace {

constexpr double kZ99 = 2.326347874;  // one-sided 99 %
constexpr int64_t kMinErrors = 3;
constexpr int64_t kMinTimed = 200;
constexpr double kSlowSeconds = 0.005;
constexpr double kSlowRatio = 2.0;

metric::ShareInterval ErrorRate(const RouteCounters& route) {
  return metric::WilsonInterval(static_cast<double>(route.errors),
                                static_cast<double>(route.requests), kZ99);
}

}  // namespace

CanaryFinding JudgeCanary(const RouteCounters& champion, const RouteCounters& challenger,
                          int64_t min_requests) {
  const metric::ShareInterval theirs = ErrorRate(challenger);
  // Without traffic of the champion there is nothing to compare with: any error rate that is surely
  // above 1 % counts.
  const double ours = champion.requests == 0 ? 0.01 : ErrorRate(champion).high;
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
