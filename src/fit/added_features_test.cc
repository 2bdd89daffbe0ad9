#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>

#include "base/format.h"
#include "feature/expression.h"
#include "fit/fit_graph.h"

namespace millrace::fit {
namespace {

using table::ColumnType;
using ::testing::HasSubstr;

class AddedFeaturesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    ASSERT_TRUE(
        engine_
            ->Execute("CREATE TABLE t AS SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE "
                      "(i - 40) / 8.0 END AS x, (i % 5)::DOUBLE AS y, "
                      "CASE WHEN i % 11 = 0 THEN NULL ELSE chr((97 + i % 3)::INTEGER) END AS c, "
                      "(i * 1000.0)::DOUBLE AS secret, (i % 2)::DOUBLE AS target "
                      "FROM range(100) r(i)")
            .ok());
    auto schema = table::Schema::Make({{.name = "x", .type = ColumnType::kNumber},
                                       {.name = "y", .type = ColumnType::kInteger},
                                       {.name = "c", .type = ColumnType::kCategory},
                                       {.name = "secret", .type = ColumnType::kNumber},
                                       {.name = "target", .type = ColumnType::kBoolean}});
    ASSERT_TRUE(schema.ok());
    schema_ = std::move(schema).value();
  }

  Result<FittedGraph> Fit(std::vector<spec::AddedFeature> added) {
    return FitGraph({.engine = *engine_,
                     .relation = "t",
                     .schema = schema_,
                     .features = {"x", "y", "c"},
                     .added = std::move(added)});
  }

  Status Refusal(std::string name, std::string expression) {
    return Fit({{.name = std::move(name),
                 .expression = std::move(expression),
                 .place = {.file = "millrace.yaml", .line = 12, .column = 5}}})
        .status();
  }

  std::unique_ptr<engine::Engine> engine_;
  table::Schema schema_;
};

TEST_F(AddedFeaturesTest, BecomeTheLastFeatures) {
  const auto fitted = Fit({{.name = "ratio", .expression = "x / nullif(y, 0)"},
                           {.name = "is a", .expression = "c = 'a'"},
                           {.name = "never", .expression = "ln(0 * y)"}});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  const auto infos = fitted->graph.features();
  ASSERT_GE(infos.size(), 2u);
  EXPECT_EQ(infos[infos.size() - 2].name, "ratio");
  EXPECT_EQ(infos.back().name, "is a");
  ASSERT_EQ(fitted->reasons.size(), 6u);
  EXPECT_THAT(fitted->reasons[3].strategy,
              HasSubstr("by expression: x / nullif(y, 0) (missing in"));
  EXPECT_EQ(fitted->reasons[5].strategy, "none: missing in every training row");

  const auto rows = engine::Query(*engine_, "SELECT * FROM t");
  ASSERT_TRUE(rows.ok());
  const auto matrix = fitted->graph.Apply(*rows);
  ASSERT_TRUE(matrix.ok()) << matrix.status().ToString();
  EXPECT_EQ(matrix->at(41, matrix->num_columns() - 2), 0.125f);  // 1/8 over 41 % 5
  EXPECT_TRUE(std::isnan(matrix->at(40, matrix->num_columns() - 2)));
  EXPECT_EQ(matrix->at(3, matrix->num_columns() - 1), 1.0f);
}

TEST_F(AddedFeaturesTest, MistakesNameThePlace) {
  const Status unknown = Refusal("r", "xx + 1");
  EXPECT_EQ(unknown.code(), Code::kInvalidSpec);
  EXPECT_THAT(unknown.message(),
              HasSubstr("millrace.yaml:12:5: features.add \"r\":1:1: no such column: \"xx\""));
  EXPECT_THAT(Refusal("r", "target + 1").message(), HasSubstr("no feature: \"target\""));
  EXPECT_THAT(Refusal("r", "x + secret").message(), HasSubstr("no feature: \"secret\""));
  EXPECT_THAT(Refusal("r", "1 + 1").message(), HasSubstr("reads no column"));
  EXPECT_THAT(Refusal("target", "x").message(), HasSubstr("the name is that of a column"));
  EXPECT_EQ(Refusal("x is missing", "y").code(), Code::kInvalidSpec);
}

// The language means what SQL means: the engine evaluates the same texts.
TEST_F(AddedFeaturesTest, AgreesWithSql) {
  const auto rows = engine::Query(*engine_, "SELECT x, y, c FROM t");
  ASSERT_TRUE(rows.ok());
  for (const std::string& text : std::vector<std::string>{"x + y * 2 - 1",
                                                          "-x",
                                                          "abs(x)",
                                                          "x / nullif(y, 0)",
                                                          "(x = 1) + 0",
                                                          "round(x)",
                                                          "round(x, 1)",
                                                          "least(x, y)",
                                                          "greatest(x, y, 2)",
                                                          "coalesce(x, -7)",
                                                          "nullif(y, 3)",
                                                          "x < y and y > 1",
                                                          "x < y or y > 1",
                                                          "not x < 0",
                                                          "not (x < 0 and y <> 2)",
                                                          "x is null",
                                                          "x is not null or c is null",
                                                          "c = 'a'",
                                                          "c <> 'b' and x > 0",
                                                          "c < 'b'",
                                                          "coalesce(c, 'none') = 'none'",
                                                          "nullif(c, 'a') is null",
                                                          "sqrt(abs(x))",
                                                          "ln(y + 1)",
                                                          "x = y is null",
                                                          "y % 3"}) {
    const auto expression = feature::Expression::Parse(text, schema_, "t");
    ASSERT_TRUE(expression.ok()) << expression.status().ToString();
    const feature::Expression wide = expression->Over({"x", "y", "c"});
    const std::string sql = text == "(x = 1) + 0" ? "CAST(x = 1 AS DOUBLE)" : text;
    const auto expected =
        engine::Query(*engine_, Format("SELECT CAST({} AS DOUBLE) AS v FROM t", sql));
    ASSERT_TRUE(expected.ok()) << text << ": " << expected.status().ToString();
    for (int64_t row = 0; row < rows->num_rows(); ++row) {
      std::vector<feature::RawValue> values;
      for (int64_t c = 0; c < 3; ++c) {
        values.push_back(feature::RawValueAt(rows->column(c), row));
      }
      const double found = wide.Evaluate(values);
      if (expected->column(0).valid(row)) {
        EXPECT_DOUBLE_EQ(found, expected->column(0).number(row)) << text << " in row " << row;
      } else {
        EXPECT_TRUE(std::isnan(found)) << text << " in row " << row;
      }
    }
  }
}

}  // namespace
}  // namespace millrace::fit
