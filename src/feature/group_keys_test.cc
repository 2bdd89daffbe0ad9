#include "feature/group_keys.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/format.h"
#include "feature/graph.h"
#include "json/text.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

table::Schema Raw() {
  return *table::Schema::Make({{.name = "n", .type = ColumnType::kNumber},
                               {.name = "c", .type = ColumnType::kCategory},
                               {.name = "b", .type = ColumnType::kBoolean}});
}

constexpr std::string_view kNode =
    R"({"kind": "group", "name": "g", "column": "n", "statistic": "mean", "view": "value",
        "by": [{"column": "c", "texts": ["x", ""]}, {"column": "b", "numbers": [0, 1]}],
        "codes": [0, 0, 0, 1, 1, 1], "values": [10, 20, 0], "whole": 5})";
constexpr std::string_view kRatio =
    R"({"kind": "group", "name": "r", "column": "n", "statistic": "mean", "view": "ratio",
        "by": "as before", "values": [10, 20, 0], "whole": 5})";
constexpr std::string_view kDifference =
    R"({"kind": "group", "name": "d", "column": "n", "statistic": "mean", "view": "difference",
        "by": "as before", "values": [10, 20, 0], "whole": 5})";

Result<Graph> Load(const std::string& nodes, int version = 3) {
  const std::string text = Format(R"({{"version": {}, "nodes": [{}]}})", version, nodes);
  return Graph::FromJson(Raw(), json::Parse(text, "t").value());
}

RawValue Number(double number) { return {.missing = false, .number = number}; }
RawValue Text(std::string_view text) { return {.missing = false, .text = text}; }

TEST(GroupKeysTest, RowsReadTheirGroupOrTheWhole) {
  const auto graph = Load(Format("{},{},{}", kNode, kRatio, kDifference));
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  const auto apply = [&](RawValue n, RawValue c, RawValue b) {
    std::vector<float> features(3);
    graph->ApplyRow(std::vector<RawValue>{n, c, b}, features);
    return features;
  };
  EXPECT_EQ(apply(Number(30), Text("x"), Number(0)), (std::vector<float>{10, 3, 20}));
  EXPECT_EQ(apply(Number(30), Text("x"), Number(-0.0)), (std::vector<float>{10, 3, 20}));
  EXPECT_EQ(apply(Number(30), Text("x"), Number(1)), (std::vector<float>{20, 1.5f, 10}));
  // A key that no training row had, though each of its parts is known; and an unknown part.
  EXPECT_EQ(apply(Number(30), Text(""), Number(0)), (std::vector<float>{5, 6, 25}));
  EXPECT_EQ(apply(Number(30), Text("y"), Number(0)), (std::vector<float>{5, 6, 25}));
  // Nothing is over 0.
  const auto zero = apply(Number(30), Text(""), Number(1));
  EXPECT_EQ(zero[0], 0.0f);
  EXPECT_TRUE(std::isnan(zero[1]));
  EXPECT_EQ(zero[2], 30.0f);
  for (const float feature : apply(Number(30), RawValue{}, Number(1))) {
    EXPECT_TRUE(std::isnan(feature));
  }
  for (const float feature :
       apply(Number(30), Text("x"), Number(std::numeric_limits<double>::quiet_NaN()))) {
    EXPECT_TRUE(std::isnan(feature));
  }
  const auto without_own = apply(RawValue{}, Text("x"), Number(1));
  EXPECT_EQ(without_own[0], 20.0f);
  EXPECT_TRUE(std::isnan(without_own[1]));
  EXPECT_TRUE(std::isnan(without_own[2]));
}

TEST(GroupKeysTest, OnlyWhatIsReadIsAskedFor) {
  const auto value = Load(std::string(kNode));
  ASSERT_TRUE(value.ok());
  EXPECT_EQ(value->columns(), (std::vector<std::string>{"c", "b"}));
  EXPECT_EQ(value->features()[0].column, "");
  EXPECT_EQ(value->features()[0].columns, (std::vector<std::string>{"c", "b"}));
  const auto both = Load(Format("{},{}", kNode, kRatio));
  ASSERT_TRUE(both.ok());
  EXPECT_EQ(both->columns(), (std::vector<std::string>{"n", "c", "b"}));
}

