#include "table/value_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/clock.h"
#include "base/text.h"

namespace millrace::table {
namespace {

TEST(ValueParserTest, ReadsNumbersAsPeopleWriteThem) {
  const ReadingRules plain;
  EXPECT_EQ(ReadNumber(" 12 ", plain), 12.0);
  EXPECT_EQ(ReadNumber("-1,234.50", plain), -1234.5);
  EXPECT_EQ(ReadNumber("1 234 567", plain), 1234567.0);
  EXPECT_EQ(ReadNumber("+.5e-3", plain), 0.0005);
  EXPECT_EQ(ReadNumber("1e-400", plain), 0.0);
  for (const char* wrong : {"", "abc", "1,23", "12,34,567", "1.2.3", "0x10", "1e400", "inf", "--1",
                            "1e", "5 apples", "1_2"}) {
    EXPECT_FALSE(ReadNumber(wrong, plain)) << wrong;
  }
  ReadingRules comma;
  comma.decimal = ',';
  EXPECT_EQ(ReadNumber("1.234,5", comma), 1234.5);
  ReadingRules dollars;
  dollars.prefix = "$";
  EXPECT_EQ(ReadNumber("$5", dollars), 5.0);
  EXPECT_EQ(ReadNumber("-$5", dollars), -5.0);
  ReadingRules unit;
  unit.suffix = "kmpl";
  EXPECT_EQ(ReadNumber("23.4 kmpl", unit), 23.4);
}

TEST(ValueParserTest, ReadsDates) {
  const double day = 86400.0 * static_cast<double>(DaysFromCivil(2024, 1, 31));
  const ReadingRules plain;
  EXPECT_EQ(ReadDate("2024-01-31", plain), day);
  EXPECT_EQ(ReadDate("20240131", plain), day);
  EXPECT_EQ(ReadDate("2024-01-31 12:00:30", plain), day + 43230);
  EXPECT_EQ(ReadDate("2024-01-31T12:00:00.5+02:00", plain), day + 36000.5);
  EXPECT_EQ(ReadDate("31 Jan 2024", plain), day);
  EXPECT_EQ(ReadDate("January 31, 2024", plain), day);
  ReadingRules dmy;
  dmy.date_order = "dmy";
  EXPECT_EQ(ReadDate("31/01/2024", dmy), day);
  ReadingRules mdy;
  mdy.date_order = "mdy";
  EXPECT_EQ(ReadDate("1/31/24 1:05 PM", mdy), day + 13 * 3600 + 300);
  for (const char* wrong : {"2023-02-30", "2024-13-01", "hello", "2024-01", "31/01/2024", "12",
                            "2024-01-31x", "2024-01-31 25:00"}) {
    EXPECT_FALSE(ReadDate(wrong, plain)) << wrong;
  }
}

TEST(ValueParserTest, TellsMissingFromInvalid) {
  ColumnSchema column{.name = "age", .type = ColumnType::kInteger};
  column.rules.missing_texts = {"?"};
  const ValueParser parser(column);
  EXPECT_EQ(parser.Parse("41").number, 41.0);
  EXPECT_EQ(parser.Parse("").state, CellState::kMissing);
  EXPECT_EQ(parser.Parse(" ? ").state, CellState::kMissing);
  EXPECT_EQ(parser.Parse("NaN").state, CellState::kMissing);
  EXPECT_EQ(parser.Parse("n/a").state, CellState::kInvalid);
  EXPECT_EQ(parser.Parse("4.5").state, CellState::kInvalid);
  EXPECT_EQ(parser.Parse("1e400").state, CellState::kInvalid);
  EXPECT_EQ(parser.FromNumber(4.5).state, CellState::kInvalid);
  EXPECT_EQ(parser.FromNumber(INFINITY).state, CellState::kInvalid);
  EXPECT_EQ(parser.FromNumber(NAN).state, CellState::kMissing);
}

TEST(ValueParserTest, BooleansInTenSpellings) {
  for (const char* yes : {"true", "TRUE", "Yes", "y", "t", "on", "1", "ja", "oui", "1.0"}) {
    EXPECT_EQ(ReadBoolean(yes), 1.0) << yes;
  }
  for (const char* no : {"false", "No", "N", "f", "off", "0", "nein", "non"}) {
    EXPECT_EQ(ReadBoolean(no), 0.0) << no;
  }
  EXPECT_FALSE(ReadBoolean("maybe"));
}

RC_GTEST_PROP(ValueParserTest, EveryFiniteNumberReadsBack, (double value)) {
  RC_PRE(std::isfinite(value));
  const auto read = ReadNumber(FormatDouble(value), ReadingRules{});
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == value);
}

RC_GTEST_PROP(ValueParserTest, AnyTextIsReadWithoutHarm, (const std::string& text)) {
  for (const ColumnType type : {ColumnType::kInteger, ColumnType::kNumber, ColumnType::kBoolean,
                                ColumnType::kCategory, ColumnType::kDate}) {
    const Cell cell = ValueParser({.name = "x", .type = type}).Parse(text);
    RC_ASSERT(cell.state != CellState::kValue || std::isfinite(cell.number));
  }
}

RC_GTEST_PROP(ValueParserTest, EveryDayReadsBack, ()) {
  const auto days = *rc::gen::inRange<int64_t>(-100000, 100000);
  const std::string text = FormatUtc(days * 86'400'000'000);
  const auto read = ReadDate(text, ReadingRules{});
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == static_cast<double>(days) * 86400.0);
}

}  // namespace
}  // namespace millrace::table
