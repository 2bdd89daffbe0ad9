#include "serve/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/format.h"
#include "serve/event_loop.h"

namespace millrace::serve {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Reads "127.0.0.1", "::1" or "localhost"; names are not looked up.
std::optional<SocketAddress> ReadAddress(const std::string& text, int64_t port) {
  const std::string host = text == "localhost" ? "127.0.0.1" : text;
  SocketAddress address;
  auto* four = reinterpret_cast<sockaddr_in*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons(static_cast<uint16_t>(port));
    address.size = sizeof(sockaddr_in);
    return address;
  }
  auto* six = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(static_cast<uint16_t>(port));
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  return std::nullopt;
}

int64_t PortOf(int socket) {
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) return 0;
  const auto* four = reinterpret_cast<const sockaddr_in*>(&bound.storage);
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&bound.storage);
  return ntohs(bound.storage.ss_family == AF_INET ? four->sin_port : six->sin6_port);
}

Result<Descriptor> Listen(const HttpOptions& options) {
  const std::optional<SocketAddress> address = ReadAddress(options.address, options.port);
  if (!address) return InvalidSpec(Format("address: not an IP address: {}", options.address));
  const auto failed = [&](std::string_view what) {
    return IoError(
               Format("{}:{}: {}: {}", options.address, options.port, what, std::strerror(errno)))
        .WithHint("choose another --port (0: any free one) or stop the program that holds it");
  };
  Descriptor listener(
      socket(address->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (listener.get() < 0) return failed("cannot open a socket");
  const int on = 1;
  setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener.get(), address->get(), address->size) != 0 ||
      listen(listener.get(), SOMAXCONN) != 0) {
    return failed("cannot listen");
  }
  return listener;
}

}  // namespace

class HttpServer::Implementation {
 public:
  Implementation(const HttpOptions& options, const Service& service)
      : options_(options), shared_{service, options.limits} {}

  Status Start() {
    MILLRACE_ASSIGN_OR_RETURN(listener_, Listen(options_));
    shared_.listener = listener_.get();
    port_ = PortOf(listener_.get());
    for (int i = 0; i < std::max(1, options_.num_threads); ++i) {
      MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<EventLoop> loop, EventLoop::Make(shared_, clock_));
      loops_.push_back(std::move(loop));
    }
    for (const auto& loop : loops_) {
      threads_.emplace_back([raw = loop.get()] { raw->Run(); });
    }
    return {};
  }

  ~Implementation() {
    shared_.stopped = true;
    for (const auto& loop : loops_) loop->Wake();
    threads_.clear();  // joins
  }

  int64_t port() const { return port_; }

  void Drain(double grace_seconds) {
    shared_.draining = true;
    // Closing would free the number of the descriptor while loops still watch it.
    shutdown(listener_.get(), SHUT_RD);
    for (const auto& loop : loops_) loop->Wake();
    const double end = clock_.MonotonicSeconds() + grace_seconds;
    while (shared_.num_connections.load() > 0 && clock_.MonotonicSeconds() < end) {
      clock_.SleepSeconds(0.005);
    }
  }

 private:
  const HttpOptions options_;
  SystemClock clock_;
  LoopShared shared_;
  Descriptor listener_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::vector<std::jthread> threads_;
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
  const std::optional<SocketAddress> read = ReadAddress(address, 0);
  if (!read) return false;
  if (read->storage.ss_family == AF_INET) {
    const auto* four = reinterpret_cast<const sockaddr_in*>(&read->storage);
    return (ntohl(four->sin_addr.s_addr) >> 24) == 127;
  }
  const auto* six = reinterpret_cast<const sockaddr_in6*>(&read->storage);
  return IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

}  // namespace millrace::serve
