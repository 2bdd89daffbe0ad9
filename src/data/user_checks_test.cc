#include "data/user_checks.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/format.h"

namespace millrace::data {
namespace {

using report::CheckState;

// Rows 1 to 6: age 20, 30, 30, 200, -, 40; plan Basic, Gold, Gold, Goldd, -, Basic; code of 3, 3,
// 3, 4, 3, 3 characters; flag 0, 1, 1, 0, 1, -.
class UserChecksTest : public ::testing::Test {
 protected:
  UserChecksTest() {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    EXPECT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    EXPECT_TRUE(engine_
                    ->Execute("CREATE TABLE typed AS SELECT * FROM (VALUES "
                              "(0, 20.0, 'Basic', 'a-1', 0.0), (1, 30.0, 'Gold', 'b-2', 1.0), "
                              "(2, 30.0, 'Gold', 'c-3', 1.0), (3, 200.0, 'Goldd', 'd-44', 0.0), "
                              "(4, NULL, NULL, 'e-5', 1.0), (5, 40.0, 'Basic', 'f-6', NULL)) "
                              "t(__row, age, plan, code, flag)")
                    .ok());
    schema_ = table::Schema::Make({{.name = "age", .type = table::ColumnType::kInteger},
                                   {.name = "plan", .type = table::ColumnType::kCategory},
                                   {.name = "code", .type = table::ColumnType::kText},
                                   {.name = "flag", .type = table::ColumnType::kBoolean}})
                  .value();
  }

  Result<std::vector<report::Check>> Run(std::vector<spec::DataCheck> checks,
                                         std::string_view name = "typed") {
    spec_.data.checks = std::move(checks);
    return RunUserChecks(spec_, *engine_, name, schema_);
  }
  // The one result of one check.
  report::Check One(spec::DataCheck check) {
    const auto results = Run({std::move(check)});
    EXPECT_TRUE(results.ok()) << results.status().ToString();
    EXPECT_EQ(results->size(), 1u);
    return results->front();
  }

