#include "data/suggest_checks.h"

#include <gtest/gtest.h>

namespace millrace::data {
namespace {

profile::ColumnProfile Column(const std::string& name, table::ColumnType type) {
  profile::ColumnProfile column;
  column.name = name;
  column.type = type;
  column.num_rows = 1000;
  column.num_distinct = 3;
  return column;
}

profile::SourceProfile Sample() {
  profile::SourceProfile profile;
  profile.num_rows = 1000;
  profile.columns = {
      Column("id", table::ColumnType::kCategory), Column("age", table::ColumnType::kInteger),
      Column("plan", table::ColumnType::kCategory), Column("town", table::ColumnType::kCategory),
      Column("left", table::ColumnType::kCategory)};
  profile.columns[0].is_unique = true;
  profile.columns[0].num_distinct = 1000;
  profile.columns[1].num_missing = 100;
  profile.columns[1].minimum = 18;
  profile.columns[1].maximum = 99.5;
  profile.columns[2].top_values = {{"Basic", 600}, {"Gold: new", 398}, {"Old", 2}};
  profile.columns[3].num_distinct = 10;
  for (int i = 0; i < 10; ++i) {
    profile.columns[3].top_values.push_back({"t" + std::to_string(i), i < 4 ? 200 : 1});
  }
  profile.columns[4].top_values = {{"no", 900}, {"yes", 100}};
  return profile;
}

TEST(SuggestChecks, EachColumnGetsWhatItsRowsShow) {
  spec::Spec spec;
  spec.problem.target = "left";
  spec.data.id = "id";
  // 0 of 1,000 missing: z^2 / (n + z^2) = 9.5494 / 1009.5494 = 0.00946; 100 of 1,000: 0.1332, up to
  // 0.134. Six towns that were seen once of 1,000: more are to come.
  EXPECT_EQ(ChecksAsYaml(SuggestChecks(Sample(), spec)),
            "  checks:\n"
            "    - {column: id, max_missing: 0.01, severity: warn}  # 0 of 1,000 are missing\n"
            "    - {column: id, unique: true, severity: warn}  # the id, every value differs\n"
            "    - {column: age, max_missing: 0.134, severity: warn}  # 100 of 1,000 are missing\n"
            "    - {column: age, min: 18, max: 99.5, at_least: 0.99, severity: warn}  # the range "
            "of 900 values\n"
            "    - {column: plan, max_missing: 0.01, severity: warn}  # 0 of 1,000 are missing\n"
            "    - {column: plan, values: [Basic, \"Gold: new\", Old], at_least: 0.99, severity: "
            "warn}  # all 3 values seen\n"
            "    - {column: town, max_missing: 0.01, severity: warn}  # 0 of 1,000 are missing\n"
            "    - {column: left, max_missing: 0.01, severity: warn}  # 0 of 1,000 are missing\n");
}

TEST(SuggestChecks, FewRowsSayNothing) {
  profile::SourceProfile profile = Sample();
  profile.num_rows = 99;
  EXPECT_TRUE(SuggestChecks(profile, {}).empty());
}

}  // namespace
}  // namespace millrace::data
