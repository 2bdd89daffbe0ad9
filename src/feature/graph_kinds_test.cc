// What single kinds of nodes give for ordinary, missing, unseen and odd values, and graphs that
// earlier programs stored.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "base/format.h"
#include "feature/graph.h"
#include "json/text.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

table::Schema Raw() {
  return *table::Schema::Make({{.name = "n", .type = ColumnType::kNumber},
                               {.name = "c", .type = ColumnType::kCategory},
                               {.name = "t", .type = ColumnType::kText},
                               {.name = "d", .type = ColumnType::kDate}});
}

Graph GraphOf(std::string_view nodes) {
  const std::string text = Format(R"({{"version": 2, "nodes": [{}]}})", nodes);
  const auto document = json::Parse(text, "t");
  EXPECT_TRUE(document.ok()) << document.status().ToString();
  const auto graph = Graph::FromJson(Raw(), *document);
  EXPECT_TRUE(graph.ok()) << graph.status().ToString();
  return *graph;
}

std::vector<float> ApplyTo(const Graph& graph, const RawValue& value) {
  std::vector<float> features(static_cast<size_t>(graph.num_features()));
  graph.ApplyRow(std::vector<RawValue>(graph.columns().size(), value), features);
  return features;
}
std::vector<float> ApplyTo(const Graph& graph, std::string_view text) {
  return ApplyTo(graph, RawValue{.missing = false, .text = text});
}
std::vector<float> ApplyTo(const Graph& graph, double number) {
  return ApplyTo(graph, RawValue{.missing = false, .number = number});
}
using Floats = std::vector<float>;

TEST(GraphKindsTest, OneHotIsOneOfItsNeighbours) {
  const Graph graph = GraphOf(
      R"({"kind": "one_hot", "name": "c = x", "column": "c", "value": "x"},
         {"kind": "one_hot", "name": "c = ", "column": "c", "value": ""})");
  EXPECT_EQ(ApplyTo(graph, "x"), (Floats{1, 0}));
  EXPECT_EQ(ApplyTo(graph, ""), (Floats{0, 1}));
  EXPECT_EQ(ApplyTo(graph, "unseen"), (Floats{0, 0}));
  EXPECT_EQ(ApplyTo(graph, RawValue{}), (Floats{0, 0}));
}

TEST(GraphKindsTest, HashesAreCodesForSeenAndUnseenTexts) {
  const Graph graph = GraphOf(R"({"kind": "hash", "name": "h", "column": "c", "buckets": 8})");
  std::set<float> codes;
  for (int i = 0; i < 500; ++i) {
    const float code = ApplyTo(graph, Format("value {}", i))[0];
    EXPECT_TRUE(code >= 0.0f && code < 8.0f && code == std::floor(code));
    codes.insert(code);
  }
  EXPECT_EQ(codes.size(), 8u);
  EXPECT_TRUE(std::isnan(ApplyTo(graph, RawValue{})[0]));
  // Part of the format: stored models know these codes. XXH64, from its published description.
  EXPECT_EQ(ApplyTo(graph, "")[0], 1.0f);
  EXPECT_EQ(ApplyTo(graph, "value 7")[0], 2.0f);
  EXPECT_TRUE(graph.features()[0].category);
  EXPECT_EQ(graph.features()[0].cardinality, 8);
}

