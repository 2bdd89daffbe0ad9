#include "pipeline/predict_file.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "bundle/sample_bundle.h"
#include "engine/engine.h"

namespace millrace::pipeline {
namespace {

class PredictFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::make_unique<TemporaryFolder>(TemporaryFolder::Make().value());
    bundle::BundleParts parts = bundle::SampleParts();
    parts.provenance.Set("id", "customer");
    bundle_ = *bundle::Bundle::FromBytes(*bundle::Pack(parts), "sample");
  }

  std::string Path(std::string_view name) const { return JoinPath(folder_->path(), name); }
  PredictFileInputs Inputs(int num_threads = 1) {
    return {.bundle = *bundle_,
            .data = {"d.csv"},
            .folder = folder_->path(),
            .source = {},
            .id = id_,
            .num_threads = num_threads,
            .progress = progress_};
  }
  Result<PredictFileOutcome> Predict(std::string_view csv, const std::string& out = "out.csv",
                                     PredictionFormat format = PredictionFormat::kCsv,
                                     int num_threads = 1) {
    EXPECT_TRUE(WriteFile(Path("d.csv"), csv).ok());
    return PredictFile(Inputs(num_threads), Path(out), format);
  }
  std::string Read(const std::string& name) const { return ReadFile(Path(name)).value(); }

  std::unique_ptr<TemporaryFolder> folder_;
  std::shared_ptr<const bundle::Bundle> bundle_;
  std::optional<std::string> id_;
  SilentProgress progress_;
};

TEST_F(PredictFileTest, CarriesTheIdAndGivesAProbabilityPerClass) {
  const auto outcome = Predict("city,customer,age\nBern,\"a, b\",50\nBasel,c2,30\n");
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->num_rows, 2);
  const std::string text = Read("out.csv");
  const auto lines = Split(text, '\n');
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[0], "customer,prediction,probability.no,probability.yes");
  EXPECT_TRUE(lines[1].starts_with("\"a, b\",")) << lines[1];
  const auto cells = Split(lines[2], ',');
  EXPECT_EQ(cells[0], "c2");
  EXPECT_NEAR(*ParseDouble(cells[2]) + *ParseDouble(cells[3]), 1.0, 1e-15);
}

TEST_F(PredictFileTest, WithoutAnIdRowsAreNumbered) {
  ASSERT_TRUE(Predict("age,city\n50,Bern\n").ok());
  EXPECT_TRUE(Read("out.csv").starts_with("row,prediction,")) << Read("out.csv");
  id_ = "city";
  const auto outcome = Predict("age,city\n50,Bern\n");
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->id, "city");
  id_ = "cty";
  EXPECT_EQ(Predict("age,city\n50,Bern\n").status().code(), Code::kInvalidSpec);
}

TEST_F(PredictFileTest, AMissingColumnIsNamedWithTheNearestAndTheOldFileStays) {
  ASSERT_TRUE(WriteFile(Path("out.csv"), "old").ok());
  const auto outcome = Predict("Age,city\n50,Bern\n");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.status().code(), Code::kInvalidData);
  EXPECT_NE(outcome.status().message().find("\"age\""), std::string::npos);
  EXPECT_NE(outcome.status().hint().find("Age"), std::string::npos);
  EXPECT_EQ(Read("out.csv"), "old");
  EXPECT_EQ(ListFolder(folder_->path())->size(), 2u);  // no temporary file is left
}

TEST_F(PredictFileTest, UnreadableCellsAndLinesAreCountedAndSaid) {
  const auto outcome =
      Predict("customer,age,city\nc1,old,Bern\nc2,1e400,Bern\nc3,,Bern\nc4,50\nc5,40,Basel\n");
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->num_rows, 4);
  ASSERT_EQ(outcome->unreadable.size(), 1u);
  EXPECT_EQ(outcome->unreadable[0].column, "age");
  EXPECT_EQ(outcome->unreadable[0].count, 2);
  EXPECT_EQ(outcome->unreadable[0].first_row, 1);
  EXPECT_EQ(outcome->unreadable[0].example, "old");
  ASSERT_EQ(outcome->rejected.size(), 1u);
  EXPECT_EQ(outcome->rejected[0].line, 5);
}

TEST_F(PredictFileTest, EveryFormatHoldsTheSameForAnyThreads) {
  std::string csv = "customer,age,city\n";
  for (int i = 0; i < 5000; ++i) csv += Format("c{},{},{}\n", i, 18 + i % 70, i % 3 ? "Bern" : "x");
  ASSERT_TRUE(Predict(csv).ok());
  const std::string one = Read("out.csv");
  ASSERT_TRUE(Predict(csv, "three.csv", PredictionFormat::kCsv, 3).ok());
  EXPECT_EQ(Read("three.csv"), one);
  ASSERT_TRUE(Predict(csv, "out.jsonl", PredictionFormat::kJsonLines, 2).ok());
  const std::string lines = Read("out.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 5000);
  EXPECT_TRUE(lines.starts_with("{\"customer\":\"c0\",\"prediction\":\"")) << lines.substr(0, 99);
  ASSERT_TRUE(Predict(csv, "out.parquet", PredictionFormat::kParquet, 2).ok());
  const auto engine = engine::MakeDuckDbEngine({});
  const auto rows = engine::Query(
      **engine, Format("SELECT count(*), sum(CAST(\"probability.yes\" > 0.6 AS INT)), "
                       "count(DISTINCT customer) FROM read_parquet('{}')",
                       Path("out.parquet")));
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  EXPECT_EQ(rows->column(0).number(0), 5000);
  EXPECT_EQ(rows->column(2).number(0), 5000);
  int64_t above = 0;
  for (const auto line : Split(one, '\n')) {
    const auto cells = Split(line, ',');
    if (cells.size() == 4 && cells[0] != "customer" && *ParseDouble(cells[3]) > 0.6) ++above;
  }
  EXPECT_EQ(rows->column(1).number(0), static_cast<double>(above));
}

TEST_F(PredictFileTest, StreamsToASink) {
  ASSERT_TRUE(WriteFile(Path("d.csv"), "age,city\n50,Bern\n").ok());
  std::string text;
  const auto outcome = PredictTo(
      Inputs(),
      [&text](std::string_view part) {
        text += part;
        return Status();
      },
      PredictionFormat::kCsv);
  ASSERT_TRUE(outcome.ok());
  EXPECT_TRUE(text.starts_with("row,prediction")) << text;
  EXPECT_EQ(PredictTo(
                Inputs(), [](std::string_view) { return Status(); }, PredictionFormat::kParquet)
                .status()
                .code(),
            Code::kUnsupported);
}

TEST(PredictionFormatTest, FollowsTheEnding) {
  EXPECT_EQ(*PredictionFormatOf("a/B.CSV"), PredictionFormat::kCsv);
  EXPECT_EQ(*PredictionFormatOf("x.ndjson"), PredictionFormat::kJsonLines);
  EXPECT_EQ(*PredictionFormatOf("x.parquet"), PredictionFormat::kParquet);
  EXPECT_EQ(PredictionFormatOf("x.xlsx").status().code(), Code::kUnsupported);
}

}  // namespace
}  // namespace millrace::pipeline
