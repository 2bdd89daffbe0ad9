#include "serve/http_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "base/build_info.h"
#include "base/format.h"
#include "base/logging.h"

namespace millrace::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

std::string_view ViewOf(beast::string_view text) { return {text.data(), text.size()}; }

std::chrono::milliseconds Milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000.0));
}

class Session;

// One event loop with what its thread reuses.
struct Loop {
  Worker worker;
  std::set<Session*> sessions;
  asio::io_context context{1};  // last: dies first, and with it the sessions in its queue
};

// What all sessions share.
struct Shared {
  const Service& service;
  Limits limits;
  std::atomic<bool> draining{false};
  std::atomic<int64_t> num_connections{0};
};

// One connection: reads a request, answers, reads the next. Lives as long as an operation is
// outstanding. Runs on its loop's thread only.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Loop& loop, Shared& shared)
      : stream_(std::move(socket)), loop_(loop), shared_(shared) {
    shared_.num_connections.fetch_add(1);
    loop_.sessions.insert(this);
  }
  ~Session() {
    loop_.sessions.erase(this);
    shared_.num_connections.fetch_sub(1);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Run() {
    beast::error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    if (shared_.num_connections.load() > shared_.limits.max_connections) {
      return Refuse(503, "unavailable", "connections: too many");
    }
    Read();
  }

  // Ends a connection that waits for its next request.
  void CloseIfIdle() {
    if (idle_ && buffer_.size() == 0) Close();
  }

 private:
  void Read() {
    if (shared_.draining.load()) return Close();
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(shared_.limits.max_header_bytes));
    parser_->body_limit(static_cast<uint64_t>(shared_.limits.max_body_bytes));
    idle_ = true;
    stream_.expires_after(Milliseconds(shared_.limits.idle_seconds));
    http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, size_t) { self->OnRead(error); });
  }

  void OnRead(beast::error_code error) {
    idle_ = false;
    if (error == http::error::end_of_stream || error == beast::error::timeout ||
        error == asio::error::operation_aborted || error == asio::error::connection_reset) {
      return Close();
    }
    if (error == http::error::body_limit) {
      return Refuse(413, "too_large",
                    Format("body: more than {} bytes", shared_.limits.max_body_bytes));
    }
    if (error == http::error::header_limit) {
      return Refuse(431, "too_large",
                    Format("header: more than {} bytes", shared_.limits.max_header_bytes));
    }
    if (error == http::error::partial_message) return Close();
    if (error) return Refuse(400, "bad_request", "request: not HTTP/1.1");
    const auto& message = parser_->get();
    Request request;
    request.method = ViewOf(message.method_string());
    request.target = ViewOf(message.target());
    request.content_type = ViewOf(message[http::field::content_type]);
    request.authorization = ViewOf(message[http::field::authorization]);
    request.key = ViewOf(message["x-millrace-key"]);
    request.body = message.body();
    Write(shared_.service.Handle(request, loop_.worker),
          message.keep_alive() && !shared_.draining.load());
  }

  void Refuse(int status, std::string_view code, const std::string& message) {
    Write(ErrorResponse(status, code, message), false);
  }

  void Write(Response answer, bool keep_alive) {
    response_ = {};
    response_.version(11);
    response_.result(static_cast<unsigned>(answer.status));
    response_.set(http::field::content_type,
                  beast::string_view(answer.content_type.data(), answer.content_type.size()));
    if (answer.status == 503) response_.set(http::field::retry_after, "1");
    if (answer.status == 401) response_.set(http::field::www_authenticate, "Bearer");
    response_.keep_alive(keep_alive);
    response_.body() = std::move(answer.body);
    response_.prepare_payload();
    stream_.expires_after(Milliseconds(shared_.limits.request_seconds));
    http::async_write(stream_, response_,
                      [self = shared_from_this(), keep_alive](beast::error_code error, size_t) {
                        if (error || !keep_alive) return self->Finish();
                        self->Read();
                      });
  }

  // Says that nothing more will be sent, so that the peer reads the last answer.
  void Finish() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  void Close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

  beast::tcp_stream stream_;
  Loop& loop_;
  Shared& shared_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  bool idle_ = false;
};

}  // namespace

