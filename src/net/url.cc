#include "net/url.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "base/text.h"

namespace millrace::net {
namespace {

constexpr int64_t kHttpPort = 80;
constexpr int64_t kHttpsPort = 443;

// The address without what may be a secret.
std::string Shown(std::string_view url) {
  const size_t begin = url.find("://");
  if (begin == std::string_view::npos) return std::string(url);
  const std::string_view place =
      url.substr(begin + 3, url.find_first_of("/?#", begin + 3) - begin - 3);
  const size_t at = place.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return Format("{}...{}", url.substr(0, begin + 3), url.substr(begin + 3 + at));
}

Status ReadPlace(std::string_view place, std::string_view url, Url& parts) {
  std::string_view port;
  if (place.starts_with('[')) {
    const size_t end = place.find(']');
    if (end == std::string_view::npos) {
      return InvalidSpec(Format("url: a bracket is never closed: {}", Shown(url)));
    }
    parts.host = place.substr(1, end - 1);
    const std::string_view rest = place.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) {
      return InvalidSpec(Format("url: bad port: {}", Shown(url)));
    }
    port = rest;
  } else {
    const size_t colon = place.rfind(':');
    parts.host = place.substr(0, colon);
    if (colon != std::string_view::npos) port = place.substr(colon);
  }
  if (parts.host.empty()) return InvalidSpec(Format("url: no host: {}", Shown(url)));
  if (port.empty()) return {};
  const std::optional<int64_t> number = ParseInt(port.substr(1));
  if (!number || *number < 1 || *number > 65535) {
    return InvalidSpec(Format("url: bad port: {}", Shown(url)));
  }
  parts.port = *number;
  return {};
}

}  // namespace

std::string Url::Origin() const {
  const bool bracket = host.find(':') != std::string::npos;
  return Format("{}://{}{}{}:{}", secure ? "https" : "http", bracket ? "[" : "", host,
                bracket ? "]" : "", port);
}

Result<Url> ParseUrl(std::string_view url) {
  const std::string scheme = ToLower(url.substr(0, url.find("://")));
  if ((scheme != "http" && scheme != "https") || url.size() < scheme.size() + 3) {
    return InvalidSpec(Format("url: not http:// or https://: {}", Shown(url)));
  }
  // Such signs would end the request line that they are put into.
  if (std::ranges::any_of(url, [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; })) {
    return InvalidSpec(Format("url: holds white space or a control character: {}",
                              Shown(url.substr(0, url.find_first_of(" \t\r\n")))))
        .WithHint("write %20 for a space");
  }
  Url parts{.secure = scheme == "https"};
  parts.port = parts.secure ? kHttpsPort : kHttpPort;
  std::string_view rest = url.substr(scheme.size() + 3);
  rest = rest.substr(0, rest.find('#'));
  const size_t end = rest.find_first_of("/?");
  std::string_view place = rest.substr(0, end);
  if (end != std::string_view::npos) {
    parts.target = rest.substr(end);
    if (parts.target[0] == '?') parts.target.insert(0, "/");
  }
  const size_t at = place.rfind('@');
  if (at != std::string_view::npos) {
    parts.user_info = place.substr(0, at);
    place = place.substr(at + 1);
  }
  MILLRACE_RETURN_IF_ERROR(ReadPlace(place, url, parts));
  return parts;
}

Result<Url> FollowRedirect(const Url& from, std::string_view location) {
  location = Trim(location);
  std::string absolute;
  const size_t scheme = location.find("://");
  if (scheme != std::string_view::npos && scheme < location.find_first_of("/?#")) {
    absolute = location;
  } else if (location.starts_with("//")) {
    absolute = Format("{}:{}", from.secure ? "https" : "http", location);
  } else if (location.starts_with("/")) {
    absolute = from.Origin() + std::string(location);
  } else {
    const std::string path = from.target.substr(0, from.target.find('?'));
    absolute = from.Origin() + path.substr(0, path.rfind('/') + 1) + std::string(location);
  }
  MILLRACE_ASSIGN_OR_RETURN(Url to, ParseUrl(absolute));
  if (from.secure && !to.secure) {
    return InvalidSpec(Format("{}: sends us on from https to http: {}", from.Origin(), to.Origin()))
        .WithHint("name the address that it leads to, if that is what you want");
  }
  if (to.Origin() == from.Origin()) to.user_info = from.user_info;
  return to;
}

}  // namespace millrace::net
