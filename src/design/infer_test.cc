#include "design/infer.h"

#include <gtest/gtest.h>

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
  const auto refused = Infer("find fraud in payments", profile, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kUnsupported);
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

TEST(InferTest, GatesAreReadFromTheSentence) {
  auto gates = GatesOf("find churners; catch at least 70% of them", Task::kBinary);
  ASSERT_EQ(gates.size(), 1u);
  EXPECT_EQ(gates[0].gate.metric, "recall");
  EXPECT_DOUBLE_EQ(gates[0].gate.bound, 0.70);
  gates = GatesOf("predict churn with 0.85 auc and answer in under 20 ms.", Task::kBinary);
  ASSERT_EQ(gates.size(), 2u);
  EXPECT_EQ(gates[0].gate.metric, "auc");
  EXPECT_EQ(gates[1].gate.metric, "latency_p99");
  EXPECT_EQ(gates[1].gate.op, spec::Comparison::kAtMost);
  EXPECT_DOUBLE_EQ(gates[1].gate.bound, 0.02);
  EXPECT_TRUE(GatesOf("find the 1 customer who left", Task::kBinary).empty());
  EXPECT_TRUE(GatesOf("who earns more than 50K a year", Task::kBinary).empty());
}

TEST(InferTest, OtherTasksAreRefusedByName) {
  const auto refused = Infer("forecast the sales of next month", {}, {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kUnsupported);
  EXPECT_NE(refused.status().message().find("forecast"), std::string::npos);
  EXPECT_EQ(OtherTaskOf("sort photos of cats"), Task::kImage);
  EXPECT_EQ(OtherTaskOf("detect spam"), Task::kText);
  EXPECT_EQ(OtherTaskOf("rank the offers"), Task::kRanking);
  EXPECT_EQ(OtherTaskOf("predict who churns next month"), std::nullopt);
}

}  // namespace
}  // namespace millrace::design
