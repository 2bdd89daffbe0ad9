#include "design/target_leaks.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/rng.h"

namespace millrace::design {
namespace {

using table::ColumnType;
using table::Task;

// Two parts, their sum, their difference, noise and a class that `code` spells out.
table::Table Rows(int64_t num_rows) {
  std::vector<table::ColumnSchema> columns;
  for (const char* name : {"a", "b", "noise", "sum", "difference"}) {
    columns.push_back({.name = name, .type = ColumnType::kNumber});
  }
  columns.push_back({.name = "code", .type = ColumnType::kCategory});
  columns.push_back({.name = "class", .type = ColumnType::kCategory});
  table::Table rows(
      std::make_shared<const table::Schema>(table::Schema::Make(std::move(columns)).value()));
  Rng rng(5);
  for (int64_t r = 0; r < num_rows; ++r) {
    const double a = 10.0 * rng.Normal();
    const double b = 10.0 * rng.Normal();
    const bool yes = rng.Uniform() < 0.4;
    rows.mutable_column(0).AppendNumber(a);
    rows.mutable_column(1).AppendNumber(b);
    rows.mutable_column(2).AppendNumber(rng.Normal());
    rows.mutable_column(3).AppendNumber(a + b);
    rows.mutable_column(4).AppendNumber(b - a);
    rows.mutable_column(5).AppendText(yes ? "left in May" : "");
    rows.mutable_column(6).AppendText(yes ? "gone" : "here");
  }
  return rows;
}

std::vector<std::string> Names(const std::vector<ColumnNote>& notes) {
  std::vector<std::string> names;
  for (const ColumnNote& note : notes) names.push_back(note.name);
  return names;
}

TEST(TargetLeaksTest, PartsOfASumAreFound) {
  const table::Table rows = Rows(500);
  const auto sums = FindTargetLeaks(rows, "sum", Task::kRegression, {"a", "b", "noise"});
  EXPECT_EQ(Names(sums), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(sums[0].reason, "tells the target: a + b = sum");
  const auto differences =
      FindTargetLeaks(rows, "difference", Task::kRegression, {"noise", "a", "b"});
  EXPECT_EQ(Names(differences), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(differences[0].reason, "tells the target: b - a = difference");
}

TEST(TargetLeaksTest, OneColumnThatTellsTheClassIsFound) {
  const auto leaks =
      FindTargetLeaks(Rows(500), "class", Task::kBinary, {"a", "b", "noise", "code"});
  EXPECT_EQ(Names(leaks), (std::vector<std::string>{"code"}));
}

TEST(TargetLeaksTest, HonestColumnsAndFewRowsGiveNone) {
  EXPECT_TRUE(FindTargetLeaks(Rows(500), "a", Task::kRegression, {"noise", "code"}).empty());
  EXPECT_TRUE(FindTargetLeaks(Rows(50), "sum", Task::kRegression, {"a", "b"}).empty());
  EXPECT_TRUE(FindTargetLeaks(Rows(500), "absent", Task::kRegression, {"a"}).empty());
}

}  // namespace
}  // namespace millrace::design
