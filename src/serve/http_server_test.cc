#include "serve/http_server.h"

#include <gtest/gtest.h>

#include <thread>

#include "bundle/sample_bundle.h"
#include "net/http_client.h"

namespace millrace::serve {
namespace {

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() : router_(RoutingOf(0.05)), service_(router_, metrics_, nullptr, clock_) {
    options_.port = 0;
    options_.num_threads = 2;
    options_.limits.max_body_bytes = 1000;
    server_ = *HttpServer::Start(options_, service_);
  }

  static std::shared_ptr<const Routing> RoutingOf(double weight) {
    auto routing = std::make_shared<Routing>();
    Route route;
    route.label = "champion";
    route.bundle = *bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts(weight)), "a");
    route.digest = route.bundle->digest().ToHex();
    routing->routes.push_back(std::move(route));
    return routing;
  }

  Router router_;
  Metrics metrics_;
  SystemClock clock_;
  Service service_;
  HttpOptions options_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersOverAKeptConnection) {
  net::HttpClient client("127.0.0.1", server_->port());
  for (int i = 0; i < 20; ++i) {
    const auto answer = client.PostJson("/v1/predict", R"({"age":50})");
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    EXPECT_EQ(answer->status, 200);
  }
  EXPECT_EQ(client.PostJson("/v1/predict", "{nonsense")->status, 400);
  EXPECT_EQ(client.Get("/nowhere")->status, 404);
}

TEST_F(HttpServerTest, ALargeBodyIsRefused) {
  net::HttpClient client("127.0.0.1", server_->port());
  const auto answer = client.PostJson("/v1/predict", std::string(5000, ' '));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->status, 413);
}

TEST_F(HttpServerTest, ATakenPortIsAClearError) {
  HttpOptions options = options_;
  options.port = server_->port();
  const auto second = HttpServer::Start(options, service_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kIoError);
  EXPECT_EQ(ExitCode(second.status().code()), 4);
}

TEST_F(HttpServerTest, SwapsUnderLoadFailNoRequest) {
  std::atomic<bool> done{false};
  std::atomic<int> failed{0};
  std::atomic<int> answered{0};
  std::vector<std::jthread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      net::HttpClient client("127.0.0.1", server_->port());
      while (!done) {
        const auto answer = client.PostJson("/v1/predict", R"({"age":50})");
        (answer.ok() && answer->status == 200 ? answered : failed).fetch_add(1);
      }
    });
  }
  const auto first = RoutingOf(0.05);
  const auto second = RoutingOf(0.1);
  for (int i = 0; i < 200; ++i) {
    router_.Swap(i % 2 == 0 ? second : first);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  done = true;
  clients.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, 50);
}

TEST_F(HttpServerTest, DrainEndsIdleConnections) {
  net::HttpClient client("127.0.0.1", server_->port(), 2.0);
  ASSERT_TRUE(client.Get("/v1/live").ok());
  server_->Drain(5.0);
  EXPECT_FALSE(client.Get("/v1/live").ok());
}

TEST(HttpServer, KnowsLoopback) {
  EXPECT_TRUE(IsLoopback("127.0.0.1"));
  EXPECT_TRUE(IsLoopback("localhost"));
  EXPECT_TRUE(IsLoopback("::1"));
  EXPECT_FALSE(IsLoopback("0.0.0.0"));
  EXPECT_FALSE(IsLoopback("name"));
}

}  // namespace
}  // namespace millrace::serve
