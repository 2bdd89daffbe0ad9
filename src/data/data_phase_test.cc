#include "data/data_phase.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/rng.h"
#include "data/labels.h"
#include "data/quarantine.h"
#include "json/text.h"

namespace millrace::data {
namespace {

using table::Task;

class DataPhaseTest : public ::testing::Test {
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
    spec_.problem.target = "y";
    spec_.data.paths = {"d.csv"};
  }

  Result<DataRecord> Run(std::string_view csv, Task task, const std::string& positive = "") {
    EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), csv).ok());
    return RunData({.spec = spec_,
                    .project_folder = folder_->path(),
                    .task = task,
                    .positive = positive,
                    .objects = *objects_,
                    .engine = *engine_,
                    .progress = progress_,
                    .previous_salt = std::nullopt});
  }

  // Rows with two informative columns, an id and a target of `classes` classes.
  static std::string Csv(int num_rows, int classes) {
    Rng rng(1);
    std::string csv = "id,a,b,y\n";
    for (int i = 0; i < num_rows; ++i) {
      const auto label = static_cast<int>(rng.Below(static_cast<uint64_t>(classes)));
      csv += Format("k{},{:.3f},{},c{}\n", i, rng.Normal() + label, label == 0 ? "u" : "v", label);
    }
    return csv;
  }

  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<TemporaryFolder> folder_;
  std::unique_ptr<store::ObjectStore> objects_;
  spec::Spec spec_;
  SilentProgress progress_;
};

TEST_F(DataPhaseTest, KeepsSplitsAndStoresRows) {
  spec_.data.id = "id";
  const auto record = Run(Csv(1000, 3), Task::kMulticlass);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_rows, 1000);
  EXPECT_NEAR(static_cast<double>(record->num_test), 200, 40);
  EXPECT_EQ(record->labels, (std::vector<std::string>{"c0", "c1", "c2"}));
  EXPECT_EQ(record->features, (std::vector<std::string>{"a", "b"}));
  const auto train = LoadRows(*record, *objects_, *engine_, SplitPart::kTrain, {"a", "y", "__row"});
  const auto test = LoadRows(*record, *objects_, *engine_, SplitPart::kTest, {"a", "y", "__row"});
  ASSERT_TRUE(train.ok()) << train.status().ToString();
  ASSERT_TRUE(test.ok());
  EXPECT_EQ(train->num_rows(), record->num_train);
  EXPECT_EQ(test->num_rows(), record->num_test);
  const std::vector<double> labels = LabelsOf(*record, *test);
  for (int64_t r = 0; r < test->num_rows(); ++r) {
    EXPECT_EQ(test->column(1).text(r),
              record->labels[static_cast<size_t>(labels[static_cast<size_t>(r)])]);
  }
}

TEST_F(DataPhaseTest, SameDataSameVersionAndRecordSurvivesJson) {
  const auto first = Run(Csv(300, 2), Task::kBinary);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  const auto second = Run(Csv(300, 2), Task::kBinary);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first->version, second->version);
  EXPECT_EQ(json::Write(ToJson(*first)), json::Write(ToJson(*second)));
  const auto back = DataRecordFromJson(ToJson(*first));
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(json::Write(ToJson(*back)), json::Write(ToJson(*first)));
}

TEST_F(DataPhaseTest, SetsRowsAsideWithTheirReason) {
  std::string csv = Csv(100, 2);
  csv += "k100,1.0,u,\nk101,1.0\n";
  const auto record = Run(csv, Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_rows, 100);
  EXPECT_EQ(record->num_quarantined, 2);
  const auto bytes = objects_->Get(*record->quarantine_object);
  ASSERT_TRUE(bytes.ok());
  const auto rows = ReadQuarantine(*bytes);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ((*rows)[0].rule, "missing target");
  EXPECT_EQ((*rows)[0].line, 101);
  EXPECT_EQ((*rows)[1].line, 103);
}

TEST_F(DataPhaseTest, PositiveClassIsTheRarerOrTheGiven) {
  std::string csv = "a,y\n";
  for (int i = 0; i < 200; ++i) csv += Format("{},{}\n", i % 17, i % 4 == 0 ? "bad" : "good");
  auto record = Run(csv, Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->labels[1], "bad");
  record = Run(csv, Task::kBinary, "good");
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->labels[1], "good");
  record = Run(csv, Task::kBinary, "ugly");
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.status().code(), Code::kInvalidSpec);
}

TEST_F(DataPhaseTest, LeakingColumnIsLeftOutAndSaid) {
  std::string csv = "a,leak,y\n";
  Rng rng(3);
  for (int i = 0; i < 600; ++i) {
    const int label = static_cast<int>(rng.Below(2));
    csv += Format("{:.3f},{},{}\n", rng.Normal(), label == 1 ? 10 + i % 7 : i % 7, label);
  }
  const auto record = Run(csv, Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->features, std::vector<std::string>{"a"});
  ASSERT_EQ(record->excluded.size(), 1u);
  EXPECT_EQ(record->excluded[0].name, "leak");
}

