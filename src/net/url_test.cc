#include "net/url.h"

#include <gtest/gtest.h>

namespace millrace::net {
namespace {

TEST(UrlTest, ReadsParts) {
  const auto url = ParseUrl("https://me:${PW}@Example.org/a/b.csv?x=1&y=/z#part");
  ASSERT_TRUE(url.ok()) << url.status().ToString();
  EXPECT_TRUE(url->secure);
  EXPECT_EQ(url->host, "Example.org");
  EXPECT_EQ(url->port, 443);
  EXPECT_EQ(url->target, "/a/b.csv?x=1&y=/z");
  EXPECT_EQ(url->user_info, "me:${PW}");
  EXPECT_EQ(url->Origin(), "https://Example.org:443");
  EXPECT_EQ(ParseUrl("http://[::1]:8080?q")->Origin(), "http://[::1]:8080");
  EXPECT_EQ(ParseUrl("http://[::1]:8080?q")->target, "/?q");
  EXPECT_EQ(ParseUrl("HTTP://h")->port, 80);
}

TEST(UrlTest, RefusesOthersWithoutTheirSecrets) {
  for (const char* bad : {"", "ftp://x", "http://", "http:///a", "https://h:0", "http://h:x",
                          "http://[::1", "http://h/a b", "http://h/\r\nHost: x", "//h/a"}) {
    EXPECT_EQ(ParseUrl(bad).status().code(), Code::kInvalidSpec) << bad;
  }
  EXPECT_EQ(ParseUrl("https://me:hunter2@h:x/").status().ToString().find("hunter2"),
            std::string::npos);
}

TEST(UrlTest, FollowsRedirects) {
  const Url from = *ParseUrl("https://me:pw@h:8443/a/b?c");
  EXPECT_EQ(FollowRedirect(from, "/x")->target, "/x");
  EXPECT_EQ(FollowRedirect(from, "/x")->user_info, "me:pw");
  EXPECT_EQ(FollowRedirect(from, "x?y=http://z/")->target, "/a/x?y=http://z/");
  EXPECT_EQ(FollowRedirect(from, "//other/x")->Origin(), "https://other:443");
  EXPECT_EQ(FollowRedirect(from, "https://other/x")->user_info, "");
  EXPECT_EQ(FollowRedirect(from, "https://h:8443/x")->user_info, "me:pw");
  EXPECT_FALSE(FollowRedirect(from, "http://h/x").ok());
  EXPECT_TRUE(FollowRedirect(*ParseUrl("http://h/"), "https://h/x").ok());
  EXPECT_FALSE(FollowRedirect(from, "file:///etc/passwd").ok());
}

}  // namespace
}  // namespace millrace::net
