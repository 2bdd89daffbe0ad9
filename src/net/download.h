// Download: a file behind an http or https address, kept in a folder and fetched again only when it
// has changed.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::net {

struct DownloadOptions {
  std::string folder;                     // where files are kept
  int64_t max_bytes = int64_t{64} << 30;  // largest body
  double timeout_seconds = 30.0;          // of silence, not of the whole
  int max_redirects = 5;
  int max_attempts = 3;  // of a transfer that is cut
};

/// Fetches `url` and returns the path of what is kept, replaced by rename when a newer one comes.
/// What is kept is asked for with its ETag and date of change; a transfer that was
/// cut goes on where it stopped, if the server still has the same file. Redirects are followed,
/// never from https to http; user and password go to the host that was named only. One process at a
/// time fetches one address; others wait. The body is stored as it comes, compressed or not.
///
/// Errors: kInvalidSpec (the address, a redirect to http), kNotFound (404, 410), kUnavailable (no
/// answer, 401, 403, other failures, too many redirects), kResourceExhausted (too large, disk
/// full), kIoError, kCancelled. The address of a message has no user, password or query.
Result<std::string> Download(std::string_view url, const DownloadOptions& options);

}  // namespace millrace::net
