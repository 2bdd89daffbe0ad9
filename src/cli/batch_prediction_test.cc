#include "cli/batch_prediction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "bundle/sample_bundle.h"
#include "json/text.h"

namespace millrace::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class BatchPrediction : public testing::Test {
 protected:
  BatchPrediction()
      : folder_(*TemporaryFolder::Make()),
        bundle_(*bundle::Bundle::FromBytes(*bundle::Pack(bundle::SampleParts()), "sample")),
        engine_(*engine::MakeDuckDbEngine({.num_threads = 2})) {}

  Result<BatchOutcome> Predict(const std::string& csv, const std::string& id = "",
                               BatchForm form = BatchForm::kCsv) {
    EXPECT_TRUE(WriteFile(JoinPath(folder_.path(), "rows.csv"), csv).ok());
    answer_.clear();
    return PredictBatch({.bundle = *bundle_,
                         .engine = *engine_,
                         .folder = folder_.path(),
                         .data = {"rows.csv"},
                         .source = {},
                         .id = id,
                         .form = form},
                        [this](std::string_view text) {
                          answer_ += text;
                          return Status();
                        });
  }

  TemporaryFolder folder_;
  std::shared_ptr<const bundle::Bundle> bundle_;
  std::unique_ptr<engine::Engine> engine_;
  std::string answer_;
};

TEST_F(BatchPrediction, EveryRowGetsADecisionAndAProbabilityPerClass) {
  const auto outcome = Predict("city,age\nBern,20\nBasel,90\n");
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->num_rows, 2);
  const auto lines = Split(answer_, '\n');
  EXPECT_EQ(lines[0], "row,prediction,probability.no,probability.yes");
  EXPECT_THAT(std::string(lines[1]), StartsWith("1,no,"));
  EXPECT_THAT(std::string(lines[2]), StartsWith("2,yes,"));
  const auto cells = Split(lines[2], ',');
  EXPECT_NEAR(*ParseDouble(cells[2]) + *ParseDouble(cells[3]), 1.0, 1e-12);
}

TEST_F(BatchPrediction, TheAnswerIsThatOfTheScorer) {
  ASSERT_TRUE(Predict("age,city\n33.5,Basel\n,\n").ok());
  table::Table rows(bundle_->scorer().shared_schema());
  rows.mutable_column(0).AppendNumber(33.5);
  rows.mutable_column(1).AppendText("Basel");
  rows.mutable_column(0).AppendMissing();
  rows.mutable_column(1).AppendMissing();
  const auto expected = bundle_->scorer().Score(rows);
  const auto lines = Split(answer_, '\n');
  for (int64_t row = 0; row < 2; ++row) {
    EXPECT_EQ(*ParseDouble(Split(lines[static_cast<size_t>(row + 1)], ',')[3]),
              expected->output(row));
  }
}

TEST_F(BatchPrediction, TheIdColumnIsRepeatedWithItsQuotes) {
  ASSERT_TRUE(Predict("who,age,city\n\"a, \"\"b\"\"\",20,Bern\n", "who").ok());
  EXPECT_THAT(answer_, HasSubstr("who,prediction"));
  EXPECT_THAT(answer_, HasSubstr("\n\"a, \"\"b\"\"\",no,"));
}

TEST_F(BatchPrediction, JsonLinesHaveTheSameNames) {
  ASSERT_TRUE(Predict("age,city\n20,Bern\n90,Basel\n", "", BatchForm::kJsonLines).ok());
  const auto lines = Split(answer_, '\n');
  ASSERT_EQ(lines.size(), 3u);
  const auto row = json::Parse(lines[1], "line");
  ASSERT_TRUE(row.ok());
  EXPECT_EQ((*row)["row"].AsString(), "2");
  EXPECT_EQ((*row)["prediction"].AsString(), "yes");
  EXPECT_TRUE((*row)["probability.yes"].is_number());
}

TEST_F(BatchPrediction, UnreadableCellsAreMissingAndCounted) {
  const auto outcome = Predict("age,city\n20,Bern\nold,Bern\n1e400,Bern\n");
  ASSERT_TRUE(outcome.ok());
  ASSERT_EQ(outcome->unreadable.size(), 1u);
  EXPECT_EQ(outcome->unreadable[0].column, "age");
  EXPECT_EQ(outcome->unreadable[0].count, 2);
  EXPECT_EQ(outcome->unreadable[0].first_row, 2);
  EXPECT_EQ(outcome->unreadable[0].first_value, "old");
}

TEST_F(BatchPrediction, RaggedRowsHaveNoAnswerAndAreNamed) {
  const auto outcome = Predict("age,city\n20,Bern\n21,Bern,more\n22,Bern\n23\n");
  ASSERT_TRUE(outcome.ok()) << outcome.status().ToString();
  EXPECT_EQ(outcome->num_rows, 2);
  ASSERT_EQ(outcome->rejected.size(), 2u);
  EXPECT_EQ(outcome->rejected[0].line, 3);
  EXPECT_EQ(outcome->rejected[1].line, 5);
}

TEST_F(BatchPrediction, AColumnThatIsNotThereIsNamedWithTheNearest) {
  const auto outcome = Predict("aeg,city\n20,Bern\n");
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.status().code(), Code::kInvalidData);
  EXPECT_THAT(outcome.status().message(), HasSubstr("rows.csv: no column age"));
  EXPECT_THAT(outcome.status().hint(), HasSubstr("aeg"));
  EXPECT_EQ(Predict("age,city\n20,Bern\n", "whoo").status().code(), Code::kNotFound);
}

TEST_F(BatchPrediction, AFailureOfTheReaderEndsTheWork) {
  ASSERT_TRUE(WriteFile(JoinPath(folder_.path(), "rows.csv"), "age,city\n20,Bern\n").ok());
  const auto outcome = PredictBatch({.bundle = *bundle_,
                                     .engine = *engine_,
                                     .folder = folder_.path(),
                                     .data = {"rows.csv"},
                                     .source = {},
                                     .id = ""},
                                    [](std::string_view) { return IoError("disk: full"); });
  EXPECT_EQ(outcome.status().code(), Code::kIoError);
}

}  // namespace
}  // namespace millrace::cli