class HttpServer::Implementation {
 public:
  Implementation(const HttpOptions& options, const Service& service)
      : options_(options), shared_{service, options.limits} {}

  Status Start() {
    for (int i = 0; i < std::max(1, options_.num_threads); ++i) {
      auto loop = std::make_unique<Loop>();
      MILLRACE_ASSIGN_OR_RETURN(loop->worker, shared_.service.MakeWorker());
      loops_.push_back(std::move(loop));
    }
    MILLRACE_RETURN_IF_ERROR(Bind());
    Accept();
    for (const auto& loop : loops_) {
      guards_.emplace_back(loop->context.get_executor());
      threads_.emplace_back([context = &loop->context] { context->run(); });
    }
    return {};
  }

  ~Implementation() {
    for (const auto& loop : loops_) loop->context.stop();
    threads_.clear();  // joins
  }

  int64_t port() const { return port_; }

  void Drain(double grace_seconds) {
    shared_.draining = true;
    asio::post(loops_.front()->context, [this] {
      beast::error_code ignored;
      acceptor_->close(ignored);
    });
    for (const auto& loop : loops_) {
      asio::post(loop->context, [raw = loop.get()] {
        const std::set<Session*> sessions = raw->sessions;
        for (Session* session : sessions) session->CloseIfIdle();
      });
    }
    const auto end = std::chrono::steady_clock::now() + Milliseconds(grace_seconds);
    while (shared_.num_connections.load() > 0 && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

 private:
  Status Bind() {
    beast::error_code error;
    const std::string host = options_.address == "localhost" ? "127.0.0.1" : options_.address;
    const auto address = asio::ip::make_address(host, error);
    if (error) return InvalidSpec(Format("address: not an IP address: {}", options_.address));
    const auto failed = [&](std::string_view what) {
      return IoError(
                 Format("{}:{}: {}: {}", options_.address, options_.port, what, error.message()))
          .WithHint("choose another --port (0: any free one) or stop the program that holds it");
    };
    acceptor_ = std::make_unique<tcp::acceptor>(loops_.front()->context);
    const tcp::endpoint endpoint(address, static_cast<uint16_t>(options_.port));
    acceptor_->open(endpoint.protocol(), error);
    if (error) return failed("cannot open a socket");
    acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    acceptor_->bind(endpoint, error);
    if (error) return failed("cannot listen");
    acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) return failed("cannot listen");
    port_ = acceptor_->local_endpoint(error).port();
    return {};
  }

  void Accept() {
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    acceptor_->async_accept(
        loop.context, [this, &loop](beast::error_code error, tcp::socket socket) {
          if (!acceptor_->is_open()) return;
          if (!error) {
            // The session begins on the thread that will run it.
            asio::post(loop.context, [this, &loop, moved = std::move(socket)]() mutable {
              std::make_shared<Session>(std::move(moved), loop, shared_)->Run();
            });
          } else {
            LogWarning(Format("accept: {}", error.message()));
          }
          if (error == asio::error::no_descriptors) {
            pause_.emplace(loops_.front()->context, std::chrono::milliseconds(50));
            pause_->async_wait([this](beast::error_code) { Accept(); });
            return;
          }
          Accept();
        });
  }

  const HttpOptions options_;
  Shared shared_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> pause_;
  std::vector<std::jthread> threads_;
  size_t next_loop_ = 0;
  int64_t port_ = 0;
};

HttpServer::HttpServer(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpOptions& options,
                                                      const Service& service) {
  if (options.port < 0 || options.port > 65535) {
    return InvalidSpec(Format("port: not 0..65535: {}", options.port));
  }
  auto implementation = std::make_unique<Implementation>(options, service);
  MILLRACE_RETURN_IF_ERROR(implementation->Start());
  return std::make_unique<HttpServer>(std::move(implementation));
}

int64_t HttpServer::port() const { return implementation_->port(); }
void HttpServer::Drain(double grace_seconds) { implementation_->Drain(grace_seconds); }

bool IsLoopback(const std::string& address) {
  if (address == "localhost") return true;
  beast::error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  return !error && parsed.is_loopback();
}

}  // namespace millrace::serve
