// Training and production read the same: cells of a file pass the engine's readers, are fitted and
// applied as a table; the same cells as a request pass the server's reader and the scorer. Both
// must give the model the same bits.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "bundle/scorer.h"
#include "fit/fit_graph.h"
#include "fit/target_encodings.h"
#include "json/text.h"
#include "model/constant_model.h"
#include "serve/request_reader.h"

namespace millrace::fit {
namespace {

using table::ColumnSchema;
using table::ColumnType;

constexpr int64_t kRows = 60;

// A kind of column, and cells that it can hold.
struct ColumnKind {
  ColumnSchema schema;
  std::vector<std::string> cells;
};

std::vector<ColumnKind> Kinds() {
  return {
      {{.name = "amount", .type = ColumnType::kNumber, .rules = {.prefix = "$"}},
       {"0", "-0", "$5", "1,234.50", "1e300", "-1e-320", "nan", "", "+.5e-3", "16777217"}},
      {{.name = "comma",
        .type = ColumnType::kNumber,
        .rules = {.missing_texts = {"?"}, .decimal = ','}},
       {"1.234,5", "?", "0,1", "-7", "1e-36", "  3 ", "0,3"}},
      {{.name = "count", .type = ColumnType::kInteger, .rules = {.missing_texts = {"NA", "-200"}}},
       {"0", "1", "NA", "-200", "9007199254740993", "-3", ""}},
      {{.name = "member", .type = ColumnType::kBoolean}, {"yes", "No", "TRUE", "0", "1", ""}},
      {{.name = "joined", .type = ColumnType::kDate, .rules = {.date_order = "dmy"}},
       {"2024-01-31", "31/01/2024", "29.02.2000", "1 Jan 1970", "2024-01-31T23:59:59.5+02:00",
        "1969-12-31", ""}},
      {{.name = "city", .type = ColumnType::kCategory, .rules = {.missing_texts = {"none"}}},
       {"Köln", "köln", "none", " Bonn ", "it's", "a \"b\"", "x\\y", "", "nan"}},
      {{.name = "note", .type = ColumnType::kText},
       {"Not good at all", "really GOOD, not bad", "größe good", "?!", "", "good good good",
        "line\nbreak not good", "tab\there"}},
  };
}

// Cells [kRows][columns] of a file.
std::vector<std::vector<std::string>> CellsOf(Rng& rng, const std::vector<ColumnKind>& kinds) {
  std::vector<std::vector<std::string>> cells(kRows);
  for (auto& row : cells) {
    for (const ColumnKind& kind : kinds) {
      row.push_back(kind.cells[rng.Below(kind.cells.size())]);
    }
  }
  return cells;
}

class ParityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(engine).value();
    kinds_ = Kinds();
    for (const ColumnKind& kind : kinds_) {
      ASSERT_TRUE(engine_->RegisterReader("read_" + kind.schema.name, kind.schema).ok());
    }
  }

  // The typed table of a file with these cells, as phase 2 makes it.
  Status LoadFile(const std::vector<std::vector<std::string>>& cells,
                  const std::vector<ColumnKind>& kinds) {
    std::vector<ColumnSchema> texts;
    std::vector<std::string> typed;
    for (const ColumnKind& kind : kinds) {
      texts.push_back({.name = kind.schema.name, .type = ColumnType::kText});
      typed.push_back(Format("read_{0}({0}) AS {0}", kind.schema.name));
    }
    table::Table raw(std::make_shared<const table::Schema>(*table::Schema::Make(texts)));
    for (const auto& row : cells) {
      for (size_t c = 0; c < row.size(); ++c) {
        raw.mutable_column(static_cast<int64_t>(c)).AppendText(row[c]);
      }
    }
    MILLRACE_RETURN_IF_ERROR(engine_->Load("raw", raw));
    return engine_->Execute(
        Format("CREATE OR REPLACE TABLE typed AS SELECT {} FROM raw", Join(typed, ", ")));
  }

  std::unique_ptr<engine::Engine> engine_;
  std::vector<ColumnKind> kinds_;
};

std::string RequestOf(const std::vector<std::vector<std::string>>& cells,
                      const std::vector<ColumnKind>& kinds) {
  json::Json rows = json::Json::MakeArray();
  for (const auto& row : cells) {
    json::Json object = json::Json::MakeObject();
    for (size_t c = 0; c < row.size(); ++c) object.Set(kinds[c].schema.name, row[c]);
    rows.Append(std::move(object));
  }
  return json::Write(json::Json::Of({{"rows", std::move(rows)}}));
}

