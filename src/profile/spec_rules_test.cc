#include "profile/spec_rules.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "profile/source_profile.h"

namespace millrace::profile {
namespace {

using table::ColumnType;

class SpecRulesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
  }

  SourceProfile Profile(std::string_view csv) {
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
    auto source = engine::OpenSource(*engine_, folder_->path(), {"d.csv"}, {}, "src");
    EXPECT_TRUE(source.ok()) << source.status().ToString();
    auto profile = ProfileSource(*engine_, *source, OverridesOf(spec_, source->columns));
    EXPECT_TRUE(profile.ok()) << profile.status().ToString();
    return std::move(profile).value();
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  spec::Spec spec_;
};

TEST_F(SpecRulesTest, WordsThatMeanMissingAreNoValues) {
  spec_.data.missing = {"-5", "unknown"};
  std::string csv = "age,town\n";
  for (int i = 0; i < 100; ++i) {
    csv += Format("{},{}\n", i % 10 == 0 ? -5 : 20 + i, i % 5 == 0 ? "unknown" : "Ulm");
  }
  const SourceProfile profile = Profile(csv);
  const ColumnProfile& age = *profile.Find("age");
  EXPECT_EQ(age.type, ColumnType::kInteger);
  EXPECT_EQ(age.num_missing, 10);
  EXPECT_EQ(age.minimum, 21.0);
  EXPECT_EQ(profile.Find("town")->num_missing, 20);
  const auto schema = profile.ToSchema();
  ASSERT_TRUE(schema.ok());
  EXPECT_TRUE(schema->column(0).nullable);
  EXPECT_EQ(schema->column(0).minimum, 21.0);
  EXPECT_EQ(schema->column(1).values, (std::vector<std::string>{"Ulm"}));
}

TEST_F(SpecRulesTest, WordsOfAColumnStandInsteadOfThoseOfAll) {
  spec_.data.missing = {"none"};
  spec_.data.columns = {{.name = "pool", .type = {}, .missing = std::vector<std::string>{}}};
  std::string csv = "pool,garage\n";
  for (int i = 0; i < 100; ++i) csv += i % 2 == 0 ? "none,none\n" : "indoor,left\n";
  const SourceProfile profile = Profile(csv);
  EXPECT_EQ(profile.Find("pool")->num_missing, 0);
  EXPECT_EQ(profile.Find("pool")->num_distinct, 2);
  EXPECT_EQ(profile.Find("garage")->num_missing, 50);
}

TEST_F(SpecRulesTest, FiguresAreOfNumbersAsTheyAreWritten) {
  spec_.data.columns = {{.name = "price", .type = ColumnType::kNumber, .decimal = ','},
                        {.name = "day", .type = ColumnType::kDate, .date_order = "dmy"}};
  std::string csv = "price;day\n";
  for (int i = 0; i < 100; ++i) csv += Format("{},250;0{}/0{}/2024\n", i, 1 + i % 9, 1 + i % 7);
  const SourceProfile profile = Profile(csv);
  EXPECT_EQ(profile.Find("price")->num_invalid, 0);
  EXPECT_EQ(profile.Find("price")->maximum, 99.25);
  EXPECT_EQ(profile.Find("day")->num_invalid, 0);
  EXPECT_EQ(profile.Find("day")->maximum, 1720483200.0);  // 9 July
}

TEST_F(SpecRulesTest, PartsOfASplitAreTexts) {
  spec_.split.column = "part";
  std::string csv = "x,part\n";
  for (int i = 0; i < 100; ++i) csv += Format("{},{}\n", i, i % 2);
  EXPECT_EQ(Profile(csv).Find("part")->type, ColumnType::kCategory);
  spec_.split.column = "absent";
  EXPECT_EQ(Profile(csv).columns.size(), 2u);
}

}  // namespace
}  // namespace millrace::profile
