// HttpServer: the sockets of HTTP/1.1: one event loop (epoll) per thread, each with its own
// connections; what they say is connection.h.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "bundle/bundle.h"
#include "serve/service.h"

namespace millrace::serve {

struct HttpOptions {
  std::string address = "127.0.0.1";
  int64_t port = 8080;  // 0: any free one
  int num_threads = 1;
  Limits limits;
};

/// Accepts from construction by Start until Stop. Any thread may call any method.
class HttpServer {
 public:
  /// Binds and starts the threads. kIoError when the port is taken or the address is not ours,
  /// kInvalidSpec when it is no address. `service` is borrowed.
  static Result<std::unique_ptr<HttpServer>> Start(const HttpOptions& options,
                                                   const Service& service);
  /// Stops at once what is left.
  ~HttpServer();
  /// The port in use.
  int64_t port() const;
  /// Takes no more connections, ends idle ones, lets requests in flight be answered for at most
  /// `grace_seconds`, then ends everything.
  void Drain(double grace_seconds);

 private:
  class Implementation;

 public:
  /// For Start only: nobody else can name the type.
  explicit HttpServer(std::unique_ptr<Implementation> implementation);

 private:
  std::unique_ptr<Implementation> implementation_;
};

/// Returns true for 127.0.0.0/8, ::1 and "localhost".
bool IsLoopback(const std::string& address);

}  // namespace millrace::serve
