// What columns become under the strategies of the user, against values counted by hand, and how
// often the rows are read.

#include "fit/column_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::fit {
namespace {

using feature::Node;
using feature::NodeKind;
using table::ColumnType;
using ::testing::HasSubstr;

// Passes everything on and counts what reads the relation.
class CountingEngine final : public engine::Engine {
 public:
  CountingEngine(engine::Engine& inner, std::string relation)
      : inner_(inner), relation_(std::move(relation)) {}

  Status Execute(std::string_view sql) override { return inner_.Execute(sql); }
  Status Stream(std::string_view sql, const engine::BatchSink& sink) override {
    Count(sql);
    return inner_.Stream(sql, sink);
  }
  Status StreamChunks(std::string_view sql, const engine::ChunkSink& sink) override {
    Count(sql);
    return inner_.StreamChunks(sql, sink);
  }
  Status RegisterReader(std::string_view name, const table::ColumnSchema& column) override {
    return inner_.RegisterReader(name, column);
  }
  Status Load(std::string_view table_name, const table::Table& rows) override {
    return inner_.Load(table_name, rows);
  }

  int statements = 0;
  int scans = 0;

 private:
  void Count(std::string_view sql) {
    ++statements;
    for (size_t at = sql.find(relation_); at != std::string_view::npos;
         at = sql.find(relation_, at + 1)) {
      ++scans;
    }
  }

  engine::Engine& inner_;
  std::string relation_;
};

class ColumnNodesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    schema_ = *table::Schema::Make({{.name = "n", .type = ColumnType::kInteger},
                                    {.name = "m", .type = ColumnType::kNumber},
                                    {.name = "one", .type = ColumnType::kNumber},
                                    {.name = "flag", .type = ColumnType::kBoolean},
                                    {.name = "c", .type = ColumnType::kCategory},
                                    {.name = "t", .type = ColumnType::kText},
                                    {.name = "d", .type = ColumnType::kDate}});
    rows_ = std::make_unique<table::Table>(std::make_shared<const table::Schema>(schema_));
    for (int i = 0; i < 100; ++i) {
      rows_->mutable_column(0).AppendNumber(i);
      if (i % 10 == 0) {
        rows_->mutable_column(1).AppendMissing();
      } else {
        rows_->mutable_column(1).AppendNumber(std::exp(i / 20.0) - 1.5);
      }
      rows_->mutable_column(2).AppendNumber(7.0);
      rows_->mutable_column(3).AppendNumber(i % 2);
      rows_->mutable_column(4).AppendText(i < 60 ? "a" : i < 99 ? "b" : "once");
      rows_->mutable_column(5).AppendText(Format("text {} is good{}", i, i % 3 == 0 ? "!" : ""));
      rows_->mutable_column(6).AppendNumber(86400.0 * i + (i == 5 ? 3600.0 : 0.0));
    }
    ASSERT_TRUE(engine_->Load("training_rows", *rows_).ok());
  }

  Result<FittedGraph> Fit(std::vector<spec::ColumnFeatures> columns,
                          std::vector<spec::AddedFeature> added = {}) {
    counting_ = std::make_unique<CountingEngine>(*engine_, "training_rows");
    return FitGraph({.engine = *counting_,
                     .relation = "training_rows",
                     .schema = schema_,
                     .features = schema_.names(),
                     .added = std::move(added),
                     .columns = std::move(columns)});
  }
  FittedGraph MustFit(std::vector<spec::ColumnFeatures> columns) {
    auto fitted = Fit(std::move(columns));
    EXPECT_TRUE(fitted.ok()) << fitted.status().ToString();
    return *std::move(fitted);
  }
  static std::vector<Node> NodesOf(const FittedGraph& fitted, std::string_view column) {
    std::vector<Node> nodes;
    for (const Node& node : fitted.graph.nodes()) {
      if (node.column == column) nodes.push_back(node);
    }
    return nodes;
  }
  static std::vector<std::string> NamesOf(const FittedGraph& fitted, std::string_view column) {
    std::vector<std::string> names;
    for (const Node& node : NodesOf(fitted, column)) names.push_back(node.name);
    return names;
  }
  static FeatureReason ReasonOf(const FittedGraph& fitted, std::string_view column) {
    const auto found = std::ranges::find(fitted.reasons, column, &FeatureReason::column);
    EXPECT_NE(found, fitted.reasons.end()) << column;
    return *found;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<CountingEngine> counting_;
  table::Schema schema_;
  std::unique_ptr<table::Table> rows_;
};

