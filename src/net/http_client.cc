#include "net/http_client.h"

#include <openssl/ssl.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/version.hpp>
#include <chrono>
#include <optional>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"

namespace millrace::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;
using Secure = beast::ssl_stream<beast::tcp_stream>;

constexpr uint64_t kMaxBodyBytes = uint64_t{256} << 20;
constexpr size_t kPieceBytes = size_t{1} << 18;

}  // namespace

std::string_view HttpHead::Field(std::string_view lower_name) const {
  for (const auto& [name, value] : fields) {
    if (name == lower_name) return value;
  }
  return {};
}

class HttpClient::Implementation {
 public:
  Implementation(Url url, double timeout_seconds)
      : url_(std::move(url)), timeout_seconds_(timeout_seconds) {}

  Result<HttpResponse> Send(http::request<http::string_body> request) {
    SetHost(request);
    const bool reused = IsOpen();
    Result<HttpResponse> response = Attempt(request);
    // A kept connection may have been closed by the peer meanwhile.
    const bool again = !response.ok() && response.status().code() == Code::kUnavailable;
    if (again && reused) response = Attempt(request);
    return response;
  }

  Status Stream(http::request<http::string_body> request, const HeadSink& take_head,
                const BodySink& take_body) {
    SetHost(request);
    Close();  // the answer may be cut short; nothing of an earlier one may stand before it
    MILLRACE_RETURN_IF_ERROR(Connect());
    const Status status = plain_ ? StreamOver(*plain_, request, take_head, take_body)
                                 : StreamOver(*secure_, request, take_head, take_body);
    Close();
    return status;
  }

 private:
  template <typename Body>
  void SetHost(http::request<Body>& request) const {
    const std::string origin = url_.Origin();
    request.set(http::field::host, origin.substr(origin.find("://") + 3));
  }

  beast::tcp_stream& Lowest() { return plain_ ? *plain_ : beast::get_lowest_layer(*secure_); }
  bool IsOpen() { return (plain_ || secure_) && Lowest().socket().is_open(); }
  void Close() {
    plain_.reset();
    secure_.reset();
    buffer_.clear();
  }

  Status Failure(std::string_view what, const beast::error_code& error) {
    Close();
    return Unavailable(Format("{}: {}: {}", url_.Origin(), what, error.message()));
  }

  // Runs the started operation to its end; the stream's timer bounds it.
  void RunAll() {
    context_.restart();
    context_.run();
  }

  Status Connect() {
    if (IsOpen()) return {};
    Close();
    if (url_.secure) MILLRACE_RETURN_IF_ERROR(PrepareSecure());
    beast::error_code error;
    tcp::resolver resolver(context_);
    const auto places = resolver.resolve(url_.host, Format("{}", url_.port), error);
    if (error) return Failure("unknown host", error);
    if (url_.secure) {
      secure_.emplace(context_, *trust_);
    } else {
      plain_.emplace(context_);
    }
    Lowest().expires_after(Timeout());
    Lowest().async_connect(places, [&](beast::error_code e, const tcp::endpoint&) { error = e; });
    RunAll();
    if (error) return Failure("no connection", error);
    beast::error_code ignored;
    Lowest().socket().set_option(tcp::no_delay(true), ignored);
    return url_.secure ? Handshake() : Status();
  }

