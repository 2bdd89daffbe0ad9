#include "pipeline/appended.h"

#include <gtest/gtest.h>

#include "pipeline/preview.h"
#include "pipeline/project_fixture.h"
#include "stream/follow.h"

namespace millrace::pipeline {
namespace {

using store::RunStatus;

class AppendedTest : public ::testing::Test, protected ProjectFixture {
 protected:
  AppendedTest() {
    spec_.data.append_only = true;
    options_.last_phase = 2;
  }

  void Append(std::string_view name, std::string_view text) const {
    ASSERT_TRUE(AppendFile(Path(name), text).ok());
  }
  // The newest data version with all that is said of it but the files.
  json::Json NewestVersion() {
    const auto workspace = OpenWorkspace(folder_->path(), clock_);
    const auto versions = workspace->catalog->ListVersions("data");
    if (!versions.ok() || versions->empty()) return {};
    json::Json detail = versions->front().detail;
    // Which files it was read from, and how they are kept.
    for (const char* key : {"sources", "manifest", "files", "bytes", "new_bytes", "kept"}) {
      detail.Set(key, json::Json());
    }
    return json::Json::Of({{"version", versions->front().digest.ToHex()}, {"detail", detail}});
  }
  PhaseWork WorkOf(int phase) {
    const auto preview = PreviewRun(folder_->path(), spec_, options_, clock_);
    return preview.ok() ? (*preview)[static_cast<size_t>(phase - 1)].work : PhaseWork::kReconcile;
  }
};

TEST_F(AppendedTest, GrowingInStepsEndsAsOneReading) {
  const std::string all = Customers(1200, 5);
  for (const int seed : {1, 2, 3}) {
    ProjectFixture grown;
    grown.spec_ = spec_;
    grown.options_ = options_;
    grown.Write("d.csv", "");
    Rng rng(static_cast<uint64_t>(seed));
    json::Json version;
    for (size_t at = 0; at < all.size();) {
      const size_t size = std::min(all.size() - at, 4000 + rng.Below(12'000));
      ASSERT_TRUE(AppendFile(grown.Path("d.csv"), all.substr(at, size)).ok());
      at += size;
      const auto outcome = grown.RunProject();
      ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
    }
    Write("d.csv", all);
    ASSERT_TRUE(RunProject().ok());
    const json::Json scratch = NewestVersion();
    std::swap(grown.folder_, folder_);
    EXPECT_EQ(NewestVersion(), scratch);
    std::swap(grown.folder_, folder_);
  }
}

TEST_F(AppendedTest, ReadingTheWholeFileGivesTheSameVersion) {
  ASSERT_TRUE(RunProject().ok());
  const json::Json appended = NewestVersion();
  ProjectFixture whole;
  whole.spec_ = spec_;
  whole.spec_.data.append_only = false;
  whole.options_ = options_;
  ASSERT_TRUE(whole.RunProject().ok());
  std::swap(whole.folder_, folder_);
  EXPECT_EQ(NewestVersion(), appended);
}

TEST_F(AppendedTest, WhatIsFollowedElsewhereIsTakenAsCommitted) {
  ASSERT_TRUE(RunProject().ok());
  const json::Json before = NewestVersion();
  EXPECT_EQ(WorkOf(2), PhaseWork::kFound);
  Append("d.csv", Customers(900, 2).substr(Customers(0, 2).size()));
  EXPECT_EQ(WorkOf(2), PhaseWork::kDone);
  {
    const auto workspace = OpenWorkspace(folder_->path(), clock_);
    const auto lock = TryStreamLock(workspace->project);
    ASSERT_TRUE(lock.ok() && lock->has_value());
    ASSERT_TRUE(RunProject().ok());
    EXPECT_EQ(NewestVersion(), before);
  }
  ASSERT_TRUE(RunProject().ok());
  EXPECT_NE(NewestVersion(), before);
  EXPECT_EQ(NewestVersion()["detail"]["rows"].AsInteger(), 1700);
}

TEST_F(AppendedTest, AChangedPastFailsTheRunAndSaysTheWayOut) {
  ASSERT_TRUE(RunProject().ok());
  Write("d.csv", Customers(900, 2));
  const auto refused = RunProject();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kInvalidData);
  EXPECT_NE(refused.status().hint().find("--reingest"), std::string::npos);
}

TEST_F(AppendedTest, ADamagedSegmentIsSeen) {
  ASSERT_TRUE(RunProject().ok());
  const auto workspace = OpenWorkspace(folder_->path(), clock_);
  stream::StreamStore store(*workspace->catalog, workspace->objects);
  const auto state = store.Load();
  ASSERT_TRUE(state.ok());
  ASSERT_EQ(state->segments.size(), 1u);
  ASSERT_TRUE(WriteFile(workspace->objects.PathOf(*state->segments[0].object), "damaged").ok());
  const auto refused = RunProject();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kCorrupt);
}

TEST_F(AppendedTest, ARunIsReplayedFromItsRowsAfterTheSourceHasGrown) {
  options_.last_phase = 4;
  ASSERT_TRUE(RunProject().ok());
  Append("d.csv", Customers(820, 3).substr(Customers(0, 3).size()));
  const auto replayed = Replay(folder_->path(), "", 2, clock_, progress_);
  ASSERT_TRUE(replayed.ok()) << replayed.status().ToString();
  EXPECT_TRUE(replayed->equal);
  EXPECT_EQ(replayed->first_phase, 3);
  ASSERT_EQ(replayed->notes.size(), 1u);
  EXPECT_NE(replayed->notes[0].find("append-only"), std::string::npos);
}

TEST_F(AppendedTest, ASourceThatIsNotThereYetIsNamed) {
  spec_.data.paths = {"in/*.csv"};
  const auto refused = RunProject();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("in/*.csv"), std::string::npos);
}

}  // namespace
}  // namespace millrace::pipeline