using Names = std::vector<std::string>;

TEST_F(ColumnNodesTest, ShapesHaveTheParametersOfTheRows) {
  const FittedGraph fitted =
      MustFit({{.name = "n",
                .strategies = {"bin", "standard", "robust", "minmax", "log", "value"},
                .bins = 4}});
  const std::vector<Node> nodes = NodesOf(fitted, "n");
  ASSERT_EQ(NamesOf(fitted, "n"),
            (Names{"n bin", "n standard", "n robust", "n minmax", "n log", "n"}));
  EXPECT_EQ(nodes[0].borders, (std::vector<double>{24, 49, 74}));
  EXPECT_DOUBLE_EQ(nodes[1].center, 49.5);
  EXPECT_DOUBLE_EQ(nodes[1].divisor, std::sqrt((100.0 * 100.0 - 1.0) / 12.0));
  EXPECT_EQ(nodes[2].center, 49.0);
  EXPECT_EQ(nodes[2].divisor, 50.0);
  EXPECT_EQ(nodes[3].center, 0.0);
  EXPECT_EQ(nodes[3].divisor, 99.0);
  EXPECT_EQ(nodes[4].offset, 1.0);
  const FeatureReason reason = ReasonOf(fitted, "n");
  EXPECT_EQ(reason.num_features, 6);
  EXPECT_EQ(reason.decided_by, "features.columns");
  EXPECT_THAT(reason.strategy, HasSubstr("4 bins, standardised (mean 49.5"));
  EXPECT_EQ(ReasonOf(fitted, "flag").decided_by, "type and values");
}

TEST_F(ColumnNodesTest, BordersAreThoseOfTheUser) {
  const FittedGraph fitted =
      MustFit({{.name = "n", .strategies = {"bin"}, .borders = {"-1", "18.5"}}});
  EXPECT_EQ(NodesOf(fitted, "n")[0].borders, (std::vector<double>{-1, 18.5}));
}

TEST_F(ColumnNodesTest, AColumnOfOneValueHasNoSpread) {
  const FittedGraph fitted = MustFit(
      {{.name = "one", .strategies = {"bin", "standard", "robust", "minmax", "log", "power"}}});
  EXPECT_EQ(NamesOf(fitted, "one"),
            (Names{"one standard", "one robust", "one minmax", "one log", "one power"}));
  EXPECT_THAT(ReasonOf(fitted, "one").strategy, HasSubstr("no bins"));
  const auto matrix = fitted.graph.Apply(*rows_);
  ASSERT_TRUE(matrix.ok());
  for (const float value : matrix->row(0)) EXPECT_FALSE(std::isinf(value));
}

