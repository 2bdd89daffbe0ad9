#include "store/catalog.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "base/files.h"
#include "base/rng.h"
#include "store/database.h"
#include "store/migrations.h"

namespace millrace::store {
namespace {

using json::Json;

class CatalogTest : public testing::Test {
 protected:
  std::unique_ptr<Catalog> OpenIt() {
    auto catalog = Catalog::Open(path_, clock_);
    EXPECT_TRUE(catalog.ok()) << catalog.status().ToString();
    return catalog.ok() ? std::move(catalog).value() : nullptr;
  }
  static RunRow Run(std::string id) {
    RunRow run;
    run.id = std::move(id);
    run.spec = DigestOf("spec");
    return run;
  }

  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  std::string path_ = JoinPath(folder_.path(), "catalog.sqlite");
  FakeClock clock_;
};

TEST_F(CatalogTest, RunsAreRemembered) {
  {
    auto catalog = OpenIt();
    ASSERT_TRUE(catalog->StartRun(Run("r1")).ok());
    clock_.Advance(1);
    ASSERT_TRUE(catalog->StartRun(Run("r2")).ok());
    clock_.Advance(1);
    ASSERT_TRUE(catalog->FinishRun("r1", RunStatus::kNotMet).ok());
    EXPECT_EQ(catalog->StartRun(Run("r1")).code(), Code::kInternal);
    EXPECT_EQ(catalog->FinishRun("r9", RunStatus::kDone).code(), Code::kNotFound);
  }
  auto catalog = OpenIt();
  const auto runs = catalog->ListRuns().value();
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_EQ(runs[0].id, "r2") << "newest first";
  EXPECT_EQ(runs[1].status, RunStatus::kNotMet);
  EXPECT_EQ(runs[1].finished_micros - runs[1].created_micros, 2'000'000);
  EXPECT_EQ(runs[1].spec, DigestOf("spec"));
  EXPECT_EQ(catalog->FindRun("r2")->status, RunStatus::kRunning);
}

TEST_F(CatalogTest, PhasesAreFoundByKey) {
  auto catalog = OpenIt();
  ASSERT_TRUE(catalog->StartRun(Run("r1")).ok());
  PhaseRow phase{"r1", "data", DigestOf("key"), PhaseStatus::kRunning, 1, 0, std::nullopt};
  ASSERT_TRUE(catalog->RecordPhase(phase).ok());
  EXPECT_EQ(catalog->FindPhase(DigestOf("key")).value(), std::nullopt) << "not finished";
  phase.status = PhaseStatus::kDone;
  phase.ended_micros = 2;
  phase.record = DigestOf("record");
  ASSERT_TRUE(catalog->RecordPhase(phase).ok());
  EXPECT_EQ(catalog->FindPhase(DigestOf("key")).value(), DigestOf("record"));
  EXPECT_EQ(catalog->FindPhase(DigestOf("other")).value(), std::nullopt);
  ASSERT_TRUE(catalog->StartRun(Run("r2")).ok());
  ASSERT_TRUE(catalog
                  ->RecordPhase(
                      {"r2", "data", DigestOf("key"), PhaseStatus::kDone, 3, 4, DigestOf("newer")})
                  .ok());
  EXPECT_EQ(catalog->FindPhase(DigestOf("key")).value(), DigestOf("newer"));
  ASSERT_TRUE(
      catalog
          ->RecordPhase({"r2", "data", DigestOf("key"), PhaseStatus::kFailed, 3, 4, std::nullopt})
          .ok());
  EXPECT_EQ(catalog->FindPhase(DigestOf("key")).value(), DigestOf("record"));
  ASSERT_EQ(catalog->ListPhases("r1").value().size(), 1u);
  EXPECT_EQ(catalog->ListPhases("r1").value()[0].record, DigestOf("record"));
  EXPECT_EQ(catalog->RecordPhase({"r9", "data", {}, PhaseStatus::kDone, 1, 1, {}}).code(),
            Code::kNotFound);
}

TEST_F(CatalogTest, ArtefactsAndMetrics) {
  auto catalog = OpenIt();
  ASSERT_TRUE(catalog->StartRun(Run("r1")).ok());
  ASSERT_TRUE(catalog->PutArtefact({"r1", "model", DigestOf("m"), "model", 17}).ok());
  ASSERT_TRUE(catalog->PutArtefact({"r1", "model", DigestOf("n"), "model", 18}).ok());
  EXPECT_EQ(catalog->FindArtefact("r1", "model")->digest, DigestOf("n"));
  const Status missing = catalog->FindArtefact("r1", "modle").status();
  EXPECT_EQ(missing.code(), Code::kNotFound);
  EXPECT_EQ(missing.hint(), "did you mean \"model\"?");
  ASSERT_TRUE(catalog->PutMetric({"r1", "auc", 0.1 + 0.2, 0.25, std::nullopt}).ok());
  const auto metrics = catalog->ListMetrics("r1").value();
  ASSERT_EQ(metrics.size(), 1u);
  EXPECT_EQ(metrics[0].value, 0.1 + 0.2) << "exactly";
  EXPECT_EQ(metrics[0].low, 0.25);
  EXPECT_EQ(metrics[0].high, std::nullopt);
  EXPECT_EQ(catalog->PutMetric({"r1", "x", std::nan(""), {}, {}}).code(), Code::kInternal);
}

TEST_F(CatalogTest, VersionsAndLabels) {
  auto catalog = OpenIt();
  EXPECT_EQ(catalog->AddVersion("bundle", DigestOf("a"), "a", Json::Of({{"run", "r1"}})).value(),
            1);
  EXPECT_EQ(catalog->AddVersion("bundle", DigestOf("b"), "b", Json()).value(), 2);
  EXPECT_EQ(catalog->AddVersion("bundle", DigestOf("a"), "again", Json()).value(), 1);
  EXPECT_EQ(catalog->AddVersion("data", DigestOf("a"), "a", Json()).value(), 1);
  ASSERT_TRUE(catalog->SetLabel("bundle", "champion", DigestOf("a")).ok());
  ASSERT_TRUE(catalog->SetLabel("bundle", "challenger", DigestOf("b")).ok());
  EXPECT_EQ(catalog->SetLabel("bundle", "champion", DigestOf("c")).code(), Code::kNotFound);
  EXPECT_EQ(catalog->FindLabel("bundle", "champion").value(), DigestOf("a"));
  ASSERT_TRUE(catalog->SetLabel("bundle", "champion", DigestOf("b")).ok());
  ASSERT_TRUE(catalog->ClearLabel("bundle", "challenger").ok());
  EXPECT_EQ(catalog->FindLabel("bundle", "challenger").value(), std::nullopt);
  const auto versions = catalog->ListVersions("bundle").value();
  ASSERT_EQ(versions.size(), 2u);
  EXPECT_EQ(versions[0].number, 2);
  EXPECT_EQ(versions[0].labels, std::vector<std::string>{"champion"});
  EXPECT_EQ(versions[1].name, "a");
  EXPECT_EQ(versions[1].detail["run"].AsString(), "r1");
}

TEST_F(CatalogTest, DeploymentsAndStates) {
  auto catalog = OpenIt();
  const int64_t first =
      catalog->AddDeployment({0, DigestOf("a"), "staging", "starting", 0, "cli"}).value();
  const int64_t second =
      catalog->AddDeployment({0, DigestOf("b"), "production", "live", 0, "cli"}).value();
  EXPECT_LT(first, second);
  clock_.Advance(5);
  ASSERT_TRUE(catalog->SetDeploymentState(first, "failed", "operator").ok());
  EXPECT_EQ(catalog->SetDeploymentState(99, "live", "x").code(), Code::kNotFound);
  const auto rows = catalog->ListDeployments().value();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].id, second);
  EXPECT_EQ(rows[1].state, "failed");
  EXPECT_EQ(rows[1].by, "operator");
  EXPECT_EQ(rows[1].since_micros, clock_.NowMicros());
  EXPECT_TRUE(catalog->GetState("windows").value().is_null());
  ASSERT_TRUE(catalog->PutState("windows", Json::Of({{"n", 1}})).ok());
  ASSERT_TRUE(catalog->PutState("windows", Json::Of({{"n", 2}})).ok());
  EXPECT_EQ(catalog->GetState("windows").value()["n"].AsInteger(), 2);
  ASSERT_TRUE(catalog->ClearState("windows").ok());
  ASSERT_TRUE(catalog->ClearState("windows").ok());
  EXPECT_TRUE(catalog->GetState("windows").value().is_null());
}

