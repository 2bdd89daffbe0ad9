#include "base/text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace millrace {
namespace {

TEST(TextTest, TrimsSplitsAndJoins) {
  EXPECT_EQ(Trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(Trim("  "), "");
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Split("", ',').size(), 1u);
  EXPECT_EQ(Join(std::vector<std::string>{"a", "b"}, ", "), "a, b");
  EXPECT_EQ(ReplaceAll("aXbXX", "X", "yy"), "ayybyyyy");
  EXPECT_EQ(ReplaceAll("abc", "", "y"), "abc");
  EXPECT_EQ(ToLower("AbC-\xC3\x89"), "abc-\xC3\x89");
  EXPECT_TRUE(EqualsIgnoreCase("YES", "yes"));
  EXPECT_FALSE(EqualsIgnoreCase("YES", "ye"));
  EXPECT_TRUE(ContainsIgnoreCase("a Big cat", "BIG"));
  EXPECT_TRUE(ContainsIgnoreCase("x", ""));
  EXPECT_FALSE(ContainsIgnoreCase("x", "xy"));
}

TEST(TextTest, DistanceCountsEdits) {
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3);
  EXPECT_EQ(EditDistance("modle", "model"), 1) << "a swap is one edit";
  EXPECT_EQ(EditDistance("", "abc"), 3);
  EXPECT_EQ(EditDistance("abc", "abc"), 0);
}

TEST(TextTest, NearestNamesAreOffered) {
  const std::vector<std::string> known = {"target", "task", "time", "description"};
  EXPECT_EQ(NearestNames("tagret", known), std::vector<std::string>{"target"});
  EXPECT_EQ(NearestNames("Target", known), std::vector<std::string>{"target"});
  EXPECT_EQ(DidYouMean("descr", known), "did you mean \"description\"?");
  EXPECT_EQ(DidYouMean("tim", std::vector<std::string>{"time", "tin"}),
            "did you mean \"time\" or \"tin\"?");
  EXPECT_EQ(DidYouMean("zzz", known), "");
  EXPECT_EQ(DidYouMean(std::string(1'000'000, 'x'), known), "");
}

