// millrace-server as a program: exit codes, drain, swaps under load.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "base/process.h"
#include "deploy/project_fixture.h"
#include "deploy/server_process.h"
#include "json/text.h"
#include "net/http_client.h"
#include "serve/deployment.h"

namespace millrace::deploy {
namespace {

class ServerProgramTest : public ::testing::Test {
 protected:
  ~ServerProgramTest() override {
    for (const int64_t child : children_) EXPECT_TRUE(StopProcess(child, 2.0).ok());
  }
  std::string Path(std::string_view name) const { return JoinPath(fixture_.folder.path(), name); }
  int64_t Start(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), MILLRACE_SERVER_PROGRAM);
    ChildOptions options;
    options.arguments = std::move(arguments);
    options.stdout_path = options.stderr_path = Path("words");
    const auto child = StartChild(options);
    EXPECT_TRUE(child.ok());
    children_.push_back(*child);
    return *child;
  }
  int ExitCodeWith(std::vector<std::string> arguments) {
    const int64_t child = Start(std::move(arguments));
    const auto code = WaitChild(child, 30.0);
    return code.ok() && code->has_value() ? **code : -1;
  }
  serve::ServerState Await() {
    for (int i = 0; i < 3000; ++i) {
      if (auto state = serve::FindServer(Path("state.json"))) return *state;
      fixture_.clock.SleepSeconds(0.01);
    }
    ADD_FAILURE() << *ReadFile(Path("words"));
    return {};
  }
  void Deploy(const Digest& object) {
    serve::Deployment deployment;
    deployment.routes = {
        {fixture_.objects.PathOf(object), fixture_.BundleOf(object).ToHex(), 1.0, "champion"}};
    ASSERT_TRUE(
        WriteFileAtomic(Path("deployment.json"), json::Write(serve::ToJson(deployment))).ok());
  }
  std::string Bundle() const { return fixture_.objects.PathOf(fixture_.first); }

  ProjectFixture fixture_;
  std::vector<int64_t> children_;
};

TEST_F(ServerProgramTest, ExitCodesSayWhoMustAct) {
  EXPECT_EQ(ExitCodeWith({"--bundel", "x"}), 2);
  EXPECT_EQ(ExitCodeWith({"--bundle", Bundle(), "--port", "70000"}), 2);
  EXPECT_EQ(ExitCodeWith({"--bundle", Bundle(), "--address", "0.0.0.0", "--port", "0"}), 2);
  EXPECT_NE(ReadFile(Path("words"))->find("--open"), std::string::npos);
  EXPECT_EQ(ExitCodeWith({"--bundle", MILLRACE_SERVER_PROGRAM, "--port", "0"}),
            ExitCode(Code::kCorrupt));
  Start({"--bundle=" + Bundle(), "--port=0", "--state-file=" + Path("state.json")});
  const serve::ServerState server = Await();
  EXPECT_EQ(ExitCodeWith({"--bundle", Bundle(), "--port", std::to_string(server.port)}), 4);
  EXPECT_NE(ReadFile(Path("words"))->find(std::to_string(server.port)), std::string::npos);
  EXPECT_EQ(ExitCodeWith({"--bundle", Bundle(), "--port", "0", "--state-file", Path("state.json")}),
            ExitCode(Code::kUnavailable));
}

TEST_F(ServerProgramTest, ReadinessFlipsBeforeAnythingEnds) {
  const int64_t child = Start({"--bundle", Bundle(), "--port", "0", "--metrics-port", "0",
                               "--state-file", Path("state.json"), "--drain-delay", "1"});
  const serve::ServerState server = Await();
  net::HttpClient probes("127.0.0.1", server.metrics_port);
  net::HttpClient client("127.0.0.1", server.port);
  EXPECT_EQ(probes.Get("/v2/health/ready")->status, 200);
  EXPECT_EQ(probes.PostJson("/v1/predict", "{}")->status, 404);  // not on this port
  EXPECT_EQ(probes.Get("/metrics")->status, 200);
  kill(static_cast<pid_t>(child), SIGTERM);
  int ready = 200;
  for (int i = 0; i < 50 && ready == 200; ++i) {
    ready = probes.Get("/v2/health/ready")->status;
    fixture_.clock.SleepSeconds(0.005);
  }
  EXPECT_EQ(ready, 503);
  EXPECT_EQ(probes.Get("/v2/health/live")->status, 200);
  EXPECT_EQ(client.PostJson("/v1/predict", "{}")->status, 200);  // answered still
  const auto code = WaitChild(child, 15.0);
  ASSERT_TRUE(code.ok() && code->has_value());
  EXPECT_EQ(**code, 0);
  EXPECT_FALSE(FileExists(Path("state.json")));
}

TEST_F(ServerProgramTest, SwapsUnderLoadFailNoRequest) {
  Deploy(fixture_.first);
  Start({"--deployment", Path("deployment.json"), "--port", "0", "--state-file", Path("state.json"),
         "--threads", "1"});
  const serve::ServerState server = Await();
  std::atomic<bool> done{false};
  std::atomic<int> failed{0};
  std::atomic<int> answered{0};
  std::jthread load([&] {
    net::HttpClient client("127.0.0.1", server.port);
    while (!done) {
      const auto answer = client.PostJson("/v1/predict", R"({"age":50})");
      (answer.ok() && answer->status == 200 ? answered : failed).fetch_add(1);
    }
  });
  constexpr int kSwaps = 30;
  for (int swap = 1; swap <= kSwaps; ++swap) {
    const Digest& object = swap % 2 == 0 ? fixture_.first : fixture_.second;
    Deploy(object);
    for (int i = 0; i < 500; ++i) {
      const auto routes = AskRoutes(server);
      if (routes.ok() && routes->front().digest == fixture_.BundleOf(object).ToHex()) break;
      fixture_.clock.SleepSeconds(0.005);
    }
  }
  // A deployment that cannot be loaded leaves the old one serving.
  ASSERT_TRUE(WriteFileAtomic(Path("deployment.json"), "{\"version\": 1}").ok());
  fixture_.clock.SleepSeconds(0.1);
  EXPECT_EQ((*AskRoutes(server)).front().digest, fixture_.BundleOf(fixture_.first).ToHex());
  done = true;
  load.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(answered, kSwaps);
  net::HttpClient client("127.0.0.1", server.port);
  const std::string metrics = client.Get("/metrics")->body;
  EXPECT_NE(metrics.find("millrace_swaps_total 30\n"), std::string::npos);
  EXPECT_NE(metrics.find("millrace_failed_swaps_total 1\n"), std::string::npos);
}

}  // namespace
}  // namespace millrace::deploy
