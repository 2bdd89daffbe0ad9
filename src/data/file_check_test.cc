#include "data/file_check.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "spec/checks_file.h"

namespace millrace::data {
namespace {

using report::CheckState;

class FileCheckTest : public ::testing::Test {
 protected:
  FileCheckTest() {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    engine_ = std::move(engine).value();
    std::string csv = "age,zip,plan\n";
    for (int i = 0; i < 60; ++i) {
      const std::string age = i >= 30 && i < 35 ? "old" : std::to_string(20 + i);
      csv += age + ",0123" + std::to_string(i % 10) + (i % 2 == 0 ? ",a\n" : ",b\n");
    }
    EXPECT_TRUE(WriteFile(JoinPath(folder_.path(), "d.csv"), csv).ok());
  }

  Result<FileCheckRecord> Run(const std::string& yaml, const std::string& file = "d.csv") {
    auto spec = spec::ParseChecks(yaml, "c.yaml");
    EXPECT_TRUE(spec.ok()) << spec.status().ToString();
    spec->data.paths = {file};
    return CheckFile({.spec = *spec, .folder = folder_.path(), .engine = *engine_});
  }
  const report::Check* Find(const FileCheckRecord& record, std::string_view label) {
    for (const report::Check& check : record.section.checkpoint.checks) {
      if (check.label == label) return &check;
    }
    return nullptr;
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make();
  std::unique_ptr<engine::Engine> engine_;
};

TEST_F(FileCheckTest, MeasuresWithoutATarget) {
  const auto record =
      Run("checks:\n  - {column: plan, values: [a, b]}\n  - {min_rows: 10}\n"
          "  - {sql: \"length(zip) = 5\"}\n  - {column: plan, values: [a], severity: warn}\n");
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_rows, 60);
  EXPECT_TRUE(record->section.checkpoint.passed());
  EXPECT_EQ(Find(*record, "plan in a, b")->state, CheckState::kMet);
  EXPECT_EQ(Find(*record, "plan in a")->state, CheckState::kWarning);
  EXPECT_FALSE(record->section.blocks.empty());
}

TEST_F(FileCheckTest, ChecksDecideTheTypeOfTheirColumn) {
  // Five cells in sixty are no numbers: a check with a bound does not take them as missing.
  const auto record = Run("checks: [{column: age, min: 0, max: 70}, {column: zip, max_length: 5}]");
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const report::Check* type = Find(*record, "age is an integer");
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->evidence, "5 of 60 cells are none");
  EXPECT_EQ(type->state, CheckState::kNotMet);
  const report::Check* range = Find(*record, "age >= 0 and <= 70");
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->state, CheckState::kNotMet);
  EXPECT_EQ(range->evidence, "51 of 60 rows");
  EXPECT_EQ(Find(*record, "zip of 5 characters or fewer")->state, CheckState::kMet);
}

TEST_F(FileCheckTest, WrongChecksAndFilesSaySo) {
  EXPECT_EQ(Run("checks: [{column: agee, min: 0}]").status().code(), Code::kInvalidSpec);
  EXPECT_EQ(Run("checks: [{min_rows: 1}]", "no.csv").status().code(), Code::kNotFound);
  EXPECT_EQ(Run("checks: [{sql: \"agee > 1\"}]").status().code(), Code::kInvalidSpec);
}

}  // namespace
}  // namespace millrace::data
