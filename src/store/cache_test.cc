#include "store/cache.h"

#include <gtest/gtest.h>

#include "base/files.h"

namespace millrace::store {
namespace {

TEST(CacheTest, FindsOnlyRecordsThatCanBeRead) {
  const TemporaryFolder folder = TemporaryFolder::Make().value();
  FakeClock clock;
  const auto catalog = Catalog::Open(JoinPath(folder.path(), "c.sqlite"), clock).value();
  const ObjectStore objects = ObjectStore::Open(JoinPath(folder.path(), "objects")).value();
  const Cache cache(*catalog, objects);
  const Digest key = DigestOf("key");
  EXPECT_FALSE(cache.FindPhase(key).value().has_value());

  const Digest record = objects.Put("{\"rows\":3}").value();
  RunRow run;
  run.id = "r1";
  ASSERT_TRUE(catalog->StartRun(run).ok());
  ASSERT_TRUE(catalog->RecordPhase({"r1", "data", key, PhaseStatus::kDone, 1, 2, record}).ok());
  const auto found = cache.FindPhase(key).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->record, record);
  EXPECT_EQ(found->content, "{\"rows\":3}");

  ASSERT_TRUE(WriteFile(objects.PathOf(record), "{\"rows\":4}").ok());
  EXPECT_FALSE(cache.FindPhase(key).value().has_value()) << "damaged: the phase runs again";
  ASSERT_TRUE(RemoveAll(objects.PathOf(record)).ok());
  EXPECT_FALSE(cache.FindPhase(key).value().has_value()) << "gone: the phase runs again";
}

}  // namespace
}  // namespace millrace::store
