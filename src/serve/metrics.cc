#include "serve/metrics.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::serve {
namespace {

std::string Escaped(std::string_view label) {
  return ReplaceAll(ReplaceAll(ReplaceAll(label, "\\", "\\\\"), "\"", "\\\""), "\n", "\\n");
}

}  // namespace

void Metrics::CountRequest(std::string_view endpoint, int status, double seconds) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  buckets_[static_cast<size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(static_cast<int64_t>(seconds * 1e9), std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  ++requests_[{std::string(endpoint), status}];
}

void Metrics::CountRoute(std::string_view route, int status, double seconds) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  const std::lock_guard lock(mutex_);
  auto found = routes_.find(route);
  if (found == routes_.end()) found = routes_.emplace(route, RouteCounts()).first;
  RouteCounts& counts = found->second;
  ++counts.requests;
  counts.errors += status >= 500 ? 1 : 0;
  counts.seconds += seconds;
  ++counts.buckets[static_cast<size_t>(bound - kBounds.begin())];
}

std::string Metrics::RouteText() const {
  std::string requests =
      "# HELP millrace_route_requests_total Predict requests by route.\n"
      "# TYPE millrace_route_requests_total counter\n";
  std::string errors =
      "# HELP millrace_route_errors_total Predict requests that ended with 500 or above, by "
      "route.\n"
      "# TYPE millrace_route_errors_total counter\n";
  std::string seconds =
      "# HELP millrace_route_seconds Time of predict requests by route.\n"
      "# TYPE millrace_route_seconds histogram\n";
  for (const auto& [name, counts] : routes_) {
    const std::string route = Escaped(name);
    requests +=
        Format("millrace_route_requests_total{{route=\"{}\"}} {}\n", route, counts.requests);
    errors += Format("millrace_route_errors_total{{route=\"{}\"}} {}\n", route, counts.errors);
    int64_t total = 0;
    for (size_t i = 0; i < counts.buckets.size(); ++i) {
      total += counts.buckets[i];
      const std::string bound = i < kBounds.size() ? FormatDouble(kBounds[i]) : "+Inf";
      seconds += Format("millrace_route_seconds_bucket{{route=\"{}\",le=\"{}\"}} {}\n", route,
                        bound, total);
    }
    seconds += Format(
        "millrace_route_seconds_sum{{route=\"{0}\"}} {1}\n"
        "millrace_route_seconds_count{{route=\"{0}\"}} {2}\n",
        route, counts.seconds, total);
  }
  return requests + errors + seconds;
}

void Metrics::CountPredictions(std::string_view label, int64_t count) {
  const std::lock_guard lock(mutex_);
  const auto found = predictions_.find(label);
  if (found != predictions_.end()) {
    found->second += count;
  } else {
    predictions_.emplace(label, count);
  }
}

std::string Metrics::Text(int64_t journal_written, int64_t journal_dropped) const {
  std::string out =
      "# HELP millrace_requests_total Answered requests.\n"
      "# TYPE millrace_requests_total counter\n";
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, count] : requests_) {
      out += Format("millrace_requests_total{{endpoint=\"{}\",status=\"{}\"}} {}\n",
                    Escaped(key.first), key.second, count);
    }
    out += RouteText();
    out +=
        "# HELP millrace_predictions_total Predicted rows by class.\n"
        "# TYPE millrace_predictions_total counter\n";
    for (const auto& [label, count] : predictions_) {
      out += Format("millrace_predictions_total{{prediction=\"{}\"}} {}\n", Escaped(label), count);
    }
  }
  out +=
      "# HELP millrace_request_seconds Time from a read request to its answer.\n"
      "# TYPE millrace_request_seconds histogram\n";
  int64_t total = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    total += buckets_[i].load(std::memory_order_relaxed);
    const std::string bound = i < kBounds.size() ? FormatDouble(kBounds[i]) : "+Inf";
    out += Format("millrace_request_seconds_bucket{{le=\"{}\"}} {}\n", bound, total);
  }
  out += Format("millrace_request_seconds_sum {}\nmillrace_request_seconds_count {}\n",
                static_cast<double>(nanoseconds_.load()) * 1e-9, total);
  const auto counter = [&out](std::string_view name, std::string_view help, int64_t value) {
    out += Format("# HELP {0} {1}\n# TYPE {0} counter\n{0} {2}\n", name, help, value);
  };
  counter("millrace_journal_records_total", "Records written to the log.", journal_written);
  counter("millrace_journal_dropped_total", "Records lost by the log.", journal_dropped);
  counter("millrace_swaps_total", "Deployments taken over.", swaps_.load());
  counter("millrace_failed_swaps_total", "Deployments refused.", failed_swaps_.load());
  return out;
}

}  // namespace millrace::serve
