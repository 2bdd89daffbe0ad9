// Url: an http or https address in its parts (RFC 3986, as far as those two schemes need it).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::net {

/// Parts of "https://user:password@host:port/path?query".
struct Url {
  bool secure = false;  // https
  std::string host;     // without the brackets of an IPv6 address
  int64_t port = 80;
  std::string target = "/";  // path and query, never empty
  std::string user_info;     // "user:password", as written; usually empty

  /// Returns "https://host:port", without user and password.
  std::string Origin() const;
  friend bool operator==(const Url&, const Url&) = default;
};

/// Reads an address; a fragment ("#...") is left out. kInvalidSpec for another scheme, no host, a
/// bad port, white space or control characters. What stands before "@" is never repeated.
Result<Url> ParseUrl(std::string_view url);

/// Returns where a redirect from `from` leads: `location` is absolute, or begins with // or /, or
/// is relative to the folder of `from`. Errors: those of ParseUrl; kInvalidSpec for a way from
/// https to http. User and password go along to the same origin only.
Result<Url> FollowRedirect(const Url& from, std::string_view location);

}  // namespace millrace::net
