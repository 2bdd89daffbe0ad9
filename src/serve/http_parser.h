// HttpParser: finds the requests in the bytes of one connection. The adapter of Boost.Beast's
// parser: framing (lengths, chunks, limits) is the library's; nothing is copied but chunked bodies.
//
// One thread at a time. No allocation for a request without chunks.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "serve/deployment.h"
#include "serve/message.h"

namespace millrace::serve {

/// What the bytes so far hold.
enum class ParseState {
  kNeedMore,        // no complete request yet
  kComplete,        // one request
  kBodyTooLarge,    // more than max_body_bytes
  kHeaderTooLarge,  // more than max_header_bytes
  kBad,             // no HTTP/1.x, or lengths that contradict each other
};

/// One complete request; views into the bytes handed to Parse, or into the parser (chunked bodies).
struct ParsedRequest {
  Request request;
  bool keep_alive = true;
  bool is_1_0 = false;  // HTTP/1.0: a kept connection must be said
  size_t size = 0;      // bytes of the request from the start of the buffer
};

class HttpParser {
 public:
  explicit HttpParser(const Limits& limits);
  ~HttpParser();
  HttpParser(HttpParser&&) noexcept;
  HttpParser& operator=(HttpParser&&) noexcept;

  /// Looks at `bytes`, which begin with the request being read: the same bytes as in the last call
  /// and more behind them. After anything but kNeedMore call Reset before the next request.
  ParseState Parse(std::string_view bytes);
  /// The request after kComplete, its views into `bytes`, the ones of that call.
  ParsedRequest request(std::string_view bytes) const;
  /// True once when the header is complete, the body is not, and the client waits for a word to
  /// send it ("Expect: 100-continue").
  bool TakeContinue();
  /// True when a request has begun.
  bool started() const;
  void Reset();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace millrace::serve
