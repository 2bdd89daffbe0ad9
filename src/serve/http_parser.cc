#include "serve/http_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <optional>

#include "base/text.h"

namespace millrace::serve {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

// A part of the buffer; the buffer itself may move between calls.
struct Part {
  size_t begin = 0;
  size_t size = 0;
  std::string_view In(std::string_view bytes) const { return bytes.substr(begin, size); }
};

// Where the parts of a request lie.
struct Parts {
  Part method, target, content_type, content_encoding, accept, authorization, key, json_length;
  Part body;
  int version = 11;
  bool wants_continue = false;
};

class BeastParser final : public http::basic_parser<true> {
 public:
  // What one call of put() looks at: views of the library point into it.
  std::string_view bytes;
  Parts parts;
  std::string chunked_body;

 private:
  Part PartOf(beast::string_view view) const {
    return {static_cast<size_t>(view.data() - bytes.data()), view.size()};
  }
  bool IsInside(beast::string_view view) const {
    return view.empty() || (view.data() >= bytes.data() &&
                            view.data() + view.size() <= bytes.data() + bytes.size());
  }

  void on_request_impl(http::verb, beast::string_view method, beast::string_view target,
                       int version, beast::error_code&) override {
    parts.version = version;
    parts.method = PartOf(method);
    parts.target = PartOf(target);
  }
  void on_response_impl(int, beast::string_view, int, beast::error_code&) override {}
  void on_field_impl(http::field name, beast::string_view text, beast::string_view value,
                     beast::error_code& error) override {
    // A value that the library had to copy is folded over lines: obsolete, and refused (RFC 9112).
    if (!IsInside(value)) {
      error = http::error::bad_value;
      return;
    }
    switch (name) {
      case http::field::content_type:
        parts.content_type = PartOf(value);
        break;
      case http::field::content_encoding:
        parts.content_encoding = PartOf(value);
        break;
      case http::field::accept:
        parts.accept = PartOf(value);
        break;
      case http::field::authorization:
        parts.authorization = PartOf(value);
        break;
      case http::field::expect:
        parts.wants_continue =
            EqualsIgnoreCase(std::string_view(value.data(), value.size()), "100-continue");
        break;
      case http::field::unknown: {
        const std::string_view header(text.data(), text.size());
        if (EqualsIgnoreCase(header, "x-millrace-key")) parts.key = PartOf(value);
        if (EqualsIgnoreCase(header, "inference-header-content-length")) {
          parts.json_length = PartOf(value);
        }
        break;
      }
      default:
        break;
    }
  }
  void on_header_impl(beast::error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, beast::error_code&) override {}
  size_t on_body_impl(beast::string_view body, beast::error_code&) override {
    // The pieces of a body with a length follow each other in the buffer.
    if (parts.body.size == 0) parts.body.begin = PartOf(body).begin;
    parts.body.size += body.size();
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, beast::error_code&) override {}
  size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, beast::error_code&) override {
    chunked_body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(beast::error_code&) override {}
};

}  // namespace

class HttpParser::Implementation {
 public:
  explicit Implementation(const Limits& limits) : limits_(limits) { Reset(); }

  void Reset() {
    parser.emplace();
    parser->header_limit(static_cast<uint32_t>(limits_.max_header_bytes));
    parser->body_limit(static_cast<uint64_t>(limits_.max_body_bytes));
    parser->eager(true);
    used = 0;
    said_continue = false;
  }

  ParseState Parse(std::string_view bytes) {
    parser->bytes = bytes;
    while (!parser->is_done()) {
      if (used == bytes.size()) return ParseState::kNeedMore;
      beast::error_code error;
      const size_t count =
          parser->put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), error);
      used += count;
      if (error == http::error::need_more || (!error && count == 0)) return ParseState::kNeedMore;
      if (error == http::error::body_limit) return ParseState::kBodyTooLarge;
      if (error == http::error::header_limit || error == http::error::buffer_overflow) {
        return ParseState::kHeaderTooLarge;
      }
      if (error) return ParseState::kBad;
    }
    return ParseState::kComplete;
  }

  std::optional<BeastParser> parser;
  size_t used = 0;  // bytes that the library has taken
  bool said_continue = false;

 private:
  Limits limits_;
};

HttpParser::HttpParser(const Limits& limits)
    : implementation_(std::make_unique<Implementation>(limits)) {}
HttpParser::~HttpParser() = default;
HttpParser::HttpParser(HttpParser&&) noexcept = default;
HttpParser& HttpParser::operator=(HttpParser&&) noexcept = default;

ParseState HttpParser::Parse(std::string_view bytes) { return implementation_->Parse(bytes); }

ParsedRequest HttpParser::request(std::string_view bytes) const {
  const BeastParser& parser = *implementation_->parser;
  const Parts& parts = parser.parts;
  ParsedRequest parsed;
  Request& request = parsed.request;
  request.method = parts.method.In(bytes);
  request.target = parts.target.In(bytes);
  request.content_type = parts.content_type.In(bytes);
  request.content_encoding = parts.content_encoding.In(bytes);
  request.accept = parts.accept.In(bytes);
  request.authorization = parts.authorization.In(bytes);
  request.key = parts.key.In(bytes);
  request.json_length = parts.json_length.In(bytes);
  request.body = parser.chunked() ? std::string_view(parser.chunked_body) : parts.body.In(bytes);
  parsed.keep_alive = parser.keep_alive();
  parsed.is_1_0 = parts.version == 10;
  parsed.size = implementation_->used;
  return parsed;
}

bool HttpParser::TakeContinue() {
  const BeastParser& parser = *implementation_->parser;
  if (implementation_->said_continue || !parser.is_header_done() || parser.is_done()) return false;
  implementation_->said_continue = parser.parts.wants_continue;
  return implementation_->said_continue;
}

bool HttpParser::started() const { return implementation_->parser->got_some(); }

void HttpParser::Reset() { implementation_->Reset(); }

}  // namespace millrace::serve
