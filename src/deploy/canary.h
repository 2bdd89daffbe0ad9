// Canary: whether the challenger's errors and latency speak against it.

#pragma once

#include <string>

#include "deploy/route_counters.h"

namespace millrace::deploy {

enum class CanaryHealth { kGood, kBad, kUnknown };
struct CanaryFinding {
  CanaryHealth health = CanaryHealth::kUnknown;
  std::string reason;
};

/// Compares what both routes counted since the start. Bad: at least 3 errors of the challenger and
/// the lower 99 % bound of its error rate above the upper one of the champion's; or, with 200
/// requests of each, a p99 of the challenger of more than twice the champion's and above 5 ms (the
/// buckets of the histogram are coarse). Unknown: fewer than `min_requests` of the challenger.
CanaryFinding JudgeCanary(const RouteCounters& champion, const RouteCounters& challenger,
                          int64_t min_requests);

}  // namespace millrace::deploy
