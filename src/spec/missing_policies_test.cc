#include "spec/missing_policies.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/files.h"
#include "base/format.h"

namespace millrace::spec {
namespace {

using table::ColumnType;

std::string MistakeOf(std::vector<std::string> missing, std::optional<std::string> fill = {},
                      std::vector<std::string> strategies = {}) {
  ColumnFeatures column{.name = "c"};
  column.missing = std::move(missing);
  column.fill = std::move(fill);
  column.strategies = std::move(strategies);
  const auto mistake = FindMissingMistake(column);
  return mistake ? mistake->key + ": " + mistake->what + " (" + mistake->hint + ")" : "";
}

TEST(MissingPoliciesTest, ThePageListsThem) {
  const auto page = ReadFile(JoinPath(MILLRACE_SOURCE_DIR, "docs/missing_data.md"));
  ASSERT_TRUE(page.ok());
  for (const MissingPolicyRow& row : MissingPolicies()) {
    const std::string line = Format("| `{}` | {} | {} |\n", row.name, row.columns, row.text);
    EXPECT_NE(page->find(line), std::string::npos) << line;
    EXPECT_EQ(FindMissingPolicy(row.name), &row);
  }
}

TEST(MissingPoliciesTest, WordsThatGoTogetherAreTaken) {
  EXPECT_EQ(MistakeOf({}), "");
  for (const MissingPolicyRow& row : MissingPolicies()) {
    if (row.policy == MissingPolicy::kConstant) continue;
    EXPECT_EQ(MistakeOf({std::string(row.name)}), "") << row.name;
  }
  EXPECT_EQ(MistakeOf({"median", "indicator"}), "");
  EXPECT_EQ(MistakeOf({"constant"}, "0"), "");
  EXPECT_EQ(MistakeOf({"mode"}, {}, {"one_hot"}), "");
}

TEST(MissingPoliciesTest, MistakesNameTheKeyAndTheFix) {
  EXPECT_EQ(MistakeOf({"indicatr"}),
            ".missing: unknown policy: \"indicatr\" (did you mean \"indicator\"?)");
  EXPECT_EQ(MistakeOf({"median", "mean"}),
            ".missing: mean stands beside median (give one of them; indicator may stand beside "
            "it)");
  EXPECT_NE(MistakeOf({"drop", "indicator"}), "");
  EXPECT_NE(MistakeOf({"drop"}, {}, {"log"}), "");
  EXPECT_EQ(MistakeOf({"constant"}), ".missing: constant needs its value (write fill: 0)");
  EXPECT_EQ(MistakeOf({"median"}, "3"),
            ".fill: belongs to the policy constant (write missing: constant)");
}

TEST(MissingPoliciesTest, ColumnsTakeWhatTheirTypeCan) {
  EXPECT_EQ(MissingPoliciesOf(ColumnType::kNumber),
            "native, indicator, median, mean, mode, constant, model, drop");
  EXPECT_EQ(MissingPoliciesOf(ColumnType::kCategory), "native, indicator, mode, constant, drop");
  EXPECT_EQ(MissingPoliciesOf(ColumnType::kBoolean), "native, indicator, mode, constant, drop");
  EXPECT_EQ(MissingPoliciesOf(ColumnType::kDate), "native, indicator, median, drop");
}

}  // namespace
}  // namespace millrace::spec
