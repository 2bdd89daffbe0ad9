// Metrics of a server, as Prometheus reads them.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace millrace::serve {

/// Thread-safe counters.
class Metrics {
 public:
  /// Counts one answered request. `endpoint` is a fixed name, never a client's text.
  void CountRequest(std::string_view endpoint, int status, double seconds);
  /// Counts one predict request that a route answered.
  void CountRoute(std::string_view route, int status, double seconds);
  void CountPredictions(std::string_view label, int64_t count);
  void CountSwap() { swaps_.fetch_add(1, std::memory_order_relaxed); }
  void CountFailedSwap() { failed_swaps_.fetch_add(1, std::memory_order_relaxed); }
  /// Returns the text exposition (format 0.0.4).
  std::string Text(int64_t journal_written, int64_t journal_dropped) const;

 private:
  static constexpr std::array<double, 12> kBounds = {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002,
                                                     0.005,   0.01,   0.05,   0.1,    0.5,   1.0};
  struct RouteCounts {
    int64_t requests = 0;
    int64_t errors = 0;  // status 500 and above
    double seconds = 0.0;
    std::array<int64_t, 13> buckets{};
  };
  std::string RouteText() const;  // mutex_ is held

  mutable std::mutex mutex_;  // guards the three maps
  std::map<std::string, RouteCounts, std::less<>> routes_;
  std::map<std::pair<std::string, int>, int64_t, std::less<>> requests_;
  std::map<std::string, int64_t, std::less<>> predictions_;
  std::array<std::atomic<int64_t>, 13> buckets_{};
  std::atomic<int64_t> nanoseconds_{0};
  std::atomic<int64_t> swaps_{0};
  std::atomic<int64_t> failed_swaps_{0};
};

}  // namespace millrace::serve