TEST(GraphKindsTest, ShapesOfNumbers) {
  const Graph graph = GraphOf(
      R"({"kind": "bin", "name": "b", "column": "n", "borders": [0, 10]},
         {"kind": "scale", "name": "s", "column": "n", "center": 10, "divisor": 4},
         {"kind": "log", "name": "l", "column": "n", "offset": 1},
         {"kind": "signed_log", "name": "g", "column": "n"},
         {"kind": "power", "name": "p", "column": "n", "lambda": 0.5})");
  EXPECT_EQ(ApplyTo(graph, 3.0),
            (Floats{1, -1.75f, std::log(4.0f), static_cast<float>(std::log1p(3.0)), 2}));
  EXPECT_TRUE(std::isnan(ApplyTo(graph, -1.0)[2]));
  for (const float feature : ApplyTo(graph, RawValue{})) EXPECT_TRUE(std::isnan(feature));
  for (const double odd : {1e308, -1e308, 5e-324, -0.0}) {
    for (const float feature : ApplyTo(graph, odd)) EXPECT_FALSE(std::isinf(feature)) << odd;
  }
  EXPECT_TRUE(graph.features()[0].category);
  EXPECT_EQ(graph.features()[0].cardinality, 3);
  EXPECT_FALSE(graph.features()[1].category);
}

TEST(GraphKindsTest, DatesAndTexts) {
  const Graph dates = GraphOf(
      R"({"kind": "date_wave", "name": "s", "column": "d", "part": "hour", "wave": "sine"},
         {"kind": "date_wave", "name": "c", "column": "d", "part": "hour", "wave": "cosine"},
         {"kind": "date_part", "name": "q", "column": "d", "part": "quarter"})");
  const Floats at_six = ApplyTo(dates, 6 * 3600.0);
  EXPECT_EQ(at_six[0], 1.0f);
  EXPECT_NEAR(at_six[1], 0.0f, 1e-7f);
  EXPECT_EQ(at_six[2], 1.0f);
  for (const float feature : ApplyTo(dates, 1e300)) EXPECT_TRUE(std::isnan(feature));
  for (const float feature : ApplyTo(dates, RawValue{})) EXPECT_TRUE(std::isnan(feature));

  const Graph texts = GraphOf(
      R"({"kind": "text_statistic", "name": "d", "column": "t", "statistic": "digits"},
         {"kind": "text_statistic", "name": "u", "column": "t", "statistic": "upper_share"},
         {"kind": "ngram", "name": "a", "column": "t", "word": "goo", "weight": 1},
         {"kind": "ngram", "name": "b", "column": "t", "word": " go", "weight": 1},
         {"kind": "ngram", "name": "e", "column": "t", "word": "good ", "weight": 2})");
  const Floats good = ApplyTo(texts, "Good 10");
  EXPECT_EQ(good[0], 2.0f);
  EXPECT_EQ(good[1], 0.25f);
  const float norm = std::sqrt(6.0f);
  EXPECT_FLOAT_EQ(good[2], 1.0f / norm);
  EXPECT_FLOAT_EQ(good[3], 1.0f / norm);
  EXPECT_FLOAT_EQ(good[4], 2.0f / norm);
  EXPECT_EQ(ApplyTo(texts, ""), Floats(5));
  EXPECT_EQ(ApplyTo(texts, RawValue{}), Floats(5));
}

