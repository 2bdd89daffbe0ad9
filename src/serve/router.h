// Router: the bundles that are served now, and which of them answers a key. Swapped as a whole;
// requests in flight keep the routing that they began with.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "serve/deployment.h"

namespace millrace::serve {

struct Route {
  std::string label;
  std::string digest;  // hexadecimal
  double weight = 1.0;
  double upper = 1.0;  // of its interval of unit hashes
  std::shared_ptr<const bundle::Bundle> bundle;
};

/// Immutable.
struct Routing {
  Deployment deployment;
  std::vector<Route> routes;

  /// Returns the route of a key: equal keys, equal route, in proportion to the weights.
  const Route& RouteOf(std::string_view key) const;
};

/// Opens and verifies every bundle. Bundles that `current` (may be null) already holds, by digest,
/// are taken over without reading. Errors as Bundle::Open; kCorrupt when a digest differs.
Result<std::shared_ptr<const Routing>> LoadRouting(const Deployment& deployment,
                                                   const Routing* current);

/// Holds the routing. Thread-safe.
class Router {
 public:
  explicit Router(std::shared_ptr<const Routing> routing) : routing_(std::move(routing)) {}
  std::shared_ptr<const Routing> current() const {
    const std::lock_guard lock(mutex_);
    return routing_;
  }
  /// Changes with each swap: lets a thread keep its copy until then.
  int64_t generation() const { return generation_.load(std::memory_order_acquire); }
  void Swap(std::shared_ptr<const Routing> routing);
  /// From now on this server says that it is not ready; it answers still.
  void StopBeingReady() { ready_.store(false, std::memory_order_release); }
  bool ready() const { return ready_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Routing> routing_;
  std::atomic<int64_t> generation_{1};
  std::atomic<bool> ready_{true};
};

}  // namespace millrace::serve
