// Aggregates of groups: equal to what SQL says of the same rows, fitted on training rows alone, and
// the same for any number of threads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
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

using feature::GroupStatistic;
using feature::GroupView;
using table::ColumnType;
using ::testing::HasSubstr;

class GroupAggregatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 4, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    schema_ = *table::Schema::Make({{.name = "x", .type = ColumnType::kNumber},
                                    {.name = "flag", .type = ColumnType::kBoolean},
                                    {.name = "c", .type = ColumnType::kCategory},
                                    {.name = "k", .type = ColumnType::kInteger},
                                    {.name = "d", .type = ColumnType::kDate},
                                    {.name = "y", .type = ColumnType::kNumber}});
  }

  // Rows with gaps everywhere, in two parts; numbers whose sums are exact in any order.
  void LoadRows(uint64_t seed, int64_t num_rows) {
    Rng rng(seed);
    std::vector<table::ColumnSchema> columns = schema_.columns();
    columns.push_back({.name = "row", .type = ColumnType::kInteger});
    columns.push_back({.name = "part", .type = ColumnType::kCategory});
    table::Table rows(std::make_shared<const table::Schema>(*table::Schema::Make(columns)));
    const auto gap = [&] { return rng.Below(9) == 0; };
    const char* texts[] = {"a", "b", "", "größe", "it's", "B"};
    for (int64_t row = 0; row < num_rows; ++row) {
      const auto number = [&](int64_t column, double value) {
        gap() ? rows.mutable_column(column).AppendMissing()
              : rows.mutable_column(column).AppendNumber(value);
      };
      number(0, (static_cast<double>(rng.Below(2'000)) - 1'000.0) / 8.0);
      number(1, static_cast<double>(rng.Below(2)));
      gap() ? rows.mutable_column(2).AppendMissing()
            : rows.mutable_column(2).AppendText(texts[rng.Below(6)]);
      number(3, static_cast<double>(rng.Below(4)) - 1.0);
      number(4, 86'400.0 * static_cast<double>(rng.Below(3)));
      rows.mutable_column(5).AppendNumber(static_cast<double>(row % 7));
      rows.mutable_column(6).AppendNumber(static_cast<double>(row));
      rows.mutable_column(7).AppendText(rng.Below(4) == 0 ? "test" : "train");
    }
    ASSERT_TRUE(engine_->Load("t", rows).ok());
  }

  Result<FittedGraph> Fit(std::vector<spec::GroupAggregate> aggregates,
                          const FitOptions& options = {}) {
    return FitGraph({.engine = *engine_,
                     .relation = "(SELECT * FROM t WHERE part = 'train' ORDER BY row)",
                     .schema = schema_,
                     .features = {"x", "flag", "c", "k", "d"},
                     .aggregates = std::move(aggregates)},
                    options);
  }

  std::unique_ptr<engine::Engine> engine_;
  table::Schema schema_;
};

spec::GroupAggregate Aggregate(std::string of, std::vector<std::string> by,
                               GroupStatistic statistic, GroupView view = GroupView::kValue,
                               int64_t min_rows = 1) {
  return {.name = "feature",
          .of = std::move(of),
          .by = std::move(by),
          .statistic = statistic,
          .view = view,
          .min_rows = min_rows,
          .place = {.file = "millrace.yaml", .line = 9, .column = 3}};
}

std::string SqlOf(const spec::GroupAggregate& group) {
  switch (group.statistic) {
    case GroupStatistic::kMean:
      return Format("avg({})", group.of);
    case GroupStatistic::kMin:
      return Format("min({})", group.of);
    case GroupStatistic::kMax:
      return Format("max({})", group.of);
    case GroupStatistic::kStd:
      return Format("stddev_pop({})", group.of);
    case GroupStatistic::kMedian:
      return Format("median({})", group.of);
    case GroupStatistic::kNunique:
      return Format("count(DISTINCT {})::DOUBLE", group.of);
    case GroupStatistic::kCount:
      return "count(*)::DOUBLE";
    case GroupStatistic::kShare:
      return "count(*) / (SELECT count(*) FROM t WHERE part = 'train')::DOUBLE";
  }
  return "";
}

// What SQL gives for every row of `t`, also those outside of training.
std::string Expected(const spec::GroupAggregate& group) {
  std::vector<std::string> same;
  std::vector<std::string> present;
  for (const std::string& name : group.by) {
    same.push_back(Format("g.{0} = t.{0}", name));
    present.push_back(Format("t.{} IS NOT NULL", name));
  }
  const bool of_rows = group.of.empty();
  const std::string whole = of_rows || group.statistic == GroupStatistic::kNunique
                                ? "0.0"
                                : Format("(SELECT {} FROM t WHERE part = 'train')", SqlOf(group));
  const std::string found = Format(
      "(SELECT CASE WHEN count(*) >= {} AND {} >= {} THEN {} END FROM t g WHERE "
      "part = 'train' AND {})",
      group.min_rows, of_rows ? "count(*)" : Format("count({})", group.of), group.min_rows,
      SqlOf(group), Join(same, " AND "));
  std::string value = Format("coalesce({}, {})", found, whole);
  if (group.view == GroupView::kDifference) value = Format("{} - {}", group.of, value);
  if (group.view == GroupView::kRatio) value = Format("{} / nullif({}, 0)", group.of, value);
  return Format("SELECT CASE WHEN {} THEN {} END AS v FROM t ORDER BY row", Join(present, " AND "),
                value);
}

TEST_F(GroupAggregatesTest, EqualWhatSqlSaysOfTheSameRows) {
  Rng rng(5);
  const std::vector<std::vector<std::string>> keys = {
      {"c"}, {"k"}, {"flag", "c"}, {"d"}, {"c", "k", "d"}};
  for (int round = 0; round < 40; ++round) {
    LoadRows(static_cast<uint64_t>(round), 20 + static_cast<int64_t>(rng.Below(400)));
    const GroupStatistic statistic = feature::AllGroupStatistics()[rng.Below(8)];
    const bool of_rows = statistic == GroupStatistic::kCount || statistic == GroupStatistic::kShare;
    const bool distinct = statistic == GroupStatistic::kNunique;
    const auto& by = keys[rng.Below(keys.size())];
    std::string of = "x";
    if (of_rows) of = "";
    if (distinct && by[0] != "c") of = "c";
    const GroupView view =
        of_rows || distinct ? GroupView::kValue : static_cast<GroupView>(rng.Below(3));
    const spec::GroupAggregate group =
        Aggregate(of, by, statistic, view, 1 + static_cast<int64_t>(rng.Below(6)));
    const auto fitted = Fit({group});
    ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
    const auto rows = engine::Query(*engine_, "SELECT * FROM t ORDER BY row");
    ASSERT_TRUE(rows.ok());
    const auto matrix = fitted->graph.Apply(*rows);
    ASSERT_TRUE(matrix.ok()) << matrix.status().ToString();
    const auto expected = engine::Query(*engine_, Expected(group));
    ASSERT_TRUE(expected.ok()) << expected.status().ToString();
    const int64_t last = matrix->num_columns() - 1;
    for (int64_t row = 0; row < rows->num_rows(); ++row) {
      const float is = matrix->at(row, last);
      const std::string where = Format("round {} row {}: {} by {}", round, row,
                                       feature::GroupStatisticName(statistic), Join(by, ","));
      if (!expected->column(0).valid(row)) {
        EXPECT_TRUE(std::isnan(is)) << where << ": " << is;
        continue;
      }
      const auto should = static_cast<float>(expected->column(0).number(row));
      if (statistic == GroupStatistic::kStd) {
        // The engine adds squares in an order of its own.
        EXPECT_NEAR(is, should, 1e-5 * std::abs(should) + 1e-5) << where;
      } else {
        EXPECT_EQ(is, should) << where;
      }
    }
  }
}

TEST_F(GroupAggregatesTest, HeldOutRowsChangeNoByte) {
  LoadRows(3, 500);
  std::vector<spec::GroupAggregate> all;
  for (const GroupStatistic statistic : feature::AllGroupStatistics()) {
    const bool of_rows = statistic == GroupStatistic::kCount || statistic == GroupStatistic::kShare;
    all.push_back(Aggregate(of_rows ? "" : "x", {"c", "k"}, statistic));
    all.back().name = feature::GroupStatisticName(statistic);
  }
  const auto before = Fit(all);
  ASSERT_TRUE(before.ok()) << before.status().ToString();
  ASSERT_TRUE(engine_
                  ->Execute("UPDATE t SET x = 1e9 + row, c = 'planted ' || row, k = 77 "
                            "WHERE part = 'test'")
                  .ok());
  const auto after = Fit(all);
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(json::Write(before->graph.ToJson()), json::Write(after->graph.ToJson()));
  // And the check can fail: the same values on training rows change it.
  ASSERT_TRUE(engine_->Execute("UPDATE t SET x = 1e9 + row WHERE part = 'train'").ok());
  const auto planted = Fit(all);
  ASSERT_TRUE(planted.ok());
  EXPECT_NE(json::Write(before->graph.ToJson()), json::Write(planted->graph.ToJson()));
}

TEST_F(GroupAggregatesTest, ThreadsChangeNoByte) {
  std::string first;
  for (const int threads : {1, 2, 7}) {
    auto engine =
        engine::MakeDuckDbEngine({.num_threads = threads, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    ASSERT_TRUE(engine_
                    ->Execute("CREATE TABLE t AS SELECT (hash(i) % 1000003) / 7.0 AS x, "
                              "(i % 2)::DOUBLE AS flag, 'c' || (hash(i * 3) % 50) AS c, "
                              "(i % 5)::DOUBLE AS k, 0.0 AS d, 1.0 AS y, i AS row, "
                              "'train' AS part FROM range(200000) r(i)")
                    .ok());
    std::vector<spec::GroupAggregate> all;
    for (const GroupStatistic statistic : {GroupStatistic::kMean, GroupStatistic::kStd,
                                           GroupStatistic::kMedian, GroupStatistic::kNunique}) {
      all.push_back(Aggregate("x", {"c"}, statistic));
      all.back().name = feature::GroupStatisticName(statistic);
    }
    const auto fitted = Fit(all);
    ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
    const std::string graph = json::Write(fitted->graph.ToJson());
    if (first.empty()) first = graph;
    EXPECT_EQ(graph, first) << threads;
  }
}

TEST_F(GroupAggregatesTest, SmallGroupsAndTooManyReadTheWhole) {
  ASSERT_TRUE(engine_
                  ->Execute("CREATE TABLE t AS SELECT i::DOUBLE AS x, 0.0 AS flag, "
                            "CASE WHEN i < 50 THEN 'big' WHEN i < 90 THEN 'small' ELSE 'tiny' END "
                            "AS c, i::DOUBLE AS k, 0.0 AS d, 1.0 AS y, i AS row, 'train' AS part "
                            "FROM range(100) r(i)")
                  .ok());
  const auto group = Aggregate("x", {"c"}, GroupStatistic::kMean, GroupView::kValue, 20);
  const auto fitted = Fit({group});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  const feature::Node& node = fitted->graph.nodes().back();
  EXPECT_EQ(node.group_values, (std::vector<double>{24.5, 69.5}));
  EXPECT_EQ(node.whole, 49.5);
  EXPECT_EQ(fitted->reasons.back().strategy,
            "mean of x by c: 2 groups; 1 smaller ones and new ones read 49.5");
  EXPECT_EQ(fitted->reasons.back().decided_by, "features.aggregates");
  const auto limited = Fit({group}, {.max_groups = 1});
  ASSERT_TRUE(limited.ok());
  EXPECT_EQ(limited->graph.nodes().back().group_values, (std::vector<double>{24.5}));
}

TEST_F(GroupAggregatesTest, RefusalsSayWhere) {
  LoadRows(1, 50);
  const auto refusal = [&](spec::GroupAggregate group) {
    return Fit({std::move(group)}).status().ToString();
  };
  EXPECT_THAT(refusal(Aggregate("xx", {"c"}, GroupStatistic::kMean)),
              HasSubstr("millrace.yaml:9:3: features.aggregates \"feature\": no such column: "
                        "\"xx\""));
  EXPECT_THAT(refusal(Aggregate("x", {"cc"}, GroupStatistic::kMean)),
              HasSubstr("no such column: \"cc\""));
  EXPECT_THAT(refusal(Aggregate("y", {"c"}, GroupStatistic::kMean)),
              HasSubstr("reads a column that is no feature: \"y\""));
  EXPECT_THAT(refusal(Aggregate("x", {"y"}, GroupStatistic::kMean)),
              HasSubstr("reads a column that is no feature: \"y\""));
  EXPECT_THAT(refusal(Aggregate("c", {"k"}, GroupStatistic::kMedian)),
              HasSubstr("median is for numbers, yes or no, not for a category column: \"c\""));
  EXPECT_THAT(refusal(Aggregate("d", {"k"}, GroupStatistic::kMean)),
              HasSubstr("not for a date column: \"d\""));
  spec::GroupAggregate taken = Aggregate("x", {"c"}, GroupStatistic::kMean);
  taken.name = "flag";
  EXPECT_THAT(refusal(taken), HasSubstr("the name is that of a column"));
  taken.name = "x is missing";
  EXPECT_THAT(refusal(taken), HasSubstr("\"x is missing\": the name is used twice"));
}

TEST_F(GroupAggregatesTest, NothingToMeasureIsLeftOut) {
  ASSERT_TRUE(engine_
                  ->Execute("CREATE TABLE t AS SELECT NULL::DOUBLE AS x, 0.0 AS flag, 'a' AS c, "
                            "NULL::DOUBLE AS k, 0.0 AS d, 1.0 AS y, i AS row, 'train' AS part "
                            "FROM range(100) r(i)")
                  .ok());
  const auto fitted = Fit({Aggregate("x", {"c"}, GroupStatistic::kMean)});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_THAT(fitted->reasons.back().strategy, HasSubstr("none: no training row has a value"));
  // A key that is always missing makes no group: the feature is missing everywhere.
  const auto keyless = Fit({Aggregate("flag", {"k"}, GroupStatistic::kMean)});
  ASSERT_TRUE(keyless.ok()) << keyless.status().ToString();
  EXPECT_EQ(keyless->graph.nodes().back().groups.num_groups(), 0u);
}

}  // namespace
}  // namespace millrace::fit
