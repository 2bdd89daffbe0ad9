#include "deploy/experiment.h"

#include <gtest/gtest.h>

#include <cmath>

#include "deploy/production.h"
#include "deploy/project_fixture.h"
#include "json/text.h"
#include "net/http_client.h"

namespace millrace::deploy {
namespace {

struct Traffic {
  int challenger = 0;  // requests that it answered
  int failed = 0;
};

// Predicts `num_rows` customers, each with a key of its own, and tells the labels: old ones churn.
Traffic Send(const std::string& url, int num_rows, int first_key) {
  const auto parts = net::ParseUrl(url);
  net::HttpClient client(parts->host, parts->port);
  Traffic traffic;
  json::Json feedback = json::Json::MakeArray();
  for (int i = 0; i < num_rows; ++i) {
    const int age = 20 + (i * 37) % 60;
    const auto answer =
        client.Send("POST", "/v1/predict", "{\"age\": " + std::to_string(age) + "}",
                    {{"content-type", "application/json"},
                     {"x-millrace-key", "customer-" + std::to_string(first_key + i)}});
    if (!answer.ok() || answer->status != 200) {
      ++traffic.failed;
      continue;
    }
    const json::Json document = *json::Parse(answer->body, "answer");
    traffic.challenger += document["model"]["route"].AsString() == "challenger" ? 1 : 0;
    // One in five labels is the other way round, so that there is something to estimate.
    const bool churns = (age > 50) != (i % 5 == 0);
    feedback.Append(json::Json::Of(
        {{"request_id", document["request_id"].AsString()}, {"label", churns ? "yes" : "no"}}));
  }
  const auto told = client.PostJson(
      "/v1/feedback", json::Write(json::Json::Of({{"feedback", std::move(feedback)}})));
  if (!told.ok() || told->status != 200) traffic.failed += num_rows;
  return traffic;
}

TEST(Experiment, TheBetterModelWinsAndTakesOver) {
  ProjectFixture fixture;
  // In production: the model that has it the wrong way round.
  ASSERT_TRUE(RunDeploy(fixture.Inputs(fixture.second)).ok());
  ExperimentOptions options;
  options.planned_rows = 400;
  const auto started = StartExperiment(fixture.Inputs(fixture.first), options);
  ASSERT_TRUE(started.ok()) << started.status().ToString();
  EXPECT_EQ(started->verdict, ExperimentVerdict::kRunning);
  EXPECT_TRUE(std::isnan(started->difference.value));
  EXPECT_EQ(StartExperiment(fixture.Inputs(fixture.first), options).status().code(),
            Code::kUnavailable);
  const std::string url = ObserveProduction(fixture.project)->url;
  const Traffic traffic = Send(url, 300, 0);
  EXPECT_EQ(traffic.failed, 0);
  EXPECT_GT(traffic.challenger, 100);
  EXPECT_LT(traffic.challenger, 200);
  const auto status = LookAtExperiment(fixture.Inputs(fixture.first));
  ASSERT_TRUE(status.ok()) << status.status().ToString();
  EXPECT_EQ(status->challenger.num_labelled, traffic.challenger);
  EXPECT_EQ(status->champion.num_labelled, 300 - traffic.challenger);
  EXPECT_EQ(status->challenger.counters.requests, traffic.challenger);
  EXPECT_EQ(status->metric, "auc");
  EXPECT_GT(status->difference.low, 0.3);
  EXPECT_EQ(status->verdict, ExperimentVerdict::kChallengerBetter) << status->reason;
  EXPECT_EQ(status->num_looks, 1);
  EXPECT_LT(status->alpha_spent, 0.05);
  // Seen again it stays as decided.
  const auto again = LookAtExperiment(fixture.Inputs(fixture.first));
  EXPECT_EQ(again->verdict, ExperimentVerdict::kChallengerBetter);
  EXPECT_EQ(again->num_looks, 1);

  const auto promoted =
      EndExperiment(fixture.Inputs(fixture.first), ExperimentEnd::kPromoteChallenger);
  ASSERT_TRUE(promoted.ok()) << promoted.status().ToString();
  EXPECT_EQ(promoted->object, fixture.first);
  EXPECT_EQ(promoted->routes, 1);
  EXPECT_EQ(LookAtExperiment(fixture.Inputs(fixture.first)).status().code(), Code::kNotFound);
  EXPECT_EQ(Rollback(fixture.Inputs(fixture.first))->object, fixture.second);
}

TEST(Experiment, EqualModelsEndWithoutAWinner) {
  ProjectFixture fixture;
  const Digest twin = fixture.PutBundle(0.0500001);  // the same order of customers
  ASSERT_TRUE(RunDeploy(fixture.Inputs(fixture.first)).ok());
  ExperimentOptions options;
  options.planned_rows = 100;
  ASSERT_TRUE(StartExperiment(fixture.Inputs(twin), options).ok());
  const std::string url = ObserveProduction(fixture.project)->url;
  EXPECT_EQ(Send(url, 150, 1000).failed, 0);
  const auto status = LookAtExperiment(fixture.Inputs(twin));
  ASSERT_TRUE(status.ok()) << status.status().ToString();
  EXPECT_EQ(status->verdict, ExperimentVerdict::kNoDifference) << status->reason;
  EXPECT_EQ(status->information, 1.0);
  const auto kept = EndExperiment(fixture.Inputs(twin), ExperimentEnd::kKeepChampion);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->object, fixture.first);
  EXPECT_EQ(Rollback(fixture.Inputs(twin)).status().code(), Code::kNotFound);
}

TEST(Experiment, ACanaryIsPromotedWhenItsTimeIsOverAndNothingSpeaksAgainstIt) {
  ProjectFixture fixture;
  ASSERT_TRUE(RunDeploy(fixture.Inputs(fixture.first)).ok());
  ExperimentOptions options;
  options.kind = ExperimentKind::kCanary;
  options.share = 0.5;
  options.seconds = 0.01;
  options.min_requests = 10;
  ASSERT_TRUE(StartExperiment(fixture.Inputs(fixture.second), options).ok());
  const auto early = StepExperiment(fixture.Inputs(fixture.second));
  ASSERT_TRUE(early.ok()) << early.status().ToString();
  EXPECT_FALSE(early->ended.has_value());  // nobody asked yet
  EXPECT_EQ(Send(ObserveProduction(fixture.project)->url, 60, 0).failed, 0);
  const auto step = StepExperiment(fixture.Inputs(fixture.second));
  ASSERT_TRUE(step.ok()) << step.status().ToString();
  EXPECT_EQ(step->ended, ExperimentEnd::kPromoteChallenger) << step->status.reason;
  EXPECT_EQ(ObserveProduction(fixture.project)->object, fixture.second);
}

TEST(Experiment, NonsenseIsRefusedBeforeAnythingChanges) {
  ProjectFixture fixture;
  EXPECT_EQ(StartExperiment(fixture.Inputs(fixture.first), {}).status().code(), Code::kNotFound);
  ASSERT_TRUE(RunDeploy(fixture.Inputs(fixture.first)).ok());
  EXPECT_EQ(StartExperiment(fixture.Inputs(fixture.first), {}).status().code(), Code::kInvalidSpec);
  ExperimentOptions options;
  options.share = 1.0;
  EXPECT_EQ(StartExperiment(fixture.Inputs(fixture.second), options).status().code(),
            Code::kInvalidSpec);
  bundle::BundleParts other = bundle::SampleParts();
  other.class_labels = {"stays", "leaves"};
  other.positive = "leaves";
  const Digest object = *fixture.objects.Put(*bundle::Pack(other));
  EXPECT_EQ(StartExperiment(fixture.Inputs(object), {}).status().code(), Code::kInvalidData);
  EXPECT_EQ(ObserveProduction(fixture.project)->routes, 1);
}

}  // namespace
}  // namespace millrace::deploy