  spec::Spec spec_;
  std::unique_ptr<engine::Engine> engine_;
  table::Schema schema_;
};

TEST_F(UserChecksTest, EachKindFindsWhatBreaksIt) {
  struct Case {
    spec::DataCheck check;
    std::string label;
    std::string evidence;
    std::string rows;  // in the advice
  };
  const std::vector<Case> cases = {
      {{.column = "age", .minimum = 25.0, .maximum = 100.0},
       "age >= 25 and <= 100",
       "4 of 6 rows",
       "(row 1: 20.0; row 4: 200.0)"},
      {{.column = "age", .values = {"20", "30", "40"}},
       "age in 20, 30, 40",
       "5 of 6 rows",
       "(row 4: 200.0)"},
      {{.column = "plan", .values = {"Basic", "Gold"}},
       "plan in Basic, Gold",
       "5 of 6 rows",
       "(row 4: Goldd)"},
      {{.column = "flag", .values = {"1"}}, "flag in 1", "4 of 6 rows", "(row 1: 0.0; row 4: 0.0)"},
      {{.column = "age", .max_missing = 0.1}, "age present", "5 of 6 rows", "(row 5)"},
      {{.column = "code", .pattern = "[a-z]-[0-9]"},
       "code like [a-z]-[0-9]",
       "5 of 6 rows",
       "(row 4: d-44)"},
      {{.column = "code", .max_length = 3},
       "code of 3 characters or fewer",
       "5 of 6 rows",
       "(row 4: d-44)"},
      {{.column = "code", .min_length = 4},
       "code of 4 characters or more",
       "1 of 6 rows",
       "(row 1: a-1; row 2: b-2; row 3: c-3)"},
      {{.column = "plan", .unique = true},
       "plan unique",
       "3 of 5 rows",
       "(row 1: Basic; row 2: Gold)"},
      {{.sql = "age < 100 OR plan = 'Basic'"},
       "age < 100 OR plan = 'Basic'",
       "5 of 6 rows",
       "(row 4)"},
  };
  for (const Case& item : cases) {
    const report::Check found = One(item.check);
    EXPECT_EQ(found.state, CheckState::kNotMet) << item.label;
    EXPECT_EQ(found.label, item.label);
    EXPECT_EQ(found.evidence, item.evidence) << item.label;
    EXPECT_NE(found.fix.find(item.rows), std::string::npos) << found.fix;
  }
}

TEST_F(UserChecksTest, WhatIsAsWantedIsMetWhateverTheKind) {
  const auto results = Run({{.column = "age", .minimum = 20.0, .maximum = 200.0},
                            {.column = "age", .values = {"20", "30", "40", "200"}},
                            {.column = "flag", .values = {"true", "false"}},
                            {.column = "code", .pattern = "[a-f]-[0-9]+", .min_length = 3},
                            {.column = "code", .unique = true},
                            {.column = "plan", .max_missing = 0.2},
                            {.column = "plan", .unique = true, .at_least = 0.6},
                            {.min_rows = 6, .max_rows = 6},
                            {.sql = "age > 0"}});
  ASSERT_TRUE(results.ok()) << results.status().ToString();
  ASSERT_EQ(results->size(), 9u);
  for (const report::Check& check : *results)
    EXPECT_EQ(check.state, CheckState::kMet) << check.label;
}

TEST_F(UserChecksTest, ACheckOfSeveralKindsGivesAResultForEach) {
  const auto results = Run({{.column = "age", .minimum = 0.0, .max_missing = 0.0, .unique = true}});
  ASSERT_EQ(results->size(), 3u);
  EXPECT_EQ((*results)[0].id, "data.check.0");
  EXPECT_EQ((*results)[0].state, CheckState::kMet);
  EXPECT_EQ((*results)[1].id, "data.check.0.missing");
  EXPECT_EQ((*results)[1].state, CheckState::kNotMet);
  EXPECT_EQ((*results)[2].id, "data.check.0.unique");
  EXPECT_EQ((*results)[2].state, CheckState::kNotMet);
}

TEST_F(UserChecksTest, RowsAreCounted) {
  EXPECT_EQ(One({.min_rows = 7}).state, CheckState::kNotMet);
  EXPECT_EQ(One({.max_rows = 5, .severity = spec::Severity::kWarn}).state, CheckState::kWarning);
  ASSERT_TRUE(engine_->Execute("CREATE TABLE bare AS SELECT * FROM typed WHERE false").ok());
  EXPECT_EQ(Run({{.min_rows = 1}}, "bare")->front().state, CheckState::kNotMet);
  EXPECT_EQ(Run({{.max_rows = 5}}, "bare")->front().state, CheckState::kMet);
  EXPECT_EQ(Run({{.column = "age", .minimum = 0.0}}, "bare")->front().state, CheckState::kMet);
}

TEST_F(UserChecksTest, WhatCannotBeMeasuredIsTheUsers) {
  const auto error = [this](spec::DataCheck check) {
    check.place = {.file = "m.yaml", .line = 3, .column = 5};
    const auto results = Run({{.sql = "age > 0"}, std::move(check)});
    EXPECT_EQ(results.status().code(), Code::kInvalidSpec);
    return results.status().message();
  };
  EXPECT_EQ(error({.column = "agee", .minimum = 0.0}),
            "m.yaml:3:5: data.checks: no such column: \"agee\"");
  EXPECT_EQ(error({.column = "plan", .minimum = 0.0}),
            "m.yaml:3:5: data.checks: a bound on a text column: \"plan\"");
  EXPECT_EQ(error({.column = "age", .pattern = "[0-9]"}),
            "m.yaml:3:5: data.checks: a pattern or length of a column of numbers: \"age\"");
  EXPECT_EQ(error({.column = "age", .values = {"many"}}),
            "m.yaml:3:5: data.checks: values: not an integer: \"many\" for column \"age\"");
  EXPECT_NE(error({.column = "code", .pattern = "["}).find("data.checks[1].pattern"),
            std::string::npos);
  EXPECT_NE(error({.sql = "agee > 1"}).find("data.checks[1].sql"), std::string::npos);
}

TEST_F(UserChecksTest, TheShareThatIsAllowedIsAllowed) {
  for (int percent = 0; percent < 100; ++percent) {
    ASSERT_TRUE(engine_
                    ->Execute(Format("CREATE OR REPLACE TABLE gaps AS SELECT i AS __row, CASE WHEN "
                                     "i >= {} THEN 1.0 END AS age FROM range(100) t(i)",
                                     percent))
                    .ok());
    const double allowed = percent / 100.0;
    const auto exact = Run({{.column = "age", .max_missing = allowed}}, "gaps");
    EXPECT_EQ(exact->front().state, CheckState::kMet) << percent;
    if (percent == 0) continue;
    const auto more = Run({{.column = "age", .max_missing = allowed - 0.001}}, "gaps");
    EXPECT_EQ(more->front().state, CheckState::kNotMet) << percent;
  }
}

TEST_F(UserChecksTest, ABandBoundsAShareOfThePresentValuesOnBothSides) {
  // Of five present plans two are Basic, of five ages three are at most 30.
  const auto band = [&](spec::DataCheck check, double low, double high) {
    check.at_least = low;
    check.at_most = high;
    return One(std::move(check));
  };
  const report::Check met = band({.column = "plan", .values = {"Basic"}}, 0.4, 0.4);
  EXPECT_EQ(met.state, CheckState::kMet);
  EXPECT_EQ(met.evidence, "2 of 5 rows");
  EXPECT_EQ(met.requirement, ">= 40.0 % and <= 40.0 %");
  EXPECT_EQ(band({.column = "plan", .values = {"Basic"}}, 0.45, 0.6).state, CheckState::kNotMet);
  EXPECT_EQ(band({.column = "plan", .values = {"Basic"}}, 0.1, 0.3).state, CheckState::kNotMet);
  EXPECT_EQ(band({.column = "age", .maximum = 30.0}, 0.6, 0.6).state, CheckState::kMet);
  EXPECT_EQ(band({.column = "age", .maximum = 30.0}, 0.2, 0.59).state, CheckState::kNotMet);
  EXPECT_EQ(band({.sql = "age > 30 AND flag = 0"}, 0.2, 0.25).evidence, "1 of 5 rows");
}

TEST_F(UserChecksTest, WholeNumbersAreCountedLikeAnyOtherValues) {
  // What a bitmap can hold, and what it cannot: fractions, far ends, infinities, nothing.
  for (const std::string values :
       {"(1), (2), (2), (-5), (NULL), (0), (-0.0)", "(1.5), (2), (2)", "(-1e300), (7), (7)",
        "('inf'), ('nan'), ('3'), ('3')", "(NULL), (NULL)",
        "(9007199254740993), (9007199254740993)", "(4000000000), (4000000000), (4000000031)"}) {
    ASSERT_TRUE(engine_
                    ->Execute(Format("CREATE OR REPLACE TABLE wide AS SELECT "
                                     "row_number() OVER () - 1 AS __row, CAST(v AS DOUBLE) AS age "
                                     "FROM (VALUES {}) t(v)",
                                     values))
                    .ok());
    const auto plain = Query(*engine_, "SELECT count(DISTINCT age), count(age) FROM wide");
    const auto results = Run({{.column = "age", .unique = true, .at_least = 0.0}}, "wide");
    ASSERT_TRUE(results.ok()) << values << results.status().ToString();
    EXPECT_EQ(results->front().evidence,
              Format("{} of {} rows", plain->column(0).number(0), plain->column(1).number(0)))
        << values;
  }
}

}  // namespace
}  // namespace millrace::data
