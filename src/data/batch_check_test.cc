#include "data/batch_check.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "base/format.h"

namespace millrace::data {
namespace {

using Remarks = std::vector<std::string>;

class BatchCheckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    spec_.problem.target = "y";
  }

  // Loads rows of texts as a follower hands them over; `cells` gives those of a row.
  void Load(const std::vector<std::string>& names, int num_rows,
            const std::function<std::vector<std::string>(int)>& cells) {
    std::vector<table::ColumnSchema> columns;
    for (const std::string& name : names) {
      columns.push_back({.name = name, .type = table::ColumnType::kText});
    }
    auto schema = table::Schema::Make(std::move(columns));
    ASSERT_TRUE(schema.ok());
    table::Table rows(std::make_shared<const table::Schema>(std::move(schema).value()));
    for (int i = 0; i < num_rows; ++i) {
      const std::vector<std::string> row = cells(i);
      for (size_t c = 0; c < row.size(); ++c) {
        rows.mutable_column(static_cast<int64_t>(c)).AppendText(row[c]);
      }
    }
    ASSERT_TRUE(engine_->Load("batch", rows).ok());
  }

  Remarks Examine(BatchCheck& check, const std::vector<std::string>& names) {
    const auto remarks = check.Examine(*engine_, "batch", names);
    EXPECT_TRUE(remarks.ok()) << remarks.status().ToString();
    return remarks.ok() ? *remarks : Remarks{};
  }

  std::unique_ptr<engine::Engine> engine_;
  spec::Spec spec_;
};

const std::vector<std::string> kNames = {"age", "y"};

std::vector<std::string> AgedRow(int i) {
  return {i % 10 == 0 ? "-5" : Format("{}", 20 + i % 50), i % 2 == 0 ? "yes" : "no"};
}

TEST_F(BatchCheckTest, TheFirstBatchIsReadByTheRulesOfTheSpecification) {
  spec_.data.missing = {"-5"};
  spec_.data.checks = {{.column = "age", .minimum = 0.0, .max_missing = 0.05}};
  Load(kNames, 200, AgedRow);
  BatchCheck check(spec_, std::nullopt);
  const Remarks expected = {"check not met: age present: 180 of 200 rows, required >= 95.0 %"};
  EXPECT_EQ(Examine(check, kNames), expected);
  EXPECT_EQ(Examine(check, kNames), expected);  // by the types that the first batch showed
}

TEST_F(BatchCheckTest, WhatIsAsTheDataBeforeItHasNoRemarks) {
  spec_.data.missing = {"-5"};
  spec_.data.checks = {{.column = "age", .minimum = 0.0, .max_missing = 0.1}};
  Load(kNames, 200, AgedRow);
  BatchCheck check(spec_, std::nullopt);
  EXPECT_EQ(Examine(check, kNames), Remarks{});
}

TEST_F(BatchCheckTest, ARowOfNoPartIsSaidAndEndsNothing) {
  spec_.split.column = "part";
  const std::vector<std::string> names = {"age", "y", "part"};
  const auto rows = [](const std::string& part) {
    return [part](int i) {
      std::vector<std::string> row = AgedRow(i);
      row.push_back(i == 150 ? part : i % 3 == 0 ? "test" : "train");
      return row;
    };
  };
  BatchCheck check(spec_, std::nullopt);
  Load(names, 200, rows("train"));
  EXPECT_EQ(Examine(check, names), Remarks{});
  Load(names, 200, rows("tain"));
  EXPECT_EQ(Examine(check, names),
            (Remarks{"a run will stop at it: source:152: column \"part\": names no part: "
                     "\"tain\""}));
  BatchCheck unparted(spec_, std::nullopt);
  Load(kNames, 200, AgedRow);
  EXPECT_EQ(Examine(unparted, kNames), (Remarks{"there is no column \"part\""}));
}

}  // namespace
}  // namespace millrace::data
