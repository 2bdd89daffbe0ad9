// Messages: requests and responses without their transport.

#pragma once

#include <string>
#include <string_view>

namespace millrace::serve {

/// Views into the connection's memory; valid during one call.
struct Request {
  std::string_view method;  // "GET", "POST", ...
  std::string_view target;  // path with query
  std::string_view content_type;
  std::string_view authorization;  // header, empty when absent
  std::string_view key;            // header x-millrace-key: sticky routing
  std::string_view body;
};

struct Response {
  int status = 200;
  std::string_view content_type = "application/json";
  std::string body;
};

}  // namespace millrace::serve