// The likelihood at the found power is no less than anywhere on a grid.
TEST_F(ColumnNodesTest, ThePowerIsTheLikeliest) {
  Rng rng(5);
  std::vector<double> values;
  for (int i = 0; i < 2'000; ++i) values.push_back(std::exp(rng.Normal()) - 1.0);
  const auto likelihood = [&](double lambda) {
    double mean = 0.0;
    double logs = 0.0;
    std::vector<double> powers;
    for (const double value : values) {
      powers.push_back(value >= 0.0
                           ? (lambda == 0.0 ? std::log(value + 1.0)
                                            : (std::pow(value + 1.0, lambda) - 1.0) / lambda)
                           : -(std::pow(1.0 - value, 2.0 - lambda) - 1.0) / (2.0 - lambda));
      mean += powers.back() / static_cast<double>(values.size());
      logs += std::copysign(std::log1p(std::abs(value)), value);
    }
    double variance = 0.0;
    for (const double power : powers) variance += (power - mean) * (power - mean);
    variance /= static_cast<double>(values.size());
    return -0.5 * static_cast<double>(values.size()) * std::log(variance) + (lambda - 1.0) * logs;
  };
  const double found = FitLambda(values);
  for (double lambda = -4.9; lambda < 1.9; lambda += 0.1) {
    EXPECT_LE(likelihood(lambda), likelihood(found) + 1e-6) << lambda << " against " << found;
  }
  EXPECT_LT(found, 0.5);
  EXPECT_EQ(FitLambda({}), 1.0);
}

TEST_F(ColumnNodesTest, TextsAndDates) {
  const FittedGraph fitted = MustFit(
      {{.name = "c", .strategies = {"one_hot", "hash", "frequency", "missing"}, .buckets = 16},
       {.name = "t", .strategies = {"ngrams", "statistics"}},
       {.name = "d", .strategies = {"cycle", "calendar"}}});
  EXPECT_EQ(NamesOf(fitted, "c"),
            (Names{"c = a", "c = b", "c hash", "c frequency", "c is missing"}));
  EXPECT_EQ(NodesOf(fitted, "c")[2].buckets, 16);
  const std::vector<Node> texts = NodesOf(fitted, "t");
  EXPECT_GT(std::ranges::count(texts, NodeKind::kNgram, &Node::kind), 10);
  const auto mark = std::ranges::find(texts, std::string("d! "), &Node::word);
  ASSERT_NE(mark, texts.end());
  EXPECT_DOUBLE_EQ(mark->weight, std::log(101.0 / 35.0) + 1.0);  // in 34 of 100 texts
  for (const Node& node : texts) EXPECT_NE(node.word, " is") << "stands in every text";
  EXPECT_EQ(std::ranges::count(texts, NodeKind::kTextStatistic, &Node::kind), 4);
  const Names dates = NamesOf(fitted, "d");
  EXPECT_EQ(dates[0], "d month sine");
  EXPECT_EQ(dates[7], "d hour cosine");
  EXPECT_EQ(dates[8], "d quarter");
  EXPECT_EQ(dates.size(), 14u);
}

TEST_F(ColumnNodesTest, TheRowsAreReadTwiceAtMost) {
  MustFit({});
  EXPECT_EQ(counting_->statements, 2);  // one statement, and one pass for the words of "t"
  EXPECT_EQ(counting_->scans, 2);
  MustFit({{.name = "n", .strategies = {"bin", "standard", "robust", "power"}},
           {.name = "m", .strategies = {"minmax", "power", "log", "bin"}},
           {.name = "c", .strategies = {"one_hot", "frequency", "ngrams", "words"}},
           {.name = "t", .strategies = {"words", "ngrams", "category"}}});
  EXPECT_EQ(counting_->statements, 2);
  EXPECT_EQ(counting_->scans, 2);
  // Nothing to count in row order: no pass.
  MustFit({{.name = "t", .strategies = {"hash"}}});
  EXPECT_EQ(counting_->statements, 1);
  EXPECT_EQ(counting_->scans, 1);
}

TEST_F(ColumnNodesTest, MistakesHaveAPlaceAndAHint) {
  const auto unsuited = Fit({{.name = "c", .strategies = {"log"}, .place = {"m.yaml", 4, 9}}});
  ASSERT_FALSE(unsuited.ok());
  EXPECT_EQ(unsuited.status().code(), Code::kInvalidSpec);
  EXPECT_THAT(
      unsuited.status().ToString(),
      HasSubstr("m.yaml:4:9: features.columns.c: \"log\" is for numbers, not for a category "
                "column"));
  EXPECT_THAT(unsuited.status().ToString(), HasSubstr("category, one_hot, hash"));
  const auto unknown = Fit({{.name = "fla", .strategies = {"value"}, .place = {"m.yaml", 4, 9}}});
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.status().ToString(), HasSubstr("features.columns.fla: no such column"));
  EXPECT_THAT(unknown.status().ToString(), HasSubstr("flag"));
}

// The order of rows and the number of threads change nothing but sums, which follow the rows.
TEST_F(ColumnNodesTest, ThreadsChangeNothing) {
  const std::vector<spec::ColumnFeatures> columns{
      {.name = "m", .strategies = {"bin", "standard", "robust", "power"}},
      {.name = "c", .strategies = {"one_hot", "frequency"}}};
  const std::string first = json::Write(MustFit(columns).graph.ToJson());
  ASSERT_TRUE(engine_->Execute("SET threads = 1").ok());
  EXPECT_EQ(json::Write(MustFit(columns).graph.ToJson()), first);
}

}  // namespace
}  // namespace millrace::fit
