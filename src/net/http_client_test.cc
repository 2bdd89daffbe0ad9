#include "net/http_client.h"

#include <gtest/gtest.h>

namespace millrace::net {
namespace {

TEST(HttpClient, ReadsUrls) {
  const auto url = ParseUrl("http://127.0.0.1:9093/a?b=1");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "127.0.0.1");
  EXPECT_EQ(url->port, 9093);
  EXPECT_EQ(url->target, "/a?b=1");
  EXPECT_EQ(ParseUrl("http://h")->target, "/");
  for (const char* bad : {"", "ftp://x", "http://", "http://h:0", "http://h:x"}) {
    EXPECT_EQ(ParseUrl(bad).status().code(), Code::kInvalidSpec) << bad;
  }
  EXPECT_TRUE(ParseUrl("https://h")->secure);
}

TEST(HttpClient, NobodyThereIsUnavailable) {
  HttpClient client("127.0.0.1", 1, 1.0);
  EXPECT_EQ(client.Get("/").status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace millrace::net
