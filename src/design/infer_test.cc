#include "design/infer.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "design/problem_type.h"
#include "design/words.h"

namespace millrace::design {
namespace {

using table::Task;

TEST(InferTest, WordsSplitNamesAndStemsAgree) {
  EXPECT_EQ(WordsOf("SalePrice"), (std::vector<std::string>{"sale", "price"}));
  EXPECT_EQ(WordsOf("median_house_value"), (std::vector<std::string>{"median", "house", "value"}));
  EXPECT_TRUE(MeanTheSame("churners", "Churn") || MeanTheSame("churners", "churn"));
  EXPECT_TRUE(MeanTheSame("leave", "exited"));
  EXPECT_FALSE(MeanTheSame("house", "price"));
}

TEST(InferTest, WordsOfOneMeaningAgree) {
  EXPECT_TRUE(MeanTheSame("diagnose", "diagnosis"));
  EXPECT_TRUE(MeanTheSame("leave", "left"));
  EXPECT_FALSE(MeanTheSame("this", "thing"));
}

// A profile of one table of 100 rows.
profile::ColumnProfile Column(const std::string& name, table::ColumnType type, int64_t distinct,
                              const std::vector<std::string>& values) {
  profile::ColumnProfile column;
  column.name = name;
  column.type = type;
  column.num_rows = 100;
  column.num_distinct = distinct;
  column.is_unique = distinct == 100;
  for (const std::string& value : values) column.top_values.push_back({value, 10});
  return column;
}

TEST(InferTest, ATextColumnBesideOthersIsNoTextTask) {
  profile::SourceProfile profile;
  profile.num_rows = 100;
  profile.columns = {Column("remark", table::ColumnType::kText, 90, {}),
                     Column("amount", table::ColumnType::kNumber, 80, {}),
                     Column("fraud", table::ColumnType::kBoolean, 2, {"0", "1"})};
  profile.columns[0].mean_words = 12.0;
  const auto found = Infer("find fraud in payments", profile, {});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->target.value, "fraud");
  EXPECT_EQ(found->positive.value, "1");
  profile.columns.erase(profile.columns.begin() + 1);
  const auto text = Infer("find fraud in payments", profile, {});
  ASSERT_TRUE(text.ok()) << text.status().ToString();
  EXPECT_EQ(text->task, Task::kBinary);
  EXPECT_NE(text->task_choice.reason.find("a text task: learnt from the words of remark"),
            std::string::npos)
      << text->task_choice.reason;
  Known known;
  known.task = Task::kText;
  const auto named = Infer("find fraud in payments", profile, known);
  ASSERT_TRUE(named.ok()) << named.status().ToString();
  EXPECT_EQ(named->task, Task::kBinary);
  profile.columns[0] = Column("amount", table::ColumnType::kNumber, 80, {});
  const auto no_text = Infer("find fraud in payments", profile, known);
  ASSERT_FALSE(no_text.ok());
  EXPECT_EQ(no_text.status().message(), "task: text: no column holds free text");
}

TEST(InferTest, ANamedTargetThatCannotBeLearntIsRefusedNotReplaced) {
  profile::SourceProfile profile;
  profile.num_rows = 100;
  profile.columns = {Column("age", table::ColumnType::kNumber, 41, {}),
                     Column("churn", table::ColumnType::kCategory, 1, {"no"})};
  const auto constant = Infer("predict whether a customer will churn", profile, {});
  ASSERT_FALSE(constant.ok());
  EXPECT_EQ(constant.status().code(), Code::kInvalidData);
  EXPECT_EQ(constant.status().message(),
            "target \"churn\": named in your sentence, and one value only");
  profile.columns[1] = Column("churn", table::ColumnType::kCategory, 2, {"no", "yes"});
  profile.columns[1].num_missing = 98;
  const auto missing = Infer("predict whether a customer will churn", profile, {});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().message(),
            "target \"churn\": named in your sentence, and missing in 98 of 100 rows");
  // Named beside the target, such a column is no obstacle.
  EXPECT_TRUE(Infer("predict the age of who may churn", profile, {}).ok());
}

TEST(InferTest, NumbersOfThingsNameRowsOnlyWhenEachDiffers) {
  profile::SourceProfile profile;
  profile.num_rows = 100;
  profile.columns = {Column("OrderNumber", table::ColumnType::kInteger, 100, {}),
                     Column("rooms number", table::ColumnType::kInteger, 7, {}),
                     Column("price", table::ColumnType::kNumber, 90, {})};
  const auto found = Infer("predict the price", profile, {});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->id.value, "OrderNumber");
  EXPECT_TRUE(found->exclude.empty());
}