TEST_F(DataPhaseTest, BlockingCheckThatIsNotMetBlocks) {
  spec_.data.checks = {{.column = "a", .minimum = 0.0, .severity = spec::Severity::kBlock},
                       {.sql = "b IN ('u', 'v')", .at_least = 0.9}};
  const auto record = Run(Csv(300, 2), Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_FALSE(record->section.checkpoint.passed());
  spec_.data.checks = {{.column = "aa", .minimum = 0.0}};
  const auto wrong = Run(Csv(300, 2), Task::kBinary);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.status().code(), Code::kInvalidSpec);
}

TEST_F(DataPhaseTest, RefusesTargetsThatCannotBeLearnt) {
  const struct {
    const char* csv;
    Task task;
    const char* message;
  } cases[] = {
      {"a,y\n1,k\n2,k\n3,k\n", Task::kBinary, "one value only"},
      {"a,y\n1,\n2,\n3,k\n4,l\n5,\n", Task::kBinary, "missing in"},
      {"a,y\n1,k\n2,k\n3,l\n4,k\n", Task::kBinary, "one row only"},
      {"a,y\n1,5\n2,5\n", Task::kRegression, "one value only"},
      {"a,y\n1,x\n2,z\n", Task::kRegression, "must be a number"},
      {"a,z\n1,x\n2,z\n", Task::kBinary, "no such column"},
  };
  for (const auto& item : cases) {
    const auto record = Run(item.csv, item.task);
    ASSERT_FALSE(record.ok()) << item.csv;
    EXPECT_NE(record.status().message().find(item.message), std::string::npos)
        << record.status().ToString();
  }
}

TEST_F(DataPhaseTest, BadFilesAreRefusedInWords) {
  const auto many = [](std::string_view rows) {
    std::string text;
    for (int i = 0; i < 50; ++i) text += rows;
    return text;
  };
  const struct {
    std::string csv;
    const char* message;
  } cases[] = {
      {"", "empty"},
      {"a,y\n", "no row"},
      {"a,a,y\n1,2,k\n3,4,l\n", "\"a\""},
      {"A,a,y\n1,2,k\n3,4,l\n", "\"a\""},
      {"__row,y\n1,k\n2,l\n3,k\n4,l\n", "__row"},
      {std::string("\x7f"
                   "ELF\0\0\0",
                   7),
       "not a text file"},
      {"y\n" + many("k\nl\n"), "no column is left"},
      {"a,y\n" + many(",k\n,l\n"), "no column is left"},
  };
  for (const auto& item : cases) {
    const auto record = Run(item.csv, Task::kBinary);
    ASSERT_FALSE(record.ok()) << item.csv;
    EXPECT_EQ(record.status().code(), Code::kInvalidData) << record.status().ToString();
    EXPECT_NE(record.status().message().find(item.message), std::string::npos)
        << record.status().ToString();
  }
}

TEST_F(DataPhaseTest, NumbersOutOfRangeAndRaggedRowsAreCountedAndListed) {
  std::string csv = "a,b,c,y\n";
  for (int i = 0; i < 2000; ++i) {
    const char* a = i == 5 ? "1e400" : i == 6 ? "inf" : i == 7 ? "NaN" : "1.5";
    csv += Format("{},{},,{}\n", i % 10 == 9 ? std::to_string(i) : a, i % 7, i % 2 ? "k" : "l");
    if (i == 20) csv += "1,2\n";
    if (i == 40) csv += "1,2,3,k,5,6\n";
  }
  const auto record = Run(csv, Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_rows, 2000);
  EXPECT_EQ(record->num_quarantined, 2);
  const auto rows = ReadQuarantine(*objects_->Get(*record->quarantine_object));
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ((*rows)[0].line, 23);
  EXPECT_EQ((*rows)[1].line, 44);
  const auto check = [&record](std::string_view id) -> const report::Check& {
    const auto& checks = record->section.checkpoint.checks;
    return *std::find_if(checks.begin(), checks.end(),
                         [id](const report::Check& item) { return item.id == id; });
  };
  EXPECT_EQ(check("data.invalid_cells").value, 2.0)
      << record->profile.Find("a")->reason;  // NaN is missing, not unreadable
  EXPECT_EQ(check("data.quarantine").value, 2.0);
  ASSERT_EQ(record->excluded.size(), 1u);
  EXPECT_EQ(record->excluded[0].name, "c");
  EXPECT_EQ(record->excluded[0].reason, "every value is missing");
}

