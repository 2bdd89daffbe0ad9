#include "serve/router.h"

#include "base/digest.h"
#include "base/format.h"

namespace millrace::serve {

const Route& Routing::RouteOf(std::string_view key) const {
  if (routes.size() == 1) return routes.front();
  const double place = UnitFromHash(Hash64(key, 0x6d696c6c72616365));
  for (const Route& route : routes) {
    if (place < route.upper) return route;
  }
  return routes.back();
}

Result<std::shared_ptr<const Routing>> LoadRouting(const Deployment& deployment,
                                                   const Routing* current) {
  auto routing = std::make_shared<Routing>();
  routing->deployment = deployment;
  double total = 0.0;
  for (const RouteSpec& spec : deployment.routes) total += spec.weight;
  double below = 0.0;
  for (const RouteSpec& spec : deployment.routes) {
    Route route;
    route.label = spec.label;
    route.weight = spec.weight;
    below += spec.weight;
    route.upper = below / total;
    if (current != nullptr && !spec.digest.empty()) {
      for (const Route& old : current->routes) {
        if (old.digest == spec.digest) route.bundle = old.bundle;
      }
    }
    if (!route.bundle) {
      MILLRACE_ASSIGN_OR_RETURN(route.bundle, bundle::Bundle::Open(spec.bundle));
    }
    route.digest = route.bundle->digest().ToHex();
    if (!spec.digest.empty() && spec.digest != route.digest) {
      return Corrupt(Format("{}: another bundle than deployed: {}", spec.bundle, route.digest));
    }
    routing->routes.push_back(std::move(route));
  }
  return std::shared_ptr<const Routing>(std::move(routing));
}

void Router::Swap(std::shared_ptr<const Routing> routing) {
  const std::lock_guard lock(mutex_);
  routing_.swap(routing);
  generation_.fetch_add(1, std::memory_order_release);
}

}  // namespace millrace::serve
