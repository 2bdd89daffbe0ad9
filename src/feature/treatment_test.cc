#include "feature/treatment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/format.h"
#include "feature/graph.h"
#include "json/text.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

table::Schema Raw() {
  return *table::Schema::Make({{.name = "a", .type = ColumnType::kNumber},
                               {.name = "b", .type = ColumnType::kNumber},
                               {.name = "c", .type = ColumnType::kCategory},
                               {.name = "x", .type = ColumnType::kInteger},
                               {.name = "unread", .type = ColumnType::kNumber}});
}

Node Number(const std::string& column) {
  return {.kind = NodeKind::kNumber, .column = column, .name = column};
}
Node IsMissing(const std::string& column) {
  return {.kind = NodeKind::kMissing, .column = column, .name = column + " is missing"};
}

RawValue Of(double number) { return {.missing = false, .number = number}; }
RawValue Of(std::string_view text) { return {.missing = false, .text = text}; }
const RawValue kGap;

std::vector<float> RowOf(const Graph& graph, const std::vector<RawValue>& values) {
  std::vector<float> features(static_cast<size_t>(graph.num_features()));
  graph.ApplyRow(values, features);
  return features;
}
using Floats = std::vector<float>;

TEST(TreatmentTest, NumbersAreClippedAndGapsFilled) {
  Treatment treatment{.column = "a", .low = -1.0, .high = 10.0, .fill = FillKind::kNumber};
  treatment.number = 3.5;
  const auto graph = Graph::Make(Raw(), {Number("a"), IsMissing("a")}, {treatment});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  EXPECT_EQ(RowOf(*graph, {Of(2.0)}), (Floats{2.0f, 0.0f}));
  EXPECT_EQ(RowOf(*graph, {Of(1e9)}), (Floats{10.0f, 0.0f}));
  EXPECT_EQ(RowOf(*graph, {Of(-1.5)}), (Floats{-1.0f, 0.0f}));
  // That it was missing can still be told.
  EXPECT_EQ(RowOf(*graph, {kGap}), (Floats{3.5f, 1.0f}));
}

TEST(TreatmentTest, AllNodesOfTheColumnReadTheTreatedText) {
  Treatment treatment{.column = "c", .fill = FillKind::kText, .text = "red"};
  Node category{.kind = NodeKind::kCategory, .column = "c", .name = "c", .values = {"blue", "red"}};
  Node one_hot{.kind = NodeKind::kOneHot, .column = "c", .name = "c = red"};
  one_hot.word = "red";
  Node length{.kind = NodeKind::kTextLength, .column = "c", .name = "c length"};
  const auto graph = Graph::Make(Raw(), {category, one_hot, length}, {treatment});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  EXPECT_EQ(RowOf(*graph, {kGap}), (Floats{1.0f, 1.0f, 3.0f}));
  EXPECT_EQ(RowOf(*graph, {Of("blue")}), (Floats{0.0f, 0.0f, 4.0f}));
}

TEST(TreatmentTest, ExpressionsReadWhatCame) {
  Treatment treatment{.column = "a", .high = 1.0, .fill = FillKind::kNumber};
  Node expression{.kind = NodeKind::kExpression, .name = "e", .expression = "coalesce(a, -7)"};
  const auto graph = Graph::Make(Raw(), {Number("a"), expression}, {treatment});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  EXPECT_EQ(RowOf(*graph, {kGap}), (Floats{0.0f, -7.0f}));
  EXPECT_EQ(RowOf(*graph, {Of(5.0)}), (Floats{1.0f, 5.0f}));
}

Treatment Modelled(const std::string& column, std::vector<FillTerm> terms) {
  Treatment treatment{.column = column, .fill = FillKind::kModel};
  treatment.number = 1.0;
  treatment.model = {.intercept = 0.5, .least = -100.0, .greatest = 100.0, .terms = {}};
  treatment.model.terms = std::move(terms);
  return treatment;
}

TEST(TreatmentTest, ModelsPredictFromTreatedNeighbours) {
  FillTerm by_x{.column = "x", .value = std::nullopt, .weight = 2.0, .center = 4.0};
  FillTerm by_c{.column = "c", .value = "red", .weight = 10.0};
  Treatment x{.column = "x", .high = 6.0};
  const auto graph = Graph::Make(Raw(), {Number("a")}, {Modelled("a", {by_x, by_c}), x});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  // What a model reads is asked for, whether or not a node reads it.
  EXPECT_EQ(graph->columns(), (std::vector<std::string>{"a", "c", "x"}));
  EXPECT_EQ(RowOf(*graph, {Of(9.0), Of("red"), Of(1.0)}), (Floats{9.0f}));
  EXPECT_EQ(RowOf(*graph, {kGap, Of("red"), Of(1.0)}), (Floats{12.5f}));
  EXPECT_EQ(RowOf(*graph, {kGap, Of("blue"), Of(1.0)}), (Floats{2.5f}));
  EXPECT_EQ(RowOf(*graph, {kGap, kGap, Of(50.0)}), (Floats{12.5f}));  // x at its bound
  EXPECT_EQ(RowOf(*graph, {kGap, kGap, kGap}), (Floats{8.5f}));       // x at its centre
  EXPECT_EQ(RowOf(*graph, {kGap, Of("red"), Of(-1e9)}), (Floats{-100.0f}));
  EXPECT_EQ(RowOf(*graph, {kGap, Of("red"), Of(std::nan(""))}), (Floats{1.0f}));
}

