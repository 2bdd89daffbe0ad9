// HttpClient: a small HTTP/1.1 client over plain TCP. The adapter of Boost.Beast for clients.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace millrace::net {

/// Parts of "http://host:port/path".
struct Url {
  std::string host;
  int64_t port = 80;
  std::string target = "/";
};
/// kInvalidSpec for anything but http, kUnsupported for https.
Result<Url> ParseUrl(std::string_view url);

struct HttpResponse {
  int status = 0;
  std::string body;
};

/// One connection, kept open between requests and opened again when the peer closed it. One thread
/// at a time.
class HttpClient {
 public:
  /// Nothing is sent before the first request. `timeout_seconds` is for each request as a whole.
  HttpClient(std::string host, int64_t port, double timeout_seconds = 10.0);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  /// kUnavailable when nobody answers in time. Any HTTP status is a success here.
  Result<HttpResponse> Send(std::string_view method, std::string_view target,
                            std::string_view body = {}, const Headers& headers = {});
  Result<HttpResponse> Get(std::string_view target) { return Send("GET", target); }
  Result<HttpResponse> PostJson(std::string_view target, std::string_view body) {
    return Send("POST", target, body, {{"content-type", "application/json"}});
  }

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::net
