#include "feature/graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "base/clock.h"
#include "base/rng.h"
#include "json/text.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

table::Schema RawSchema() {
  return std::move(table::Schema::Make({{.name = "n", .type = ColumnType::kNumber},
                                        {.name = "b", .type = ColumnType::kBoolean},
                                        {.name = "c", .type = ColumnType::kCategory},
                                        {.name = "d", .type = ColumnType::kDate}}))
      .value();
}

std::vector<Node> Nodes() {
  return {
      {.kind = NodeKind::kNumber, .column = "n", .name = "n"},
      {.kind = NodeKind::kMissing, .column = "n", .name = "n is missing"},
      {.kind = NodeKind::kBoolean, .column = "b", .name = "b"},
      {.kind = NodeKind::kCategory, .column = "c", .name = "c", .values = {"x", "y"}},
      {.kind = NodeKind::kFrequency,
       .column = "c",
       .name = "c frequency",
       .values = {"x", "y"},
       .shares = {0.75, 0.25}},
      {.kind = NodeKind::kDatePart, .column = "d", .name = "d weekday", .part = DatePart::kWeekday},
      {.kind = NodeKind::kDatePart, .column = "d", .name = "d hour", .part = DatePart::kHour},
      {.kind = NodeKind::kDateElapsed, .column = "d", .name = "d elapsed", .origin = 86400.0},
      {.kind = NodeKind::kExpression, .name = "half", .expression = "n / nullif(b, 0) / 2"}};
}

TEST(GraphTest, ComputesEachKind) {
  const auto graph = Graph::Make(RawSchema(), Nodes());
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  std::vector<float> out(9);
  const double seconds =
      86400.0 * static_cast<double>(DaysFromCivil(2024, 1, 31)) + 13 * 3600;  // a Wednesday
  graph->ApplyRow(
      std::vector<RawValue>{
          {false, 2.5, {}}, {false, 1.0, {}}, {false, 0.0, "y"}, {false, seconds, {}}},
      out);
  EXPECT_EQ(out[0], 2.5f);
  EXPECT_EQ(out[1], 0.0f);
  EXPECT_EQ(out[2], 1.0f);
  EXPECT_EQ(out[3], 1.0f);
  EXPECT_EQ(out[4], 0.25f);
  EXPECT_EQ(out[5], 2.0f);
  EXPECT_EQ(out[6], 13.0f);
  EXPECT_FLOAT_EQ(out[7], static_cast<float>((seconds - 86400.0) / 86400.0));
  EXPECT_EQ(out[8], 1.25f);
  graph->ApplyRow(std::vector<RawValue>{{}, {}, {false, 0.0, "unseen"}, {}}, out);
  EXPECT_TRUE(std::isnan(out[0]));
  EXPECT_EQ(out[1], 1.0f);
  EXPECT_TRUE(std::isnan(out[2]));
  EXPECT_TRUE(std::isnan(out[3]));
  EXPECT_EQ(out[4], 0.0f);
  EXPECT_TRUE(std::isnan(out[5]));
  EXPECT_TRUE(std::isnan(out[7]));
  EXPECT_TRUE(std::isnan(out[8]));
}

TEST(GraphTest, FeaturesNameTheirRawColumns) {
  const auto graph = Graph::Make(RawSchema(), Nodes());
  ASSERT_TRUE(graph.ok());
  const std::vector<FeatureInfo> infos = graph->features();
  EXPECT_EQ(infos[3].columns, std::vector<std::string>{"c"});
  EXPECT_TRUE(infos[3].category);
  EXPECT_EQ(infos[3].cardinality, 2);
  EXPECT_EQ(infos[8].column, "");
  EXPECT_EQ(infos[8].columns, (std::vector<std::string>{"n", "b"}));
}