TEST(InferTest, AColumnOfTheTraitIsComparedByGroup) {
  profile::SourceProfile profile;
  profile.num_rows = 100;
  profile.columns = {Column("gender", table::ColumnType::kCategory, 2, {"m", "f"}),
                     Column("race", table::ColumnType::kCategory, 3, {"a", "b"}),
                     Column("amount", table::ColumnType::kNumber, 80, {}),
                     Column("loan", table::ColumnType::kBoolean, 2, {"0", "1"})};
  const auto found = Infer("who gets a loan? it must work equally for men and women", profile, {});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  ASSERT_EQ(found->criteria.fairness.size(), 1u);
  ASSERT_EQ(found->sensitive.size(), 1u);
  EXPECT_EQ(found->sensitive[0].name, "gender");
  ASSERT_EQ(found->criteria.unused.size(), 1u);  // race is said not to be gated
  EXPECT_EQ(found->criteria.unused[0].words, "race");
  // No column tells the trait: no gate that nothing could measure, and a word.
  profile.columns.erase(profile.columns.begin(), profile.columns.begin() + 2);
  const auto without =
      Infer("who gets a loan? it must work equally for men and women", profile, {});
  ASSERT_TRUE(without.ok());
  EXPECT_TRUE(without->criteria.fairness.empty());
  ASSERT_EQ(without->criteria.unused.size(), 1u);
  EXPECT_NE(without->criteria.unused[0].reason.find("data.sensitive"), std::string::npos);
}

TEST(InferTest, WhichClassNegativeMeansIsAsked) {
  profile::SourceProfile profile;
  profile.num_rows = 100;
  profile.columns = {Column("stars", table::ColumnType::kNumber, 5, {}),
                     Column("label", table::ColumnType::kBoolean, 2, {"1", "0"})};
  const auto found = Infer("is the label of a review negative?", profile, {});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  ASSERT_EQ(found->questions.size(), 1u);
  EXPECT_EQ(found->questions[0].key, "positive");
  EXPECT_EQ(found->questions[0].best_guess, "0");
  Known known;
  known.positive = "1";
  const auto settled = Infer("is the label of a review negative?", profile, known);
  ASSERT_TRUE(settled.ok());
  EXPECT_TRUE(settled->questions.empty());
}

TEST(InferTest, OtherTasksAreRefusedByName) {
  const auto refused = Infer("forecast the sales of next month", {}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kUnsupported);
  EXPECT_NE(refused.status().message().find("forecast"), std::string::npos);
  const auto kind = [](std::string_view sentence, const profile::SourceProfile& profile) {
    const auto other = FindOtherTask(sentence, profile, "");
    return other ? std::optional(other->task) : std::nullopt;
  };
  EXPECT_EQ(kind("sort photos of cats", {}), Task::kImage);
  EXPECT_EQ(kind("detect spam", {}), std::nullopt);  // the words of a table answer it
  EXPECT_EQ(kind("rank the offers", {}), Task::kRanking);
  EXPECT_EQ(kind("predict who churns next month", {}), std::nullopt);
}

TEST(InferTest, WhatShowsAnotherTaskIsSaid) {
  profile::SourceProfile profile;
  profile.num_rows = 100;
  profile.columns = {Column("week", table::ColumnType::kDate, 20, {}),
                     Column("store", table::ColumnType::kInteger, 5, {}),
                     Column("sales", table::ColumnType::kNumber, 90, {})};
  const auto forecast = FindOtherTask("forecast weekly sales per store", profile, "sales");
  ASSERT_TRUE(forecast);
  EXPECT_EQ(forecast->evidence,
            "\"forecast\" in your sentence; week says when a row is: 20 times; 5 rows at each of "
            "them, so many series");
  EXPECT_NE(forecast->way_out.find("--task regression learns sales"), std::string::npos);
  // Nothing but dates to learn from: a forecast, whatever the sentence says.
  profile.columns.erase(profile.columns.begin() + 1);
  const auto dates = Infer("predict sales", profile, {});
  ASSERT_FALSE(dates.ok());
  EXPECT_EQ(dates.status().code(), Code::kUnsupported);
  EXPECT_NE(dates.status().message().find("nothing but week"), std::string::npos);
  Known known;
  known.task = Task::kRegression;
  EXPECT_TRUE(Infer("predict sales", profile, known).ok());
  // Paths of images and a class.
  profile.columns = {Column("file", table::ColumnType::kCategory, 100, {"a/1.png"}),
                     Column("animal", table::ColumnType::kCategory, 2, {"cat", "dog"})};
  const auto images = Infer("predict the animal", profile, {});
  ASSERT_FALSE(images.ok());
  EXPECT_NE(images.status().message().find("task: image"), std::string::npos);
}

TEST(InferTest, ASeriesAcrossColumnsIsAForecast) {
  profile::SourceProfile profile;
  profile.num_rows = 100;
  for (int i = 1; i <= 30; ++i) {
    profile.columns.push_back(Column(Format("V{}", i), table::ColumnType::kNumber, 90, {}));
    profile.columns.back().num_missing = i < 10 ? 0 : i;
  }
  EXPECT_TRUE(FindOtherTask("what comes after the last one?", profile, ""));
  // As many columns of numbers with gaps here and there are a table.
  for (int i = 0; i < 30; ++i) profile.columns[static_cast<size_t>(i)].num_missing = (i * 7) % 5;
  EXPECT_FALSE(FindOtherTask("what comes after the last one?", profile, ""));
}

}  // namespace
}  // namespace millrace::design
