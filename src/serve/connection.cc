#include "serve/connection.h"

#include "base/format.h"

namespace millrace::serve {
namespace {

// No further pipelined request is answered while so many bytes wait to be sent.
constexpr size_t kMaxWaiting = 256 << 10;

std::string_view ReasonOf(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    default:
      return "";
  }
}

size_t MaxRequestBytes(const Limits& limits) {
  return static_cast<size_t>(2 * limits.max_body_bytes + limits.max_header_bytes) + (64 << 10);
}

void AppendNumber(std::string& out, size_t number) {
  char digits[20];
  size_t count = 0;
  do {
    digits[count++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  while (count != 0) out += digits[--count];
}

}  // namespace

Connection::Connection(const Service& service, const Limits& limits)
    : service_(service), limits_(limits), parser_(limits) {}

void Connection::Append(const Response& response, Keep keep, std::string_view method) {
  out_ += "HTTP/1.1 ";
  AppendNumber(out_, static_cast<size_t>(response.status));
  out_ += ' ';
  out_ += ReasonOf(response.status);
  out_ += "\r\nContent-Type: ";
  out_ += response.content_type;
  if (response.json_length >= 0) {
    out_ += "\r\nInference-Header-Content-Length: ";
    AppendNumber(out_, static_cast<size_t>(response.json_length));
  }
  if (response.status == 503 || response.status == 429) out_ += "\r\nRetry-After: 1";
  if (response.status == 401) out_ += "\r\nWWW-Authenticate: Bearer";
  if (keep == Keep::kClose) out_ += "\r\nConnection: close";
  if (keep == Keep::kSaid) out_ += "\r\nConnection: keep-alive";
  out_ += "\r\nContent-Length: ";
  AppendNumber(out_, response.body.size());
  out_ += "\r\n\r\n";
  if (method != "HEAD") out_ += response.body;
}

void Connection::Refuse(int status, std::string_view code, std::string_view message) {
  Append(ErrorResponse(status, code, message), Keep::kClose, {});
}

Connection::Next Connection::RefuseAndClose(int status, std::string_view code,
                                            const std::string& message) {
  Refuse(status, code, message);
  in_.clear();
  has_more_ = false;
  return Next::kClose;
}

Connection::Next Connection::Feed(std::string_view bytes, Serving serving, Worker& worker) {
  in_.append(bytes);
  size_t done = 0;
  has_more_ = false;
  while (done < in_.size()) {
    if (out_.size() > kMaxWaiting) {
      has_more_ = true;
      break;
    }
    const std::string_view waiting = std::string_view(in_).substr(done);
    switch (parser_.Parse(waiting)) {
      case ParseState::kNeedMore:
        // Chunks have frames of their own, which no limit of the library counts.
        if (waiting.size() > MaxRequestBytes(limits_)) {
          return RefuseAndClose(413, "too_large", "request: too many bytes around its body");
        }
        if (parser_.TakeContinue()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        in_.erase(0, done);
        return Next::kRead;
      case ParseState::kBodyTooLarge:
        return RefuseAndClose(413, "too_large",
                              Format("body: more than {} bytes", limits_.max_body_bytes));
      case ParseState::kHeaderTooLarge:
        return RefuseAndClose(431, "too_large",
                              Format("header: more than {} bytes", limits_.max_header_bytes));
      case ParseState::kBad:
        return RefuseAndClose(400, "bad_request", "request: not HTTP/1.1");
      case ParseState::kComplete:
        break;
    }
    const ParsedRequest parsed = parser_.request(waiting);
    const bool keep_alive = parsed.keep_alive && serving == Serving::kOn;
    const Keep keep = !keep_alive ? Keep::kClose : parsed.is_1_0 ? Keep::kSaid : Keep::kImplied;
    Append(service_.Handle(parsed.request, worker), keep, parsed.request.method);
    ++num_answered_;
    done += parsed.size;
    parser_.Reset();
    if (!keep_alive) {
      in_.clear();
      return Next::kClose;
    }
  }
  in_.erase(0, done);
  return Next::kRead;
}

}  // namespace millrace::serve
