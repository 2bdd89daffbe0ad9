#include "net/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <chrono>
#include <optional>

#include "base/format.h"
#include "base/text.h"

namespace millrace::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

}  // namespace

Result<Url> ParseUrl(std::string_view url) {
  if (url.substr(0, 8) == "https://") {
    return Unsupported(Format("{}: https is not supported yet", url));
  }
  if (url.substr(0, 7) != "http://") return InvalidSpec(Format("url: not http://: {}", url));
  const std::string_view rest = url.substr(7);
  Url parts;
  const size_t slash = rest.find('/');
  const std::string_view place = rest.substr(0, slash);
  if (slash != std::string_view::npos) parts.target = rest.substr(slash);
  const size_t colon = place.rfind(':');
  parts.host = place.substr(0, colon);
  if (colon != std::string_view::npos) {
    const std::optional<int64_t> port = ParseInt(place.substr(colon + 1));
    if (!port || *port < 1 || *port > 65535) return InvalidSpec(Format("url: bad port: {}", url));
    parts.port = *port;
  }
  if (parts.host.empty()) return InvalidSpec(Format("url: no host: {}", url));
  return parts;
}

class HttpClient::Implementation {
 public:
  Implementation(std::string host, int64_t port, double timeout_seconds)
      : host_(std::move(host)), port_(port), timeout_seconds_(timeout_seconds) {}

  Result<HttpResponse> Send(http::request<http::string_body> request) {
    request.set(http::field::host, Format("{}:{}", host_, port_));
    const bool reused = stream_ && stream_->socket().is_open();
    Result<HttpResponse> response = Attempt(request);
    // A kept connection may have been closed by the peer meanwhile.
    if (!response.ok() && reused) response = Attempt(request);
    return response;
  }

 private:
  Status Failure(std::string_view what, const beast::error_code& error) {
    stream_.reset();
    return Unavailable(Format("http://{}:{}: {}: {}", host_, port_, what, error.message()));
  }

  // Runs the started operation to its end; the stream's timer bounds it.
  void RunAll() {
    context_.restart();
    context_.run();
  }

  Status Connect() {
    if (stream_ && stream_->socket().is_open()) return {};
    beast::error_code error;
    tcp::resolver resolver(context_);
    const auto places = resolver.resolve(host_, Format("{}", port_), error);
    if (error) return Failure("unknown host", error);
    stream_.emplace(context_);
    buffer_.clear();
    stream_->expires_after(Timeout());
    stream_->async_connect(places, [&](beast::error_code e, const tcp::endpoint&) { error = e; });
    RunAll();
    if (error) return Failure("no connection", error);
    stream_->socket().set_option(tcp::no_delay(true), error);
    return {};
  }

  Result<HttpResponse> Attempt(const http::request<http::string_body>& request) {
    MILLRACE_RETURN_IF_ERROR(Connect());
    beast::error_code error;
    stream_->expires_after(Timeout());
    http::async_write(*stream_, request, [&](beast::error_code e, size_t) { error = e; });
    RunAll();
    if (error) return Failure("cannot send", error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(uint64_t{256} << 20);
    stream_->expires_after(Timeout());
    http::async_read(*stream_, buffer_, parser, [&](beast::error_code e, size_t) { error = e; });
    RunAll();
    if (error) return Failure("no answer", error);
    http::response<http::string_body> response = parser.release();
    if (!response.keep_alive()) stream_.reset();
    return HttpResponse{static_cast<int>(response.result_int()), std::move(response.body())};
  }

  std::chrono::milliseconds Timeout() const {
    return std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds_ * 1000.0));
  }

  const std::string host_;
  const int64_t port_;
  const double timeout_seconds_;
  asio::io_context context_{1};
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

HttpClient::HttpClient(std::string host, int64_t port, double timeout_seconds)
    : implementation_(std::make_unique<Implementation>(std::move(host), port, timeout_seconds)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

Result<HttpResponse> HttpClient::Send(std::string_view method, std::string_view target,
                                      std::string_view body, const Headers& headers) {
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(beast::string_view(method.data(), method.size()));
  request.target(beast::string_view(target.data(), target.size()));
  request.set(http::field::user_agent, "millrace");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  return implementation_->Send(std::move(request));
}

}  // namespace millrace::net
