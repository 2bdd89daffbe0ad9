#include "fit/reference_sketches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "base/rng.h"
#include "json/text.h"

namespace millrace::fit {
namespace {

using table::ColumnType;

table::Table Rows() {
  auto schema = std::make_shared<const table::Schema>(
      *table::Schema::Make({{.name = "n", .type = ColumnType::kNumber},
                            {.name = "c", .type = ColumnType::kCategory},
                            {.name = "d", .type = ColumnType::kDate}}));
  table::Table rows(schema);
  Rng rng(5);
  for (int64_t r = 0; r < 1'000; ++r) {
    if (rng.Below(10) == 0) {
      rows.mutable_column(0).AppendMissing();
    } else {
      rows.mutable_column(0).AppendNumber(rng.Normal());
    }
    // One row holds a name of its own.
    rows.mutable_column(1).AppendText(r == 500 ? "Jane Doe" : rng.Below(3) == 0 ? "a" : "b");
    rows.mutable_column(2).AppendNumber(86400.0 * static_cast<double>(r));
  }
  return rows;
}

struct Predicted {
  std::vector<double> outputs;
  std::vector<int32_t> decisions;
  std::vector<std::string> labels{"no", "yes"};

  ReferencePredictions View() const {
    return {.num_rows = static_cast<int64_t>(decisions.size()),
            .num_outputs = 1,
            .outputs = outputs,
            .decisions = decisions,
            .labels = labels};
  }
};

Predicted Predictions() {
  Predicted predicted;
  Rng rng(6);
  for (int r = 0; r < 300; ++r) {
    predicted.outputs.push_back(rng.Uniform());
    predicted.decisions.push_back(predicted.outputs.back() >= 0.5 ? 1 : 0);
  }
  return predicted;
}

const std::vector<std::string> kColumns{"n", "c", "d"};

TEST(ReferenceSketchesTest, CountsColumnsAndPredictions) {
  const Predicted predicted = Predictions();
  const auto sketches = FitReferenceSketches(Rows(), kColumns, predicted.View());
  ASSERT_TRUE(sketches.ok()) << sketches.status().ToString();
  ASSERT_EQ(sketches->columns.size(), 3u);
  for (const auto& column : sketches->columns) EXPECT_EQ(column.num_rows(), 1'000);
  EXPECT_EQ(sketches->columns[0].counts().size(), 10u);
  EXPECT_GT(sketches->columns[0].num_missing(), 50);
  ASSERT_EQ(sketches->predictions.outputs.size(), 1u);
  EXPECT_EQ(sketches->predictions.outputs[0].name(), "yes");
  ASSERT_TRUE(sketches->predictions.decisions.has_value());
  EXPECT_EQ(sketches->predictions.decisions->num_rows(), 300);
  const auto back = sketch::ReferenceSketchesFromJson(sketch::ToJson(*sketches));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->columns, sketches->columns);
}

TEST(ReferenceSketchesTest, NamesNoValueOfFewRows) {
  const Predicted predicted = Predictions();
  const auto sketches = FitReferenceSketches(Rows(), kColumns, predicted.View());
  ASSERT_TRUE(sketches.ok());
  EXPECT_EQ(sketches->columns[1].values(), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(sketches->columns[1].counts().back(), 1);
  EXPECT_EQ(json::Write(sketch::ToJson(*sketches)).find("Jane"), std::string::npos);
}

TEST(ReferenceSketchesTest, EngineAndMemoryAndAnyOrderGiveTheSameBytes) {
  const table::Table rows = Rows();
  const Predicted predicted = Predictions();
  const auto in_memory = FitReferenceSketches(rows, kColumns, predicted.View());
  ASSERT_TRUE(in_memory.ok());
  const std::string expected = json::Write(sketch::ToJson(*in_memory));

  std::vector<int64_t> order(1'000);
  for (int64_t r = 0; r < 1'000; ++r) order[static_cast<size_t>(r)] = r;
  Rng(7).Shuffle(std::span<int64_t>(order));
  Predicted turned = predicted;
  std::reverse(turned.outputs.begin(), turned.outputs.end());
  std::reverse(turned.decisions.begin(), turned.decisions.end());
  const auto shuffled = FitReferenceSketches(rows.Take(order), kColumns, turned.View());
  ASSERT_TRUE(shuffled.ok());
  EXPECT_EQ(json::Write(sketch::ToJson(*shuffled)), expected);

  for (const int threads : {1, 4}) {
    auto engine =
        engine::MakeDuckDbEngine({.num_threads = threads, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    ASSERT_TRUE((*engine)->Load("t", rows).ok());
    const auto fitted = FitReferenceSketches(**engine, "(SELECT * FROM t)", rows.schema(), kColumns,
                                             predicted.View());
    ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
    EXPECT_EQ(json::Write(sketch::ToJson(*fitted)), expected);
  }
}

TEST(ReferenceSketchesTest, NumbersHaveNoDecisionsAndBadSizesAreRefused) {
  const std::vector<double> outputs{1.0, 2.0, std::numeric_limits<double>::quiet_NaN()};
  const ReferencePredictions numbers{.num_rows = 3, .num_outputs = 1, .outputs = outputs};
  const auto sketches = FitReferenceSketches(Rows(), {"n"}, numbers);
  ASSERT_TRUE(sketches.ok());
  EXPECT_EQ(sketches->predictions.outputs[0].name(), "prediction");
  EXPECT_EQ(sketches->predictions.outputs[0].num_missing(), 1);
  EXPECT_FALSE(sketches->predictions.decisions.has_value());

  const ReferencePredictions wrong{.num_rows = 4, .num_outputs = 1, .outputs = outputs};
  EXPECT_EQ(FitReferenceSketches(Rows(), {"n"}, wrong).status().code(), Code::kInternal);
  EXPECT_EQ(FitReferenceSketches(Rows(), {"nn"}, numbers).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace millrace::fit