TEST(GroupKeysTest, GraphsWithoutGroupsKeepTheirVersion) {
  const auto plain = Load(R"({"kind": "number", "name": "n", "column": "n"})", 2);
  ASSERT_TRUE(plain.ok());
  EXPECT_EQ(plain->ToJson()["version"].AsInteger(), 2);
  const auto grouped = Load(std::string(kNode));
  ASSERT_TRUE(grouped.ok());
  EXPECT_EQ(grouped->ToJson()["version"].AsInteger(), 3);
  EXPECT_EQ(Load(std::string(kNode), 5).status().code(), Code::kUnsupported);
}

TEST(GroupKeysTest, DamagedGroupsAreCorrupt) {
  const auto damaged = [](std::string_view from, std::string_view to) {
    std::string text(kNode);
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    return Load(text).status().code();
  };
  EXPECT_EQ(damaged("[0, 0, 0, 1, 1, 1]", "[0, 0, 0, 1, 1]"), Code::kCorrupt);
  EXPECT_EQ(damaged("[0, 0, 0, 1, 1, 1]", "[0, 0, 0, 0, 1, 1]"), Code::kCorrupt) << "twice";
  EXPECT_EQ(damaged("[0, 0, 0, 1, 1, 1]", "[0, 0, 0, 1, 1, 2]"), Code::kCorrupt);
  EXPECT_EQ(damaged("[0, 0, 0, 1, 1, 1]", "[0, 0, 0, 1, 1, -1]"), Code::kCorrupt);
  EXPECT_EQ(damaged("[0, 0, 0, 1, 1, 1]", "[0, 0, 0, 1, 1, 1e12]"), Code::kCorrupt);
  EXPECT_EQ(damaged("[10, 20, 0]", "[10, 20]"), Code::kCorrupt);
  EXPECT_EQ(damaged("[10, 20, 0]", "[10, 20, \"x\"]"), Code::kCorrupt);
  EXPECT_EQ(damaged("\"numbers\": [0, 1]", "\"numbers\": [1, 0]"), Code::kCorrupt);
  EXPECT_EQ(damaged("\"numbers\": [0, 1]", "\"texts\": [\"0\", \"1\"]"), Code::kCorrupt);
  EXPECT_EQ(damaged("[\"x\", \"\"]", "[\"x\", \"x\"]"), Code::kCorrupt);
  EXPECT_EQ(damaged("\"column\": \"b\"", "\"column\": \"c\""), Code::kCorrupt);
  EXPECT_EQ(damaged("\"column\": \"b\"", "\"column\": \"z\""), Code::kCorrupt);
  EXPECT_EQ(damaged("\"mean\"", "\"mode\""), Code::kCorrupt);
  EXPECT_EQ(damaged("\"value\"", "\"values\""), Code::kCorrupt);
  EXPECT_EQ(Load(std::string(kRatio)).status().code(), Code::kCorrupt) << "nothing before it";
  EXPECT_EQ(damaged("\"n\", \"statistic\": \"mean\", \"view\": \"value\"",
                    "\"c\", \"statistic\": \"mean\", \"view\": \"ratio\""),
            Code::kCorrupt);
}

TEST(GroupKeysTest, NamesGoBothWays) {
  for (const GroupStatistic statistic : AllGroupStatistics()) {
    EXPECT_EQ(GroupStatisticFromName(GroupStatisticName(statistic)), statistic);
  }
  for (const GroupView view : {GroupView::kValue, GroupView::kDifference, GroupView::kRatio}) {
    EXPECT_EQ(GroupViewFromName(GroupViewName(view)), view);
  }
  EXPECT_FALSE(GroupStatisticFromName("Mean"));
  EXPECT_FALSE(GroupViewFromName(""));
}

}  // namespace
}  // namespace millrace::feature
