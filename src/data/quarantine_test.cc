#include "data/quarantine.h"

#include <gtest/gtest.h>

#include "base/files.h"
#include "data/ingest.h"
#include "data/quarantine_section.h"
#include "engine/engine.h"
#include "engine/source.h"

namespace millrace::data {
namespace {

using table::ColumnType;

TEST(Quarantine, LinesReadBackWithAndWithoutNames) {
  const std::vector<QuarantinedRow> rows = {
      {.file = "a.csv", .line = 3, .column = "age", .value = "x\"\n", .rule = "missing target"},
      {.file = "a.csv", .line = 4, .rule = "check: age <= 120", .row = "0123456789abcdef"}};
  const std::string text = WriteQuarantine(rows);
  EXPECT_EQ(text.find("\"row\""), text.rfind("\"row\""));
  const auto read = ReadQuarantine(text);
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ((*read)[0].value, "x\"\n");
  EXPECT_EQ((*read)[0].row, "");
  EXPECT_EQ((*read)[1].row, "0123456789abcdef");
  EXPECT_EQ(ReadQuarantine("{").status().code(), Code::kCorrupt);
}

TEST(Quarantine, ANameIsOfTheCellsAndNothingElse) {
  const std::string one = "1";
  const std::string two = "2";
  const std::string empty;
  const std::string joined = "12";
  const auto name = [](const std::string* a, const std::string* b) {
    return NameOfRow({"a", "b"}, {a, b});
  };
  EXPECT_EQ(name(&one, &two), name(&one, &two));
  EXPECT_EQ(name(&one, &two).size(), 16u);
  EXPECT_NE(name(&one, &two), name(&two, &one));
  EXPECT_NE(name(&empty, &two), name(nullptr, &two));
  EXPECT_NE(name(&joined, &empty), name(&one, &two));
}

// Rows 1 to 7: one each that is fine, breaks age, breaks plan, both, lacks the target and breaks
// age, equals row 2, breaks nothing with a missing age.
class SetAsideTest : public ::testing::Test {
 protected:
  SetAsideTest() {
    EXPECT_TRUE(WriteFile(JoinPath(folder_.path(), "data.csv"),
                          "age,plan,y\n30,basic,no\n230,basic,yes\n40,gold,no\n-3,gold,no\n"
                          "300,basic,\n230,basic,yes\n,basic,no\n")
                    .ok());
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    engine_ = std::move(engine).value();
    source_ = *engine::OpenSource(*engine_, folder_.path(), {"data.csv"}, {}, "source");
    schema_ = table::Schema::Make({{.name = "age", .type = ColumnType::kInteger},
                                   {.name = "plan", .type = ColumnType::kCategory},
                                   {.name = "y", .type = ColumnType::kCategory}})
                  .value();
    spec_.data.checks = {
        {.column = "age", .minimum = 0.0, .maximum = 120.0, .at_least = 0.1, .set_aside = true},
        {.column = "plan", .values = {"basic"}, .at_least = 0.1}};
  }

  Ingested Run(std::vector<std::string> released = {}) {
    auto rows = Ingest(*engine_, source_, schema_, {.target = "y"},
                       {.spec = spec_, .released = std::move(released)});
    EXPECT_TRUE(rows.ok()) << rows.status().ToString();
    return *std::move(rows);
  }
  static std::vector<int64_t> LinesOf(const std::vector<QuarantinedRow>& rows) {
    std::vector<int64_t> lines;
    for (const QuarantinedRow& row : rows) lines.push_back(row.line);
    return lines;
  }

