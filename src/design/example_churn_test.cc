#include "design/example_churn.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>

#include "base/files.h"
#include "base/text.h"
#include "design/new_project.h"
#include "design/quick_probe.h"
#include "design/table_sample.h"
#include "engine/engine.h"
#include "json/text.h"

namespace millrace::design {
namespace {

class ExampleChurnTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = TemporaryFolder::Make();
    ASSERT_TRUE(folder.ok());
    folder_ = std::make_unique<TemporaryFolder>(std::move(folder).value());
  }
  std::string Path(const std::string& name) const { return JoinPath(folder_->path(), name); }
  json::Json Truth() const {
    return json::Parse(ReadFile(Path("truth.json")).value(), "truth.json").value();
  }
  // The cells of a line (from 1) of a file.
  std::vector<std::string> Cells(const std::string& file, int64_t line) const {
    const std::string text = ReadFile(Path(file)).value();
    std::vector<std::string> cells;
    for (const std::string_view cell :
         Split(Split(text, '\n')[static_cast<size_t>(line - 1)], ',')) {
      cells.emplace_back(cell);
    }
    return cells;
  }
  static size_t ColumnOf(const std::vector<std::string>& header, const std::string& name) {
    return static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin());
  }

  std::unique_ptr<TemporaryFolder> folder_;
};

TEST_F(ExampleChurnTest, SameSeedSameBytes) {
  ASSERT_TRUE(WriteChurnExample(Path("a"), {.seed = 11, .customers_per_month = 60}).ok());
  ASSERT_TRUE(WriteChurnExample(Path("b"), {.seed = 11, .customers_per_month = 60}).ok());
  ASSERT_TRUE(WriteChurnExample(Path("c"), {.seed = 12, .customers_per_month = 60}).ok());
  const auto names = ListFolder(Path("a"));
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(names->size(), 15u);
  for (const std::string& name : *names) {
    EXPECT_EQ(ReadFile(Path("a/" + name)).value(), ReadFile(Path("b/" + name)).value()) << name;
    EXPECT_NE(ReadFile(Path("a/" + name)).value(), ReadFile(Path("c/" + name)).value()) << name;
  }
}

TEST_F(ExampleChurnTest, NothingIsOverwrittenAndOptionsAreChecked) {
  ASSERT_TRUE(WriteFile(Path("README.md"), "mine").ok());
  const auto refused = WriteChurnExample(folder_->path(), {.customers_per_month = 60});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), Code::kInvalidSpec);
  EXPECT_EQ(ReadFile(Path("README.md")).value(), "mine");
  EXPECT_FALSE(FileExists(Path("customers.csv")));
  EXPECT_EQ(WriteChurnExample(Path("x"), {.customers_per_month = 49}).status().code(),
            Code::kInvalidSpec);
}

TEST_F(ExampleChurnTest, TruthNamesWhatIsInTheFiles) {
  ASSERT_TRUE(WriteChurnExample(folder_->path(), {.customers_per_month = 400}).ok());
  EXPECT_NE(ReadFile(Path("README.md")).value().find("synthetic"), std::string::npos);
  const json::Json truth = Truth();
  EXPECT_TRUE(truth["synthetic"].AsBool());
  for (const json::Json& missing : truth["missing"].AsArray()) {
    const std::string column = missing["column"].AsString();
    EXPECT_GT(missing["lines"].size(), 6u) << column;
    for (const auto& [file, lines] : missing["lines"].AsObject()) {
      const std::string& name = file;
      const size_t at = ColumnOf(Cells(name, 1), column);
      for (const json::Json& line : lines.AsArray()) {
        EXPECT_EQ(Cells(name, line.AsInteger())[at], "") << name << ":" << line.AsInteger();
      }
    }
  }
  for (const auto& [file, lines] : truth["outliers"]["lines"].AsObject()) {
    const size_t at = ColumnOf(Cells(file, 1), "monthly_charges");
    for (const json::Json& line : lines.AsArray()) {
      EXPECT_GT(*ParseDouble(Cells(file, line.AsInteger())[at]), 1000.0);
    }
  }
  for (const auto& [file, lines] : truth["duplicates"]["lines"].AsObject()) {
    const std::string name = file;
    for (const json::Json& line : lines.AsArray()) {
      const auto copy = Cells(name, line.AsInteger());
      bool found = false;
      for (int64_t before = 2; before < line.AsInteger() && !found; ++before) {
        found = Cells(name, before) == copy;
      }
      EXPECT_TRUE(found) << name << ":" << line.AsInteger();
    }
  }
  EXPECT_EQ(truth["drift"][size_t{0}]["from_month"].AsString(), "2024-09");
}

