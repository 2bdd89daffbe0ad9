#include "cli/example_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/format.h"
#include "base/process.h"
#include "json/text.h"
#include "table/value_parser.h"

namespace millrace::cli {
namespace {

using table::ColumnSchema;
using table::ColumnType;

table::Schema AllTypes() {
  ColumnSchema age{.name = "age", .type = ColumnType::kInteger};
  age.minimum = 18;
  age.maximum = 90;
  ColumnSchema price{.name = "price", .type = ColumnType::kNumber};
  price.minimum = 1000.4;
  price.maximum = 1000.6;
  ColumnSchema member{.name = "member", .type = ColumnType::kBoolean};
  ColumnSchema city{.name = "it's a city", .type = ColumnType::kCategory};
  city.values = {"Bern", "Basel"};
  ColumnSchema note{.name = "note", .type = ColumnType::kText};
  ColumnSchema day{.name = "day", .type = ColumnType::kDate};
  day.minimum = 1'600'000'000;
  day.maximum = 1'700'000'000;
  return *table::Schema::Make({age, price, member, city, note, day});
}

TEST(ExampleRequest, EveryValueReadsAsItsColumn) {
  const table::Schema schema = AllTypes();
  const json::Json request = ExampleRequest(schema);
  const json::Json& row = request["rows"][0];
  ASSERT_EQ(row.size(), 6u);
  for (const ColumnSchema& column : schema.columns()) {
    const table::ValueParser parser(column);
    const json::Json& value = row[column.name];
    const table::Cell cell = value.is_string() ? parser.Parse(value.AsString())
                             : value.is_bool() ? parser.FromNumber(1.0)
                                               : parser.FromNumber(value.AsNumber());
    EXPECT_EQ(cell.state, table::CellState::kValue) << column.name << " " << json::Write(value);
    if (column.minimum) {
      EXPECT_GE(cell.number, *column.minimum);
      EXPECT_LE(cell.number, *column.maximum);
    }
  }
}

TEST(ExampleRequest, AShellHandsTheCommandOverUnchanged) {
  const std::string word = ShellWord("it's {\"a\": \"$HOME `x` \\\\ \"}");
  EXPECT_EQ(word, "'it'\\''s {\"a\": \"$HOME `x` \\\\ \"}'");
  EXPECT_THAT(ExampleCurl("http://127.0.0.1:1", AllTypes(), ""),
              testing::StartsWith("curl -s http://127.0.0.1:1/v1/predict "));
}

}  // namespace
}  // namespace millrace::cli