TEST_F(DataPhaseTest, HardNamesOfColumnsAreNoObstacle) {
  std::string csv = "\"a \"\"quoted\"\" name\",\"semi;colon, comma\",'select',日本,y\n";
  for (int i = 0; i < 100; ++i)
    csv += Format("{},{},{},x{},{}\n", i * i, i % 9, i % 5, i % 3, i % 2);
  const auto record = Run(csv, Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->features.size(), 4u);
  EXPECT_TRUE(LoadRows(*record, *objects_, *engine_, SplitPart::kTest, record->features).ok());
}

TEST_F(DataPhaseTest, TheUsersOwnPartsAreTaken) {
  std::string csv = "a,part,y\n";
  const char* const parts[] = {"train", "Train", "validation", "test"};
  for (int i = 0; i < 200; ++i) {
    csv += Format("{},{},{}\n", i * 7 % 31, parts[i % 4], (i / 4) % 2 == 0 ? "k" : "l");
  }
  spec_.split.column = "part";
  const auto record = Run(csv, Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_test, 50);
  EXPECT_EQ(record->num_train, 150);
  EXPECT_EQ(record->split_kind, "column");
  EXPECT_EQ(record->features, std::vector<std::string>{"a"});
  const auto test = LoadRows(*record, *objects_, *engine_, SplitPart::kTest, {"part"});
  for (int64_t r = 0; r < test->num_rows(); ++r) EXPECT_EQ(test->column(0).text(r), "test");
  const auto wrong = Run(csv + "1,tset,k\n", Task::kBinary);
  ASSERT_FALSE(wrong.ok());
  EXPECT_NE(wrong.status().message().find("d.csv:202: column \"part\": names no part: \"tset\""),
            std::string::npos)
      << wrong.status().ToString();
}

TEST_F(DataPhaseTest, RowsWithinTheEmbargoAreInNoPart) {
  std::string csv = "a,day,y\n";
  for (int i = 0; i < 200; ++i) {
    csv += Format("{},2026-{:02}-{:02},{}\n", i * 7 % 31, 1 + i / 28 % 12, 1 + i % 28,
                  i % 3 == 0 ? "k" : "l");
  }
  spec_.data.time = "day";
  spec_.split.embargo_seconds = 7 * 86400.0;
  const auto record = Run(csv, Task::kBinary);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_test, 40);
  EXPECT_EQ(record->num_rows - record->num_test - record->num_train, 6);
  // Nor are they measured as training rows.
  for (const report::Check& check : record->section.checkpoint.checks) {
    if (check.id != "data.class_balance") continue;
    EXPECT_NE(check.evidence.find(Format("of {} training rows", record->num_train)),
              std::string::npos)
        << check.evidence;
  }
  const auto train = LoadRows(*record, *objects_, *engine_, SplitPart::kTrain, {"day"});
  const auto test = LoadRows(*record, *objects_, *engine_, SplitPart::kTest, {"day"});
  double latest = 0.0;
  double first = 1e18;
  for (int64_t r = 0; r < train->num_rows(); ++r)
    latest = std::max(latest, train->column(0).number(r));
  for (int64_t r = 0; r < test->num_rows(); ++r) first = std::min(first, test->column(0).number(r));
  EXPECT_GE(first - latest, 7 * 86400.0);
}

TEST_F(DataPhaseTest, TimesAreNoTexts) {
  std::string csv = "a,when,y\n";
  for (int i = 0; i < 400; ++i) {
    csv += Format("{},{},{}\n", i, i % 2 == 0 ? "early" : "late", i % 3 == 0 ? "k" : "l");
  }
  spec_.data.time = "when";
  spec_.data.source_place = {.file = "millrace.yaml", .line = 4, .column = 9};
  const auto record = Run(csv, Task::kBinary);
  ASSERT_FALSE(record.ok());
  EXPECT_EQ(record.status().code(), Code::kInvalidSpec);
  EXPECT_EQ(record.status().message(),
            "millrace.yaml:4:9: data.time: column \"when\" holds categories, not times");
}

TEST_F(DataPhaseTest, EveryRowMayTrain) {
  EXPECT_TRUE(WriteFile(JoinPath(folder_->path(), "d.csv"), Csv(300, 2)).ok());
  const auto record = RunData({.spec = spec_,
                               .project_folder = folder_->path(),
                               .task = Task::kBinary,
                               .positive = "",
                               .objects = *objects_,
                               .engine = *engine_,
                               .progress = progress_,
                               .previous_salt = std::nullopt,
                               .hold_out = HoldOut::kNone});
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(record->num_train, 300);
  EXPECT_EQ(record->num_test, 0);
}

TEST_F(DataPhaseTest, TooManyLabelsAreRefused) {
  std::string csv = "a,y\n";
  for (int i = 0; i < 3000; ++i) csv += Format("{},u{}\n", i, i / 2);
  const auto record = Run(csv, Task::kMulticlass);
  ASSERT_FALSE(record.ok());
  EXPECT_NE(record.status().message().find("distinct labels"), std::string::npos);
}

}  // namespace
}  // namespace millrace::data
