#include "engine/engine.h"

#include <gtest/gtest.h>

#include <memory>

namespace millrace::engine {
namespace {

std::unique_ptr<Engine> MakeEngine() {
  auto engine = MakeDuckDbEngine({.num_threads = 2, .memory_bytes = int64_t{1} << 30});
  EXPECT_TRUE(engine.ok()) << engine.status().ToString();
  return std::move(engine).value();
}

TEST(EngineTest, MapsResultTypesAndMissingValues) {
  auto engine = MakeEngine();
  const auto rows = Query(*engine,
                          "SELECT 7 AS i, 2.5::DOUBLE AS n, true AS b, 'x' AS t, "
                          "TIMESTAMP '1970-01-02 00:00:01' AS d, NULL::INTEGER AS m, "
                          "'nan'::DOUBLE AS nan");
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  ASSERT_EQ(rows->num_rows(), 1);
  EXPECT_EQ(rows->schema().column(0).type, table::ColumnType::kInteger);
  EXPECT_EQ(rows->column(0).number(0), 7.0);
  EXPECT_EQ(rows->column(1).number(0), 2.5);
  EXPECT_EQ(rows->column(2).number(0), 1.0);
  EXPECT_EQ(rows->column(3).text(0), "x");
  EXPECT_EQ(rows->column(4).number(0), 86401.0);
  EXPECT_FALSE(rows->column(5).valid(0));
  EXPECT_FALSE(rows->column(6).valid(0));
}

TEST(EngineTest, KeepsTheOrderOfManyBatches) {
  auto engine = MakeEngine();
  double expected = 0;
  int64_t batches = 0;
  const Status status =
      engine->Stream("SELECT i FROM range(100000) t(i)", [&](const table::Table& batch) -> Status {
        ++batches;
        for (int64_t r = 0; r < batch.num_rows(); ++r) {
          EXPECT_EQ(batch.column(0).number(r), expected++);
        }
        return {};
      });
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(expected, 100000);
  EXPECT_GT(batches, 1);
}

TEST(EngineTest, SinkFailureEndsTheQuery) {
  auto engine = MakeEngine();
  const Status status = engine->Stream("SELECT i FROM range(100000) t(i)",
                                       [](const table::Table&) { return Cancelled("enough"); });
  EXPECT_EQ(status.code(), Code::kCancelled);
  EXPECT_TRUE(engine->Execute("SELECT 1").ok());
}

TEST(EngineTest, BadSqlIsAnErrorOfOneLine) {
  auto engine = MakeEngine();
  const Status status = engine->Execute("SELEC 1");
  EXPECT_EQ(status.code(), Code::kInvalidData);
  EXPECT_EQ(status.message().find('\n'), std::string::npos);
}

TEST(EngineTest, RegisteredReaderUsesTheOneParser) {
  auto engine = MakeEngine();
  table::ColumnSchema column{.name = "price", .type = table::ColumnType::kNumber};
  column.rules.prefix = "$";
  column.rules.missing_texts = {"?"};
  ASSERT_TRUE(engine->RegisterReader("read_price", column).ok());
  const auto rows = Query(*engine,
                          "SELECT read_price(x), read_price_state(x) FROM (VALUES ('$5'), "
                          "('1,234.5'), ('?'), (NULL), ('abc')) t(x)");
  ASSERT_TRUE(rows.ok()) << rows.status().ToString();
  EXPECT_EQ(rows->column(0).number(0), 5.0);
  EXPECT_EQ(rows->column(0).number(1), 1234.5);
  EXPECT_FALSE(rows->column(0).valid(2));
  EXPECT_FALSE(rows->column(0).valid(3));
  EXPECT_FALSE(rows->column(0).valid(4));
  EXPECT_EQ(rows->column(1).number(0), 0.0);
  EXPECT_EQ(rows->column(1).number(2), 1.0);
  EXPECT_EQ(rows->column(1).number(3), 1.0);
  EXPECT_EQ(rows->column(1).number(4), 2.0);
}

TEST(EngineTest, LoadsATableAndReadsItBack) {
  auto engine = MakeEngine();
  const auto rows = Query(*engine,
                          "SELECT i::DOUBLE AS \"a \"\"b\", CASE WHEN i % 2 = 0 THEN 't' || i END "
                          "AS t FROM range(5000) r(i)");
  ASSERT_TRUE(rows.ok());
  ASSERT_TRUE(engine->Load("copy", *rows).ok());
  const auto back = Query(*engine, "SELECT count(*), sum(\"a \"\"b\"), count(t) FROM copy");
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->column(0).number(0), 5000.0);
  EXPECT_EQ(back->column(1).number(0), 5000.0 * 4999.0 / 2.0);
  EXPECT_EQ(back->column(2).number(0), 2500.0);
}

TEST(EngineTest, QuotesNamesAndTexts) {
  EXPECT_EQ(QuoteIdentifier("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(QuoteLiteral("it's"), "'it''s'");
}

}  // namespace
}  // namespace millrace::engine