TEST(GraphTest, DatesBeyondTheCalendarAreMissing) {
  const auto graph =
      Graph::Make(RawSchema(), {{.kind = NodeKind::kDatePart, .column = "d", .name = "d year"}});
  ASSERT_TRUE(graph.ok());
  std::vector<float> out(1);
  for (const double seconds : {1e300, -1e18, 1e14 * 86400.0}) {
    graph->ApplyRow(std::vector<RawValue>{{false, seconds, {}}}, out);
    EXPECT_TRUE(std::isnan(out[0]));
  }
}

TEST(GraphTest, WordsAreWeightedAndNormed) {
  const auto word = [](std::string text, double weight) {
    Node node{.kind = NodeKind::kWord, .column = "c", .name = "c: " + text};
    node.word = std::move(text);
    node.weight = weight;
    return node;
  };
  const auto graph =
      Graph::Make(RawSchema(), {word("good", 1.0),
                                word("bad", 2.0),
                                word("not good", 3.0),
                                {.kind = NodeKind::kTextLength, .column = "c", .name = "length"},
                                {.kind = NodeKind::kWordCount, .column = "c", .name = "words"}});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  std::vector<float> out(5);
  graph->ApplyRow(std::vector<RawValue>{{false, 0.0, "Not good: GOOD größe"}}, out);
  const double good = 1.0 + std::log(2.0);
  const double norm = std::sqrt(good * good + 9.0);
  EXPECT_FLOAT_EQ(out[0], static_cast<float>(good / norm));
  EXPECT_EQ(out[1], 0.0f);
  EXPECT_FLOAT_EQ(out[2], static_cast<float>(3.0 / norm));
  EXPECT_EQ(out[3], 20.0f);
  EXPECT_EQ(out[4], 4.0f);
  for (const RawValue& none : {RawValue{}, RawValue{false, 0.0, "?!"}}) {
    graph->ApplyRow(std::vector<RawValue>{none}, out);
    EXPECT_EQ(out[0], 0.0f);
    EXPECT_EQ(out[4], 0.0f);
  }
  EXPECT_FALSE(Graph::Make(RawSchema(), {word("good", 1.0), word("good", 1.0)}).ok());
  EXPECT_FALSE(Graph::Make(RawSchema(), {word("good", 0.0)}).ok());
}

TEST(GraphTest, HugeNumbersStayFinite) {
  const auto graph =
      Graph::Make(RawSchema(), {{.kind = NodeKind::kNumber, .column = "n", .name = "n"}});
  ASSERT_TRUE(graph.ok());
  std::vector<float> out(1);
  graph->ApplyRow(std::vector<RawValue>{{false, 1e300, {}}}, out);
  EXPECT_TRUE(std::isfinite(out[0]));
}

TEST(GraphTest, RowByRowEqualsBatchBitForBit) {
  const auto graph = Graph::Make(RawSchema(), Nodes());
  ASSERT_TRUE(graph.ok());
  table::Table rows(std::make_shared<const table::Schema>(RawSchema()));
  Rng rng(11);
  const std::vector<std::string> texts = {"x", "y", "z", ""};
  for (int r = 0; r < 500; ++r) {
    for (int64_t c = 0; c < 4; ++c) {
      table::Column& column = rows.mutable_column(c);
      if (rng.Below(5) == 0) {
        column.AppendMissing();
      } else if (c == 2) {
        column.AppendText(texts[rng.Below(4)]);
      } else {
        column.AppendNumber(c == 1 ? static_cast<double>(rng.Below(2)) : rng.Normal() * 1e9);
      }
    }
  }
  const auto matrix = graph->Apply(rows);
  ASSERT_TRUE(matrix.ok());
  std::vector<float> out(9);
  for (int64_t r = 0; r < rows.num_rows(); ++r) {
    std::vector<RawValue> values(4);
    for (int64_t c = 0; c < 4; ++c) {
      const table::Column& column = rows.column(c);
      RawValue& value = values[static_cast<size_t>(c)];
      value.missing = !column.valid(r);
      if (value.missing) continue;
      if (c == 2) {
        value.text = column.text(r);
      } else {
        value.number = column.number(r);
      }
    }
    graph->ApplyRow(values, out);
    EXPECT_EQ(std::memcmp(out.data(), matrix->row(r).data(), 9 * sizeof(float)), 0);
  }
}

