#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <memory>

#include "feature/graph.h"
#include "feature/target_encoding.h"
#include "json/text.h"

namespace millrace::feature {
namespace {

using table::ColumnType;

table::Schema Raw() {
  return *table::Schema::Make(
      {{.name = "n", .type = ColumnType::kNumber}, {.name = "c", .type = ColumnType::kCategory}});
}

// Three folds of four rows each: "x" has 2, 1, 0 rows, "y" has 1, 1, 3.
Node TargetNode() {
  Node node{.kind = NodeKind::kTarget, .column = "c", .name = "c target", .values = {"x", "y"}};
  node.smoothing = 2.0;
  node.folds = {{.num_rows = 4, .sum = 2.0, .counts = {2, 1}, .sums = {2.0, 0.0}},
                {.num_rows = 4, .sum = 1.0, .counts = {1, 1}, .sums = {1.0, 0.0}},
                {.num_rows = 4, .sum = 3.0, .counts = {0, 3}, .sums = {0.0, 3.0}}};
  const TargetFold* folds[] = {&node.folds[0], &node.folds[1], &node.folds[2]};
  const TargetEncoding all = EncodeTarget(folds, 2, node.smoothing);
  node.encodings = all.encodings;
  node.mean = all.mean;
  return node;
}

Graph TargetGraph() {
  auto graph =
      Graph::Make(Raw(), {{.kind = NodeKind::kNumber, .column = "n", .name = "n"}, TargetNode()});
  EXPECT_TRUE(graph.ok()) << graph.status().ToString();
  return *std::move(graph);
}

table::Table Rows(const std::vector<std::string>& texts) {
  table::Table rows(std::make_shared<const table::Schema>(Raw()));
  for (const std::string& text : texts) {
    rows.mutable_column(0).AppendNumber(1.0);
    if (text.empty()) {
      rows.mutable_column(1).AppendMissing();
    } else {
      rows.mutable_column(1).AppendText(text);
    }
  }
  return rows;
}

TEST(GraphFoldsTest, ServingUsesAllRows) {
  const Graph graph = TargetGraph();
  std::vector<float> out(2);
  const auto encode = [&](RawValue value) {
    graph.ApplyRow(std::vector<RawValue>{{false, 1.0, {}}, value}, out);
    return out[1];
  };
  EXPECT_EQ(encode({false, 0.0, "x"}), static_cast<float>((3.0 + 2.0 * 0.5) / 5.0));
  EXPECT_EQ(encode({false, 0.0, "y"}), static_cast<float>((3.0 + 2.0 * 0.5) / 7.0));
  EXPECT_EQ(encode({false, 0.0, "unseen"}), 0.5f);
  EXPECT_TRUE(std::isnan(encode({})));
}

TEST(GraphFoldsTest, RowsAreEncodedWithoutTheirFoldAndTheHeldOutOne) {
  const Graph graph = TargetGraph();
  EXPECT_EQ(graph.num_folds(), 3);
  EXPECT_EQ(graph.fold_features(), std::vector<int64_t>{1});
  const table::Table rows = Rows({"x", "x", "x", "y", "z", ""});
  const std::vector<int32_t> folds{0, 1, 2, 2, 0, 1};
  const auto held = graph.ApplyFolds(rows, folds, 2);
  ASSERT_TRUE(held.ok());
  // Fold 0 is encoded by fold 1 alone: mean 1/4, x: (1 + 2 / 4) / 3.
  EXPECT_EQ(held->at(0, 1), 0.5f);
  // Fold 1 by fold 0 alone: mean 1/2, x: (2 + 2 / 2) / 4.
  EXPECT_EQ(held->at(1, 1), 0.75f);
  // Held-out rows by folds 0 and 1: mean 3/8, x: (3 + 2 * 3 / 8) / 5, y: (0 + 3 / 4) / 4.
  EXPECT_EQ(held->at(2, 1), 0.75f);
  EXPECT_EQ(held->at(3, 1), 0.1875f);
  EXPECT_EQ(held->at(4, 1), 0.25f);
  EXPECT_TRUE(std::isnan(held->at(5, 1)));
  EXPECT_EQ(held->at(0, 0), 1.0f);

  const auto all = graph.FoldFeatures(rows, folds, std::nullopt);
  ASSERT_TRUE(all.ok());
  // Fold 2 holds no x: folds 0 and 1 as before; fold 0 by folds 1 and 2: mean 1/2, x: 2 / 3.
  EXPECT_EQ(all->at(2, 0), 0.75f);
  EXPECT_EQ(all->at(0, 0), static_cast<float>(2.0 / 3.0));
}

TEST(GraphFoldsTest, SavesWithFoldsAndServesWithout) {
  const Graph graph = TargetGraph();
  const auto back = Graph::FromJson(Raw(), graph.ToJson());
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->nodes(), graph.nodes());
  const Graph serving = graph.Serving();
  EXPECT_EQ(serving.num_folds(), 0);
  EXPECT_TRUE(serving.fold_features().empty());
  EXPECT_EQ(json::Write(serving.ToJson()).find("folds"), std::string::npos);
  const auto rows = Rows({"x", "y", "z", ""});
  const auto before = graph.Apply(rows);
  const auto after = serving.Apply(rows);
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(std::memcmp(before->values().data(), after->values().data(),
                        before->values().size() * sizeof(float)),
            0);
}

TEST(GraphFoldsTest, RefusesFoldsThatDoNotFit) {
  const Graph graph = TargetGraph();
  const table::Table rows = Rows({"x"});
  for (const std::vector<int32_t>& folds :
       {std::vector<int32_t>{}, std::vector<int32_t>{3}, std::vector<int32_t>{-1}}) {
    EXPECT_EQ(graph.FoldFeatures(rows, folds, 0).status().code(), Code::kInternal);
  }
  EXPECT_EQ(graph.FoldFeatures(rows, std::vector<int32_t>{0}, 3).status().code(), Code::kInternal);
  const auto make = [](auto change) {
    Node node = TargetNode();
    change(node);
    return Graph::Make(Raw(), {node}).status();
  };
  EXPECT_TRUE(make([](Node&) {}).ok());
  EXPECT_FALSE(make([](Node& node) { node.encodings.pop_back(); }).ok());
  EXPECT_FALSE(make([](Node& node) { node.smoothing = 0.0; }).ok());
  EXPECT_FALSE(make([](Node& node) { node.mean = std::nan(""); }).ok());
  EXPECT_FALSE(make([](Node& node) { node.folds.resize(1); }).ok());
  EXPECT_FALSE(make([](Node& node) { node.folds[0].counts[0] = 5; }).ok());
  EXPECT_FALSE(make([](Node& node) { node.folds[0].sums.pop_back(); }).ok());
  EXPECT_FALSE(make([](Node& node) { node.column = "n"; }).ok());
}

}  // namespace
}  // namespace millrace::feature
