#include "operate/alerts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "json/text.h"
#include "operate/webhook_fixture.h"

namespace millrace::operate {
namespace {

using ::testing::HasSubstr;

Alert Sample() {
  return {.id = "drift.window-12",
          .kind = "drift",
          .text = "Drift in window 12",
          .time_micros = 1'700'000'000'000'000};
}

class AlertsTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  store::Project project_ = store::Project::Create(folder_.path()).value();
};

TEST_F(AlertsTest, TargetsAreNamedOnceAndDefaultToTheLog) {
  spec::MonitorPlan plan;
  EXPECT_EQ(TargetNames(plan), std::vector<std::string>{"log"});
  plan.alerts = {{spec::AlertKind::kWebhook, "http://a:1/x"},
                 {spec::AlertKind::kWebhook, "http://a:1/x"},
                 {spec::AlertKind::kLog, ""}};
  EXPECT_EQ(TargetNames(plan), (std::vector<std::string>{"http://a:1/x", "log"}));
}

TEST_F(AlertsTest, AWebhookGetsTheAlert) {
  WebhookFixture hook({200});
  std::vector<AlertState> alerts = {{Sample(), {hook.Url("/hook")}}};
  EXPECT_TRUE(DeliverAlerts(alerts, project_));
  EXPECT_TRUE(alerts[0].alert.delivered);
  const std::vector<std::string> requests = hook.Finish();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_THAT(requests[0], HasSubstr("POST /hook "));
  const std::string body = requests[0].substr(requests[0].find("\r\n\r\n") + 4);
  const auto document = json::Parse(body, "body");
  ASSERT_TRUE(document.ok()) << body;
  EXPECT_EQ((*document)["alert"]["id"].AsString(), "drift.window-12");
  EXPECT_EQ((*document)["alert"]["time"].AsString(), "2023-11-14T22:13:20Z");
}

TEST_F(AlertsTest, AnAlertmanagerGetsItsArray) {
  const json::Json body = WebhookBody(Sample(), "churn", "http://host:9093");
  ASSERT_EQ(body.size(), 1u);
  const json::Json& alert = body[size_t{0}];
  EXPECT_EQ(alert["labels"]["alertname"].AsString(), "MillraceDrift");
  EXPECT_EQ(alert["labels"]["id"].AsString(), "drift.window-12");
  EXPECT_EQ(alert["labels"]["project"].AsString(), "churn");
  EXPECT_EQ(alert["annotations"]["summary"].AsString(), "Drift in window 12");
  EXPECT_EQ(alert["startsAt"].AsString(), "2023-11-14T22:13:20Z");
  EXPECT_TRUE(WebhookBody(Sample(), "churn", "http://host:80/am/api/v2/alerts").is_array());
  EXPECT_TRUE(WebhookBody(Sample(), "churn", "http://host:9093/hook").is_object());
}

TEST_F(AlertsTest, WhatIsNotDeliveredIsSentAgain) {
  WebhookFixture hook({503, 200});
  std::vector<AlertState> alerts = {{Sample(), {hook.Url("/"), "log"}}};
  EXPECT_TRUE(DeliverAlerts(alerts, project_));  // to the log
  EXPECT_FALSE(alerts[0].alert.delivered);
  EXPECT_EQ(alerts[0].waiting, std::vector<std::string>{hook.Url("/")});
  EXPECT_TRUE(DeliverAlerts(alerts, project_));
  EXPECT_TRUE(alerts[0].alert.delivered);
  EXPECT_EQ(hook.Finish().size(), 2u);
  EXPECT_FALSE(DeliverAlerts(alerts, project_));
}

TEST_F(AlertsTest, ADeadTargetIsAskedOnceACall) {
  WebhookFixture hook({500});
  std::vector<AlertState> alerts = {{Sample(), {hook.Url("/")}}, {Sample(), {hook.Url("/")}}};
  EXPECT_FALSE(DeliverAlerts(alerts, project_));
  EXPECT_EQ(hook.Finish().size(), 1u);
}

TEST_F(AlertsTest, TargetsAreTestedWithoutAnAlert) {
  FakeClock clock;
  WebhookFixture hook({404});
  const std::string url = hook.Url("/hook");
  const TargetTest there = TestTarget(url, project_, clock);
  EXPECT_TRUE(there.reached) << there.evidence;
  EXPECT_THAT(hook.Finish()[0], HasSubstr("GET /hook "));
  const TargetTest gone = TestTarget(url, project_, clock);
  EXPECT_FALSE(gone.reached);
  EXPECT_FALSE(gone.evidence.empty());
  EXPECT_TRUE(TestTarget("log", project_, clock).reached);
  EXPECT_FALSE(TestTarget("https://a/x", project_, clock).reached);
  ASSERT_TRUE(RemoveAll(project_.logs_folder()).ok());
  ASSERT_TRUE(WriteFile(project_.logs_folder(), "in the way").ok());
  EXPECT_FALSE(TestTarget("log", project_, clock).reached);
}

}  // namespace
}  // namespace millrace::operate
