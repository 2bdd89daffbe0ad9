#include "spec/feature_strategies.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "base/format.h"

namespace millrace::spec {
namespace {

TEST(FeatureStrategiesTest, ThePageListsThem) {
  const auto page = ReadFile(JoinPath(MILLRACE_SOURCE_DIR, "docs/features.md"));
  ASSERT_TRUE(page.ok());
  for (const StrategyRow& row : Strategies()) {
    const std::string line = Format("| `{}` | {} | {} |\n", row.name, row.columns, row.text);
    EXPECT_NE(page->find(line), std::string::npos) << line;
    EXPECT_EQ(FindStrategy(row.name), &row);
  }
  EXPECT_EQ(FindStrategy("lgo"), nullptr);
}

TEST(FeatureStrategiesTest, EveryTypeOfColumnHasSome) {
  using table::ColumnType;
  EXPECT_EQ(StrategiesOf(ColumnType::kBoolean), "value, missing");
  EXPECT_EQ(StrategiesOf(ColumnType::kDate), "missing, parts, calendar, cycle, elapsed");
  EXPECT_EQ(StrategiesOf(ColumnType::kInteger), StrategiesOf(ColumnType::kNumber));
  EXPECT_EQ(StrategiesOf(ColumnType::kText), StrategiesOf(ColumnType::kCategory));
  EXPECT_FALSE(Suits(Strategy::kLog, ColumnType::kText));
  EXPECT_TRUE(Suits(Strategy::kMissing, ColumnType::kText));
}

}  // namespace
}  // namespace millrace::spec