TEST_F(CatalogTest, TransactionsCommitTogetherOrNotAtAll) {
  auto catalog = OpenIt();
  const Status failed = catalog->Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(catalog->PutState("a", Json(1)));
    return InvalidData("planted");
  });
  EXPECT_EQ(failed.message(), "planted");
  EXPECT_TRUE(catalog->GetState("a").value().is_null());
  // A failure inside, though swallowed, undoes the whole.
  const Status nested = catalog->Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(catalog->PutState("a", Json(1)));
    static_cast<void>(catalog->FinishRun("none", RunStatus::kDone));
    return Status();
  });
  EXPECT_EQ(nested.code(), Code::kNotFound);
  EXPECT_TRUE(catalog->GetState("a").value().is_null());
  ASSERT_TRUE(catalog
                  ->Transaction([&]() -> Status {
                    MILLRACE_RETURN_IF_ERROR(catalog->PutState("a", Json(1)));
                    return catalog->PutState("b", Json(2));
                  })
                  .ok());
  EXPECT_EQ(catalog->GetState("b").value().AsInteger(), 2);
}

TEST_F(CatalogTest, AuditIsChained) {
  auto catalog = OpenIt();
  EXPECT_EQ(catalog->VerifyAudit().value(), Digest{});
  ASSERT_TRUE(catalog->AppendAudit("cli", "promote", Json::Of({{"bundle", "x"}})).ok());
  const Digest head = catalog->AppendAudit("operator", "retrain", Json()).value();
  EXPECT_EQ(catalog->VerifyAudit().value(), head);
  EXPECT_EQ(catalog->ListAudit().value()[0].detail, "{\"bundle\":\"x\"}");
  catalog.reset();
  {
    Database database = Database::Open(path_).value();
    ASSERT_TRUE(database.Execute("UPDATE audit SET actor = 'nobody' WHERE sequence = 1").ok());
  }
  catalog = OpenIt();
  EXPECT_EQ(catalog->VerifyAudit().status().message(), "audit: entry 1 was changed");
}

