#include "serve/metrics.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::serve {
namespace {

constexpr size_t kMaxInvalid = 1000;  // label sets of invalid fields

std::string Escaped(std::string_view label) {
  return ReplaceAll(ReplaceAll(ReplaceAll(label, "\\", "\\\\"), "\"", "\\\""), "\n", "\\n");
}

std::string Heading(std::string_view name, std::string_view type, std::string_view help) {
  return Format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
}

// Returns the count under `key`, made when it is new, without a text for one that is there.
template <typename Counts>
auto& CountOf(Counts& counts, std::string_view key) {
  const auto found = counts.find(key);
  return found != counts.end() ? found->second : counts.try_emplace(std::string(key)).first->second;
}

}  // namespace

void ThreadMetrics::Histogram::Count(double value) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), value);
  ++buckets[static_cast<size_t>(bound - kBounds.begin())];
  seconds += value;
}

void ThreadMetrics::Histogram::Add(const Histogram& other) {
  for (size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  seconds += other.seconds;
}

void ThreadMetrics::CountRequest(std::string_view endpoint, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  times_.Count(seconds);
  for (RequestCount& known : requests_) {
    if (known.status == status && known.endpoint == endpoint) {
      ++known.count;
      return;
    }
  }
  requests_.push_back({endpoint, status, 1});
}

void ThreadMetrics::CountRoute(std::string_view route, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  RouteCount& count = CountOf(routes_, route);
  ++count.requests;
  count.errors += status >= 500 ? 1 : 0;
  count.times.Count(seconds);
}

void ThreadMetrics::CountPredictions(std::string_view label, int64_t count) {
  const std::lock_guard lock(mutex_);
  CountOf(predictions_, label) += count;
}

void ThreadMetrics::CountInvalid(std::string_view column, std::string_view check,
                                 std::string_view outcome, int64_t count) {
  const std::string labels =
      Format("column=\"{}\",check=\"{}\",outcome=\"{}\"", Escaped(column), Escaped(check), outcome);
  const std::lock_guard lock(mutex_);
  // Many bundles may be served one after another; what comes beyond is counted in one.
  const bool has_room = invalid_.size() < kMaxInvalid || invalid_.contains(labels);
  CountOf(invalid_, has_room ? std::string_view(labels)
                             : "column=\"other\",check=\"other\",outcome=\"other\"") += count;
}

std::shared_ptr<ThreadMetrics> Metrics::NewThread() {
  auto thread = std::make_shared<ThreadMetrics>();
  const std::lock_guard lock(mutex_);
  threads_.push_back(thread);
  return thread;
}

std::string Metrics::Text(int64_t journal_written, int64_t journal_dropped) const {
  std::map<std::pair<std::string_view, int>, int64_t> requests;
  std::map<std::string, ThreadMetrics::RouteCount, std::less<>> routes;
  std::map<std::string, int64_t, std::less<>> predictions;
  std::map<std::string, int64_t, std::less<>> invalid;
  ThreadMetrics::Histogram times;
  {
    const std::lock_guard lock(mutex_);
    for (const std::shared_ptr<ThreadMetrics>& thread : threads_) {
      const std::lock_guard thread_lock(thread->mutex_);
      for (const auto& count : thread->requests_) {
        requests[{count.endpoint, count.status}] += count.count;
      }
      for (const auto& [name, count] : thread->routes_) {
        ThreadMetrics::RouteCount& sum = CountOf(routes, name);
        sum.requests += count.requests;
        sum.errors += count.errors;
        sum.times.Add(count.times);
      }
      for (const auto& [label, count] : thread->predictions_) CountOf(predictions, label) += count;
      for (const auto& [labels, count] : thread->invalid_) CountOf(invalid, labels) += count;
      times.Add(thread->times_);
    }
  }
  // `labels`: what stands in the braces besides the bound.
  const auto histogram = [](std::string_view name, const std::string& labels,
                            const ThreadMetrics::Histogram& counts) {
    std::string out;
    int64_t total = 0;
    for (size_t i = 0; i < counts.buckets.size(); ++i) {
      total += counts.buckets[i];
      const bool is_last = i == ThreadMetrics::kBounds.size();
      out += Format("{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels, labels.empty() ? "" : ",",
                    is_last ? "+Inf" : FormatDouble(ThreadMetrics::kBounds[i]), total);
    }
    const std::string braces = labels.empty() ? "" : Format("{{{}}}", labels);
    return out + Format("{0}_sum{1} {2}\n{0}_count{1} {3}\n", name, braces, counts.seconds, total);
  };
  std::string out = Heading("millrace_requests_total", "counter", "Answered requests.");
  for (const auto& [key, count] : requests) {
    out += Format("millrace_requests_total{{endpoint=\"{}\",status=\"{}\"}} {}\n",
                  Escaped(key.first), key.second, count);
  }
  std::string errors;
  std::string seconds;
  out += Heading("millrace_route_requests_total", "counter", "Predict requests by route.");
  for (const auto& [name, count] : routes) {
    const std::string label = Format("route=\"{}\"", Escaped(name));
    out += Format("millrace_route_requests_total{{{}}} {}\n", label, count.requests);
    errors += Format("millrace_route_errors_total{{{}}} {}\n", label, count.errors);
    seconds += histogram("millrace_route_seconds", label, count.times);
  }
  out += Heading("millrace_route_errors_total", "counter",
                 "Predict requests that ended with 500 or above, by route.") +
         errors +
         Heading("millrace_route_seconds", "histogram", "Time of predict requests by route.") +
         seconds + Heading("millrace_predictions_total", "counter", "Predicted rows by class.");
  for (const auto& [label, count] : predictions) {
    out += Format("millrace_predictions_total{{prediction=\"{}\"}} {}\n", Escaped(label), count);
  }
  out += Heading("millrace_invalid_fields_total", "counter",
                 "Fields of requests that break a check of the data.");
  for (const auto& [labels, count] : invalid) {
    out += Format("millrace_invalid_fields_total{{{}}} {}\n", labels, count);
  }
  out +=
      Heading("millrace_request_seconds", "histogram", "Time from a read request to its answer.") +
      histogram("millrace_request_seconds", "", times);
  const auto counter = [&out](std::string_view name, std::string_view help, int64_t value) {
    out += Heading(name, "counter", help) + Format("{} {}\n", name, value);
  };
  counter("millrace_journal_records_total", "Records written to the log.", journal_written);
  counter("millrace_journal_dropped_total", "Records lost by the log.", journal_dropped);
  counter("millrace_swaps_total", "Deployments taken over.", swaps_.load());
  counter("millrace_failed_swaps_total", "Deployments refused.", failed_swaps_.load());
  return out;
}

}  // namespace millrace::serve
