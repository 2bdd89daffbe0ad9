#include "spec/write.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "spec/parse.h"
#include "spec/yaml_text.h"

namespace millrace::spec {
namespace {

Spec Example() {
  return Parse(R"(
problem:
  description: "predict which customers will churn; catch at least 70% of them"
  task: binary
  target: Churn
  positive: "Yes"
data:
  source: customers.csv
  id: customerID
  sensitive: [gender, SeniorCitizen]
  columns: {TotalCharges: {type: number, missing: [" "]}}
  checks:
    - {column: tenure, min: 0, max: 100}
split: {seed: 11}
require: {recall: ">= 70%", auc: ">= 0.8", fairness: {equalized_odds_difference: "<= 0.1"}}
)",
               "m.yaml")
      .value();
}

TEST(WriteTest, ReadsLikeABrief) {
  const Reasons reasons = {{"problem.task", "2 values in Churn (No 73.5 %, Yes 26.5 %)"},
                           {"data.id", "7,043 distinct, left out of the features"},
                           {"data.columns.TotalCharges", "a number with 11 blanks"},
                           {"data.time", "no column holds a date"},
                           {"require.recall", "from your sentence"},
                           {"require.auc", "proposed: three quick probes reach 0.84 +- 0.01"},
                           {"develop.metric", "usual for two classes"},
                           {"develop.budget.time", "the default"}};
  EXPECT_EQ(WriteSpec(Example(), reasons),
            R"(# What is asked, and every choice with its reason. All keys: millrace spec schema
millrace: 1

# 1 requirements and design
problem:
  description: "predict which customers will churn; catch at least 70% of them"
  task: binary   # 2 values in Churn (No 73.5 %, Yes 26.5 %)
  target: Churn
  positive: "Yes"

# 2 data
data:
  source: customers.csv
  id: customerID                            # 7,043 distinct, left out of the features
  # time: no column holds a date
  sensitive: [gender, SeniorCitizen]
  columns:
    TotalCharges: {type: number, missing: " "}   # a number with 11 blanks
  checks: [{column: tenure, min: 0, max: 100}]
split: {seed: 11}

# 3 model development
develop:
  metric: auto   # usual for two classes
  budget:
    time: 1m     # the default

# 4 evaluation: gates
require:
  recall: ">= 0.7"   # from your sentence
  auc: ">= 0.8"      # proposed: three quick probes reach 0.84 +- 0.01
  fairness: {equalized_odds_difference: "<= 0.1"}
)");
}

TEST(WriteTest, LongReasonsStandAbove) {
  const std::string text =
      WriteSpec(Example(), {{"problem.task",
                             "a reason that is so long that it cannot stand beside the value "
                             "and therefore stands above it, in lines\nof its own"}});
  EXPECT_NE(text.find("  # a reason that is so long that it cannot stand beside the value and "
                      "therefore stands above it, in\n  # lines of its own\n  task: binary\n"),
            std::string::npos)
      << text;
  for (const std::string_view line : Split(text, '\n')) EXPECT_LE(line.size(), 100u);
}

TEST(WriteTest, ReadsBackWithReasons) {
  const Spec spec = Example();
  const Reasons reasons = {{"problem.target", "# \x01 strange: [reason"},
                           {"data.checks[0]", "planted"},
                           {"split", "whole group"},
                           {"deploy.port", "d"},
                           {"require.fairness", "f"},
                           {"retrain.on", "r"}};
  const std::string text = WriteSpec(spec, reasons);
  const auto again = Parse(text, "m.yaml");
  ASSERT_TRUE(again.ok()) << again.status().ToString() << "\n" << text;
  EXPECT_EQ(*again, spec);
}

TEST(YamlTextTest, QuotesWhatHasAMeaning) {
  EXPECT_EQ(YamlText("customers.csv"), "customers.csv");
  EXPECT_EQ(YamlText("Yes"), "\"Yes\"");
  EXPECT_EQ(YamlText("auto"), "\"auto\"");
  EXPECT_EQ(YamlText("12"), "\"12\"");
  EXPECT_EQ(YamlText(""), "\"\"");
  EXPECT_EQ(YamlText("a: b"), "\"a: b\"");
  EXPECT_EQ(YamlText("\x7f"), "\"\\x7f\"");
  EXPECT_EQ(YamlWord("12"), "12");
  EXPECT_EQ(YamlWord("-"), "\"-\"");
}

}  // namespace
}  // namespace millrace::spec