TEST(GraphKindsTest, DamagedMembersAreCorrupt) {
  const auto load = [](std::string_view node) {
    const std::string text = Format(R"({{"version": 2, "nodes": [{}]}})", node);
    return Graph::FromJson(Raw(), json::Parse(text, "t").value()).status().code();
  };
  for (const std::string_view node : {
           R"({"kind": "one_hot", "name": "x", "column": "c"})",
           R"({"kind": "one_hot", "name": "x", "column": "n", "value": "1"})",
           R"({"kind": "one_hot", "name": "x", "column": "c", "value": "v"},
              {"kind": "one_hot", "name": "y", "column": "c", "value": "v"})",
           R"({"kind": "hash", "name": "x", "column": "c", "buckets": 1})",
           R"({"kind": "hash", "name": "x", "column": "c", "buckets": 65537})",
           R"({"kind": "hash", "name": "x", "column": "c", "buckets": 2.5})",
           R"({"kind": "bin", "name": "x", "column": "n", "borders": []})",
           R"({"kind": "bin", "name": "x", "column": "n", "borders": [2, 1]})",
           R"({"kind": "bin", "name": "x", "column": "n", "borders": [1, 1]})",
           R"({"kind": "bin", "name": "x", "column": "n", "borders": [null]})",
           R"({"kind": "bin", "name": "x", "column": "d", "borders": [1]})",
           R"({"kind": "scale", "name": "x", "column": "n", "center": 0, "divisor": 0})",
           R"({"kind": "scale", "name": "x", "column": "n", "center": 0, "divisor": -1})",
           R"({"kind": "scale", "name": "x", "column": "n", "divisor": 1})",
           R"({"kind": "log", "name": "x", "column": "n"})",
           R"({"kind": "power", "name": "x", "column": "n", "lambda": 11})",
           R"({"kind": "date_wave", "name": "x", "column": "d", "part": "year", "wave": "sine"})",
           R"({"kind": "date_wave", "name": "x", "column": "d", "part": "hour", "wave": "saw"})",
           R"({"kind": "ngram", "name": "x", "column": "t", "word": "", "weight": 1})",
           R"({"kind": "ngram", "name": "x", "column": "t", "word": "123456789", "weight": 1})",
           R"({"kind": "ngram", "name": "x", "column": "t", "word": "abc", "weight": 0})",
           R"({"kind": "text_statistic", "name": "x", "column": "t", "statistic": "mood"})",
       }) {
    EXPECT_EQ(load(node), Code::kCorrupt) << node;
  }
}

// A graph as format 1 stored it, with every kind of that time.
constexpr std::string_view kStoredFormat1 = R"json({"version":1,"nodes":[
  {"kind":"number","name":"n","column":"n"},
  {"kind":"missing","name":"n is missing","column":"n"},
  {"kind":"category","name":"c","column":"c","values":["x","y"]},
  {"kind":"frequency","name":"c frequency","column":"c","values":"as before","shares":[0.75,0.25]},
  {"kind":"target","name":"c target","column":"c","values":"as before","encodings":[0.5,0.125],
   "mean":0.25,"smoothing":20},
  {"kind":"text_length","name":"t length","column":"t"},
  {"kind":"word_count","name":"t words","column":"t"},
  {"kind":"word","name":"t: good","column":"t","word":"good","weight":1},
  {"kind":"word","name":"t: not good","column":"t","word":"not good","weight":2},
  {"kind":"date_part","name":"d weekday","column":"d","part":"weekday"},
  {"kind":"date_elapsed","name":"d days since the first","column":"d","origin":86400},
  {"kind":"expression","name":"e","expression":"round(n / 2, 1) + (c = 'x')"}]})json";

TEST(GraphKindsTest, Format1ReadsAsItWasWritten) {
  const auto graph = Graph::FromJson(Raw(), json::Parse(kStoredFormat1, "old").value());
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  std::vector<float> features(12);
  graph->ApplyRow(
      std::vector<RawValue>{
          {false, 2.5, {}}, {false, 0.0, "x"}, {false, 0.0, "not good"}, {false, 3 * 86400.0, {}}},
      features);
  const float norm = std::sqrt(5.0f);
  const Floats wanted{2.5f, 0, 0, 0.75f, 0.5f, 8, 2, 1.0f / norm, 2.0f / norm, 6, 2, 2.3f};
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_FLOAT_EQ(features[i], wanted[i]) << i;
  graph->ApplyRow(std::vector<RawValue>(4), features);
  const Floats missing{kNan, 1, kNan, kNan, kNan, 0, 0, 0, 0, kNan, kNan, kNan};
  for (size_t i = 0; i < missing.size(); ++i) {
    EXPECT_TRUE(std::isnan(missing[i]) ? std::isnan(features[i]) : features[i] == missing[i]) << i;
  }
  EXPECT_EQ(graph->ToJson()["version"].AsInteger(), 2);
}

TEST(GraphKindsTest, ALaterFormatIsRefused) {
  const auto graph =
      Graph::FromJson(Raw(), json::Parse(R"({"version": 5, "nodes": []})", "t").value());
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.status().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace millrace::feature
