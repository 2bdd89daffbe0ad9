#include "serve/server_state.h"

#include <gtest/gtest.h>

#include "base/process.h"
#include "json/text.h"

namespace millrace::serve {
namespace {

class ServerStateTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_ = *TemporaryFolder::Make();
  std::string path_ = JoinPath(folder_.path(), "server.json");
};

TEST_F(ServerStateTest, OneServerPerFile) {
  EXPECT_FALSE(*IsHeld(path_));
  {
    const auto first = ServerRegistration::Take(path_);
    ASSERT_TRUE(first.ok());
    EXPECT_TRUE(*IsHeld(path_));
    EXPECT_FALSE(FindServer(path_).has_value());  // holds it, but does not listen yet
    EXPECT_EQ(ServerRegistration::Take(path_).status().code(), Code::kUnavailable);
    ASSERT_TRUE(first->Publish("127.0.0.1", 4711, 4712, 4713).ok());
    const auto found = FindServer(path_);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->process_id, CurrentProcessId());
    EXPECT_EQ(found->port, 4711);
    EXPECT_EQ(found->Url(), "http://127.0.0.1:4711");
    EXPECT_EQ(found->MetricsUrl(), "http://127.0.0.1:4712");
  }
  EXPECT_FALSE(FileExists(path_));
  EXPECT_FALSE(*IsHeld(path_));
}

TEST_F(ServerStateTest, ADeadOrDamagedOrReusedOneIsNobody) {
  for (const char* text : {"", "{", "[]", R"({"process_id":-5})", R"({"process_id":1})",
                           R"({"process_id":999999999,"start_ticks":5})"}) {
    ASSERT_TRUE(WriteFileAtomic(path_, text).ok());
    EXPECT_FALSE(FindServer(path_).has_value()) << text;
  }
  const std::string reused = json::Write(
      json::Json::Of({{"process_id", CurrentProcessId()}, {"start_ticks", 1}, {"port", 1}}));
  ASSERT_TRUE(WriteFileAtomic(path_, reused).ok());
  EXPECT_FALSE(FindServer(path_).has_value());
}

TEST(ServerState, AnyAddressIsReachedOverLoopback) {
  ServerState state;
  state.port = 80;
  state.address = "0.0.0.0";
  EXPECT_EQ(state.Url(), "http://127.0.0.1:80");
  state.address = "::1";
  EXPECT_EQ(state.Url(), "http://[::1]:80");
}

}  // namespace
}  // namespace millrace::serve
