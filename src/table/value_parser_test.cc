#include "table/value_parser.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "base/clock.h"
#include "base/format.h"
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

TEST(ValueParserTest, LettersBehindANumberMultiplyWhereTheyAreSaidTo) {
  ReadingRules rules;
  EXPECT_FALSE(ReadNumber("5k", rules));
  rules.magnitudes = true;
  rules.prefix = "$";
  EXPECT_EQ(ReadNumber("5k", rules), 5000.0);
  EXPECT_EQ(ReadNumber("$1.2M", rules), 1'200'000.0);
  EXPECT_EQ(ReadNumber("-$1.001K", rules), -1001.0);  // one rounding, not two
  EXPECT_EQ(ReadNumber("($3 m)", rules), -3e6);
  EXPECT_EQ(ReadNumber("$(3 m)", rules), -3e6);
  EXPECT_EQ(ReadNumber("2.5bn", rules), 2.5e9);
  EXPECT_EQ(ReadNumber("7 B", rules), 7e9);
  EXPECT_EQ(ReadNumber("1,234k", rules), 1'234'000.0);
  EXPECT_EQ(ReadNumber("300", rules), 300.0);
  for (const char* wrong : {"k", "1e3k", "5kk", "5x", "$k", "1.2.3M", "5kM"}) {
    EXPECT_FALSE(ReadNumber(wrong, rules)) << wrong;
  }
  // A suffix stands behind the letter.
  rules.suffix = "USD";
  EXPECT_EQ(ReadNumber("5k USD", rules), 5000.0);
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
  for (const char* wrong : {"2023-02-30", "2024-13-01", "hello", "2024-1", "31/01/2024", "12",
                            "2024-01-31x", "2024-01-31 25:00"}) {
    EXPECT_FALSE(ReadDate(wrong, plain)) << wrong;
  }
}

TEST(ValueParserTest, ReadsMonthsMailsAndEpochs) {
  const double day = 86400.0 * static_cast<double>(DaysFromCivil(2024, 1, 31));
  const double month = 86400.0 * static_cast<double>(DaysFromCivil(2024, 1, 1));
  const ReadingRules plain;
  for (const char* text : {"2024-01", "2024/01", "Jan 2024", "January 2024", "2024-Jan"}) {
    EXPECT_EQ(ReadDate(text, plain), month) << text;
  }
  EXPECT_EQ(ReadDate("Wed, 31 Jan 2024 10:00:00 GMT", plain), day + 36000);
  EXPECT_EQ(ReadDate("31 January, 2024", plain), day);
  EXPECT_EQ(ReadDate("2024-01-31 10:00:00 UTC", plain), day + 36000);
  ReadingRules seconds;
  seconds.date_order = "seconds";
  EXPECT_EQ(ReadDate("1706659200", seconds), day);
  EXPECT_EQ(ReadDate("-86400.5", seconds), -86400.5);
  EXPECT_EQ(ReadDate("2024-01-31", seconds), day);
  EXPECT_EQ(ReadDate("24-01-31", seconds), day) << "anything else as ymd does";
  ReadingRules millis;
  millis.date_order = "milliseconds";
  EXPECT_EQ(ReadDate("1706659200250", millis), day + 0.25);
  EXPECT_EQ(ReadDate("24/01/31", millis), day);
  const ValueParser parser({.name = "t", .type = ColumnType::kDate, .rules = millis});
  EXPECT_EQ(parser.FromNumber(1706659200250.0).number, day + 0.25);
  for (const char* wrong : {"99999999999999999", "12x", "Feb 30 2024", "Someday, 31 Jan 2024"}) {
    EXPECT_FALSE(ReadDate(wrong, seconds)) << wrong;
  }
}

TEST(ValueParserTest, ReadsBracketsAndSignsOfOtherScripts) {
  const ReadingRules plain;
  EXPECT_EQ(ReadNumber("(1,234)", plain), -1234.0);
  EXPECT_EQ(ReadNumber("1\xc2\xa0"
                       "234,5",
                       {.decimal = ','}),
            1234.5);
  EXPECT_EQ(ReadNumber("1\xe2\x80\xaf"
                       "234",
                       plain),
            1234.0);
  EXPECT_EQ(ReadNumber("\xe2\x88\x92"
                       "7",
                       plain),
            -7.0);
  const ReadingRules dollars{.prefix = "$"};
  EXPECT_EQ(ReadNumber("($5)", dollars), -5.0);
  EXPECT_EQ(ReadNumber("$(5)", dollars), -5.0);
  for (const char* wrong : {"(", ")", "()", "(-5)", "((5))", "a(5)", "(5)b", "5(", ")5("}) {
    EXPECT_FALSE(ReadNumber(wrong, plain)) << wrong;
  }
}

TEST(ValueParserTest, ANumberThatStandsForMissingIsMissingInRequestsToo) {
  const ValueParser parser(
      {.name = "co", .type = ColumnType::kNumber, .rules = {.missing_texts = {"-200", "?"}}});
  EXPECT_EQ(parser.Parse("-200").state, CellState::kMissing);
  EXPECT_EQ(parser.FromNumber(-200.0).state, CellState::kMissing);
  EXPECT_EQ(parser.FromNumber(-199.0).number, -199.0);
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

// The short reader and the general one agree: a plus sign is left to the general one.
RC_GTEST_PROP(ValueParserTest, ShortNumbersReadAsLongOnes, (int64_t digits, uint8_t places)) {
  const std::string text = Format("{:.{}f}", static_cast<double>(digits % 1'000'000'000) / 1000.0,
                                  static_cast<int>(places % 6));
  const auto expected = ParseDouble(text);
  RC_ASSERT(ReadNumber(text, ReadingRules{}) == expected);
  if (text[0] != '-') RC_ASSERT(ReadNumber("+" + text, ReadingRules{}) == expected);
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
