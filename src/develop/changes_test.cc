#include "develop/changes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "develop/develop_fixture.h"
#include "feature/graph.h"
#include "json/text.h"

namespace millrace::develop {
namespace {

using data::SplitPart;

class ChangesTest : public ::testing::Test, protected DevelopFixture {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Open().ok());
    spec.develop.budget.time_seconds = 0.05;
  }

  // a has gaps and two far values, b has gaps, c has none.
  void Load() {
    Rng rng(2);
    std::string csv = "a,b,c,y\n";
    for (int i = 0; i < 500; ++i) {
      const double a = rng.Normal();
      std::string cell = i % 6 == 0 ? "" : Format("{:.4f}", a);
      if (i == 1 || i == 2 || i == 7) cell = Format("{}", 70'000 + i);
      csv += Format("{},{},{:.3f},{}\n", cell, rng.Below(5) == 0 ? "" : Format("k{}", i % 4),
                    rng.Normal(), a + 0.3 * rng.Normal() > 0.0 ? "yes" : "no");
    }
    ASSERT_TRUE(LoadText(table::Task::kBinary, csv, "yes").ok());
  }

  spec::ColumnFeatures Column(const std::string& name, std::vector<std::string> missing) {
    spec::ColumnFeatures column{.name = name};
    column.missing = std::move(missing);
    return column;
  }

  // Rows of a part where the column is missing.
  int64_t Missing(SplitPart part, const std::string& column) {
    const auto rows = data::LoadRows(*data, *objects, *engine, part, {column});
    EXPECT_TRUE(rows.ok());
    int64_t missing = 0;
    for (int64_t r = 0; r < rows->num_rows(); ++r) missing += rows->column(0).valid(r) ? 0 : 1;
    return missing;
  }

  static const report::DataTable* Changed(const DevelopRecord& record) {
    for (const report::Block& block : record.section.blocks) {
      const auto* table = std::get_if<report::DataTable>(&block);
      if (table != nullptr && table->title.starts_with("What was changed")) return table;
    }
    return nullptr;
  }
};

TEST_F(ChangesTest, NothingIsSaidToBeNothing) {
  Load();
  const auto record = Develop(1, std::nullopt);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  EXPECT_EQ(Changed(*record), nullptr);
  EXPECT_NE(json::Write(ToJson(*record)).find("What was changed: nothing"), std::string::npos);
}

TEST_F(ChangesTest, FillsAndClipsAreCountedInEachPart) {
  spec.data.outliers = spec::OutlierPolicy::kClip;
  spec.features.columns = {Column("a", {"median"}), Column("b", {"mode", "indicator"})};
  Load();
  const auto record = Develop(1, std::nullopt);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const report::DataTable* table = Changed(*record);
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 3u);
  EXPECT_EQ(table->rows[0][0], "a");
  EXPECT_NE(table->rows[0][1].find("the median ("), std::string::npos);
  EXPECT_EQ(table->rows[0][2], Format("{}", Missing(SplitPart::kTrain, "a")));
  EXPECT_EQ(table->rows[0][3], Format("{}", Missing(SplitPart::kTest, "a")));
  EXPECT_EQ(table->rows[0][4].substr(0, 6), "clip: ");
  EXPECT_EQ(std::stoi(table->rows[0][5]) + std::stoi(table->rows[0][6]), 3);
  EXPECT_EQ(table->rows[1][2], Format("{}", Missing(SplitPart::kTrain, "b")));
  EXPECT_EQ(table->rows[2][0], "c");
  EXPECT_EQ(table->rows[2][1], "missing");

  // What is stored as the model's graph does it to a row of a request.
  const auto bytes = objects->Get(record->graph_object);
  const auto graph = feature::Graph::FromJson(data->schema, json::Parse(*bytes, "graph").value());
  ASSERT_TRUE(graph.ok()) << graph.status().ToString();
  std::vector<float> features(static_cast<size_t>(graph->num_features()));
  std::vector<feature::RawValue> row(graph->columns().size());
  row[0] = {.missing = false, .number = 1e9};
  graph->ApplyRow(row, features);
  EXPECT_EQ(features[0], static_cast<float>(data->outliers[0].high));
  row[0] = {};
  graph->ApplyRow(row, features);
  EXPECT_FALSE(std::isnan(features[0]));
}

TEST_F(ChangesTest, RowsSetAsideAreCounted) {
  spec.data.outliers = spec::OutlierPolicy::kSetAside;
  Load();
  const auto record = Develop(1, std::nullopt);
  ASSERT_TRUE(record.ok()) << record.status().ToString();
  const report::DataTable* table = Changed(*record);
  ASSERT_NE(table, nullptr);
  EXPECT_GT(data->num_set_aside, 0);
  EXPECT_EQ(table->title,
            Format("What was changed ({} training rows set aside)", data->num_set_aside));
  EXPECT_EQ(table->rows[0][5], Format("{}", data->num_set_aside));
}

TEST_F(ChangesTest, ReplayGivesTheSameBytes) {
  spec.features.columns = {Column("a", {"model"}), Column("b", {"mode"})};
  Load();
  const auto first = Develop(2, std::nullopt);
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  const auto again = Develop(1, first->plan);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(first->graph_object, again->graph_object);
  EXPECT_EQ(first->model_object, again->model_object);
}

}  // namespace
}  // namespace millrace::develop
