#include "sketch/column_sketch.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/rng.h"
#include "json/text.h"

namespace millrace::sketch {
namespace {

table::Column Normals(uint64_t seed, int64_t rows, double shift = 0.0) {
  Rng rng(seed);
  table::Column column(table::ColumnType::kNumber);
  for (int64_t i = 0; i < rows; ++i) {
    if (i % 50 == 0) {
      column.AppendMissing();
    } else {
      column.AppendNumber(rng.Normal() + shift);
    }
  }
  return column;
}

TEST(ColumnSketchTest, CountsEveryRowOnceInNearlyEqualBins) {
  const ColumnSketch sketch = ColumnSketch::FromReference("x", Normals(1, 1000));
  EXPECT_EQ(sketch.num_rows(), 1000);
  EXPECT_EQ(sketch.num_missing(), 20);
  ASSERT_EQ(sketch.counts().size(), 10U);
  for (const int64_t count : sketch.counts()) EXPECT_NEAR(static_cast<double>(count), 98.0, 2.0);
}

TEST(ColumnSketchTest, MergeOfPartsEqualsTheWholeInAnyOrder) {
  const ColumnSketch reference = ColumnSketch::FromReference("x", Normals(1, 1000));
  ColumnSketch whole = reference.Empty();
  whole.AddColumn(Normals(2, 300));
  whole.AddColumn(Normals(3, 200));
  ColumnSketch left = reference.Empty();
  left.AddColumn(Normals(2, 300));
  ColumnSketch right = reference.Empty();
  right.AddColumn(Normals(3, 200));
  ASSERT_TRUE(right.Merge(left).ok());
  EXPECT_EQ(right, whole);
}

TEST(ColumnSketchTest, RefusesToMergeOtherBins) {
  ColumnSketch a = ColumnSketch::FromReference("x", Normals(1, 100));
  EXPECT_EQ(a.Merge(ColumnSketch::FromReference("x", Normals(2, 100))).code(), Code::kInvalidData);
}

TEST(ColumnSketchTest, UnseenTextsCountAsOther) {
  table::Column column(table::ColumnType::kCategory);
  for (const char* value : {"b", "a", "b", "c"}) column.AppendText(value);
  ColumnSketch sketch = ColumnSketch::FromReference("c", column, 10, 2).Empty();
  EXPECT_EQ(sketch.values(), (std::vector<std::string>{"b", "a"}));
  sketch.AddText("b");
  sketch.AddText("zzz");
  EXPECT_EQ(sketch.counts(), (std::vector<int64_t>{1, 0, 1}));
}

TEST(ColumnSketchTest, ConstantAndEmptyColumnsHaveOneBin) {
  table::Column constant(table::ColumnType::kNumber);
  constant.AppendNumber(3.0);
  constant.AppendNumber(3.0);
  EXPECT_EQ(ColumnSketch::FromReference("k", constant).counts(), (std::vector<int64_t>{2}));
  const table::Column empty(table::ColumnType::kNumber);
  EXPECT_EQ(ColumnSketch::FromReference("e", empty).num_rows(), 0);
}

TEST(ColumnSketchTest, ReadsBackWhatItWroteAndRefusesDamage) {
  ReferenceSketches sketches;
  sketches.columns.push_back(ColumnSketch::FromReference("x", Normals(1, 500)));
  sketches.predictions.outputs.push_back(ColumnSketch::FromReference("p", Normals(2, 500)));
  const auto parsed = json::Parse(json::Write(ToJson(sketches)), "test");
  ASSERT_TRUE(parsed.ok());
  const auto back = ReferenceSketchesFromJson(*parsed);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->columns, sketches.columns);
  EXPECT_EQ(back->predictions.outputs, sketches.predictions.outputs);

  json::Json damaged = sketches.columns[0].ToJson();
  damaged.Set("counts", json::Json::ArrayOf(std::vector<int64_t>{1, 2}));
  EXPECT_EQ(ColumnSketch::FromJson(damaged).status().code(), Code::kCorrupt);
}

TEST(ColumnSketchTest, AWholeColumnCountsAsItsValuesOneByOne) {
  Rng rng(5);
  for (const int64_t bins : {int64_t{10}, int64_t{100}}) {
    table::Column numbers(table::ColumnType::kNumber);
    table::Column texts(table::ColumnType::kCategory);
    for (int64_t row = 0; row < 2000; ++row) {
      if (rng.Below(10) == 0) {
        numbers.AppendMissing();
        texts.AppendMissing();
        continue;
      }
      numbers.AppendNumber(std::floor(20.0 * rng.Normal()));  // many values lie on an edge
      texts.AppendText(rng.Below(50) == 0 ? "" : "v" + std::to_string(rng.Below(40)));
    }
    for (const table::Column* column : {&numbers, &texts}) {
      const auto whole = ColumnSketch::FromReference("x", *column, bins);
      ColumnSketch single = whole.Empty();
      for (int64_t row = 0; row < column->size(); ++row) {
        if (!column->valid(row)) {
          single.AddMissing();
        } else if (table::IsNumeric(column->type())) {
          single.AddNumber(column->number(row));
        } else {
          single.AddText(column->text(row));
        }
      }
      EXPECT_EQ(whole, single);
    }
    ColumnSketch other = ColumnSketch::FromReference("x", numbers, bins).Empty();
    other.AddColumn(texts);
    EXPECT_EQ(other.num_missing(), texts.size());
  }
}

}  // namespace
}  // namespace millrace::sketch