Result<FittedGraph> FitAll(engine::Engine& engine, const table::Schema& schema,
                           const table::Table& rows, Rng& rng) {
  FitInputs inputs{.engine = engine, .relation = "typed", .schema = schema};
  inputs.features = schema.names();
  if (schema.Find("amount") && schema.Find("city")) {
    inputs.added.push_back({.name = "per count",
                            .expression = "ln(abs(amount) + 1) / nullif(coalesce(amount, 2), 5)"});
    inputs.added.push_back({.name = "is köln", .expression = "city = 'Köln' or city is null"});
  }
  MILLRACE_ASSIGN_OR_RETURN(const FittedGraph fitted,
                            FitGraph(inputs, {.frequency_above = 2, .min_word_rows = 2}));
  std::vector<double> targets;
  std::vector<int32_t> folds;
  for (int64_t r = 0; r < rows.num_rows(); ++r) {
    targets.push_back(rng.Normal());
    folds.push_back(static_cast<int32_t>(rng.Below(3)));
  }
  return AddTargetEncodings(fitted, schema,
                            {.rows = rows, .targets = targets, .folds = folds, .num_folds = 3},
                            {.min_categories = 2});
}

TEST_F(ParityTest, FilesAndRequestsGiveTheModelTheSameBits) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Rng rng(seed);
    std::vector<ColumnKind> kinds = kinds_;
    rng.Shuffle(std::span<ColumnKind>(kinds));
    kinds.resize(3 + rng.Below(5));
    std::vector<ColumnSchema> columns;
    for (const ColumnKind& kind : kinds) columns.push_back(kind.schema);
    const auto schema = std::make_shared<const table::Schema>(*table::Schema::Make(columns));
    const auto cells = CellsOf(rng, kinds);
    ASSERT_TRUE(LoadFile(cells, kinds).ok());
    const auto rows = engine::Query(*engine_, "SELECT * FROM typed");
    ASSERT_TRUE(rows.ok());
    const auto fitted = FitAll(*engine_, *schema, *rows, rng);
    ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
    const auto trained_on = fitted->graph.Apply(*rows);
    ASSERT_TRUE(trained_on.ok()) << trained_on.status().ToString();

    // What is served went through a file, without what only training needs.
    const auto document = json::Parse(json::Write(fitted->graph.Serving().ToJson()), "graph");
    ASSERT_TRUE(document.ok());
    const auto request_schema =
        std::make_shared<const table::Schema>(*schema->Select(fitted->graph.columns()));
    auto served = feature::Graph::FromJson(*request_schema, *document);
    ASSERT_TRUE(served.ok()) << served.status().ToString();
    auto model = model::ConstantModel::Make(served->num_features(), model::Link::kIdentity, {0.0});
    ASSERT_TRUE(model.ok());
    const auto scorer =
        bundle::Scorer::Make({.task = table::Task::kRegression,
                              .schema = request_schema,
                              .graph = std::make_shared<const feature::Graph>(*std::move(served)),
                              .model = std::shared_ptr<const model::Model>(*std::move(model))});
    ASSERT_TRUE(scorer.ok()) << scorer.status().ToString();

    serve::RequestReader reader;
    table::Table request(request_schema);
    const auto read = reader.ReadRows(RequestOf(cells, kinds), {"", kRows}, request);
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    bundle::Predictions predictions;
    ASSERT_TRUE(scorer->ScoreInto(request, predictions).ok());
    ASSERT_EQ(predictions.features.size(), trained_on->values().size());
    // There is something to compare.
    const auto known =
        std::ranges::count_if(predictions.features, [](float value) { return value == value; });
    ASSERT_GT(2 * known, static_cast<int64_t>(predictions.features.size()));
    for (size_t i = 0; i < predictions.features.size(); ++i) {
      const float served_value = predictions.features[i];
      const float trained_value = trained_on->values()[i];
      ASSERT_EQ(std::memcmp(&served_value, &trained_value, sizeof(float)), 0)
          << "seed " << seed << ", row " << i / static_cast<size_t>(fitted->graph.num_features())
          << ", feature "
          << fitted->graph.nodes()[i % static_cast<size_t>(fitted->graph.num_features())].name
          << ": " << served_value << " against " << trained_value;
    }
  }
}

}  // namespace
}  // namespace millrace::fit
