#include "design/later_columns.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"

namespace millrace::design {
namespace {

using table::ColumnType;

// A table of rows that are added by their cells as text; an empty one is missing.
class Rows {
 public:
  explicit Rows(std::vector<std::pair<std::string, ColumnType>> columns) {
    std::vector<table::ColumnSchema> schema;
    for (auto& [name, type] : columns) schema.push_back({.name = name, .type = type});
    table_ = std::make_unique<table::Table>(
        std::make_shared<const table::Schema>(table::Schema::Make(std::move(schema)).value()));
  }
  void Add(const std::vector<std::string>& cells) {
    for (size_t c = 0; c < cells.size(); ++c) {
      table::Column& column = table_->mutable_column(static_cast<int64_t>(c));
      if (cells[c].empty()) {
        column.AppendMissing();
      } else if (table::IsNumeric(column.type())) {
        column.AppendNumber(ParseDouble(cells[c]).value());
      } else {
        column.AppendText(cells[c]);
      }
    }
  }
  // "name:shown" of each column that is found, joined by a comma.
  std::string Find(table::Task task = table::Task::kBinary, const std::string& time = "") const {
    std::vector<std::string> found;
    const auto later = FindLaterColumns({.rows = *table_,
                                         .target = "y",
                                         .task = task,
                                         .time = time,
                                         .features = table_->schema().names()});
    for (const LaterColumn& each : later) {
      const char* const kWords[] = {"shown", "likely", "possible"};
      found.push_back(Format("{}:{}", each.name, kWords[static_cast<int>(each.evidence)]));
      EXPECT_FALSE(each.reason.empty());
    }
    return Join(found, ",");
  }
  // Why the first column of a regression that is found is, by `time`.
  std::string Reason(const std::string& time) const {
    const auto later = FindLaterColumns({.rows = *table_,
                                         .target = "y",
                                         .task = table::Task::kRegression,
                                         .time = time,
                                         .features = table_->schema().names()});
    return later.empty() ? "" : later.front().reason;
  }

 private:
  std::unique_ptr<table::Table> table_;
};

// 400 rows, a third of class "yes"; `filled` and `other` say where a value stands.
template <typename Filled, typename Other>
Rows Outcomes(Filled filled, Other other) {
  Rows rows({{"y", ColumnType::kCategory},
             {"filled", ColumnType::kNumber},
             {"other", ColumnType::kNumber},
             {"flag", ColumnType::kCategory}});
  Rng rng(5);
  for (int i = 0; i < 400; ++i) {
    const bool yes = i % 3 == 0;
    const bool has = filled(yes, i);
    rows.Add({yes ? "yes" : "no", has ? Format("{}", i % 17) : "",
              other(yes, has, i, rng) ? Format("{}", i % 13) : "", has ? "T" : "F"});
  }
  return rows;
}

TEST(LaterColumnsTest, ValuesThatTheOutcomeFillsAreShown) {
  // 1 in 20 of those with a value is of the other class, as where the outcome is of two years and
  // the file of three; none without a value is "yes".
  const Rows rows = Outcomes([](bool yes, int i) { return yes || i % 40 == 1; },
                             [](bool, bool has, int i, Rng&) { return has && i % 2 == 0; });
  EXPECT_EQ(rows.Find(), "filled:shown,other:shown,flag:shown");
}

TEST(LaterColumnsTest, GapsThatHangOnTheClassALittleAreNone) {
  const Rows rows = Outcomes([](bool yes, int i) { return yes ? i % 4 != 0 : i % 4 == 1; },
                             [](bool, bool, int i, Rng&) { return i % 5 != 0; });
  EXPECT_EQ(rows.Find(), "");
}

TEST(LaterColumnsTest, FewRowsOnASideShowNothing) {
  const Rows rows = Outcomes([](bool yes, int i) { return yes && i < 80; },
                             [](bool, bool, int, Rng& rng) { return rng.Below(2) == 0; });
  EXPECT_EQ(rows.Find(), "");
}

TEST(LaterColumnsTest, ANumberAsTargetShowsNoClass) {
  Rows rows({{"y", ColumnType::kNumber}, {"filled", ColumnType::kNumber}});
  for (int i = 0; i < 200; ++i) rows.Add({Format("{}", i), i < 100 ? "" : "3"});
  EXPECT_EQ(rows.Find(table::Task::kRegression), "");
}

TEST(LaterColumnsTest, DatesAfterTheRowsTimeAreLikelyUnlessTheyArePlans) {
  Rows rows({{"y", ColumnType::kNumber},
             {"pickup", ColumnType::kDate},
             {"dropoff", ColumnType::kDate},
             {"due_date", ColumnType::kDate},
             {"birth", ColumnType::kDate}});
  for (int i = 0; i < 150; ++i) {
    rows.Add({Format("{}", i), Format("{}", 1000 * i), Format("{}", 1000 * i + 600),
              Format("{}", 1000 * i + 90'000), Format("{}", 500 * i - 7)});
  }
  EXPECT_EQ(rows.Find(table::Task::kRegression, "pickup"), "dropoff:likely");
  EXPECT_EQ(rows.Find(table::Task::kRegression, ""), "");
}

TEST(LaterColumnsTest, ADistanceOfADayIsNotSaidInDays) {
  Rows rows({{"y", ColumnType::kNumber}, {"from", ColumnType::kDate}, {"to", ColumnType::kDate}});
  for (int i = 0; i < 150; ++i) {
    rows.Add({Format("{}", i), Format("{}", 86'400 * i), Format("{}", 86'400 * (i + 1))});
  }
  EXPECT_EQ(rows.Reason("from"), "lies after from in 100.0 % of the rows, by 1 d in the middle");
}

TEST(LaterColumnsTest, NamesOfModelsAndOfEnds) {
  Rows rows({{"y", ColumnType::kNumber},
             {"y_pred", ColumnType::kNumber},
             {"predicted_probability", ColumnType::kNumber},
             {"ClosedDate", ColumnType::kCategory},
             {"disclosed", ColumnType::kNumber},
             {"predator", ColumnType::kNumber},
             {"afterpay", ColumnType::kNumber}});
  for (int i = 0; i < 60; ++i) rows.Add({"1", "2", "3", "a", "4", "5", "6"});
  EXPECT_EQ(rows.Find(table::Task::kRegression),
            "y_pred:shown,predicted_probability:shown,ClosedDate:possible");
}

}  // namespace
}  // namespace millrace::design
