// Fills and clips of a fitted graph: what they are, that held-out rows do not enter, and that the
// graph and SQL give the same bits.

#include "fit/treatments.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "fit/fit_graph.h"
#include "json/text.h"

namespace millrace::fit {
namespace {

using feature::FillKind;
using feature::NodeKind;
using feature::Treatment;
using table::ColumnType;

class TreatmentsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    // y follows x and c; every column has gaps; the last fifth is held out.
    Execute(
        "CREATE TABLE t AS SELECT i AS __row, "
        "CASE WHEN i % 7 = 0 THEN NULL ELSE (i * 37 % 101)::DOUBLE / 3 END AS x, "
        "CASE WHEN i % 5 = 0 THEN NULL ELSE 2.5 * (i * 37 % 101) / 3 + 10 * (i % 3) "
        "+ (i * 11 % 13) / 13.0 END AS y, "
        "CASE WHEN i % 11 = 0 THEN NULL ELSE 'v' || (i % 3) END AS c, "
        "CASE WHEN i % 4 = 0 THEN NULL ELSE (i % 3 > 0)::DOUBLE END AS b, "
        "CASE WHEN i % 6 = 0 THEN NULL ELSE i * 86400::DOUBLE END AS d, "
        "CASE WHEN i % 9 = 0 THEN NULL ELSE (i % 4)::DOUBLE END AS k, "
        "i < 400 AS train FROM range(500) r(i)");
    schema_ = *table::Schema::Make({{.name = "x", .type = ColumnType::kNumber},
                                    {.name = "y", .type = ColumnType::kNumber},
                                    {.name = "c", .type = ColumnType::kCategory},
                                    {.name = "b", .type = ColumnType::kBoolean},
                                    {.name = "d", .type = ColumnType::kDate},
                                    {.name = "k", .type = ColumnType::kInteger}});
  }

  void Execute(const std::string& sql) {
    const Status done = engine_->Execute(sql);
    ASSERT_TRUE(done.ok()) << done.ToString();
  }

  static spec::ColumnFeatures Column(const std::string& name, std::vector<std::string> missing,
                                     std::vector<std::string> strategies = {}) {
    spec::ColumnFeatures column{.name = name};
    column.missing = std::move(missing);
    column.strategies = std::move(strategies);
    return column;
  }

  Result<FittedGraph> Fit(const std::vector<spec::ColumnFeatures>& columns,
                          const std::vector<ColumnClip>& clips = {},
                          const std::vector<spec::AddedFeature>& added = {}) {
    return FitGraph({.engine = *engine_,
                     .relation = "(SELECT * FROM t WHERE train ORDER BY __row)",
                     .schema = schema_,
                     .features = schema_.names(),
                     .added = added,
                     .columns = columns,
                     .clips = clips});
  }

  double Scalar(const std::string& sql) {
    const auto found = engine::Query(*engine_, sql);
    EXPECT_TRUE(found.ok()) << found.status().ToString();
    return found.ok() ? found->column(0).number(0) : 0.0;
  }

  // All rows of t, of the schema.
  table::Table Rows() {
    std::vector<std::string> columns;
    for (const table::ColumnSchema& column : schema_.columns()) columns.push_back(column.name);
    const auto found = engine::Query(
        *engine_, Format("SELECT {} FROM t ORDER BY __row", engine::QuotedList(columns)));
    EXPECT_TRUE(found.ok()) << found.status().ToString();
    table::Table rows(std::make_shared<const table::Schema>(schema_));
    for (int64_t c = 0; c < found->num_columns(); ++c) {
      for (int64_t r = 0; r < found->num_rows(); ++r) {
        if (!found->column(c).valid(r)) {
          rows.mutable_column(c).AppendMissing();
        } else if (table::IsNumeric(schema_.column(c).type)) {
          rows.mutable_column(c).AppendNumber(found->column(c).number(r));
        } else {
          rows.mutable_column(c).AppendText(found->column(c).text(r));
        }
      }
    }
    return rows;
  }

  static const Treatment& Of(const FittedGraph& fitted, const std::string& column) {
    for (const Treatment& treatment : fitted.graph.treatments()) {
      if (treatment.column == column) return treatment;
    }
    static const Treatment none;
    ADD_FAILURE() << column << " has no treatment";
    return none;
  }

  std::unique_ptr<engine::Engine> engine_;
  table::Schema schema_;
};

