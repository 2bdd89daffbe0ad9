// Windows see earlier rows only, and give what SQL gives over the whole history.

#include "data/window_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "data/data_phase.h"
#include "spec/window_features.h"

namespace millrace::data {
namespace {

using spec::WindowFeature;
using spec::WindowStatistic;
using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

WindowFeature Lag(int64_t lag) { return {.name = "w", .of = "v", .lag = lag}; }
WindowFeature Rows(WindowStatistic statistic, int64_t rows, int64_t lag = 1) {
  return {.name = "w", .of = "v", .statistic = statistic, .lag = lag, .rows = rows};
}
WindowFeature Period(WindowStatistic statistic, double seconds) {
  return {.name = "w", .of = "v", .statistic = statistic, .period_seconds = seconds};
}

std::vector<double> Compute(const WindowFeature& window, std::vector<double> times,
                            std::vector<double> values, double delay = 0.0) {
  const std::vector<int32_t> groups(times.size(), 0);
  return ComputeWindow(window, delay, {.times = times, .groups = groups, .values = values});
}

TEST(WindowColumnsTest, LagsCountRowsOfEarlierTimes) {
  EXPECT_THAT(Compute(Lag(1), {1, 2, 3}, {10, 20, 30}),
              ::testing::ElementsAre(::testing::IsNan(), 10, 20));
  EXPECT_THAT(Compute(Lag(2), {1, 2, 3}, {10, 20, 30}),
              ::testing::ElementsAre(::testing::IsNan(), ::testing::IsNan(), 10));
  // In the order of time, whatever that of the rows; rows of one time do not see each other.
  EXPECT_THAT(Compute(Lag(1), {3, 1, 2, 2, 4}, {30, 10, 20, 21, 40}),
              ::testing::ElementsAre(21, ::testing::IsNan(), 10, 10, 30));
  // A missing value is a row all the same.
  EXPECT_THAT(Compute(Lag(1), {1, 2, 3}, {10, kNan, 30}),
              ::testing::ElementsAre(::testing::IsNan(), 10, ::testing::IsNan()));
}

TEST(WindowColumnsTest, DelaysHideTheLatest) {
  EXPECT_THAT(Compute(Lag(1), {1, 2, 3, 4}, {10, 20, 30, 40}, 2.0),
              ::testing::ElementsAre(::testing::IsNan(), ::testing::IsNan(), 10, 20));
  // As long as the period with a delay and without: two rows of these.
  EXPECT_THAT(Compute(Period(WindowStatistic::kCount, 2), {1, 2, 3, 4, 5}, {1, 1, 1, 1, 1}),
              ::testing::ElementsAre(0, 1, 2, 2, 2));
  EXPECT_THAT(Compute(Period(WindowStatistic::kCount, 2), {1, 2, 3, 4, 5}, {1, 1, 1, 1, 1}, 1.0),
              ::testing::ElementsAre(0, 1, 2, 2, 2));
  EXPECT_THAT(Compute(Period(WindowStatistic::kCount, 2), {1, 2, 3, 4, 5}, {1, 1, 1, 1, 1}, 2.0),
              ::testing::ElementsAre(0, 0, 1, 2, 2));
}

TEST(WindowColumnsTest, StatisticsAreOfTheValuesThatAreThere) {
  const std::vector<double> times = {1, 2, 3, 4};
  const std::vector<double> values = {4, kNan, 8, 1};
  const auto last = [&](WindowStatistic statistic) {
    return Compute(Rows(statistic, 3), times, values)[3];
  };
  EXPECT_EQ(last(WindowStatistic::kMean), 6);
  EXPECT_EQ(last(WindowStatistic::kMin), 4);
  EXPECT_EQ(last(WindowStatistic::kMax), 8);
  EXPECT_EQ(last(WindowStatistic::kSum), 12);
  EXPECT_EQ(last(WindowStatistic::kStd), 2);
  EXPECT_EQ(last(WindowStatistic::kMedian), 6);
  EXPECT_EQ(last(WindowStatistic::kCount), 2);
  EXPECT_TRUE(std::isnan(Compute(Rows(WindowStatistic::kMean, 1), times, values)[2]));
  // Sums beyond the range are none.
  EXPECT_TRUE(std::isnan(Compute(Rows(WindowStatistic::kSum, 2), {1, 2, 3}, {1e308, 1e308, 0})[2]));
}

TEST(WindowColumnsTest, SeriesAreApart) {
  const std::vector<double> times = {1, 1, 2, 2, 3};
  const std::vector<double> values = {10, 20, 11, 21, 12};
  const std::vector<int32_t> groups = {0, 1, 0, 1, -1};
  EXPECT_THAT(
      ComputeWindow(Lag(1), 0.0, {.times = times, .groups = groups, .values = values}),
      ::testing::ElementsAre(::testing::IsNan(), ::testing::IsNan(), 10, 20, ::testing::IsNan()));
}

// What SQL takes from the earlier rows of row t.
std::string SqlOf(const WindowFeature& window, double delay) {
  const std::string age = Format("g.time < t.time AND g.time <= t.time - {}", delay);
  const std::string list =
      Format("(SELECT list(g.v ORDER BY g.time, g.row) FROM h g WHERE g.k = t.k AND {}{})", age,
             window.period_seconds ? Format(" AND g.time {} t.time - {}",
                                            delay > 0 ? ">" : ">=", delay + *window.period_seconds)
                                   : "");
  if (!window.statistic) return Format("{}[-{}]", list, window.lag);
  const char* functions[] = {"avg", "min", "max", "stddev_pop", "median", "sum", "count"};
  std::string rows = list;
  if (window.rows) {
    rows = Format("list_slice(list_reverse({}), {}, {})", list, window.lag,
                  window.lag + *window.rows - 1);
  }
  const std::string taken =
      Format("list_aggregate({}, '{}')", rows, functions[static_cast<int>(*window.statistic)]);
  return *window.statistic == WindowStatistic::kCount ? Format("coalesce({}, 0)", taken) : taken;
}

TEST(WindowColumnsTest, EqualWhatSqlGivesOverTheWholeHistory) {
  auto engine = engine::MakeDuckDbEngine({.num_threads = 4, .memory_bytes = int64_t{1} << 30});
  ASSERT_TRUE(engine.ok());
  Rng rng(11);
  for (int round = 0; round < 60; ++round) {
    const int64_t num_rows = 1 + static_cast<int64_t>(rng.Below(200));
    std::vector<double> times;
    std::vector<int32_t> groups;
    std::vector<double> values;
    table::Table history(std::make_shared<const table::Schema>(
        *table::Schema::Make({{.name = "row", .type = table::ColumnType::kInteger},
                              {.name = "time", .type = table::ColumnType::kNumber},
                              {.name = "k", .type = table::ColumnType::kInteger},
                              {.name = "v", .type = table::ColumnType::kNumber}})));
    for (int64_t row = 0; row < num_rows; ++row) {
      // Many ties, a few rows without a series, gaps, and sums that are exact in any order.
      times.push_back(static_cast<double>(rng.Below(40)));
      groups.push_back(static_cast<int32_t>(rng.Below(4)) - 1);
      values.push_back(rng.Below(6) == 0 ? kNan
                                         : (static_cast<double>(rng.Below(2'000)) - 1'000.0) / 8.0);
      history.mutable_column(0).AppendNumber(static_cast<double>(row));
      history.mutable_column(1).AppendNumber(times.back());
      if (groups.back() < 0) {
        history.mutable_column(2).AppendMissing();
      } else {
        history.mutable_column(2).AppendNumber(groups.back());
      }
      if (std::isnan(values.back())) {
        history.mutable_column(3).AppendMissing();
      } else {
        history.mutable_column(3).AppendNumber(values.back());
      }
    }
    ASSERT_TRUE((*engine)->Load("h", history).ok());
    const auto statistic = spec::AllWindowStatistics()[rng.Below(7)];
    const auto lag = static_cast<int64_t>(1 + rng.Below(4));
    WindowFeature window = Lag(lag);
    if (round % 3 == 1) window = Rows(statistic, 1 + static_cast<int64_t>(rng.Below(6)), lag);
    if (round % 3 == 2) window = Period(statistic, static_cast<double>(1 + rng.Below(20)));
    const double delay = static_cast<double>(rng.Below(2) * rng.Below(8));
    const auto computed =
        ComputeWindow(window, delay, {.times = times, .groups = groups, .values = values});
    const auto wanted = engine::Query(
        **engine, Format("SELECT CASE WHEN k IS NULL THEN NULL ELSE ({})::DOUBLE END AS w FROM h t "
                         "ORDER BY row",
                         SqlOf(window, delay)));
    ASSERT_TRUE(wanted.ok()) << wanted.status().ToString();
    for (int64_t row = 0; row < num_rows; ++row) {
      const double is = computed[static_cast<size_t>(row)];
      const std::string where = Format("round {} row {}", round, row);
      if (!wanted->column(0).valid(row)) {
        EXPECT_TRUE(std::isnan(is)) << where << ": " << is;
      } else if (window.statistic == WindowStatistic::kStd) {
        EXPECT_NEAR(is, wanted->column(0).number(row), 1e-9) << where;
      } else {
        EXPECT_EQ(is, wanted->column(0).number(row)) << where;
      }
    }
  }
}

class WindowPhaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
    auto objects = store::ObjectStore::Open(JoinPath(folder_->path(), "objects"));
    ASSERT_TRUE(objects.ok());
    objects_ = std::make_unique<store::ObjectStore>(std::move(objects).value());
    spec_.problem.target = "sales";
    spec_.data.paths = {"d.csv"};
    spec_.data.time = "day";
    spec_.features.windows = {
        {.name = "before", .of = "sales", .by = {"store"}},
        {.name = "usual",
         .of = "sales",
         .by = {"store"},
         .statistic = WindowStatistic::kMean,
         .rows = 7},
    };
    for (WindowFeature& window : spec_.features.windows) {
      window.place = {.file = "millrace.yaml", .line = 8, .column = 5};
    }
  }

  // 3 stores, 100 days each; the sales of a day follow those of the day before so closely that a
  // column like that would be taken for a leak.
  static std::string Csv(int planted_from = 1'000) {
    std::string csv = "day,store,visits,sales\n";
    Rng rng(2);
    double sales[] = {100, 200, 300};
    for (int day = 0; day < 100; ++day) {
      for (int store = 0; store < 3; ++store) {
        sales[store] += 100.0 + std::floor(rng.Normal() * 3.0);
        const bool planted = day >= planted_from;
        csv += Format("2024-{:02}-{:02},s{},{},{}\n", 1 + day / 28, 1 + day % 28, store,
                      rng.Below(50), planted ? 9e6 + day : sales[store]);
      }
    }
    return csv;
  }

  Result<DataRecord> Run(std::string_view csv, table::Task task = table::Task::kRegression) {
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
    return RunData({.spec = spec_,
                    .project_folder = folder_->path(),
                    .task = task,
                    .positive = "",
                    .objects = *objects_,
                    .engine = *engine_,
                    .progress = progress_,
                    .previous_salt = std::nullopt});
  }

  Result<table::Table> Columns(const DataRecord& record, SplitPart part) {
    return LoadRows(record, *objects_, *engine_, part, {"before", "usual", "sales", "store"});
  }

  std::string Refusal() {
    const auto record = Run(Csv());
    return record.ok() ? "accepted" : record.status().ToString();
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::ObjectStore> objects_;
  SilentProgress progress_;
  spec::Spec spec_;
};

TEST_F(WindowPhaseTest, WindowsAreColumnsThatRequestsMustBring) {
  const auto record = Run(Csv());
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  // Sales of yesterday tell those of today, and are known: they stay.
  EXPECT_THAT(record->features, ::testing::IsSupersetOf({"before", "usual", "visits"}));
  const auto index = record->schema.Find("before");
  ASSERT_TRUE(index);
  EXPECT_EQ(record->schema.column(*index).derived, "sales 1 row earlier, by store");
  EXPECT_TRUE(record->schema.column(*record->schema.Find("sales")).derived.empty());
  const auto again = DataRecordFromJson(ToJson(*record));
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->schema, record->schema);
  EXPECT_EQ(SourceSchema(*record).names(),
            (std::vector<std::string>{"day", "store", "visits", "sales"}));
  const auto test = Columns(*record, SplitPart::kTest);
  ASSERT_TRUE(test.ok()) << test.status().ToString();
  // The first test rows look back at training rows; three stores in turn.
  for (int64_t row = 3; row < test->num_rows(); ++row) {
    EXPECT_EQ(test->column(0).number(row), test->column(2).number(row - 3)) << row;
  }
  EXPECT_TRUE(test->column(0).valid(0));
}

TEST_F(WindowPhaseTest, LaterRowsChangeNothing) {
  const auto before = Run(Csv());
  const auto after = Run(Csv(80));
  ASSERT_TRUE(before.ok() && after.ok()) << after.status().ToString();
  // Rows of day 80 and later are all held out: training rows are the same to the bit.
  const auto rows_before = Columns(*before, SplitPart::kTrain);
  const auto rows_after = Columns(*after, SplitPart::kTrain);
  ASSERT_TRUE(rows_before.ok() && rows_after.ok());
  ASSERT_EQ(rows_before->num_rows(), 240);
  ASSERT_EQ(rows_after->num_rows(), 240);
  for (int64_t c = 0; c < 3; ++c) {
    for (int64_t row = 0; row < 240; ++row) {
      ASSERT_EQ(rows_before->column(c).valid(row), rows_after->column(c).valid(row));
      EXPECT_EQ(rows_before->column(c).number(row), rows_after->column(c).number(row));
    }
  }
  // Within the test part the planted sales of a day reach the next day, never their own.
  const auto test = Columns(*after, SplitPart::kTest);
  ASSERT_TRUE(test.ok());
  for (int64_t row = 0; row < 3; ++row) EXPECT_LT(test->column(0).number(row), 1e6);
  for (int64_t row = 3; row < 6; ++row) EXPECT_EQ(test->column(0).number(row), 9e6 + 80);
}

TEST_F(WindowPhaseTest, TheEmbargoIsADelay) {
  spec_.split.embargo_seconds = 3 * 86'400.0;
  const auto record = Run(Csv(80));
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const auto test = Columns(*record, SplitPart::kTest);
  ASSERT_TRUE(test.ok());
  for (int64_t row = 0; row < 9; ++row) EXPECT_LT(test->column(0).number(row), 1e6) << row;
  EXPECT_EQ(test->column(0).number(9), 9e6 + 80);
  EXPECT_THAT(record->schema.column(*record->schema.Find("before")).derived,
              HasSubstr("known after 3d"));
}

TEST_F(WindowPhaseTest, BinaryTargetsCountThePositiveClass) {
  std::string csv = "day,store,x,sales\n";
  Rng rng(4);
  for (int day = 0; day < 100; ++day) {
    csv += Format("2024-{:02}-{:02},s,{},{}\n", 1 + day / 28, 1 + day % 28, rng.Below(50),
                  day % 4 == 0 ? "yes" : "no");
  }
  const auto record = Run(csv, table::Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const auto rows = Columns(*record, SplitPart::kTrain);
  ASSERT_TRUE(rows.ok());
  for (int64_t row = 1; row < rows->num_rows(); ++row) {
    EXPECT_EQ(rows->column(0).number(row), rows->column(2).text(row - 1) == "yes" ? 1.0 : 0.0);
  }
  csv = "day,store,x,sales\n";
  for (int day = 0; day < 90; ++day) {
    csv += Format("2024-{:02}-{:02},s,{},c{}\n", 1 + day / 28, 1 + day % 28, day % 7, day % 3);
  }
  const auto several = Run(csv, table::Task::kMulticlass);
  EXPECT_THAT(several.status().ToString(), HasSubstr("the target has several classes"));
}

TEST_F(WindowPhaseTest, RefusalsSayWhere) {
  WindowFeature& window = spec_.features.windows[0];
  const WindowFeature fine = window;
  EXPECT_EQ(Refusal(), "accepted");
  window.of = "sale";
  EXPECT_THAT(Refusal(),
              HasSubstr("millrace.yaml:8:5: features.windows \"before\": no such column: "
                        "\"sale\""));
  window = fine;
  window.by = {"stores"};
  EXPECT_THAT(Refusal(), HasSubstr("no such column: \"stores\""));
  window = fine;
  window.of = "store";
  window.by = {};
  EXPECT_THAT(Refusal(), HasSubstr("windows are of numbers, yes or no, not of a category column"));
  window = fine;
  window.name = "Visits";
  EXPECT_THAT(Refusal(), HasSubstr("the name is that of a column"));
  window.name = "USUAL";
  EXPECT_THAT(Refusal(), HasSubstr("the name is taken by another window"));
  window = fine;
  window.lag = 400;
  EXPECT_THAT(Refusal(), HasSubstr("no training row has a value; the longest series has 100 rows"));
}

}  // namespace
}  // namespace millrace::data
