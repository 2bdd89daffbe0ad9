#include "deploy/deploy_phase.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/process.h"
#include "deploy/production.h"
#include "deploy/project_fixture.h"
#include "deploy/server_process.h"
#include "json/text.h"
#include "net/http_client.h"

namespace millrace::deploy {
namespace {

std::string AnsweredDigest(const std::string& url) {
  const auto parts = net::ParseUrl(url);
  net::HttpClient client(parts->host, parts->port);
  const auto answer = client.PostJson("/v1/predict", R"({"age": 50})");
  if (!answer.ok()) return answer.status().ToString();
  return (*json::Parse(answer->body, "answer"))["model"]["digest"].AsString();
}

std::vector<std::string> States(const store::Catalog& catalog, std::string_view slot) {
  std::vector<std::string> states;
  for (const store::DeploymentRow& row : *catalog.ListDeployments()) {
    if (row.slot == slot) states.push_back(row.state);
  }
  return states;
}

TEST(DeployPhase, StagesValidatesPromotesAndRollsBack) {
  ProjectFixture fixture;
  const auto record = RunDeploy(fixture.Inputs(fixture.first));
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->bundle, fixture.BundleOf(fixture.first));
  EXPECT_TRUE(record->validation.ready);
  EXPECT_EQ(record->validation.golden_rows, 16);
  EXPECT_EQ(record->validation.golden_equal, 16);
  EXPECT_EQ(record->validation.bad_request_status, 400);
  EXPECT_GE(record->validation.latency_p99_ms, record->validation.latency_p50_ms);
  EXPECT_TRUE(record->section.checkpoint.passed());
  EXPECT_FALSE(record->previous.has_value());
  EXPECT_TRUE(record->new_token.empty());
  EXPECT_EQ(AnsweredDigest(record->url), record->bundle.ToHex());

  const auto again = DeployRecordFromJson(ToJson(*record));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(json::Write(ToJson(*again)), json::Write(ToJson(*record)));

  const auto next = RunDeploy(fixture.Inputs(fixture.second));
  ASSERT_TRUE(next.ok()) << next.status().ToString();
  EXPECT_EQ(next->process_id, record->process_id);  // swapped, not started anew
  EXPECT_EQ(next->previous, fixture.first);
  EXPECT_EQ(AnsweredDigest(next->url), next->bundle.ToHex());

  const auto back = Rollback(fixture.Inputs(fixture.second));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->object, fixture.first);
  EXPECT_EQ(AnsweredDigest(back->url), record->bundle.ToHex());
  EXPECT_EQ(Rollback(fixture.Inputs(fixture.second)).status().code(), Code::kNotFound);
  EXPECT_EQ(States(*fixture.catalog, "production"),
            (std::vector<std::string>{"live", "retired", "retired"}));
  EXPECT_EQ(*fixture.catalog->FindLabel("bundle", "champion"), record->bundle);
  EXPECT_TRUE(fixture.catalog->VerifyAudit().ok());
}

TEST(DeployPhase, AsecondCallForTheSameBundleStagesNothing) {
  ProjectFixture fixture;
  const auto record = RunDeploy(fixture.Inputs(fixture.first));
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const auto again = RunDeploy(fixture.Inputs(fixture.first));
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->process_id, record->process_id);
  EXPECT_EQ(States(*fixture.catalog, "staging").size(), 1u);
  EXPECT_EQ(States(*fixture.catalog, "production").size(), 1u);

  ASSERT_TRUE(StopProduction(fixture.project).ok());
  EXPECT_FALSE(ObserveProduction(fixture.project)->running);
  EXPECT_EQ(ObserveProduction(fixture.project)->object, fixture.first);
  const auto restarted = RunDeploy(fixture.Inputs(fixture.first));
  ASSERT_TRUE(restarted.ok()) << restarted.status().ToString();
  EXPECT_NE(restarted->process_id, record->process_id);
  EXPECT_EQ(AnsweredDigest(restarted->url), record->bundle.ToHex());
  EXPECT_TRUE(StopProduction(fixture.project).ok());
  EXPECT_TRUE(StopProduction(fixture.project).ok());  // not running is no error
}

// A program that serves the other bundle, whatever it is told: staging must see it.
TEST(DeployPhase, AServerThatAnswersOtherwiseNeverReachesProduction) {
  ProjectFixture fixture;
  ASSERT_TRUE(RunDeploy(fixture.Inputs(fixture.first)).ok());
  const std::string script = JoinPath(fixture.folder.path(), "server");
  const std::string other = JoinPath(fixture.folder.path(), "other.json");
  ASSERT_TRUE(
      WriteFile(other, json::Write(json::Json::Of(
                           {{"version", 1},
                            {"routes", json::Json::MakeArray().Append(json::Json::Of(
                                           {{"bundle", fixture.objects.PathOf(fixture.first)},
                                            {"label", "staging"}}))}})))
          .ok());
  ASSERT_TRUE(WriteFile(script, std::string("#!/bin/sh\nshift 2\nexec ") + MILLRACE_SERVER_PROGRAM +
                                    " --deployment " + other + " \"$@\"\n")
                  .ok());
  ASSERT_EQ(chmod(script.c_str(), 0755), 0);
  DeployInputs inputs = fixture.Inputs(fixture.second);
  inputs.server_program = script;
  const auto record = RunDeploy(inputs);
  EXPECT_EQ(record.status().code(), Code::kGateNotMet) << record.status().ToString();
  EXPECT_NE(record.status().message().find("golden row"), std::string::npos);
  const auto production = ObserveProduction(fixture.project);
  EXPECT_EQ(production->object, fixture.first);
  EXPECT_EQ(AnsweredDigest(production->url), fixture.BundleOf(fixture.first).ToHex());
}