  // Whom to trust; read once.
  Status PrepareSecure() {
    if (trust_) return {};
    beast::error_code error;
    ssl::context trust(ssl::context::tls_client);
    trust.set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 |
                          ssl::context::no_sslv3 | ssl::context::no_tlsv1 |
                          ssl::context::no_tlsv1_1,
                      error);
    if (!error) trust.set_default_verify_paths(error);
    if (!error) trust.set_verify_mode(ssl::verify_peer, error);
    if (error) return IoError(Format("tls: {}", error.message()));
    trust_.emplace(std::move(trust));
    return {};
  }

  Status Handshake() {
    beast::error_code error;
    // Which of several certificates a server shows goes by the name; an address has none.
    beast::error_code not_an_address;
    asio::ip::make_address(url_.host, not_an_address);
    if (not_an_address) {
      SSL_set_tlsext_host_name(secure_->native_handle(), url_.host.c_str());
    }
    secure_->set_verify_callback(ssl::host_name_verification(url_.host), error);
    if (error) return Failure("tls", error);
    Lowest().expires_after(Timeout());
    secure_->async_handshake(ssl::stream_base::client, [&](beast::error_code e) { error = e; });
    RunAll();
    if (!error) return {};
    const long verdict = SSL_get_verify_result(secure_->native_handle());
    if (verdict == X509_V_OK) return Failure("tls", error);
    const std::string reason = X509_verify_cert_error_string(verdict);
    Close();
    return Unavailable(Format("{}: the certificate is not trusted: {}", url_.Origin(), reason))
        .WithHint(
            "a certificate authority of your own goes into the file that SSL_CERT_FILE names");
  }

  Result<HttpResponse> Attempt(const http::request<http::string_body>& request) {
    MILLRACE_RETURN_IF_ERROR(Connect());
    return plain_ ? AttemptOver(*plain_, request) : AttemptOver(*secure_, request);
  }

  template <typename Stream>
  Result<HttpResponse> AttemptOver(Stream& stream,
                                   const http::request<http::string_body>& request) {
    beast::error_code error;
    Lowest().expires_after(Timeout());
    http::async_write(stream, request, [&](beast::error_code e, size_t) { error = e; });
    RunAll();
    if (error) return Failure("cannot send", error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMaxBodyBytes);
    Lowest().expires_after(Timeout());
    http::async_read(stream, buffer_, parser, [&](beast::error_code e, size_t) { error = e; });
    RunAll();
    if (error == http::error::body_limit) {
      Close();
      return ResourceExhausted(Format("{}: an answer beyond {}", url_.Origin(),
                                      FormatBytes(static_cast<int64_t>(kMaxBodyBytes))));
    }
    if (error) return Failure("no answer", error);
    http::response<http::string_body> response = parser.release();
    if (!response.keep_alive()) Close();
    return HttpResponse{static_cast<int>(response.result_int()), std::move(response.body())};
  }

  template <typename Stream>
  Status StreamOver(Stream& stream, const http::request<http::string_body>& request,
                    const HeadSink& take_head, const BodySink& take_body) {
    beast::error_code error;
    Lowest().expires_after(Timeout());
    http::async_write(stream, request, [&](beast::error_code e, size_t) { error = e; });
    RunAll();
    if (error) return Failure("cannot send", error);
    http::response_parser<http::buffer_body> parser;
    parser.body_limit(boost::none);
    Lowest().expires_after(Timeout());
    http::async_read_header(stream, buffer_, parser,
                            [&](beast::error_code e, size_t) { error = e; });
    RunAll();
    if (error) return Failure("no answer", error);
    MILLRACE_RETURN_IF_ERROR(take_head(HeadOf(parser)));
    std::string piece(kPieceBytes, '\0');
    while (!parser.is_done()) {
      MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
      parser.get().body().data = piece.data();
      parser.get().body().size = piece.size();
      Lowest().expires_after(Timeout());
      http::async_read_some(stream, buffer_, parser,
                            [&](beast::error_code e, size_t) { error = e; });
      RunAll();
      if (error == http::error::need_buffer) error = {};
      const size_t count = piece.size() - parser.get().body().size;
      if (count > 0) MILLRACE_RETURN_IF_ERROR(take_body({piece.data(), count}));
      if (error) return Failure("the answer ended too early", error);
    }
    return {};
  }

  template <typename Parser>
  static HttpHead HeadOf(const Parser& parser) {
    HttpHead head;
    head.status = static_cast<int>(parser.get().result_int());
    if (const auto length = parser.content_length()) head.length = static_cast<int64_t>(*length);
    for (const auto& field : parser.get()) {
      head.fields.emplace_back(
          ToLower(std::string_view(field.name_string().data(), field.name_string().size())),
          std::string(field.value().data(), field.value().size()));
    }
    return head;
  }

  std::chrono::milliseconds Timeout() const {
    return std::chrono::milliseconds(static_cast<int64_t>(timeout_seconds_ * 1000.0));
  }

  const Url url_;
  const double timeout_seconds_;
  asio::io_context context_{1};
  std::optional<ssl::context> trust_;
  std::optional<beast::tcp_stream> plain_;
  std::optional<Secure> secure_;
  beast::flat_buffer buffer_;
};

HttpClient::HttpClient(std::string host, int64_t port, double timeout_seconds)
    : HttpClient(Url{.host = std::move(host), .port = port}, timeout_seconds) {}
HttpClient::HttpClient(const Url& url, double timeout_seconds)
    : implementation_(std::make_unique<Implementation>(url, timeout_seconds)) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

namespace {

http::request<http::string_body> MakeRequest(std::string_view method, std::string_view target,
                                             std::string_view body,
                                             const HttpClient::Headers& headers) {
  http::request<http::string_body> request;
  request.version(11);
  request.method_string(beast::string_view(method.data(), method.size()));
  request.target(beast::string_view(target.data(), target.size()));
  request.set(http::field::user_agent, "millrace");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  return request;
}

}  // namespace

Result<HttpResponse> HttpClient::Send(std::string_view method, std::string_view target,
                                      std::string_view body, const Headers& headers) {
  return implementation_->Send(MakeRequest(method, target, body, headers));
}

Status HttpClient::Stream(std::string_view target, const Headers& headers,
                          const HeadSink& take_head, const BodySink& take_body) {
  return implementation_->Stream(MakeRequest("GET", target, {}, headers), take_head, take_body);
}

}  // namespace millrace::net