TEST(GraphTest, SavesAndLoads) {
  const auto graph = Graph::Make(RawSchema(), Nodes());
  ASSERT_TRUE(graph.ok());
  const auto back = Graph::FromJson(RawSchema(), graph->ToJson());
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->nodes(), graph->nodes());
  EXPECT_EQ(json::Write(back->ToJson()), json::Write(graph->ToJson()));
}

TEST(GraphTest, RefusesWhatDoesNotFit) {
  const auto make = [](Node node) { return Graph::Make(RawSchema(), {std::move(node)}).status(); };
  EXPECT_FALSE(make({.kind = NodeKind::kNumber, .column = "c", .name = "c"}).ok());
  EXPECT_FALSE(make({.kind = NodeKind::kNumber, .column = "nn", .name = "x"}).ok());
  EXPECT_FALSE(
      make({.kind = NodeKind::kCategory, .column = "c", .name = "c", .values = {"x", "x"}}).ok());
  EXPECT_FALSE(
      make({.kind = NodeKind::kFrequency, .column = "c", .name = "c", .values = {"x"}}).ok());
  EXPECT_FALSE(make({.kind = NodeKind::kExpression, .name = "e", .expression = "nn + 1"}).ok());
  EXPECT_FALSE(make({.kind = NodeKind::kExpression, .name = "e", .expression = "1 + 1"}).ok());
  EXPECT_FALSE(make({.kind = NodeKind::kExpression, .name = "e", .expression = ""}).ok());
}

TEST(GraphTest, DamagedDocumentsAreCorrupt) {
  const auto load = [](std::string_view nodes) {
    const std::string text = R"({"version": 1, "nodes": [)" + std::string(nodes) + "]}";
    return Graph::FromJson(RawSchema(), json::Parse(text, "t").value()).status();
  };
  EXPECT_TRUE(load(R"({"kind": "number", "name": "n", "column": "n"})").ok());
  for (
      const std::string_view nodes : {
          R"(7)",
          R"({"kind": "magic", "name": "n", "column": "n"})",
          R"({"kind": "number", "name": "n"})",
          R"({"kind": "number", "name": "n", "column": "absent"})",
          R"({"kind": "number", "name": "n", "column": "c"})",
          R"({"kind": "number", "name": "n", "column": "n"}, {"kind": "number", "name": "n", "column": "n"})",
          R"({"kind": "category", "name": "c", "column": "c"})",
          R"({"kind": "category", "name": "c", "column": "c", "values": "as before"})",
          R"({"kind": "category", "name": "c", "column": "c", "values": ["x", 1]})",
          R"({"kind": "category", "name": "c", "column": "c", "values": ["x", "x"]})",
          R"({"kind": "frequency", "name": "c", "column": "c", "values": ["x"], "shares": [2.0]})",
          R"({"kind": "frequency", "name": "c", "column": "c", "values": ["x"], "shares": []})",
          R"({"kind": "frequency", "name": "c", "column": "c", "values": ["x"], "shares": [null]})",
          R"({"kind": "date_part", "name": "d", "column": "d", "part": "second"})",
          R"({"kind": "date_elapsed", "name": "d", "column": "d"})",
          R"({"kind": "expression", "name": "e"})",
          R"({"kind": "expression", "name": "e", "expression": "drop table"})",
      }) {
    EXPECT_EQ(load(nodes).code(), Code::kCorrupt) << nodes;
  }
  const auto of = [](std::string_view text) {
    return Graph::FromJson(RawSchema(), json::Parse(text, "t").value()).status().code();
  };
  EXPECT_EQ(of(R"({"version": 0, "nodes": []})"), Code::kCorrupt);
  EXPECT_EQ(of(R"({"nodes": []})"), Code::kCorrupt);
  EXPECT_EQ(of(R"([])"), Code::kCorrupt);
}

}  // namespace
}  // namespace millrace::feature