TEST_F(CatalogTest, ThreadsTakeTurns) {
  auto catalog = OpenIt();
  const auto append = [&] {
    for (int i = 0; i < 25; ++i) EXPECT_TRUE(catalog->AppendAudit("t", "a", Json(i)).ok());
  };
  {
    const std::jthread first(append);
    const std::jthread second(append);
  }
  EXPECT_EQ(catalog->ListAudit().value().size(), 50u);
  EXPECT_TRUE(catalog->VerifyAudit().ok());
}

TEST_F(CatalogTest, NewerAndForeignFilesAreRefused) {
  OpenIt();
  {
    Database database = Database::Open(path_).value();
    ASSERT_TRUE(database.Execute("UPDATE meta SET value = '999'").ok());
  }
  const Status newer = Catalog::Open(path_, clock_).status();
  EXPECT_EQ(newer.code(), Code::kUnsupported);
  EXPECT_NE(newer.message().find("made by a newer program: schema 999"), std::string::npos);
  const std::string other = JoinPath(folder_.path(), "other.sqlite");
  {
    Database database = Database::Open(other).value();
    ASSERT_TRUE(database.Execute("CREATE TABLE cats (name TEXT)").ok());
  }
  EXPECT_EQ(Catalog::Open(other, clock_).status().code(), Code::kCorrupt);
}

// Damage anywhere in the file: an error or a correct answer, never a crash or a hang.
TEST_F(CatalogTest, DamagedFilesNeverCrash) {
  {
    auto catalog = OpenIt();
    ASSERT_TRUE(catalog->StartRun(Run("r1")).ok());
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(catalog->AppendAudit("cli", "a", Json(std::string(200, 'x'))).ok());
    }
  }
  const std::string intact = ReadFile(path_).value();
  Rng rng(5);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    std::string damaged = intact;
    for (int i = 0; i < 20; ++i) {
      damaged[rng.Below(damaged.size())] = static_cast<char>(rng.Below(256));
    }
    ASSERT_TRUE(RemoveAll(path_ + "-wal").ok());
    ASSERT_TRUE(RemoveAll(path_ + "-shm").ok());
    ASSERT_TRUE(WriteFile(path_, damaged).ok());
    auto catalog = Catalog::Open(path_, clock_);
    if (!catalog.ok() || !(*catalog)->VerifyAudit().ok() || !(*catalog)->ListRuns().ok()) ++refused;
  }
  EXPECT_GT(refused, 40);
  ASSERT_TRUE(WriteFile(path_, intact.substr(0, intact.size() / 2)).ok());
  const Status truncated = Catalog::Open(path_, clock_).status();
  EXPECT_EQ(truncated.code(), Code::kCorrupt);
  EXPECT_NE(truncated.hint().find("run again"), std::string::npos);
}

TEST_F(CatalogTest, StatesAreListedByTheBeginningOfTheirKey) {
  auto catalog = OpenIt();
  for (const char* key : {"a/2", "a/1", "a%", "A/3", "b"}) {
    ASSERT_TRUE(catalog->PutState(key, Json(key)).ok());
  }
  const auto found = catalog->ListStates("a/").value();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].first, "a/1");
  EXPECT_EQ(found[1].second.AsString(), "a/2");
  EXPECT_EQ(catalog->ListStates("").value().size(), 5u);
  EXPECT_TRUE(catalog->ListStates("c").value().empty());
}

TEST_F(CatalogTest, ReferencedDigestsAreFoundEverywhere) {
  auto catalog = OpenIt();
  ASSERT_TRUE(catalog->StartRun(Run("r1")).ok());
  ASSERT_TRUE(catalog->PutArtefact({"r1", "m", DigestOf("artefact"), "k", 1}).ok());
  ASSERT_TRUE(catalog->PutState("s", Json::Of({{"x", DigestOf("state").ToHex()}})).ok());
  ASSERT_TRUE(catalog->AppendAudit("a", "b", Json(DigestOf("audit").ToHex())).ok());
  const auto found = catalog->ReferencedDigests().value();
  for (const char* text : {"spec", "artefact", "state", "audit"}) {
    EXPECT_NE(std::ranges::find(found, DigestOf(text)), found.end()) << text;
  }
}

}  // namespace
}  // namespace millrace::store
