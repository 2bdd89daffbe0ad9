#include "fit/fit_graph.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/format.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::fit {
namespace {

using feature::NodeKind;
using table::ColumnType;

class FitGraphTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    ASSERT_TRUE(
        engine_
            ->Execute("CREATE TABLE t AS SELECT i::DOUBLE AS n, "
                      "CASE WHEN i % 10 = 0 THEN NULL ELSE i / 3.0 END AS m, "
                      "CASE WHEN i < 60 THEN 'a' WHEN i < 99 THEN 'b' ELSE 'once' END AS c, "
                      "'v' || (i % 30) AS many, (i * 86400.0)::DOUBLE AS d, "
                      "NULL::DOUBLE AS nothing, i < 80 AS train FROM range(100) r(i)")
            .ok());
    auto schema = table::Schema::Make({{.name = "n", .type = ColumnType::kInteger},
                                       {.name = "m", .type = ColumnType::kNumber},
                                       {.name = "c", .type = ColumnType::kCategory},
                                       {.name = "many", .type = ColumnType::kCategory},
                                       {.name = "d", .type = ColumnType::kDate},
                                       {.name = "nothing", .type = ColumnType::kNumber}});
    ASSERT_TRUE(schema.ok());
    schema_ = std::move(schema).value();
  }

  Result<FittedGraph> Fit(const std::string& relation, const std::vector<std::string>& features) {
    return FitGraph(
        {.engine = *engine_, .relation = relation, .schema = schema_, .features = features});
  }

  std::unique_ptr<engine::Engine> engine_;
  table::Schema schema_;
};

TEST_F(FitGraphTest, MakesNodesByTypeAndStatistics) {
  const auto fitted = Fit("t", {"n", "m", "c", "many", "d", "nothing"});
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  std::vector<std::string> names;
  for (const auto& node : fitted->graph.nodes()) names.push_back(node.name);
  EXPECT_EQ(names, (std::vector<std::string>{"n", "m", "m is missing", "c", "many",
                                             "many frequency", "d year", "d month", "d day",
                                             "d weekday", "d days since the first"}));
  EXPECT_EQ(fitted->graph.nodes()[3].values, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(fitted->reasons.size(), 6u);
}

TEST_F(FitGraphTest, RowsOutsideTheRelationChangeNothing) {
  const std::string train = "(SELECT * FROM t WHERE train)";
  const auto before = Fit(train, {"n", "m", "c", "many"});
  ASSERT_TRUE(before.ok());
  ASSERT_TRUE(
      engine_->Execute("UPDATE t SET c = 'held out', m = NULL, many = 'x' WHERE NOT train").ok());
  const auto after = Fit(train, {"n", "m", "c", "many"});
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(json::Write(before->graph.ToJson()), json::Write(after->graph.ToJson()));
}

TEST_F(FitGraphTest, ManyColumnsOfTextAreAsked) {
  constexpr int kColumns = 1'200;
  std::vector<std::string> selected;
  std::vector<table::ColumnSchema> columns;
  std::vector<std::string> names;
  for (int c = 0; c < kColumns; ++c) {
    names.push_back(Format("c{}", c));
    selected.push_back(Format("'v' || ((i + {}) % 3) AS c{}", c, c));
    columns.push_back({.name = names.back(), .type = ColumnType::kCategory});
  }
  ASSERT_TRUE(engine_
                  ->Execute(Format("CREATE TABLE wide AS SELECT {} FROM range(30) r(i)",
                                   Join(selected, ", ")))
                  .ok());
  auto schema = table::Schema::Make(std::move(columns));
  ASSERT_TRUE(schema.ok());
  schema_ = std::move(schema).value();
  const auto fitted = Fit("wide", names);
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(fitted->graph.nodes().size(), static_cast<size_t>(kColumns));
}

TEST_F(FitGraphTest, NothingToLearnFromIsSaid) {
  const auto fitted = Fit("t", {"nothing"});
  ASSERT_FALSE(fitted.ok());
  EXPECT_EQ(fitted.status().code(), Code::kInvalidData);
  EXPECT_EQ(Fit("t", {"nn"}).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace millrace::fit
