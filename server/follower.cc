#include "follower.h"

#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/logging.h"
#include "serve/deployment.h"

namespace millrace::serve {

void Follower::Look() {
  const Result<std::string> text = ReadFile(path_);
  if (!text.ok()) return;
  const Digest digest = DigestOf(*text);
  if (digest == seen_) return;
  seen_ = digest;
  const Status status = Take();
  if (!status.ok()) {
    metrics_.CountFailedSwap();
    LogError(Format("deployment refused, the old one serves on: {}", status.ToString()));
    return;
  }
  metrics_.CountSwap();
  LogInfo(Format("deployment taken over: {}", digest.Short()));
}

Status Follower::Take() {
  MILLRACE_ASSIGN_OR_RETURN(const Deployment deployment, ReadDeployment(path_));
  if (deployment.token_hashes.empty() && !router_.current()->deployment.token_hashes.empty()) {
    return InvalidSpec(Format("{}: token_hashes: a running server does not drop them", path_));
  }
  const std::shared_ptr<const Routing> current = router_.current();
  MILLRACE_ASSIGN_OR_RETURN(auto routing, LoadRouting(deployment, current.get()));
  router_.Swap(std::move(routing));
  return {};
}

}  // namespace millrace::serve