TEST(TreatmentTest, SeveralGapsOfARowAreFilledInRounds) {
  const FillTerm by_b{.column = "b", .value = std::nullopt, .weight = 0.5, .center = 0.0};
  const FillTerm by_a{.column = "a", .value = std::nullopt, .weight = -0.25, .center = 0.0};
  const std::vector<Treatment> both{Modelled("a", {by_b}), Modelled("b", {by_a})};
  const auto graph = Graph::Make(Raw(), {Number("a"), Number("b")}, both);
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  double a = 1.0;
  double b = 1.0;
  for (int round = 0; round < kFillRounds; ++round) {
    a = 0.5 + 0.5 * b;
    b = 0.5 - 0.25 * a;
  }
  EXPECT_EQ(RowOf(*graph, {kGap, kGap}), (Floats{static_cast<float>(a), static_cast<float>(b)}));
  EXPECT_EQ(RowOf(*graph, {Of(8.0), kGap}), (Floats{8.0f, -1.5f}));
  // A model of a column that nobody reads costs no column.
  const auto one = Graph::Make(Raw(), {Number("x")}, both);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->columns(), std::vector<std::string>{"x"});
  EXPECT_EQ(RowOf(*one, {kGap}).size(), 1u);
}

TEST(TreatmentTest, FilledTextsHaveTheEncodingOfTheText) {
  Node target{.kind = NodeKind::kTarget, .column = "c", .name = "c target", .values = {"u", "v"}};
  target.encodings = {0.25, 0.75};
  target.mean = 0.5;
  target.smoothing = 1.0;
  target.folds = {{.num_rows = 4, .sum = 2.0, .counts = {2, 2}, .sums = {0.0, 2.0}},
                  {.num_rows = 4, .sum = 1.0, .counts = {2, 2}, .sums = {1.0, 0.0}}};
  Treatment treatment{.column = "c", .fill = FillKind::kText, .text = "v"};
  const auto graph = Graph::Make(Raw(), {target}, {treatment});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  table::Table rows(std::make_shared<const table::Schema>(
      *table::Schema::Make({{.name = "c", .type = ColumnType::kCategory}})));
  rows.mutable_column(0).AppendMissing();
  rows.mutable_column(0).AppendText("v");
  const std::vector<int32_t> folds{0, 0};
  const auto matrix = graph->ApplyFolds(rows, folds, std::nullopt);
  ASSERT_TRUE(matrix.ok()) << matrix.status().ToString();
  EXPECT_FALSE(std::isnan(matrix->at(0, 0)));
  EXPECT_EQ(matrix->at(0, 0), matrix->at(1, 0));
}

TEST(TreatmentTest, OnlyGraphsWithTreatmentsAreOfFormat4) {
  const auto plain = Graph::Make(Raw(), {Number("a")});
  EXPECT_EQ(plain->ToJson()["version"].AsInteger(), 2);
  EXPECT_FALSE(plain->ToJson().Has("treatments"));
  const auto treated = Graph::Make(Raw(), {Number("a")}, {{.column = "a", .high = 2.0}});
  const json::Json stored = treated->ToJson();
  EXPECT_EQ(stored["version"].AsInteger(), 4);
  const auto again = Graph::FromJson(Raw(), stored);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->treatments(), treated->treatments());
}

TEST(TreatmentTest, WhatDoesNotFitIsRefusedWithTheColumn) {
  const auto refused = [](std::string_view treatments, std::string_view what) {
    const std::string text = Format(
        R"({{"version": 4, "nodes": [{{"kind": "number", "name": "a", "column": "a"}}],
            "treatments": [{}]}})",
        treatments);
    const auto graph = Graph::FromJson(Raw(), json::Parse(text, "t").value());
    ASSERT_FALSE(graph.ok()) << treatments;
    EXPECT_EQ(graph.status().code(), Code::kCorrupt);
    EXPECT_NE(graph.status().message().find(what), std::string::npos) << graph.status().message();
  };
  refused(R"({"column": "nobody", "fill": "none"})", "\"nobody\": no such column");
  refused(R"({"column": "a", "fill": "guess"})", "unknown fill");
  refused(R"({"column": "a", "fill": "text", "text": "x"})", "a text for a number column");
  refused(R"({"column": "c", "fill": "number", "number": 1})", "a number for a category column");
  refused(R"({"column": "c", "fill": "none", "low": 1})", "bounds of a category column");
  refused(R"({"column": "a", "fill": "none", "low": 2, "high": 1})", "a bound out of range");
  refused(R"({"column": "a", "fill": "number"})", "number");
  refused(R"({"column": "a", "fill": "none"}, {"column": "a", "fill": "none"})", "stands twice");
  constexpr std::string_view kModel =
      R"({{"column": "a", "fill": "model", "number": 0, "model": {{"intercept": 0, "least": {},
          "greatest": 1, "terms": [{}]}}}})";
  refused(Format(kModel, 2, ""), "a number out of range");
  refused(Format(kModel, 0, R"({"column": "a", "weight": 1, "center": 0})"), "reads itself");
  refused(Format(kModel, 0, R"({"column": "q", "weight": 1, "center": 0})"), "no such column");
  refused(Format(kModel, 0, R"({"column": "c", "weight": 1, "center": 0})"), "does not fit");
  refused(Format(kModel, 0, R"({"column": "b", "weight": 1, "value": "x"})"), "does not fit");
  refused(R"({"column": "a", "fill": "model", "number": 0})", "intercept");
}

}  // namespace
}  // namespace millrace::feature
