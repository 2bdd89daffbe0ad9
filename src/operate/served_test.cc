// From requests over HTTP to a window with its performance: a real server writes the log.

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/rng.h"
#include "deploy/project_fixture.h"
#include "json/text.h"
#include "net/http_client.h"
#include "operate/operate_phase.h"

namespace millrace::operate {
namespace {

TEST(ServedTest, PredictionsAndFeedbackOfARealServerBecomeAWindow) {
  deploy::ProjectFixture project;
  project.spec.data.id = "id";
  project.spec.monitor.window_rows = 100;
  const auto deployed = deploy::RunDeploy(project.Inputs(project.first));
  ASSERT_TRUE(deployed.ok()) << deployed.status().ToString();
  const net::Url url = net::ParseUrl(deployed->url).value();
  net::HttpClient client(url.host, url.port);
  Rng rng(3);
  for (int request = 0; request < 10; ++request) {
    json::Json rows = json::Json::MakeArray();
    for (int row = 0; row < 10; ++row) {
      rows.Append(json::Json::Of({{"id", Format("c{}-{}", request, row)},
                                  {"age", 18.0 + 70.0 * rng.Uniform()},
                                  {"city", "Bern"}}));
    }
    const auto answer =
        client.PostJson("/v1/predict", json::Write(json::Json::Of({{"rows", std::move(rows)}})));
    ASSERT_TRUE(answer.ok()) << answer.status().ToString();
    ASSERT_EQ(answer->status, 200) << answer->body;
    const json::Json document = json::Parse(answer->body, "answer").value();
    for (int row = 0; row < 10; ++row) {
      // Half by request and row, half by the key of the row.
      json::Json feedback = json::Json::Of({{"label", rng.Uniform() < 0.5 ? "yes" : "no"}});
      if (row % 2 == 0) {
        feedback.Set("request_id", document["request_id"].AsString());
        feedback.Set("row", row);
      } else {
        feedback.Set("key", Format("c{}-{}", request, row));
      }
      const auto accepted = client.PostJson("/v1/feedback", json::Write(feedback));
      ASSERT_TRUE(accepted.ok());
      ASSERT_EQ(accepted->status, 200) << accepted->body;
    }
  }
  const auto record = RunOperate({.spec = project.spec,
                                  .project = project.project,
                                  .objects = project.objects,
                                  .catalog = *project.catalog,
                                  .clock = project.clock,
                                  .progress = project.progress});
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_predictions, 100);
  EXPECT_EQ(record->num_labels, 100);
  ASSERT_EQ(record->windows.size(), 1u);
  EXPECT_EQ(record->windows[0].route, "champion");
  EXPECT_EQ(record->windows[0].bundle, deployed->bundle.ToHex());
  EXPECT_EQ(record->windows[0].num_labelled, 100);
  EXPECT_TRUE(record->windows[0].performance.has_value());
}

}  // namespace
}  // namespace millrace::operate
