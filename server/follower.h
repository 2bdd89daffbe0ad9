// Follower: takes over a changed deployment file; a bad one leaves the old routing serving.

#pragma once

#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "serve/metrics.h"
#include "serve/router.h"

namespace millrace::serve {

class Follower {
 public:
  /// `seen`: digest of the content that the router serves now.
  Follower(std::string path, Router& router, Metrics& metrics, Digest seen)
      : path_(std::move(path)), router_(router), metrics_(metrics), seen_(seen) {}

  /// Looks once.
  void Look();

 private:
  Status Take();

  const std::string path_;
  Router& router_;
  Metrics& metrics_;
  Digest seen_;
};

}  // namespace millrace::serve
