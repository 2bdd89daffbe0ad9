#include "store/gc.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "json/text.h"

namespace millrace::store {
namespace {

class GcTest : public testing::Test {
 protected:
  void SetUp() override {
    RunRow run;
    run.id = "r1";
    ASSERT_TRUE(catalog_->StartRun(run).ok());
  }
  GcOutcome Collect(GcMode mode, double grace_seconds) {
    const auto outcome = CollectGarbage(*catalog_, objects_, clock_, {mode, grace_seconds});
    EXPECT_TRUE(outcome.ok()) << outcome.status().ToString();
    return outcome.ok() ? *outcome : GcOutcome{};
  }

  TemporaryFolder folder_ = TemporaryFolder::Make().value();
  FakeClock clock_{SystemClock().NowMicros() + 10'000'000};  // ten seconds after all files
  std::unique_ptr<Catalog> catalog_ =
      Catalog::Open(JoinPath(folder_.path(), "c.sqlite"), clock_).value();
  ObjectStore objects_ = ObjectStore::Open(JoinPath(folder_.path(), "objects")).value();
};

TEST_F(GcTest, RemovesWhatNothingRefersTo) {
  const Digest kept = objects_.Put("kept").value();
  const Digest lost = objects_.Put("lost").value();
  ASSERT_TRUE(catalog_->PutArtefact({"r1", "a", kept, "k", 4}).ok());
  const GcOutcome dry = Collect(GcMode::kDryRun, 1.0);
  EXPECT_EQ(dry.num_removed, 1);
  EXPECT_EQ(dry.bytes_removed, 4);
  EXPECT_TRUE(objects_.Has(lost)) << "a dry run removes nothing";
  const GcOutcome outcome = Collect(GcMode::kRemove, 1.0);
  EXPECT_EQ(outcome.num_kept, 1);
  EXPECT_EQ(outcome.num_removed, 1);
  EXPECT_TRUE(objects_.Has(kept));
  EXPECT_FALSE(objects_.Has(lost));
}

TEST_F(GcTest, FollowsDigestsThroughRecords) {
  const Digest rows = objects_.Put("PAR1 rows").value();
  const Digest inner = objects_.Put("{\"rows\":\"" + rows.ToHex() + "\"}").value();
  const Digest record = objects_.Put("{\"inner\":\"sha256:" + inner.ToHex() + "\"}").value();
  const Digest unnamed = objects_.Put("[1]").value();
  ASSERT_TRUE(catalog_->RecordPhase({"r1", "data", {}, PhaseStatus::kDone, 1, 2, record}).ok());
  EXPECT_EQ(Collect(GcMode::kRemove, 1.0).num_removed, 1);
  EXPECT_TRUE(objects_.Has(rows));
  EXPECT_TRUE(objects_.Has(inner));
  EXPECT_TRUE(objects_.Has(record));
  EXPECT_FALSE(objects_.Has(unnamed));
}

TEST_F(GcTest, SparesTheYoung) {
  const Digest young = objects_.Put("young").value();
  EXPECT_EQ(Collect(GcMode::kRemove, 3600.0).num_removed, 0);
  EXPECT_TRUE(objects_.Has(young));
}

TEST_F(GcTest, StoringAgainMakesYoung) {
  const Digest digest = objects_.Put("x").value();
  clock_.Advance(7200);
  // The file's time is the system's; as seen from the collector's clock both writes are old.
  EXPECT_EQ(Collect(GcMode::kDryRun, 3600.0).num_removed, 1);
  const int64_t before = FileModifiedMicros(objects_.PathOf(digest)).value();
  SystemClock().SleepSeconds(0.02);
  ASSERT_TRUE(objects_.Put("x").ok());
  EXPECT_GT(FileModifiedMicros(objects_.PathOf(digest)).value(), before);
}

TEST_F(GcTest, RemovesLeftOversOfInterruptedWrites) {
  const Digest digest = objects_.Put("x").value();
  ASSERT_TRUE(catalog_->PutArtefact({"r1", "a", digest, "k", 1}).ok());
  const std::string in_shard = FolderName(objects_.PathOf(digest)) + "/.abc.123.tmp";
  const std::string at_root = JoinPath(objects_.folder(), ".incoming.1.tmp");
  ASSERT_TRUE(WriteFile(in_shard, "half").ok());
  ASSERT_TRUE(WriteFile(at_root, "half").ok());
  EXPECT_EQ(Collect(GcMode::kRemove, 1.0).num_temporary, 2);
  EXPECT_FALSE(FileExists(in_shard));
  EXPECT_FALSE(FileExists(at_root));
  EXPECT_TRUE(objects_.Has(digest));
}

}  // namespace
}  // namespace millrace::store
