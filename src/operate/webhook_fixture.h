// A webhook for tests: answers a fixed list of requests on a free port of the loopback, then ends.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/format.h"
#include "base/text.h"

namespace millrace::operate {

class WebhookFixture {
 public:
  /// Answers one request a connection with these statuses, in order.
  explicit WebhookFixture(std::vector<int> statuses) : statuses_(std::move(statuses)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    // Each connection waits 10 s at most, so that a test can fail but never hang.
    const timeval patience{10, 0};
    setsockopt(listener_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    listen(listener_, 8);
    thread_ = std::jthread([this] { Serve(); });
  }
  ~WebhookFixture() { Finish(); }
  WebhookFixture(const WebhookFixture&) = delete;
  WebhookFixture& operator=(const WebhookFixture&) = delete;

  std::string Url(const std::string& path) const {
    return Format("http://127.0.0.1:{}{}", port_, path);
  }

  /// Waits for the last answer, stops listening, and returns the requests as they came.
  std::vector<std::string> Finish() {
    if (thread_.joinable()) thread_.join();
    if (listener_ >= 0) close(std::exchange(listener_, -1));
    return requests_;
  }

 private:
  void Serve() {
    for (const int status : statuses_) {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      const timeval patience{10, 0};
      setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
      requests_.push_back(ReadRequest(connection));
      const std::string answer =
          Format("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", status);
      if (send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) requests_.pop_back();
      close(connection);
    }
  }

  static std::string ReadRequest(int connection) {
    std::string bytes;
    char buffer[4096];
    while (true) {
      const size_t head = bytes.find("\r\n\r\n");
      if (head != std::string::npos) {
        size_t length = 0;
        for (const std::string_view line : Split(std::string_view(bytes).substr(0, head), '\n')) {
          if (ToLower(line).starts_with("content-length:")) {
            length = static_cast<size_t>(ParseInt(Trim(line.substr(15))).value_or(0));
          }
        }
        if (bytes.size() >= head + 4 + length) return bytes;
      }
      const ssize_t got = recv(connection, buffer, sizeof(buffer), 0);
      if (got <= 0) return bytes;
      bytes.append(buffer, static_cast<size_t>(got));
    }
  }

  std::vector<int> statuses_;
  int listener_ = -1;
  int port_ = 0;
  std::vector<std::string> requests_;
  std::jthread thread_;
};

}  // namespace millrace::operate
