// No allocation in the steady state: this program counts its calls of malloc. Sanitizers replace
// malloc by their own; there the test skips.

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "feature/expression.h"
#include "feature/graph.h"

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__GLIBC__)
#define MILLRACE_COUNTS_MALLOC 1
namespace {
std::atomic<int64_t> malloc_calls{0};
}  // namespace

extern "C" void* __libc_malloc(size_t size);  // NOLINT(bugprone-reserved-identifier)
extern "C" void* malloc(size_t size) {
  malloc_calls.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}
#endif

namespace millrace::feature {
namespace {

#ifdef MILLRACE_COUNTS_MALLOC

using table::ColumnType;

table::Schema Raw() {
  return *table::Schema::Make({{.name = "n", .type = ColumnType::kNumber},
                               {.name = "c", .type = ColumnType::kCategory},
                               {.name = "t", .type = ColumnType::kText},
                               {.name = "d", .type = ColumnType::kDate},
                               {.name = "b", .type = ColumnType::kBoolean}});
}

std::vector<Node> EveryKind() {
  Node target{.kind = NodeKind::kTarget, .column = "c", .name = "target", .values = {"x", "y"}};
  target.encodings = {0.25, 0.75};
  target.smoothing = 20.0;
  Node word{.kind = NodeKind::kWord, .column = "t", .name = "word"};
  word.word = "good";
  word.weight = 1.0;
  Node pair{.kind = NodeKind::kWord, .column = "t", .name = "pair"};
  pair.word = "not good";
  pair.weight = 2.0;
  Node expression{.kind = NodeKind::kExpression, .name = "expression"};
  expression.expression =
      "round(n / nullif(abs(d), 0), 2) + (coalesce(c, 'none') = 'x')"
      " + length(upper(replace(trim(c), 'x', 'yz'))) + case when n > 0 then year(d) else 0 end";
  Node ngram{.kind = NodeKind::kNgram, .column = "t", .name = "ngram"};
  ngram.word = "good ";
  ngram.weight = 1.0;
  Node one_hot{.kind = NodeKind::kOneHot, .column = "c", .name = "one hot"};
  one_hot.word = "y";
  Node hash{.kind = NodeKind::kHash, .column = "c", .name = "hash"};
  hash.buckets = 16;
  Node bin{.kind = NodeKind::kBin, .column = "n", .name = "bin"};
  bin.borders = {0.0, 1.0, 2.0};
  Node group{.kind = NodeKind::kGroup, .column = "n", .name = "group"};
  group.groups = {.by = {{.name = "c", .texts = {"x", "y"}, .numbers = {}},
                         {.name = "b", .texts = {}, .numbers = {0.0, 1.0}}},
                  .codes = {0, 1, 1, 0}};
  group.group_values = {2.0, 3.0};
  group.view = GroupView::kRatio;
  return {ngram,
          group,
          one_hot,
          hash,
          bin,
          {.kind = NodeKind::kScale, .column = "n", .name = "scale"},
          {.kind = NodeKind::kLog, .column = "n", .name = "log"},
          {.kind = NodeKind::kSignedLog, .column = "n", .name = "signed log"},
          {.kind = NodeKind::kPower, .column = "n", .name = "power"},
          {.kind = NodeKind::kBoolean, .column = "b", .name = "boolean"},
          {.kind = NodeKind::kDateWave, .column = "d", .name = "wave", .part = DatePart::kMonth},
          {.kind = NodeKind::kTextStatistic, .column = "t", .name = "digits"},
          {.kind = NodeKind::kNumber, .column = "n", .name = "number"},
          {.kind = NodeKind::kMissing, .column = "n", .name = "missing"},
          {.kind = NodeKind::kCategory, .column = "c", .name = "category", .values = {"x", "y"}},
          {.kind = NodeKind::kFrequency,
           .column = "c",
           .name = "frequency",
           .values = {"x", "y"},
           .shares = {0.5, 0.5}},
          target,
          {.kind = NodeKind::kTextLength, .column = "t", .name = "length"},
          {.kind = NodeKind::kWordCount, .column = "t", .name = "words"},
          word,
          pair,
          {.kind = NodeKind::kDatePart, .column = "d", .name = "year"},
          {.kind = NodeKind::kDateElapsed, .column = "d", .name = "elapsed"},
          expression};
}

// A kind that is added later is missed here.
TEST(AllocationTest, HoldsEveryKind) {
  std::set<std::string_view> kinds;
  for (const Node& node : EveryKind()) kinds.insert(NodeKindName(node.kind));
  size_t known = 0;
  for (int kind = 0; kind < 1'000; ++kind) {
    const auto name = NodeKindName(static_cast<NodeKind>(kind));
    if (NodeKindFromName(name) == static_cast<NodeKind>(kind)) ++known;
  }
  EXPECT_EQ(kinds.size(), known);
}

TEST(AllocationTest, CountsMalloc) {
  const int64_t before = malloc_calls;
  const std::string text(1'000, 'x');
  EXPECT_GT(malloc_calls, before) << text.size();
}

TEST(AllocationTest, ARowThroughTheGraphAllocatesNothing) {
  const auto graph = Graph::Make(Raw(), EveryKind());
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  const std::string text = "Not good: " + std::string(5'000, 'y') + " good";
  const std::vector<RawValue> row{
      {false, 2.5, {}}, {false, 0.0, "x"}, {false, 0.0, text}, {false, 1e9, {}}, {false, 1.0, {}}};
  const std::vector<RawValue> missing(5);
  std::vector<float> features(static_cast<size_t>(graph->num_features()));
  const int64_t before = malloc_calls;
  for (int i = 0; i < 1'000; ++i) {
    graph->ApplyRow(row, features);
    graph->ApplyRow(missing, features);
  }
  EXPECT_EQ(malloc_calls, before);
}

TEST(AllocationTest, TreatmentsAllocateNothing) {
  Treatment number{.column = "n", .high = 2.0, .fill = FillKind::kModel};
  number.model.terms = {{.column = "c", .value = "x", .weight = 1.0},
                        {.column = "d", .value = std::nullopt, .weight = 1.0}};
  const Treatment text{
      .column = "t", .fill = FillKind::kText, .text = std::string(100, 'y') + " good"};
  const auto graph = Graph::Make(Raw(), EveryKind(), {number, text});
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  const std::vector<RawValue> row{
      {false, 2.5, {}}, {false, 0.0, "x"}, {false, 0.0, "good"}, {false, 1e9, {}}, {}};
  const std::vector<RawValue> missing(5);
  std::vector<float> features(static_cast<size_t>(graph->num_features()));
  const int64_t before = malloc_calls;
  for (int i = 0; i < 1'000; ++i) {
    graph->ApplyRow(row, features);
    graph->ApplyRow(missing, features);
  }
  EXPECT_EQ(malloc_calls, before);
}

#else

TEST(AllocationTest, CountsMalloc) { GTEST_SKIP() << "a sanitizer replaces malloc"; }

#endif

}  // namespace
}  // namespace millrace::feature
