// Messages: requests and responses without their transport.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace::serve {

/// Views into the connection's memory; valid during one call.
struct Request {
  std::string_view method;        // "GET", "POST", ...
  std::string_view target;        // path with query
  std::string_view content_type;  // headers: empty when absent
  std::string_view authorization;
  std::string_view key;  // header x-millrace-key: sticky routing
  std::string_view body;
  std::string_view content_encoding;
  std::string_view accept;
  std::string_view json_length;  // inference-header-content-length: bytes of JSON before tensors
};

struct Response {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
  /// Bytes of JSON at the beginning of the body, where packed tensors follow; -1: no such body.
  int64_t json_length = -1;
};

}  // namespace millrace::serve
