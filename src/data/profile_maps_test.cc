#include "data/profile_maps.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "base/files.h"
#include "base/format.h"

namespace millrace::data {
namespace {

class ProfileMapsTest : public ::testing::Test {
 protected:
  void Run(const std::string& csv) {
    folder_ = std::make_unique<TemporaryFolder>(TemporaryFolder::Make().value());
    ASSERT_TRUE(WriteFile(JoinPath(folder_->path(), "t.csv"), csv).ok());
    engine_ = engine::MakeDuckDbEngine({.num_threads = 1}).value();
    objects_ = std::make_unique<store::ObjectStore>(
        store::ObjectStore::Open(JoinPath(folder_->path(), "objects")).value());
    spec_.problem.target = "y";
    spec_.data.paths = {"t.csv"};
    SilentProgress progress;
    auto record = RunData({.spec = spec_,
                           .project_folder = folder_->path(),
                           .task = table::Task::kBinary,
                           .positive = "",
                           .objects = *objects_,
                           .engine = *engine_,
                           .progress = progress,
                           .previous_salt = std::nullopt});
    ASSERT_TRUE(record.ok()) << record.status().ToString();
    record_ = std::make_unique<DataRecord>(std::move(record).value());
  }

  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<store::ObjectStore> objects_;
  spec::Spec spec_;
  std::unique_ptr<DataRecord> record_;
};

TEST_F(ProfileMapsTest, GapsShowWhereTheyBegin) {
  // 320 rows, 10 a run; `a` is missing in the first quarter, one cell of `b` in the last run.
  std::string csv = "a,b,c,y\n";
  for (int i = 0; i < 320; ++i) {
    csv += Format("{},{},{},{}\n", i < 80 ? "" : Format("{}", i % 37),
                  i == 315 ? "" : Format("{}", i * 7 % 41), i * 3 % 29, i % 2 == 0 ? "p" : "q");
  }
  Run(csv);
  const auto map = MissingMap(*record_, *objects_, *engine_);
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  ASSERT_TRUE(map->has_value());
  EXPECT_EQ((*map)->row_labels, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ((*map)->column_labels.size(), 32u);
  EXPECT_EQ((*map)->column_labels[8], "from row 81");
  for (size_t run = 0; run < 32; ++run) {
    EXPECT_EQ((*map)->values[0][run], run < 8 ? 1.0 : 0.0) << run;
    EXPECT_EQ((*map)->values[1][run], run == 31 ? 0.1 : 0.0) << run;
  }
  const auto& blocks = record_->section.blocks;
  EXPECT_EQ(std::count_if(blocks.begin(), blocks.end(),
                          [](const report::Block& block) {
                            return std::holds_alternative<report::HeatMap>(block);
                          }),
            2);
}

TEST_F(ProfileMapsTest, NothingMissingIsNoMap) {
  std::string csv = "a,y\n";
  for (int i = 0; i < 60; ++i) csv += Format("{},{}\n", i % 7, i % 2 == 0 ? "p" : "q");
  Run(csv);
  const auto map = MissingMap(*record_, *objects_, *engine_);
  ASSERT_TRUE(map.ok()) << map.status().ToString();
  EXPECT_FALSE(map->has_value());
}

TEST(AssociationMapTest, HoldsTheStrongestPairsOfAtMostSixteenColumns) {
  profile::SourceProfile profile;
  for (int c = 0; c < 40; ++c) {
    profile.columns.emplace_back();
    profile.columns.back().name = Format("c{}", c);
  }
  EXPECT_FALSE(AssociationMap(profile).has_value());
  for (int c = 1; c < 40; ++c) {
    profile.associations.push_back({.first = 0, .second = c, .value = 1.0 - 0.01 * c});
  }
  profile.associations[0].value = -0.99;
  const auto map = AssociationMap(profile);
  ASSERT_TRUE(map.has_value());
  ASSERT_EQ(map->row_labels.size(), 16u);
  EXPECT_EQ(map->row_labels, map->column_labels);
  EXPECT_EQ(map->row_labels[15], "c15");
  EXPECT_EQ(map->low, -1.0);
  EXPECT_EQ(map->values[0][1], -0.99);
  EXPECT_EQ(map->values[1][0], -0.99);
  EXPECT_EQ(map->values[3][3], 1.0);
  EXPECT_TRUE(std::isnan(map->values[2][3]));
}

}  // namespace
}  // namespace millrace::data
