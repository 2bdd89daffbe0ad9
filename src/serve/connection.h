// Connection: the state of one client, without its socket: bytes in, bytes out. Requests are
// answered in their order, also when several wait in the buffer (pipelining); answers of one call
// leave together. Bounded: at most one request beyond its limits is ever held.
//
// One thread at a time.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "serve/http_parser.h"
#include "serve/service.h"

namespace millrace::serve {

class Connection {
 public:
  Connection(const Service& service, const Limits& limits);

  /// What becomes of the connection once `out()` has been sent.
  enum class Next { kRead, kClose };

  /// Takes what the client sent and answers what is complete, at most as long as little of `out()`
  /// waits: the rest is answered by the next call. `last`: the server is ending, so each answer
  /// says that the connection closes.
  enum class Serving { kOn, kEnding };
  Next Feed(std::string_view bytes, Serving serving, Worker& worker);
  /// Puts an answer that refuses the client before it asked: too many connections, too slow.
  void Refuse(int status, std::string_view code, std::string_view message);

  /// Bytes to send; the owner of the socket removes what it has sent.
  std::string& out() { return out_; }
  /// True when complete requests may wait in the buffer because `out()` was long.
  bool has_more() const { return has_more_; }
  /// True between requests: nothing of the next one has come.
  bool idle() const { return in_.empty(); }
  int64_t num_answered() const { return num_answered_; }

 private:
  // How the next message is framed.
  enum class Keep { kImplied, kSaid, kClose };
  void Append(const Response& response, Keep keep, std::string_view method);
  Next RefuseAndClose(int status, std::string_view code, const std::string& message);

  const Service& service_;
  const Limits& limits_;
  HttpParser parser_;
  std::string in_;
  std::string out_;
  bool has_more_ = false;
  int64_t num_answered_ = 0;
};

}  // namespace millrace::serve