TEST_F(TreatmentsTest, FillsAreStatisticsOfTrainingRows) {
  const auto fitted = Fit({Column("x", {"median"}), Column("y", {"mean"}), Column("c", {"mode"}),
                           Column("b", {"mode"}), Column("d", {"median"}), Column("k", {"mode"})});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  const std::string train = " FROM t WHERE train";
  EXPECT_EQ(Of(*fitted, "x").number, Scalar("SELECT quantile_disc(x, 0.5)" + train));
  EXPECT_NEAR(Of(*fitted, "y").number, Scalar("SELECT avg(y)" + train), 1e-9);
  const auto mode = engine::Query(
      *engine_, "SELECT c" + train + " AND c IS NOT NULL GROUP BY c ORDER BY count(*) DESC, c");
  EXPECT_EQ(Of(*fitted, "c").text, mode->column(0).text(0));
  EXPECT_EQ(Of(*fitted, "b").number, 1.0);
  EXPECT_EQ(Of(*fitted, "d").number, Scalar("SELECT quantile_disc(d, 0.5)" + train));
  EXPECT_EQ(Of(*fitted, "k").number,
            Scalar("SELECT k FROM t WHERE train AND k IS NOT NULL GROUP BY k "
                   "ORDER BY count(*) DESC, k LIMIT 1"));
  for (const FeatureReason& reason : fitted->reasons) {
    EXPECT_NE(reason.strategy.find("; missing values become the m"), std::string::npos)
        << reason.strategy;
    EXPECT_EQ(reason.decided_by, "features.columns");
  }
}

TEST_F(TreatmentsTest, NativeIsWhatItWas) {
  const auto plain = Fit({});
  const auto native = Fit({Column("x", {"native"}), Column("c", {"native"})});
  ASSERT_TRUE(plain.ok() && native.ok());
  EXPECT_EQ(json::Write(plain->graph.ToJson()), json::Write(native->graph.ToJson()));
  EXPECT_TRUE(plain->graph.treatments().empty());
}

TEST_F(TreatmentsTest, AnIndicatorStandsBesideAnyFill) {
  const auto fitted = Fit({Column("x", {"median", "indicator"}, {"log"}),
                           Column("c", {"indicator"}), Column("d", {"indicator"})});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  std::vector<std::string> indicators;
  for (const feature::Node& node : fitted->graph.nodes()) {
    if (node.kind == NodeKind::kMissing) indicators.push_back(node.name);
  }
  // Those of y, b and k are chosen by type: each column has one.
  EXPECT_EQ(indicators, (std::vector<std::string>{"x is missing", "y is missing", "c is missing",
                                                  "b is missing", "d is missing", "k is missing"}));
}

TEST_F(TreatmentsTest, ADroppedColumnIsNoFeature) {
  const auto fitted = Fit({Column("x", {"drop"})});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  for (const feature::Node& node : fitted->graph.nodes()) EXPECT_NE(node.column, "x");
  EXPECT_EQ(fitted->reasons.back().column, "x");
  EXPECT_EQ(fitted->reasons.back().strategy, "none: the column is dropped");
  const auto read = Fit({Column("x", {"drop"})}, {}, {{"twice", "2 * x", {}}});
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.status().message().find("reads a column that is no feature"), std::string::npos);
}

TEST_F(TreatmentsTest, AConstantIsReadAsACellWouldBe) {
  spec::ColumnFeatures category = Column("c", {"constant"});
  category.fill = "unknown";
  spec::ColumnFeatures boolean = Column("b", {"constant"});
  boolean.fill = "no";
  const auto fitted = Fit({category, boolean});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(Of(*fitted, "b").number, 0.0);
  // The constant is a category of its own.
  for (const feature::Node& node : fitted->graph.nodes()) {
    if (node.kind != NodeKind::kCategory) continue;
    EXPECT_EQ(node.values.back(), "unknown");
  }
  spec::ColumnFeatures wrong = Column("x", {"constant"});
  wrong.fill = "a lot";
  const auto refused = Fit({wrong});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kInvalidSpec);
  EXPECT_NE(refused.status().message().find(
                "features.columns.x.fill: is no value for a number column: \"a lot\""),
            std::string::npos)
      << refused.status().message();
  const auto unsuited = Fit({Column("c", {"median"})});
  ASSERT_FALSE(unsuited.ok());
  EXPECT_NE(unsuited.status().message().find("\"median\" is for numbers, dates"), std::string::npos)
      << unsuited.status().message();
}