TEST(DeployPhase, ATakenPortIsNamedAndNothingIsLeftBehind) {
  ProjectFixture holder;
  const auto held = RunDeploy(holder.Inputs(holder.first));
  ASSERT_TRUE(held.ok()) << held.status().ToString();
  ProjectFixture fixture;
  fixture.spec.deploy.port = net::ParseUrl(held->url)->port;
  const auto record = RunDeploy(fixture.Inputs(fixture.first));
  EXPECT_EQ(record.status().code(), Code::kIoError) << record.status().ToString();
  EXPECT_NE(record.status().message().find(std::to_string(fixture.spec.deploy.port)),
            std::string::npos);
  EXPECT_NE(record.status().hint().find("deploy.port"), std::string::npos);
  EXPECT_FALSE(FileExists(fixture.project.deployment_path()));
  EXPECT_FALSE(ObserveProduction(fixture.project)->running);

  // The running server of another port stays when the new port is taken.
  fixture.spec.deploy.port = 0;
  const auto good = RunDeploy(fixture.Inputs(fixture.first));
  ASSERT_TRUE(good.ok()) << good.status().ToString();
  fixture.spec.deploy.port = net::ParseUrl(held->url)->port;
  EXPECT_EQ(RunDeploy(fixture.Inputs(fixture.second)).status().code(), Code::kIoError);
  EXPECT_EQ(ObserveProduction(fixture.project)->process_id, good->process_id);
  EXPECT_EQ(ObserveProduction(fixture.project)->object, fixture.first);
}

TEST(DeployPhase, ATokenIsMadeOnceAndOnlyItsHashIsStored) {
  ProjectFixture fixture;
  fixture.spec.deploy.auth = spec::Auth::kToken;
  const auto record = RunDeploy(fixture.Inputs(fixture.first));
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  ASSERT_EQ(record->new_token.size(), 48u);
  const auto parts = net::ParseUrl(record->url);
  net::HttpClient client(parts->host, parts->port);
  EXPECT_EQ(client.PostJson("/v1/predict", R"({"age": 5})")->status, 401);
  EXPECT_EQ(client
                .Send("POST", "/v1/predict", R"({"age": 5})",
                      {{"content-type", "application/json"},
                       {"authorization", "Bearer " + record->new_token}})
                ->status,
            200);
  EXPECT_EQ(ReadFile(fixture.project.deployment_path())->find(record->new_token),
            std::string::npos);
  EXPECT_EQ(json::Write(ToJson(*record)).find(record->new_token), std::string::npos);
  const auto next = RunDeploy(fixture.Inputs(fixture.second));
  ASSERT_TRUE(next.ok());
  EXPECT_TRUE(next->new_token.empty());  // the old one is good
  const auto rotated = RotateToken(fixture.Inputs(fixture.second));
  ASSERT_TRUE(rotated.ok());
  EXPECT_NE(*rotated, record->new_token);
  // Without a need for tokens the server is started anew and open.
  fixture.spec.deploy.auth = spec::Auth::kNone;
  const auto open = RunDeploy(fixture.Inputs(fixture.first));
  ASSERT_TRUE(open.ok()) << open.status().ToString();
  EXPECT_EQ(AnsweredDigest(open->url), open->bundle.ToHex());
}

TEST(DeployPhase, ADamagedObjectLeavesProductionAsItWas) {
  ProjectFixture fixture;
  ASSERT_TRUE(RunDeploy(fixture.Inputs(fixture.first)).ok());
  const std::string path = fixture.objects.PathOf(fixture.second);
  std::string bytes = *ReadFile(path);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  ASSERT_EQ(chmod(path.c_str(), 0644), 0);
  ASSERT_TRUE(WriteFile(path, bytes).ok());
  EXPECT_EQ(RunDeploy(fixture.Inputs(fixture.second)).status().code(), Code::kCorrupt);
  EXPECT_EQ(Promote(fixture.Inputs(fixture.second)).status().code(), Code::kCorrupt);
  EXPECT_EQ(ObserveProduction(fixture.project)->object, fixture.first);
}

TEST(DeployPhase, AReusedProcessIdIsNotTaken) {
  ProjectFixture fixture;
  // A state file that names this very process with another start time.
  ASSERT_TRUE(WriteFileAtomic(ProductionStatePath(fixture.project),
                              json::Write(json::Json::Of({{"process_id", CurrentProcessId()},
                                                          {"start_ticks", 1},
                                                          {"address", "127.0.0.1"},
                                                          {"port", 1}})))
                  .ok());
  EXPECT_FALSE(ObserveProduction(fixture.project)->running);
  EXPECT_TRUE(StopProduction(fixture.project).ok());  // and this test lives on
}

}  // namespace
}  // namespace millrace::deploy