TEST(TextTest, FormatsNumbers) {
  EXPECT_EQ(FormatDouble(0.1), "0.1");
  EXPECT_EQ(FormatDouble(std::nan("")), "nan");
  EXPECT_EQ(FormatDouble(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(FormatSignificant(0.84312, 4), "0.8431");
  EXPECT_EQ(FormatSignificant(12.30, 4), "12.3");
  EXPECT_EQ(FormatSignificant(1.2e-7, 4), "1.2e-07");
  EXPECT_EQ(FormatSignificant(100, 3), "100");
  EXPECT_EQ(FormatSignificant(0, 3), "0");
  EXPECT_EQ(FormatFixed(2.345, 1), "2.3");
  EXPECT_EQ(FormatFixed(-0.001, 2), "0.00");
  EXPECT_EQ(FormatCount(7043), "7,043");
  EXPECT_EQ(FormatCount(-1234567), "-1,234,567");
  EXPECT_EQ(FormatCount(999), "999");
}

TEST(TextTest, FormatsFigures) {
  EXPECT_EQ(FormatBytes(12), "12 B");
  EXPECT_EQ(FormatBytes(900'000), "0.9 MB");
  EXPECT_EQ(FormatBytes(53'000'000), "53 MB");
  EXPECT_EQ(FormatDuration(0.031), "31 ms");
  EXPECT_EQ(FormatDuration(2.4), "2.4 s");
  EXPECT_EQ(FormatDuration(185), "3 min 5 s");
  EXPECT_EQ(FormatDuration(7800), "2 h 10 min");
  EXPECT_EQ(FormatDuration(86400), "1 d");
  EXPECT_EQ(FormatDuration(0.9999), "1.0 s");
  EXPECT_EQ(FormatDuration(59.7), "1 min");
  EXPECT_EQ(FormatShare(735, 1000), "73.5 %");
  EXPECT_EQ(FormatShare(1, 0), "-");
  EXPECT_EQ(WithArticle("integer"), "an integer");
  EXPECT_EQ(WithArticle("number"), "a number");
}

TEST(TextTest, EllipsizesByCodePoints) {
  EXPECT_EQ(Ellipsize("abcdef", 6), "abcdef");
  EXPECT_EQ(Ellipsize("abcdefg", 6), "abc...");
  EXPECT_EQ(Ellipsize("\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9", 4), "\xC3\xA9...");
  EXPECT_EQ(CountCodePoints("\xC3\xA9x"), 2);
}

TEST(TextTest, ValidUtf8EndsBeforeTheFirstBadCharacter) {
  EXPECT_EQ(ValidUtf8Prefix(""), 0u);
  EXPECT_EQ(ValidUtf8Prefix("Jos\xC3\xA9"), 5u);
  EXPECT_EQ(ValidUtf8Prefix("Jos\xC3\xA9\xE9x"), 5u);
  EXPECT_EQ(ValidUtf8Prefix("Jos\xC3"), 3u) << "cut";
  EXPECT_EQ(ValidUtf8Prefix("\x80x"), 0u);
}

// The examples of RFC 4648, section 10.
TEST(TextTest, WritesBase64) {
  EXPECT_EQ(Base64(""), "");
  EXPECT_EQ(Base64("f"), "Zg==");
  EXPECT_EQ(Base64("fo"), "Zm8=");
  EXPECT_EQ(Base64("foo"), "Zm9v");
  EXPECT_EQ(Base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(Base64("\xff\xef"), "/+8=");
}

TEST(TextTest, ChecksUtf8) {
  EXPECT_TRUE(IsValidUtf8("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"));
  EXPECT_FALSE(IsValidUtf8("\xC0\x80")) << "overlong";
  EXPECT_FALSE(IsValidUtf8("\xE0\x80\x80")) << "overlong";
  EXPECT_FALSE(IsValidUtf8("\xED\xA0\x80")) << "surrogate";
  EXPECT_FALSE(IsValidUtf8("\xF4\x90\x80\x80")) << "above U+10FFFF";
  EXPECT_FALSE(IsValidUtf8("\xC3"));
  EXPECT_FALSE(IsValidUtf8("\x80"));
}

TEST(TextTest, ParsesNumbersStrictly) {
  EXPECT_EQ(ParseInt("-12"), -12);
  EXPECT_EQ(ParseInt("+12"), 12);
  for (const char* text : {"", "-", "+-1", "1.0", " 1", "1 ", "0x1", "99999999999999999999"}) {
    EXPECT_EQ(ParseInt(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDouble("1.5e3"), 1500.0);
  EXPECT_EQ(ParseDouble("-.5"), -0.5);
  EXPECT_EQ(ParseDouble("1e-400"), 0.0);
  EXPECT_EQ(ParseDouble("0." + std::string(400, '0') + "1"), 0.0);
  for (const char* text : {"", "inf", "nan", "-inf", "0x10", "1e400", "1.5x", "1,5", "+", "."}) {
    EXPECT_EQ(ParseDouble(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseDouble("1" + std::string(400, '0')), std::nullopt);
}

TEST(TextTest, ParsesQuantities) {
  EXPECT_EQ(ParseDuration("60s"), 60.0);
  EXPECT_EQ(ParseDuration("250ms"), 0.25);
  EXPECT_EQ(ParseDuration("5m"), 300.0);
  EXPECT_EQ(ParseDuration("2 h"), 7200.0);
  EXPECT_EQ(ParseDuration("30"), 30.0);
  EXPECT_EQ(ParseDuration("-1s"), std::nullopt);
  EXPECT_EQ(ParseDuration("1 fortnight"), std::nullopt);
  EXPECT_EQ(ParseDuration("1e-07s"), 1e-7);
  EXPECT_EQ(ParseDuration("1e"), std::nullopt);
  EXPECT_EQ(ParseBytes("50MB"), 50'000'000);
  EXPECT_EQ(ParseBytes("64KiB"), 65'536);
  EXPECT_EQ(ParseBytes("7"), 7);
  EXPECT_EQ(ParseBytes("1e30"), std::nullopt);
  EXPECT_EQ(ParseBytes("99999999999TB"), std::nullopt);
}

TEST(TextTest, FiguresReadAlike) {
  EXPECT_EQ(FormatFigure(0.84312), "0.8431");
  EXPECT_EQ(FormatFigure(41012.3), "41,012");
  EXPECT_EQ(FormatFigure(-68292.0), "-68,292");
  EXPECT_EQ(FormatFigure(1.2e-7), "1.2e-07");
  EXPECT_EQ(FormatFigure(0.84213, 0.02), "0.842");
  EXPECT_EQ(FormatFigure(0.8, 0.02), "0.800");
  EXPECT_EQ(FormatFigure(41012.3, 900.0), "41,012");
  EXPECT_EQ(FormatFigure(1234.567, 0.5), "1,234.57");
  EXPECT_EQ(FormatFigure(0.5, 0.0), "0.5");
  EXPECT_EQ(FormatFigure(std::nan(""), 0.1), "nan");
  EXPECT_EQ(FormatFigure(1e300, 0.1), FormatSignificant(1e300, 4));
}

}  // namespace
}  // namespace millrace
