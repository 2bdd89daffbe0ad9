// Free texts in the fit.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>

#include "base/format.h"
#include "base/rng.h"
#include "fit/fit_graph.h"
#include "json/text.h"

namespace millrace::fit {
namespace {

using feature::Node;
using feature::NodeKind;
using table::ColumnType;
using ::testing::HasSubstr;

table::Schema Raw() {
  return *table::Schema::Make({{.name = "review", .type = ColumnType::kText},
                               {.name = "review length", .type = ColumnType::kNumber}});
}

// 400 reviews; "good" in half, "not good" in a tenth, "rare" in four, "the" in all.
table::Table Reviews() {
  table::Table rows(std::make_shared<const table::Schema>(Raw()));
  Rng rng(8);
  for (int r = 0; r < 400; ++r) {
    std::string text = Format("the thing{} ", r);
    if (r % 2 == 0) text += r % 10 == 0 ? "not good" : "really good";
    if (r % 100 == 1) text += "rare";
    if (r % 7 == 3) {
      rows.mutable_column(0).AppendMissing();
    } else {
      rows.mutable_column(0).AppendText(text);
    }
    rows.mutable_column(1).AppendNumber(rng.Normal());
  }
  return rows;
}

Result<FittedGraph> Fit(const table::Table& rows, int threads = 2, FitOptions options = {}) {
  MILLRACE_ASSIGN_OR_RETURN(
      const auto engine,
      engine::MakeDuckDbEngine({.num_threads = threads, .memory_bytes = int64_t{1} << 30}));
  MILLRACE_RETURN_IF_ERROR(engine->Load("t", rows));
  const table::Schema schema = Raw();
  return FitGraph({.engine = *engine,
                   .relation = "t",
                   .schema = schema,
                   .features = {"review", "review length"}},
                  options);
}

const Node* Find(const feature::Graph& graph, std::string_view name) {
  const auto found = std::ranges::find(graph.nodes(), name, &Node::name);
  return found == graph.nodes().end() ? nullptr : &*found;
}

TEST(FitTextTest, TakesFrequentWordsAndPairs) {
  const auto fitted = Fit(Reviews());
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  ASSERT_NE(Find(fitted->graph, "review: good"), nullptr);
  EXPECT_NE(Find(fitted->graph, "review: not good"), nullptr);
  EXPECT_EQ(Find(fitted->graph, "review: rare"), nullptr);  // in fewer than five
  EXPECT_EQ(Find(fitted->graph, "review: the"), nullptr);   // in every one
  EXPECT_EQ(Find(fitted->graph, "review: thing7"), nullptr);
  EXPECT_GT(Find(fitted->graph, "review: not good")->weight,
            Find(fitted->graph, "review: good")->weight);
  EXPECT_THAT(fitted->reasons[0].strategy, HasSubstr("most frequent words and pairs"));
  EXPECT_EQ(Find(fitted->graph, "review"), nullptr);  // no value repeats: no category
  const auto matrix = fitted->graph.Apply(Reviews());
  ASSERT_TRUE(matrix.ok());
}

TEST(FitTextTest, NamesThatAreTakenGetANumber) {
  const auto fitted = Fit(Reviews());
  ASSERT_TRUE(fitted.ok());
  EXPECT_EQ(Find(fitted->graph, "review length")->kind, NodeKind::kNumber);
  ASSERT_NE(Find(fitted->graph, "review length (2)"), nullptr);
  EXPECT_EQ(Find(fitted->graph, "review length (2)")->kind, NodeKind::kTextLength);
}

TEST(FitTextTest, OrderOfRowsAndThreadsChangeNothing) {
  const table::Table rows = Reviews();
  const auto fitted = Fit(rows, 1);
  ASSERT_TRUE(fitted.ok());
  const std::string expected = json::Write(fitted->graph.ToJson());
  std::vector<int64_t> order;
  for (int64_t r = 0; r < rows.num_rows(); ++r) order.push_back(rows.num_rows() - 1 - r);
  const auto turned = Fit(rows.Take(order), 4);
  ASSERT_TRUE(turned.ok());
  EXPECT_EQ(json::Write(turned->graph.ToJson()), expected);
}

TEST(FitTextTest, BoundsAndRepeatedTexts) {
  FitOptions options;
  options.max_words = 2;
  const auto few = Fit(Reviews(), 2, options);
  ASSERT_TRUE(few.ok());
  EXPECT_EQ(std::ranges::count(few->graph.nodes(), NodeKind::kWord, &Node::kind), 2);

  // 200 words in each of 400 texts would be 80,000 cells.
  table::Table wide(std::make_shared<const table::Schema>(Raw()));
  for (int r = 0; r < 400; ++r) {
    std::string text;
    for (int w = 0; w < 200; ++w) text += w == r % 200 ? "" : Format("w{}, ", w);
    wide.mutable_column(0).AppendText(text);
    wide.mutable_column(1).AppendNumber(r);
  }
  FitOptions narrow;
  narrow.max_word_cells = 400 * 60;
  const auto bounded = Fit(wide, 2, narrow);
  ASSERT_TRUE(bounded.ok());
  EXPECT_EQ(std::ranges::count(bounded->graph.nodes(), NodeKind::kWord, &Node::kind), 60);

  table::Table repeated(std::make_shared<const table::Schema>(Raw()));
  for (int r = 0; r < 40; ++r) {
    repeated.mutable_column(0).AppendText(r % 2 == 0 ? "as described" : "not as described");
    repeated.mutable_column(1).AppendNumber(r);
  }
  const auto both = Fit(repeated);
  ASSERT_TRUE(both.ok());
  ASSERT_NE(Find(both->graph, "review"), nullptr);
  EXPECT_EQ(Find(both->graph, "review")->kind, NodeKind::kCategory);
  EXPECT_THAT(both->reasons[0].strategy, HasSubstr("2 categories"));
}

}  // namespace
}  // namespace millrace::fit
