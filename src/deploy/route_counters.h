// RouteCounters: what a production server counted per route, read from its /metrics.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "serve/server_state.h"

namespace millrace::deploy {

struct RouteCounters {
  int64_t requests = 0;
  int64_t errors = 0;    // status 500 and above
  double seconds = 0.0;  // sum
  /// Upper bound in seconds (infinite for the last) and cumulative count.
  std::vector<std::pair<double, int64_t>> buckets;

  double error_rate() const;
  /// Returns the upper bound of the bucket that holds the quantile, in seconds; 0 without requests.
  double Quantile(double share) const;
  /// Returns what came since `before`; a counter that went back was started anew.
  RouteCounters Since(const RouteCounters& before) const;
};

/// Reads the exposition text; routes by label. Lines that are not of routes are skipped.
std::map<std::string, RouteCounters> CountersFromText(std::string_view text);
/// Asks a server. kUnavailable.
Result<std::map<std::string, RouteCounters>> AskCounters(const serve::ServerState& server);

json::Json ToJson(const RouteCounters& counters);
RouteCounters CountersFromJson(const json::Json& document);

}  // namespace millrace::deploy