TEST_F(ExampleChurnTest, TheLeakTellsTheTargetAndTheTrainingFileIsEightMonths) {
  const auto example = WriteChurnExample(folder_->path(), {.customers_per_month = 100});
  ASSERT_TRUE(example.ok());
  const std::string text = ReadFile(Path("customers.csv")).value();
  std::set<std::string> months;
  int64_t rows = 0;
  const std::vector<std::string> header = Cells("customers.csv", 1);
  const size_t reason = ColumnOf(header, "account_closed_reason");
  const size_t target = ColumnOf(header, "churned");
  for (const std::string_view line : Split(text, '\n')) {
    if (line.empty() || rows++ == 0) continue;
    const auto cells = Split(line, ',');
    ASSERT_EQ(cells.size(), header.size());
    months.insert(std::string(cells[1]));
    EXPECT_EQ(cells[reason].empty(), cells[target] == "No");
  }
  EXPECT_EQ(rows - 1, example->num_rows);
  EXPECT_EQ(months.size(), 8u);
  EXPECT_EQ(*months.rbegin(), "2024-08-01");
}

// The whole way of a person who tries the example: what is inferred, and what a model reaches.
TEST_F(ExampleChurnTest, IsUnderstoodAndLearnable) {
  ASSERT_TRUE(WriteChurnExample(folder_->path()).ok());
  auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
  ASSERT_TRUE(engine.ok());
  SilentProgress progress;
  const auto project = MakeNewProject({.description = "predict which customers will churn",
                                       .data = {"customers.csv"},
                                       .working_folder = folder_->path(),
                                       .project_folder = folder_->path(),
                                       .engine = **engine,
                                       .progress = progress,
                                       .num_threads = 2});
  ASSERT_TRUE(project.ok()) << project.status().ToString();
  EXPECT_EQ(project->spec.problem.target, "churned");
  EXPECT_EQ(project->spec.problem.positive, "Yes");
  EXPECT_EQ(project->spec.data.id, "customer_id");
  EXPECT_EQ(project->spec.data.time, "month");
  EXPECT_EQ(project->spec.data.exclude, (std::vector<std::string>{"account_closed_reason"}));
  EXPECT_EQ(project->spec.data.sensitive, (std::vector<std::string>{"age", "gender"}));

  const auto source = engine::OpenSource(**engine, folder_->path(), {"customers.csv"}, {}, "rows");
  ASSERT_TRUE(source.ok());
  const auto schema = SampleSchema(project->profile, "churned", table::Task::kBinary);
  const auto rows = ReadSample(**engine, *source, *schema, 1, 1);
  ASSERT_TRUE(rows.ok());
  std::vector<std::string> features;
  for (const table::ColumnSchema& column : schema->columns()) features.push_back(column.name);
  for (const char* left_out : {"customer_id", "account_closed_reason", "churned", "month"}) {
    std::erase(features, left_out);
  }
  const auto probe = RunQuickProbe({.engine = **engine,
                                    .rows = *rows,
                                    .features = features,
                                    .target = "churned",
                                    .task = table::Task::kBinary,
                                    .positive = "Yes"});
  ASSERT_TRUE(probe.ok()) << probe.status().ToString();
  EXPECT_GT(probe->score.value, 0.80);
  EXPECT_LT(probe->score.value, 0.88);
  RecordProperty("auc", std::to_string(probe->score.value));
}

}  // namespace
}  // namespace millrace::design
