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
