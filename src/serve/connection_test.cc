#include "serve/connection.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/text.h"
#include "bundle/sample_bundle.h"

namespace millrace::serve {
namespace {

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() : router_(RoutingOf()), service_(router_, metrics_, nullptr, clock_) {
    limits_.max_body_bytes = 2000;
    limits_.max_header_bytes = 1000;
    worker_ = *service_.MakeWorker();
  }

  static std::shared_ptr<const Routing> RoutingOf() {
    auto routing = std::make_shared<Routing>();
    Route route;
    route.label = "champion";
    route.bundle = *bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts()), "a");
    route.digest = route.bundle->digest().ToHex();
    routing->routes.push_back(std::move(route));
    return routing;
  }

  static std::string Post(std::string_view body, std::string_view headers = "") {
    return Format(
        "POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{}"
        "Content-Length: {}\r\n\r\n{}",
        headers, body.size(), body);
  }

  // The answers to `bytes`, fed in pieces of `piece` bytes.
  std::string Answers(std::string_view bytes, size_t piece = 1 << 20) {
    Connection connection(service_, limits_);
    std::string out;
    last_ = Connection::Next::kRead;
    for (size_t at = 0; at < bytes.size() && last_ == Connection::Next::kRead; at += piece) {
      last_ = connection.Feed(bytes.substr(at, piece), Connection::Serving::kOn, worker_);
      out += connection.out();
      connection.out().clear();
    }
    idle_ = connection.idle();
    return out;
  }

  static bool StartsWith(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
  }
  static int64_t Count(std::string_view text, std::string_view part) {
    int64_t count = 0;
    for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
      ++count;
    }
    return count;
  }

  Limits limits_;
  Router router_;
  Metrics metrics_;
  SystemClock clock_;
  Service service_;
  Worker worker_;
  Connection::Next last_ = Connection::Next::kRead;
  bool idle_ = false;
};

TEST_F(ConnectionTest, CutsOfBytesDoNotMatter) {
  const std::string bytes =
      Post(R"({"age":50})") + Post(R"({"age":"n/a"})") + Post(R"({"age":20})");
  for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{50}, bytes.size()}) {
    const std::string out = Answers(bytes, piece);
    EXPECT_EQ(Count(out, "HTTP/1.1 200 OK"), 2) << piece;
    EXPECT_EQ(Count(out, "HTTP/1.1 400 Bad Request"), 1) << piece;
    EXPECT_EQ(last_, Connection::Next::kRead);
    EXPECT_TRUE(idle_);
  }
}

TEST_F(ConnectionTest, ChunkedBodiesAreJoined) {
  const std::string bytes =
      "POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"age\r\n5\r\n\":50}\r\n0\r\n\r\n";
  for (const size_t piece : {size_t{1}, size_t{3}, bytes.size()}) {
    EXPECT_EQ(Count(Answers(bytes, piece), "HTTP/1.1 200 OK"), 1) << piece;
  }
}

TEST_F(ConnectionTest, ManySmallRequestsAreAnsweredInParts) {
  std::string bytes;
  constexpr int kRequests = 3000;
  for (int i = 0; i < kRequests; ++i) bytes += Post(R"({"age":50})");
  Connection connection(service_, limits_);
  int64_t answers = 0;
  connection.Feed(bytes, Connection::Serving::kOn, worker_);
  EXPECT_TRUE(connection.has_more());
  for (int i = 0; i < 100 && answers < kRequests; ++i) {
    EXPECT_LT(connection.out().size(), size_t{400} << 10);
    answers += Count(connection.out(), "200 OK");
    connection.out().clear();
    if (connection.has_more()) connection.Feed({}, Connection::Serving::kOn, worker_);
  }
  EXPECT_EQ(answers, kRequests);
  EXPECT_TRUE(connection.idle());
}

TEST_F(ConnectionTest, WhatIsTooLargeIsRefusedBeforeItIsRead) {
  EXPECT_TRUE(StartsWith(Answers("POST /v1/predict HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n"),
                         "HTTP/1.1 413 "));
  EXPECT_EQ(last_, Connection::Next::kClose);
  EXPECT_TRUE(
      StartsWith(Answers("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x')), "HTTP/1.1 431 "));
  std::string chunks =
      "POST /v1/predict HTTP/1.1\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 50000; ++i) chunks += "1;name=value-of-an-extension\r\nx\r\n";
  EXPECT_TRUE(StartsWith(Answers(chunks, 1000), "HTTP/1.1 413 "));
}

TEST_F(ConnectionTest, AmbiguousFramingIsRefused) {
  const std::string cases[] = {
      // Two ways to say where the body ends, the root of request smuggling.
      "POST /v1/predict HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n",
      "POST /v1/predict HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
      "POST /v1/predict HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
      "POST /v1/predict HTTP/1.1\r\nContent-Length: 5 5\r\n\r\n12345",
      "POST /v1/predict HTTP/1.1\r\nContent-Length : 5\r\n\r\n12345",
      "GET /v1/live HTTP/1.1\r\nX-Folded: a\r\n b\r\n\r\n",
      "GET /v1/live HTTP/9.9\r\n\r\n",
      "GET\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS\r\n\r\n", 19),
      "nonsense\r\n\r\n",
  };
  for (const std::string& bytes : cases) {
    const std::string out = Answers(bytes);
    EXPECT_TRUE(StartsWith(out, "HTTP/1.1 400 ")) << bytes << "\n->\n" << out;
    EXPECT_EQ(last_, Connection::Next::kClose) << bytes;
  }
}

TEST_F(ConnectionTest, AClientThatWaitsForAWordGetsIt) {
  const std::string whole = Post(R"({"age":50})", "Expect: 100-continue\r\n");
  const size_t body = whole.find("\r\n\r\n") + 4;
  Connection connection(service_, limits_);
  connection.Feed(whole.substr(0, body), Connection::Serving::kOn, worker_);
  EXPECT_EQ(connection.out(), "HTTP/1.1 100 Continue\r\n\r\n");
  connection.out().clear();
  connection.Feed(whole.substr(body), Connection::Serving::kOn, worker_);
  EXPECT_TRUE(StartsWith(connection.out(), "HTTP/1.1 200 OK")) << connection.out();
  EXPECT_EQ(Count(Answers(whole), "100 Continue"), 0);
}

TEST_F(ConnectionTest, OldClientsAndTheEndOfTheServer) {
  const std::string old = Answers("GET /v1/live HTTP/1.0\r\n\r\n");
  EXPECT_EQ(Count(old, "Connection: close"), 1);
  EXPECT_EQ(last_, Connection::Next::kClose);
  const std::string kept = Answers("GET /v1/live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(Count(kept, "Connection: keep-alive"), 1);
  EXPECT_EQ(last_, Connection::Next::kRead);
  Connection connection(service_, limits_);
  EXPECT_EQ(connection.Feed(Post(R"({"age":50})"), Connection::Serving::kEnding, worker_),
            Connection::Next::kClose);
  EXPECT_EQ(Count(connection.out(), "Connection: close"), 1);
}

TEST_F(ConnectionTest, AHeadRequestGetsNoBody) {
  const std::string out = Answers("HEAD /v1/live HTTP/1.1\r\n\r\nGET /v1/live HTTP/1.1\r\n\r\n");
  EXPECT_EQ(Count(out, "HTTP/1.1 "), 2);
  EXPECT_EQ(Count(out, "{"), 1) << out;
}

}  // namespace
}  // namespace millrace::serve
