#include "profile/absence.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "profile/source_profile.h"

namespace millrace::profile {
namespace {

class AbsenceTest : public ::testing::Test {
 protected:
  // Profiles the lines "quality,area,other".
  SourceProfile Profile(const std::string& lines,
                        const std::map<std::string, ColumnOverride>& overrides = {}) {
    folder_ = std::make_unique<TemporaryFolder>(TemporaryFolder::Make().value());
    engine_ = engine::MakeDuckDbEngine({.num_threads = 1}).value();
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "t.csv"), "quality,area,other\n" + lines).ok());
    const auto source = engine::OpenSource(*engine_, folder_->path(), {"t.csv"}, {}, "src");
    EXPECT_TRUE(source.ok()) << source.status().ToString();
    const auto profile = ProfileSource(*engine_, *source, overrides, 1);
    EXPECT_TRUE(profile.ok()) << profile.status().ToString();
    return *profile;
  }

  // 40 rows; the first `num_none` have quality "NA"; those from `first_zero` to `last_zero` area 0.
  static std::string Rows(int num_none, int first_zero, int last_zero) {
    std::string lines;
    for (int i = 0; i < 40; ++i) {
      const std::string quality = i < num_none ? "NA" : i % 2 == 0 ? "good" : "fair";
      const bool zero = i >= first_zero && i < last_zero;
      lines += Format("{},{},{}\n", quality, zero ? 0 : 20 + i * 7 % 11, i * 5 % 7);
    }
    return lines;
  }

  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<engine::Engine> engine_;
};

TEST_F(AbsenceTest, WordWhereTheAmountIsZeroIsAValue) {
  const SourceProfile profile = Profile(Rows(8, 0, 8));
  const ColumnProfile& quality = *profile.Find("quality");
  EXPECT_EQ(quality.type, table::ColumnType::kCategory);
  EXPECT_EQ(quality.num_missing, 0);
  EXPECT_EQ(quality.num_distinct, 3);
  EXPECT_TRUE(quality.rules.missing_texts.empty());
  EXPECT_TRUE(quality.is_notable);
  EXPECT_NE(quality.reason.find("\"NA\" is one of them: it stands where area is 0"),
            std::string::npos)
      << quality.reason;
}

TEST_F(AbsenceTest, WordThatHasNothingToDoWithZerosIsMissing) {
  EXPECT_EQ(Profile(Rows(8, 20, 28)).Find("quality")->num_missing, 8);
  // Half of the zeros stand elsewhere.
  EXPECT_EQ(Profile(Rows(8, 0, 16)).Find("quality")->num_missing, 8);
  // No zero at all.
  EXPECT_EQ(Profile(Rows(8, 0, 0)).Find("quality")->num_missing, 8);
}

TEST_F(AbsenceTest, FewRowsOrEmptyCellsShowNothing) {
  EXPECT_EQ(Profile(Rows(4, 0, 4)).Find("quality")->num_missing, 4);
  EXPECT_EQ(Profile(Rows(36, 0, 36)).Find("quality")->num_missing, 36);
  EXPECT_EQ(Profile(Rows(8, 0, 8) + ",0,1\n").Find("quality")->num_missing, 9);
}

TEST_F(AbsenceTest, WhatTheSpecificationSaysStays) {
  const std::map<std::string, ColumnOverride> said = {
      {"quality", {.missing_texts = std::vector<std::string>{"NA"}}}};
  EXPECT_EQ(Profile(Rows(8, 0, 8), said).Find("quality")->num_missing, 8);
  const std::map<std::string, ColumnOverride> more = {
      {"quality", {.more_missing_texts = {"fair"}}}};
  EXPECT_GT(Profile(Rows(8, 0, 8), more).Find("quality")->num_missing, 8);
}

}  // namespace
}  // namespace millrace::profile