  TemporaryFolder folder_ = *TemporaryFolder::Make();
  std::unique_ptr<engine::Engine> engine_;
  engine::Source source_;
  table::Schema schema_;
  spec::Spec spec_;
};

TEST_F(SetAsideTest, OnlyChecksThatSayItSetRowsAside) {
  const Ingested rows = Run();
  EXPECT_EQ(LinesOf(rows.quarantined), (std::vector<int64_t>{2, 4, 5, 6}));
  EXPECT_EQ(rows.num_broke_checks, 3);
  EXPECT_EQ(rows.num_missing_target, 1);
  EXPECT_EQ(rows.rows.size(), 3);
  const QuarantinedRow& first = rows.quarantined[0];
  EXPECT_EQ(first.column, "age");
  EXPECT_EQ(first.value, "230");
  EXPECT_EQ(first.rule, "check: age >= 0 and <= 120");
  EXPECT_EQ(first.row.size(), 16u);
  EXPECT_EQ(rows.quarantined[3].row, first.row) << "equal rows have one name";
  // What lacks its target can't be learnt from, whatever else is wrong with it.
  EXPECT_EQ(rows.quarantined[2].rule, "missing target");
  EXPECT_EQ(rows.quarantined[2].row, "");
  EXPECT_EQ(QuarantineCheck(rows).evidence,
            "4: 1 without a target, 0 that could not be split, 3 that break a check");
  EXPECT_FALSE(ReleasedCheck(rows).has_value());
  EXPECT_EQ(QuarantineTables(rows).size(), 1u);
}

TEST_F(SetAsideTest, ReleasedRowsAreKeptAndNoted) {
  const Ingested before = Run();
  const Ingested rows = Run({before.quarantined[0].row, "ffffffffffffffff"});
  EXPECT_EQ(LinesOf(rows.released), (std::vector<int64_t>{2, 6}));
  EXPECT_EQ(LinesOf(rows.quarantined), (std::vector<int64_t>{4, 5}));
  EXPECT_EQ(rows.rows.size(), 5);
  EXPECT_EQ(rows.released_absent, std::vector<std::string>{"ffffffffffffffff"});
  EXPECT_NE(rows.version, before.version);
  const auto check = ReleasedCheck(rows);
  ASSERT_TRUE(check.has_value());
  EXPECT_EQ(check->state, report::CheckState::kWarning);
  EXPECT_EQ(check->value, 2.0);
  EXPECT_EQ(QuarantineTables(rows).size(), 2u);
  // The same again gives the same data.
  EXPECT_EQ(Run({before.quarantined[0].row}).version, rows.version);
}

TEST_F(SetAsideTest, TheFirstCheckOfTheSpecificationIsTheRule) {
  spec_.data.checks[1].set_aside = true;
  Ingested rows = Run();
  EXPECT_EQ(LinesOf(rows.quarantined), (std::vector<int64_t>{2, 3, 4, 5, 6}));
  EXPECT_EQ(rows.quarantined[2].column, "age");
  std::swap(spec_.data.checks[0], spec_.data.checks[1]);
  rows = Run();
  EXPECT_EQ(rows.quarantined[2].column, "plan");
  EXPECT_EQ(rows.quarantined[2].value, "gold");
}

TEST_F(SetAsideTest, ConditionsInSqlAndMissingValuesSetAsideToo) {
  spec_.data.checks = {{.sql = "age < 100 OR plan = 'gold'", .at_least = 0.1, .set_aside = true},
                       {.column = "age", .max_missing = 0.5, .set_aside = true}};
  const Ingested rows = Run();
  EXPECT_EQ(LinesOf(rows.quarantined), (std::vector<int64_t>{2, 5, 6, 7}));
  EXPECT_EQ(rows.quarantined[0].column, "");
  EXPECT_EQ(rows.quarantined[3].rule, "check: age present");
  EXPECT_EQ(rows.quarantined[3].value, "");
}

TEST_F(SetAsideTest, AConditionThatCannotBeMeasuredIsTheUsers) {
  spec_.data.checks = {{.sql = "agee < 100", .set_aside = true}};
  const auto rows = Ingest(*engine_, source_, schema_, {.target = "y"}, {.spec = spec_});
  EXPECT_EQ(rows.status().code(), Code::kInvalidSpec);
  EXPECT_NE(rows.status().message().find("data.checks[0].sql"), std::string::npos);
}

}  // namespace
}  // namespace millrace::data