TEST_F(TreatmentsTest, HeldOutRowsChangeNoByte) {
  const std::vector<spec::ColumnFeatures> columns{
      Column("x", {"model"}),  Column("y", {"model", "indicator"}),
      Column("c", {"mode"}),   Column("b", {"mode"}, {"value"}),
      Column("d", {"median"}), Column("k", {"mean"})};
  const std::vector<ColumnClip> clips{{"x", 1.0, 20.0}};
  const auto before = Fit(columns, clips);
  ASSERT_TRUE(before.ok()) << before.status().ToString();
  EXPECT_EQ(Of(*before, "y").fill, FillKind::kModel);
  Execute("UPDATE t SET x = 1e6, y = -1e6, c = 'planted', b = 0, d = 1e12, k = 77 WHERE NOT train");
  const auto after = Fit(columns, clips);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(json::Write(before->graph.ToJson()), json::Write(after->graph.ToJson()));
  // The check can fail: the same values in training rows do change it.
  Execute(
      "UPDATE t SET x = 1e6, y = -1e6, c = 'planted', b = 0, d = 1e12, k = 77 "
      "WHERE __row < 20");
  const auto changed = Fit(columns, clips);
  ASSERT_TRUE(changed.ok());
  EXPECT_NE(json::Write(before->graph.ToJson()), json::Write(changed->graph.ToJson()));
}

TEST_F(TreatmentsTest, StatisticsOfShapesSeeClippedValues) {
  Execute("UPDATE t SET x = 1e9 WHERE __row = 1");
  const auto fitted = Fit({Column("x", {}, {"standard", "minmax"})}, {{"x", -5.0, 50.0}});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(Of(*fitted, "x").high, 50.0);
  for (const feature::Node& node : fitted->graph.nodes()) {
    if (node.name == "x minmax") {
      EXPECT_EQ(node.divisor, 50.0);
    } else if (node.name == "x standard") {
      EXPECT_LT(node.divisor, 20.0);
    }
  }
  EXPECT_NE(fitted->reasons[0].strategy.find("clipped to -5 .. 50"), std::string::npos)
      << fitted->reasons[0].strategy;
}

TEST_F(TreatmentsTest, AColumnOfNoiseKeepsTheMedian) {
  const auto fitted = Fit({Column("k", {"model"}), Column("x", {"drop"}), Column("y", {"drop"}),
                           Column("c", {"drop"}), Column("b", {"drop"}), Column("d", {"drop"})});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(Of(*fitted, "k").fill, FillKind::kNumber);
  EXPECT_NE(fitted->treatments[0].fill.find("as the other columns do not tell it"),
            std::string::npos)
      << fitted->treatments[0].fill;
}

// What a model of one column is in SQL, term by term as the graph adds them.
std::string PredictionSql(const Treatment& treatment) {
  const auto number = [](double value) {
    return Format("CAST('{}' AS DOUBLE)", FormatDouble(value));
  };
  std::string sum = number(treatment.model.intercept);
  for (const feature::FillTerm& term : treatment.model.terms) {
    const std::string name = engine::QuoteIdentifier(term.column);
    const std::string cell = term.value
                                 ? Format("CASE WHEN {} = {} THEN 1.0::DOUBLE ELSE 0.0::DOUBLE END",
                                          name, engine::QuoteLiteral(*term.value))
                                 : Format("coalesce({}, {})", name, number(term.center));
    sum = Format("({} + {} * {})", sum, number(term.weight), cell);
  }
  return Format("least(greatest({}, {}), {})", sum, number(treatment.model.least),
                number(treatment.model.greatest));
}

