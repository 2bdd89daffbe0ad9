#include "data/column_checks.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/format.h"
#include "data/user_checks.h"

namespace millrace::data {
namespace {

using report::CheckState;
using spec::CheckOrder;

constexpr int64_t kSecond = 1'000'000;

class ColumnChecksTest : public ::testing::Test {
 protected:
  ColumnChecksTest() { Use(2); }

  // Rows 1 to 5: n 1, 3, -, 2, 2; t 10, 20, 30, 40, -; w a, b, b, c, -; z is 0 throughout.
  void Use(int num_threads) {
    auto engine =
        engine::MakeDuckDbEngine({.num_threads = num_threads, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    ASSERT_TRUE(engine_
                    ->Execute("CREATE TABLE typed AS SELECT * FROM (VALUES "
                              "(0, 1.0::DOUBLE, 10.0::DOUBLE, 'a', 0.0), "
                              "(1, 3.0, 20.0, 'b', 0.0), (2, NULL, 30.0, 'b', 0.0), "
                              "(3, 2.0, 40.0, 'c', 0.0), (4, 2.0, NULL, NULL, 0.0)) "
                              "t(__row, n, t, w, z)")
                    .ok());
    schema_ = table::Schema::Make({{.name = "n", .type = table::ColumnType::kNumber},
                                   {.name = "t", .type = table::ColumnType::kDate},
                                   {.name = "w", .type = table::ColumnType::kCategory},
                                   {.name = "z", .type = table::ColumnType::kInteger}})
                  .value();
  }

  Result<std::vector<report::Check>> Run(std::vector<spec::DataCheck> checks) {
    spec_.data.checks = std::move(checks);
    return RunColumnChecks(spec_, *engine_, "typed", schema_);
  }
  report::Check One(spec::DataCheck check) {
    const auto results = Run({std::move(check)});
    EXPECT_TRUE(results.ok()) << results.status().ToString();
    if (!results.ok() || results->size() != 1) return {};
    return results->front();
  }

  spec::Spec spec_;
  std::unique_ptr<engine::Engine> engine_;
  table::Schema schema_;
};

TEST_F(ColumnChecksTest, TheMeanIsThatOfThePresentValues) {
  const report::Check met = One({.column = "n", .min_mean = 2.0, .max_mean = 2.0});
  EXPECT_EQ(met.state, CheckState::kMet);
  EXPECT_EQ(met.value, 2.0);
  EXPECT_EQ(met.evidence, "of 4 values");
  EXPECT_EQ(met.requirement, ">= 2 and <= 2");
  const report::Check low = One({.column = "n", .min_mean = 2.5});
  EXPECT_EQ(low.state, CheckState::kNotMet);
  EXPECT_NE(low.fix.find("the mean is 2:"), std::string::npos) << low.fix;
  EXPECT_EQ(One({.column = "n", .max_mean = 1.5, .severity = spec::Severity::kWarn}).state,
            CheckState::kWarning);
  EXPECT_EQ(One({.column = "z", .min_mean = 0.0, .max_mean = 0.0}).value, 0.0);
}

TEST_F(ColumnChecksTest, TheMeanIsTheSameNumberForAnyThreads) {
  std::vector<double> means;
  for (const int num_threads : {1, 2, 4}) {
    Use(num_threads);
    ASSERT_TRUE(engine_
                    ->Execute("CREATE OR REPLACE TABLE typed AS SELECT i AS __row, "
                              "sin(i) * pow(10, i % 17 - 8) AS n, NULL AS t, NULL AS w, 0 AS z "
                              "FROM range(300000) r(i)")
                    .ok());
    means.push_back(One({.column = "n", .min_mean = -1e9}).value.value_or(-1));
  }
  EXPECT_EQ(means[0], means[1]);
  EXPECT_EQ(means[0], means[2]);
  const auto plain = Query(*engine_, "SELECT avg(n) FROM typed");
  EXPECT_NEAR(means[0], plain->column(0).number(0), 1e-7);
  EXPECT_NE(means[0], 0.0);
}

TEST_F(ColumnChecksTest, MeansOfExtremeValuesDoNotFail) {
  for (const auto& [values, expected] :
       std::vector<std::pair<std::string, double>>{{"(1e-320), (3e-320)", 2e-320},
                                                   {"(1e308), (1.5e308)", 1.25e308},
                                                   {"('inf'), ('4.0'), ('nan')", 4.0},
                                                   {"(-8.0), (8.0), (3.0)", 1.0}}) {
    ASSERT_TRUE(engine_
                    ->Execute(Format("CREATE OR REPLACE TABLE typed AS SELECT 0 AS __row, "
                                     "CAST(v AS DOUBLE) AS n FROM (VALUES {}) t(v)",
                                     values))
                    .ok());
    const report::Check check = One({.column = "n", .min_mean = -1e300});
    ASSERT_TRUE(check.value) << values;
    EXPECT_NEAR(*check.value, expected, std::max(1e-15 * expected, 1e-300)) << values;
  }
}

TEST_F(ColumnChecksTest, WhatComesOutOfOrderIsNamed) {
  const report::Check rising = One({.column = "n", .order = CheckOrder::kIncreasing});
  EXPECT_EQ(rising.state, CheckState::kNotMet);
  EXPECT_EQ(rising.label, "n increasing");
  EXPECT_EQ(rising.evidence, "3 of 4 values");
  EXPECT_NE(rising.fix.find("1 values break it (row 4: 2.0 after 3.0)"), std::string::npos)
      << rising.fix;
  EXPECT_EQ(One({.column = "n", .order = CheckOrder::kStrictlyIncreasing}).evidence,
            "2 of 4 values");
  EXPECT_EQ(One({.column = "n", .order = CheckOrder::kDecreasing}).evidence, "3 of 4 values");
  EXPECT_EQ(One({.column = "n", .order = CheckOrder::kStrictlyDecreasing}).evidence,
            "2 of 4 values");
  EXPECT_EQ(One({.column = "n", .at_least = 0.75, .order = CheckOrder::kIncreasing}).state,
            CheckState::kMet);
  EXPECT_EQ(One({.column = "w", .order = CheckOrder::kIncreasing}).state, CheckState::kMet);
  EXPECT_EQ(One({.column = "t", .order = CheckOrder::kStrictlyIncreasing}).state, CheckState::kMet);
}

TEST_F(ColumnChecksTest, AgeIsDecidedByTheClockOfTheReader) {
  auto results = Run({{.column = "t", .max_age_seconds = 100.0},
                      {.column = "t", .max_age_seconds = 50.0},
                      {.column = "t", .max_age_seconds = 50.0, .severity = spec::Severity::kWarn}});
  ASSERT_TRUE(results.ok()) << results.status().ToString();
  ASSERT_EQ(results->size(), 3u);
  for (const report::Check& check : *results) {
    EXPECT_EQ(check.state, CheckState::kNotMeasured);
    EXPECT_EQ(check.value, 40.0);
  }
  JudgeAges(spec_, 120 * kSecond, *results);
  EXPECT_EQ((*results)[0].state, CheckState::kMet);
  EXPECT_EQ((*results)[0].evidence, "newest: 1970-01-01T00:00:40Z, 1 min 20 s ago");
  EXPECT_EQ((*results)[1].state, CheckState::kNotMet);
  EXPECT_EQ((*results)[2].state, CheckState::kWarning);
  auto ahead = Run({{.column = "t", .max_age_seconds = 0.0}});
  JudgeAges(spec_, 30 * kSecond, *ahead);
  EXPECT_EQ(ahead->front().state, CheckState::kMet);
}

TEST_F(ColumnChecksTest, WithoutAnyValueOnlyAgeIsNotMet) {
  ASSERT_TRUE(engine_
                  ->Execute("CREATE OR REPLACE TABLE typed AS SELECT 0 AS __row, CAST(NULL AS "
                            "DOUBLE) AS n, CAST(NULL AS DOUBLE) AS t")
                  .ok());
  EXPECT_EQ(One({.column = "n", .min_mean = 5.0}).state, CheckState::kMet);
  EXPECT_EQ(One({.column = "n", .order = CheckOrder::kIncreasing}).state, CheckState::kMet);
  EXPECT_EQ(One({.column = "t", .max_age_seconds = 1e9}).state, CheckState::kNotMet);
}

TEST_F(ColumnChecksTest, WhatAColumnCannotHaveIsRefused) {
  const auto refusal = [&](spec::DataCheck check) {
    check.place = {.file = "m.yaml", .line = 3, .column = 5};
    return Run({std::move(check)}).status();
  };
  EXPECT_EQ(refusal({.column = "w", .min_mean = 1.0}).message(),
            "m.yaml:3:5: data.checks: a category has no mean: \"w\"");
  EXPECT_EQ(refusal({.column = "t", .max_mean = 1.0}).code(), Code::kInvalidSpec);
  EXPECT_EQ(refusal({.column = "n", .max_age_seconds = 1.0}).message(),
            "m.yaml:3:5: data.checks: max_age needs dates, and \"n\" is a number");
  EXPECT_EQ(refusal({.column = "nn", .order = CheckOrder::kIncreasing}).message(),
            "m.yaml:3:5: data.checks: no such column: \"nn\"");
}

}  // namespace
}  // namespace millrace::data
