// Metrics of a server, as Prometheus reads them.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::serve {

/// What one thread counts; its lock is its own, so threads don't wait for each other.
class ThreadMetrics {
 public:
  /// Counts one answered request. `endpoint` is a fixed name that lives as long as the program,
  /// never a client's text.
  void CountRequest(std::string_view endpoint, int status, double seconds);
  /// Counts one predict request that a route answered.
  void CountRoute(std::string_view route, int status, double seconds);
  void CountPredictions(std::string_view label, int64_t count);
  /// Counts fields that broke a check. Names are those of a bundle's checks, never a client's.
  /// `outcome`: "flagged" or "rejected".
  void CountInvalid(std::string_view column, std::string_view check, std::string_view outcome,
                    int64_t count);

 private:
  friend class Metrics;
  static constexpr std::array<double, 12> kBounds = {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002,
                                                     0.005,   0.01,   0.05,   0.1,    0.5,   1.0};
  struct Histogram {
    double seconds = 0.0;
    std::array<int64_t, kBounds.size() + 1> buckets{};
    void Count(double value);
    void Add(const Histogram& other);
  };
  struct RequestCount {
    std::string_view endpoint;
    int status = 0;
    int64_t count = 0;
  };
  struct RouteCount {
    int64_t requests = 0;
    int64_t errors = 0;  // status 500 and above
    Histogram times;
  };

  mutable std::mutex mutex_;            // guards all below; only Metrics::Text contends for it
  std::vector<RequestCount> requests_;  // few: searched one by one
  std::map<std::string, RouteCount, std::less<>> routes_;
  std::map<std::string, int64_t, std::less<>> predictions_;
  std::map<std::string, int64_t, std::less<>> invalid_;  // by their labels, written out
  Histogram times_;
};

/// Counters of a server. Thread-safe.
class Metrics {
 public:
  /// Returns the counters of one more thread; they stay part of the sums when the thread ends.
  std::shared_ptr<ThreadMetrics> NewThread();
  void CountSwap() { swaps_.fetch_add(1, std::memory_order_relaxed); }
  void CountFailedSwap() { failed_swaps_.fetch_add(1, std::memory_order_relaxed); }
  /// Returns the text exposition (format 0.0.4).
  std::string Text(int64_t journal_written, int64_t journal_dropped) const;

 private:
  mutable std::mutex mutex_;  // guards threads_
  std::vector<std::shared_ptr<ThreadMetrics>> threads_;
  std::atomic<int64_t> swaps_{0};
  std::atomic<int64_t> failed_swaps_{0};
};

}  // namespace millrace::serve