// Random clips and fills over random cells: the same bits from SQL and from the graph.
TEST_F(TreatmentsTest, SqlAndGraphGiveTheSameBits) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Rng rng(seed);
    Execute(
        Format("CREATE OR REPLACE TABLE t AS SELECT i AS __row, "
               "CASE WHEN hash(i, {0}, 1) % 5 = 0 THEN NULL ELSE "
               "(hash(i, {0}, 2) % 1000003) / 7919.0 - 30 END AS x, "
               "CASE WHEN hash(i, {0}, 3) % 4 = 0 THEN NULL ELSE "
               "(hash(i, {0}, 2) % 1000003) / 3331.0 + (hash(i, {0}, 4) % 1009) / 97.0 END AS y,"
               "CASE WHEN hash(i, {0}, 5) % 9 = 0 THEN NULL ELSE 'v' || hash(i, {0}, 6) % 4 END"
               " AS c, (hash(i, {0}, 7) % 2)::DOUBLE AS b, NULL::DOUBLE AS d, "
               "CASE WHEN hash(i, {0}, 8) % 3 = 0 THEN NULL ELSE (hash(i, {0}, 8) % 60)::DOUBLE "
               "END AS k, hash(i, {0}, 9) % 4 > 0 AS train FROM range(600) r(i)",
               seed));
    const double low = -30.0 + 20.0 * rng.Uniform();
    const double high = 40.0 + 30.0 * rng.Uniform();
    const char* const fills[] = {"median", "mean", "mode", "native"};
    const auto fitted =
        Fit({Column("x", {fills[rng.Below(4)]}), Column("y", {"model"}),
             Column("c", {fills[2 + rng.Below(2)]}), Column("k", {fills[rng.Below(4)]})},
            {{"x", low, high}});
    ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
    ASSERT_EQ(Of(*fitted, "y").fill, FillKind::kModel);
    // In SQL: bounds and plain fills first, then the model over them.
    std::vector<std::string> replaced;
    for (const Treatment& treatment : fitted->graph.treatments()) {
      const std::string name = engine::QuoteIdentifier(treatment.column);
      std::string value = name;
      if (treatment.low) {
        value = Format("least(greatest({}, CAST('{}' AS DOUBLE)), CAST('{}' AS DOUBLE))", name,
                       FormatDouble(*treatment.low), FormatDouble(*treatment.high));
        value = Format("CASE WHEN {} IS NULL THEN NULL ELSE {} END", name, value);
      }
      if (treatment.fill == FillKind::kNumber) {
        value = Format("coalesce({}, CAST('{}' AS DOUBLE))", value, FormatDouble(treatment.number));
      }
      if (treatment.fill == FillKind::kText) {
        value = Format("coalesce({}, {})", value, engine::QuoteLiteral(treatment.text));
      }
      replaced.push_back(Format("{} AS {}", value, name));
    }
    const auto expected = engine::Query(
        *engine_,
        Format("SELECT x, coalesce(y, {}) AS y, k FROM (SELECT * REPLACE ({}) FROM t) AS s "
               "ORDER BY __row",
               PredictionSql(Of(*fitted, "y")), Join(replaced, ", ")));
    ASSERT_TRUE(expected.ok()) << expected.status().ToString();
    const auto matrix = fitted->graph.Apply(Rows());
    ASSERT_TRUE(matrix.ok()) << matrix.status().ToString();
    const std::vector<std::string> names{"x", "y", "k"};
    for (size_t c = 0; c < names.size(); ++c) {
      int64_t feature = -1;
      for (size_t n = 0; n < fitted->graph.nodes().size(); ++n) {
        if (fitted->graph.nodes()[n].name == names[c]) feature = static_cast<int64_t>(n);
      }
      ASSERT_GE(feature, 0);
      for (int64_t row = 0; row < matrix->num_rows(); ++row) {
        const table::Column& cells = expected->column(static_cast<int64_t>(c));
        const float wanted = cells.valid(row) ? static_cast<float>(cells.number(row))
                                              : std::numeric_limits<float>::quiet_NaN();
        const float got = matrix->at(row, feature);
        ASSERT_EQ(std::memcmp(&wanted, &got, sizeof got), 0)
            << "seed " << seed << ", " << names[c] << ", row " << row << ": " << wanted << ", "
            << got;
      }
    }
  }
}

TEST_F(TreatmentsTest, ThreadsAndOrderOfWorkChangeNoByte) {
  const std::vector<spec::ColumnFeatures> columns{Column("x", {"model"}), Column("y", {"mean"}),
                                                  Column("c", {"mode"})};
  const auto one = Fit(columns);
  ASSERT_TRUE(one.ok()) << one.status().ToString();
  auto other = engine::MakeDuckDbEngine({.num_threads = 7, .memory_bytes = int64_t{1} << 30});
  ASSERT_TRUE(other.ok());
  const table::Table rows = Rows();
  ASSERT_TRUE((*other)->Load("loaded", rows).ok());
  const auto two = FitGraph({.engine = **other,
                             .relation = "(SELECT * FROM loaded LIMIT 400)",
                             .schema = schema_,
                             .features = schema_.names(),
                             .columns = columns});
  ASSERT_TRUE(two.ok()) << two.status().ToString();
  EXPECT_EQ(json::Write(one->graph.ToJson()), json::Write(two->graph.ToJson()));
}

}  // namespace
}  // namespace millrace::fit
