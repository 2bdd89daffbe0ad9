// HttpClient: a small HTTP/1.1 client over TCP or TLS. The adapter of Boost.Beast and of OpenSSL's
// TLS for clients.
//
// TLS: version 1.2 or newer; the certificate must lead to one that the system trusts (or the file
// that SSL_CERT_FILE, the folder that SSL_CERT_DIR names) and be made out to the host of the URL.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/url.h"

namespace millrace::net {

struct HttpResponse {
  int status = 0;
  std::string body;
};

/// Head of an answer whose body is handed over in pieces.
struct HttpHead {
  int status = 0;
  std::optional<int64_t> length;  // of the body, where the server tells it
  /// Header fields by name in lower case; of repeated ones the last.
  std::vector<std::pair<std::string, std::string>> fields;

  /// Returns a field, or "".
  std::string_view Field(std::string_view lower_name) const;
};

/// One connection, kept open between requests and opened again when the peer closed it. One thread
/// at a time.
class HttpClient {
 public:
  /// Plain HTTP. Nothing is sent before the first request. `timeout_seconds` is for each request as
  /// a whole.
  HttpClient(std::string host, int64_t port, double timeout_seconds = 10.0);
  /// HTTP or HTTPS by the URL's scheme; its target and user are not used.
  explicit HttpClient(const Url& url, double timeout_seconds = 10.0);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  using Headers = std::vector<std::pair<std::string, std::string>>;
  /// kUnavailable when nobody answers in time, or the certificate is not trusted. Any HTTP status
  /// is a success here. kResourceExhausted for a body beyond 256 MB.
  Result<HttpResponse> Send(std::string_view method, std::string_view target,
                            std::string_view body = {}, const Headers& headers = {});
  Result<HttpResponse> Get(std::string_view target) { return Send("GET", target); }
  Result<HttpResponse> PostJson(std::string_view target, std::string_view body) {
    return Send("POST", target, body, {{"content-type", "application/json"}});
  }

  /// Takes the head of an answer; a failed status ends the request.
  using HeadSink = std::function<Status(const HttpHead& head)>;
  /// Takes a piece of the body.
  using BodySink = std::function<Status(std::string_view piece)>;
  /// Asks for `target` and hands the answer over as it comes, in memory of one piece. The timeout
  /// counts from each piece to the next. kUnavailable when the peer falls silent or ends too early.
  Status Stream(std::string_view target, const Headers& headers, const HeadSink& take_head,
                const BodySink& take_body);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::net
