#include "feature/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::feature {
namespace {

using table::ColumnType;
using ::testing::HasSubstr;

table::Schema Columns() {
  return *table::Schema::Make({{.name = "TotalCharges", .type = ColumnType::kNumber},
                               {.name = "tenure", .type = ColumnType::kInteger},
                               {.name = "city", .type = ColumnType::kCategory},
                               {.name = "note", .type = ColumnType::kText},
                               {.name = "member", .type = ColumnType::kBoolean},
                               {.name = "joined", .type = ColumnType::kDate},
                               {.name = "two words", .type = ColumnType::kNumber},
                               {.name = "say \"hi\"", .type = ColumnType::kNumber},
                               {.name = "a", .type = ColumnType::kNumber},
                               {.name = "A", .type = ColumnType::kNumber},
                               {.name = "round", .type = ColumnType::kNumber},
                               {.name = "größe", .type = ColumnType::kNumber}});
}

using Row = std::map<std::string, RawValue>;

RawValue Number(double value) { return {.missing = false, .number = value}; }
RawValue Text(std::string_view value) { return {.missing = false, .text = value}; }

// Columns that `row` leaves out are missing.
double Evaluate(std::string_view text, const Row& row = {}) {
  const auto expression = Expression::Parse(text, Columns(), "t");
  EXPECT_TRUE(expression.ok()) << text << ": " << expression.status().ToString();
  if (!expression.ok()) return -12345.0;
  std::vector<RawValue> values;
  for (const std::string& column : expression->columns()) {
    const auto found = row.find(column);
    values.push_back(found == row.end() ? RawValue{} : found->second);
  }
  return expression->Evaluate(values);
}

bool IsMissing(std::string_view text, const Row& row = {}) {
  return std::isnan(Evaluate(text, row));
}

TEST(ExpressionTest, FollowsPrecedence) {
  EXPECT_EQ(Evaluate("1 + 2 * 3"), 7.0);
  EXPECT_EQ(Evaluate("(1 + 2) * 3"), 9.0);
  EXPECT_EQ(Evaluate("10 - 4 - 3"), 3.0);
  EXPECT_EQ(Evaluate("100 / 10 / 5"), 2.0);
  EXPECT_EQ(Evaluate("7 % 4 * 2"), 6.0);
  EXPECT_EQ(Evaluate("-2 * -3"), 6.0);
  EXPECT_EQ(Evaluate("- - 2"), 2.0);
  EXPECT_EQ(Evaluate("2 - -2"), 4.0);
  EXPECT_EQ(Evaluate("1 + 1 = 2"), 1.0);
  EXPECT_EQ(Evaluate("not 1 = 2"), 1.0);
  EXPECT_EQ(Evaluate("not 1 = 1 or 1 = 1"), 1.0);
  EXPECT_EQ(Evaluate("1 = 1 or 1 = 1 and 1 = 2"), 1.0);
  EXPECT_EQ(Evaluate("(1 = 1 or 1 = 1) and 1 = 2"), 0.0);
  EXPECT_EQ(Evaluate("1 <= 1 AND 2 >= 2 And 1 < 2 and 2 > 1 and 1 <> 2 and 1 != 2"), 1.0);
}

TEST(ExpressionTest, ReadsNumbersAndColumnsAsWritten) {
  EXPECT_EQ(Evaluate(".5 + 1. + 2e3 + 1E-1"), 2001.6);
  EXPECT_EQ(Evaluate("TotalCharges / nullif(tenure, 0)",
                     {{"TotalCharges", Number(30.0)}, {"tenure", Number(12.0)}}),
            2.5);
  EXPECT_EQ(Evaluate("totalcharges", {{"TotalCharges", Number(3.0)}}), 3.0);
  EXPECT_EQ(Evaluate("\"two words\" * 2", {{"two words", Number(3.0)}}), 6.0);
  EXPECT_EQ(Evaluate("\"say \"\"hi\"\"\"", {{"say \"hi\"", Number(4.0)}}), 4.0);
  EXPECT_EQ(Evaluate("a * 10 + A", {{"a", Number(1.0)}, {"A", Number(2.0)}}), 12.0);
  EXPECT_EQ(Evaluate("round(round)", {{"round", Number(1.5)}}), 2.0);
  EXPECT_EQ(Evaluate("größe + 1", {{"größe", Number(1.0)}}), 2.0);
}

TEST(ExpressionTest, ColumnsComeOnceInSchemaOrder) {
  const auto expression =
      Expression::Parse("member + tenure * tenure + TotalCharges", Columns(), "t");
  ASSERT_TRUE(expression.ok());
  EXPECT_EQ(expression->columns(), (std::vector<std::string>{"TotalCharges", "tenure", "member"}));
  EXPECT_EQ(expression->Evaluate(std::vector<RawValue>{Number(100.0), Number(3.0), Number(1.0)}),
            110.0);
}

TEST(ExpressionTest, ReadsWiderRows) {
  const auto expression = Expression::Parse("tenure - 2 * a", Columns(), "t");
  ASSERT_TRUE(expression.ok());
  const Expression wide = expression->Over({"x", "a", "y", "tenure"});
  EXPECT_EQ(wide.Evaluate(std::vector<RawValue>{{}, Number(1.0), {}, Number(10.0)}), 8.0);
}

TEST(ExpressionTest, MissingFollowsSql) {
  for (const char* text :
       {"a + 1", "-a", "a * 0", "abs(a)", "a = a", "a <> 1", "a < 1", "not a", "round(a, 1)",
        "nullif(a, 1)", "city = 'x'", "a and 1 = 1", "a or 1 = 2"}) {
    EXPECT_TRUE(IsMissing(text)) << text;
  }
  EXPECT_EQ(Evaluate("a is null"), 1.0);
  EXPECT_EQ(Evaluate("a is not null"), 0.0);
  EXPECT_EQ(Evaluate("city is null"), 1.0);
  EXPECT_EQ(Evaluate("city is null", {{"city", Text("")}}), 0.0);
  EXPECT_EQ(Evaluate("coalesce(a, A, 7)"), 7.0);
  EXPECT_EQ(Evaluate("coalesce(a, A, 7)", {{"A", Number(0.0)}}), 0.0);
  EXPECT_EQ(Evaluate("least(a, 3, 2)"), 2.0);
  EXPECT_EQ(Evaluate("greatest(3, a, 5)"), 5.0);
  EXPECT_TRUE(IsMissing("least(a, A)"));
  EXPECT_EQ(Evaluate("a and 1 = 2"), 0.0);
  EXPECT_EQ(Evaluate("1 = 1 or a"), 1.0);
  EXPECT_EQ(Evaluate("nullif(1, a)"), 1.0);
}

TEST(ExpressionTest, WhatHasNoValueIsMissingNeverAnError) {
  for (const char* text :
       {"1 / 0", "0 / 0", "1 % 0", "ln(0)", "ln(-1)", "sqrt(-1)", "1e308 * 10", "-1e308 - 1e308",
        "1 / (1e308 * 10)", "1e308 / 1e-308", "nullif(0, -0)"}) {
    EXPECT_TRUE(IsMissing(text)) << text;
  }
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(IsMissing("a", {{"a", Number(infinity)}}));
  EXPECT_EQ(Evaluate("least(a, 1)", {{"a", Number(-infinity)}}), 1.0);
  EXPECT_EQ(Evaluate("a is null", {{"a", Number(std::nan(""))}}), 1.0);
}

TEST(ExpressionTest, Functions) {
  EXPECT_EQ(Evaluate("abs(-3)"), 3.0);
  EXPECT_EQ(Evaluate("SQRT(16)"), 4.0);
  EXPECT_EQ(Evaluate("ln(1)"), 0.0);
  EXPECT_EQ(Evaluate("round(2.5)"), 3.0);
  EXPECT_EQ(Evaluate("round(-2.5)"), -3.0);
  EXPECT_EQ(Evaluate("round(1.2345, 2)"), 1.23);
  EXPECT_EQ(Evaluate("round(1e300, 5)"), 1e300);
  EXPECT_EQ(Evaluate("least(3, 1, 2)"), 1.0);
  EXPECT_EQ(Evaluate("greatest(3)"), 3.0);
}

TEST(ExpressionTest, ComparesTexts) {
  const Row row{{"city", Text("Köln")}, {"note", Text("it's")}};
  EXPECT_EQ(Evaluate("city = 'Köln'", row), 1.0);
  EXPECT_EQ(Evaluate("city = 'köln'", row), 0.0);
  EXPECT_EQ(Evaluate("note = 'it''s'", row), 1.0);
  EXPECT_EQ(Evaluate("'a' < 'b'"), 1.0);
  EXPECT_EQ(Evaluate("(city <> note) + 1", row), 2.0);
  EXPECT_EQ(Evaluate("coalesce(city, 'none') = 'none'"), 1.0);
  EXPECT_EQ(Evaluate("nullif(city, 'Köln') is null", row), 1.0);
  EXPECT_EQ(Evaluate("city = ''", {{"city", Text("")}}), 1.0);
}

TEST(ExpressionTest, ConstantsBesideDatesAndBooleansAreReadByTheColumn) {
  const double day = 86400.0 * static_cast<double>(DaysFromCivil(2024, 1, 31));
  EXPECT_EQ(Evaluate("joined >= '2024-01-31'", {{"joined", Number(day)}}), 1.0);
  EXPECT_EQ(Evaluate("'2024-02-01' > joined", {{"joined", Number(day)}}), 1.0);
  EXPECT_EQ(Evaluate("(coalesce(joined, '1970-01-02') - 400) / 1000"), 86.0);
  EXPECT_EQ(Evaluate("member = 'Yes'", {{"member", Number(1.0)}}), 1.0);
  EXPECT_EQ(Evaluate("member = true", {{"member", Number(1.0)}}), 1.0);
  const auto bad = Expression::Parse("joined > '2023-02-30'", Columns(), "f");
  EXPECT_THAT(bad.status().message(), HasSubstr("f:1:10: not a date: '2023-02-30'"));
}

TEST(ExpressionTest, MistakesNamePlaceAndWayOut) {
  const struct {
    const char* text;
    const char* message;
    const char* hint;
  } cases[] = {
      {"", "f:1:1: a value is expected, not the end", ""},
      {"tenur + 1", "f:1:1: no such column: \"tenur\"", "did you mean \"tenure\"?"},
      {"1 +\n  Tenuer", "f:2:3: no such column", "tenure"},
      {"größe + nix", "f:1:9: no such column: \"nix\"", ""},
      {"\"a", "f:1:1: the quotation mark is not closed", ""},
      {"'a", "f:1:1: the quotation mark is not closed", ""},
      {"sqr(1)", "f:1:1: unknown function: \"sqr\"", "sqrt"},
      {"random(1)", "f:1:1: unknown function: \"random\"", "known: abs, ln"},
      {"abs()", "f:1:1: abs: 0 arguments, where 1 is expected", ""},
      {"abs(1, 2, 3)", "f:1:1: abs: 3 arguments, where 1 is expected", ""},
      {"nullif(1)", "f:1:1: nullif: 1 argument, where 2 are expected", ""},
      {"round(1, tenure)", "f:1:10: round: decimals are a whole number from 0 to 15", ""},
      {"round(1, 99)", "decimals are a whole number", ""},
      {"city", "f:1:1: a text where a number belongs: \"city\"", "compare"},
      {"city + 1", "f:1:1: a text where a number belongs", ""},
      {"1 + 'x'", "f:1:5: a text where a number belongs: 'x'", ""},
      {"city = 3", "f:1:1: a text beside a number: \"city\"", "single quotes"},
      {"a = 'x'", "f:1:5: a text beside a number: 'x'", "single quotes"},
      {"coalesce(city, 1) = 'x'", "a text beside a number", ""},
      {"abs(city)", "f:1:5: a text where a number belongs", ""},
      {"1 2", "f:1:3: unexpected: \"2\"", ""},
      {"(1", "f:1:3: \")\" is expected, not the end", ""},
      {"1)", "f:1:2: unexpected: \")\"", ""},
      {"1 == 1", "f:1:3: unknown sign: \"==\"", "one \"=\""},
      {"a && A", "f:1:3: unknown sign: \"&&\"", "and, or, not"},
      {"1 < 2 < 3", "f:1:7: a second comparison", "brackets"},
      {"a is 1", "f:1:6: null is expected, not \"1\"", "is null"},
      {"12abc", "f:1:1: not a number: \"12abc\"", ""},
      {"1e999", "f:1:1: not a number: \"1e999\"", ""},
      {"1; drop", "f:1:2: unexpected sign: \";\"", ""},
      {"and", "f:1:1: a value is expected, not \"and\"", ""},
  };
  for (const auto& one : cases) {
    const auto parsed = Expression::Parse(one.text, Columns(), "f");
    ASSERT_FALSE(parsed.ok()) << one.text;
    EXPECT_EQ(parsed.status().code(), Code::kInvalidSpec) << one.text;
    EXPECT_THAT(parsed.status().message(), HasSubstr(one.message)) << one.text;
    EXPECT_THAT(parsed.status().hint(), HasSubstr(one.hint)) << one.text;
  }
}

TEST(ExpressionTest, ColumnsThatDifferInCaseMustBeExact) {
  const auto schema = *table::Schema::Make(
      {{.name = "ab", .type = ColumnType::kNumber}, {.name = "AB", .type = ColumnType::kNumber}});
  EXPECT_TRUE(Expression::Parse("ab + AB", schema, "f").ok());
  const auto parsed = Expression::Parse("1 + Ab", schema, "f");
  ASSERT_FALSE(parsed.ok());
  EXPECT_THAT(parsed.status().message(), HasSubstr("f:1:5: several columns differ only in case"));
}

TEST(ExpressionTest, LongAndDeepOnesAreRefused) {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '(') + "1" +
           std::string(static_cast<size_t>(depth), ')');
  };
  EXPECT_EQ(Evaluate(nested(kMaxExpressionDepth)), 1.0);
  for (const std::string& text : {nested(kMaxExpressionDepth + 1), std::string(40, '-') + "1",
                                  nested(4'000), std::string(10'001, ' '), std::string("a \xff")}) {
    const auto parsed = Expression::Parse(text, Columns(), "f");
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.status().code(), Code::kInvalidSpec);
  }
  std::string nots;
  for (int i = 0; i < 33; ++i) nots += "not ";
  EXPECT_FALSE(Expression::Parse(nots + "a", Columns(), "f").ok());
}

TEST(ExpressionTest, ManyBranchesAreRefusedAsSuch) {
  const auto choice = [](int branches, std::string_view value) {
    std::string text = "length(case";
    for (int i = 0; i < branches; ++i) text += Format(" when a = {} then {}", i, value);
    return text + " end)";
  };
  EXPECT_TRUE(Expression::Parse(choice(31, "'x'"), Columns(), "f").ok());
  const auto texts = Expression::Parse("1 + " + choice(32, "'x'"), Columns(), "f");
  ASSERT_FALSE(texts.ok());
  EXPECT_EQ(texts.status().message(), "f:1:12: too many branches: 32; at most 31 of texts");
  std::string numbers = "case";
  for (int i = 0; i < 99; ++i) numbers += Format(" when a = {} then {}", i, i);
  const auto many = Expression::Parse(numbers + " end", Columns(), "f");
  ASSERT_FALSE(many.ok());
  EXPECT_EQ(many.status().message(), "f:1:1: too many branches: 99; at most 98 of numbers");
}

TEST(ExpressionTest, LongChainsAndManyArgumentsNeedNoDepth) {
  std::string sum = "0";
  std::string least = "least(9";
  for (int i = 0; i < 2'000; ++i) {
    sum += " + 1";
    least += ", 7";
  }
  EXPECT_EQ(Evaluate(sum), 2'000.0);
  EXPECT_EQ(Evaluate(least + ")"), 7.0);
  // Every level waits on every level of precedence.
  std::string deep = "1";
  for (int i = 0; i < kMaxExpressionDepth - 1; ++i) deep = "0 or 1 and 2 > 1 + 2 * (" + deep + ")";
  EXPECT_EQ(Evaluate(deep), 0.0);
}

double EvaluateDate(std::string_view text, double date) {
  const auto schema = *table::Schema::Make({{.name = "d", .type = table::ColumnType::kDate},
                                            {.name = "case", .type = table::ColumnType::kNumber}});
  const auto expression = Expression::Parse(text, schema, "e");
  EXPECT_TRUE(expression.ok()) << expression.status().ToString();
  if (!expression.ok()) return -1.0;
  std::vector<RawValue> row(expression->columns().size(), {.missing = false, .number = date});
  return expression->Evaluate(row);
}

TEST(ExpressionTest, FunctionsOfDates) {
  const double date = 1709215199.5;  // 2024-02-29 13:59:59.5, a Thursday
  EXPECT_EQ(EvaluateDate("year(d) * 100 + Month(d)", date), 202402.0);
  EXPECT_EQ(EvaluateDate("quarter(d) + weekday(d)", date), 4.0);
  EXPECT_EQ(EvaluateDate("hour(d) + minute(d) / 100", date), 13.59);
  EXPECT_EQ(EvaluateDate("day_of_year(d)", date), 60.0);
  EXPECT_TRUE(std::isnan(EvaluateDate("year(d)", 1e300)));
  EXPECT_EQ(EvaluateDate("date_diff('day', '2024-02-01', d)", date), 28.0);
  EXPECT_EQ(EvaluateDate("date_diff('MONTH', d, '2023-12-31')", date), -2.0);
  EXPECT_EQ(EvaluateDate("date_diff('year', '2023-12-31', d)", date), 1.0);
  EXPECT_EQ(EvaluateDate("date_diff('quarter', '2023-12-31', d)", date), 1.0);
  EXPECT_EQ(EvaluateDate("date_diff('week', '2024-02-25', d)", date), 1.0);  // from a Sunday
  EXPECT_EQ(EvaluateDate("date_diff('week', '2024-02-26', d)", date), 0.0);
  EXPECT_EQ(EvaluateDate("date_diff('hour', '2024-02-29 12:59:59', d)", date), 1.0);
  EXPECT_EQ(EvaluateDate("case + 1", 4.0), 5.0) << "a column may be called so";
}

TEST(ExpressionTest, MistakesInNewFunctionsHaveAPlace) {
  const auto schema = *table::Schema::Make({{.name = "x", .type = table::ColumnType::kNumber},
                                            {.name = "c", .type = table::ColumnType::kCategory}});
  const auto error = [&](std::string_view text) {
    const auto expression = Expression::Parse(text, schema, "e");
    return expression.ok() ? std::string("read") : expression.status().message();
  };
  EXPECT_EQ(error("length(x)"), "e:1:8: a number where a text belongs: \"x\"");
  EXPECT_EQ(error("floor(c)"), "e:1:7: a text where a number belongs: \"c\"");
  EXPECT_EQ(error("lower(c)"), "e:1:1: a text where a number belongs: \"lower\"");
  EXPECT_EQ(error("substring(c, 1) = ''"), "e:1:1: substring: 2 arguments, where 3 are expected");
  EXPECT_EQ(error("date_diff('fortnight', x, x)"), "e:1:11: date_diff: no unit: 'fortnight'");
  EXPECT_EQ(error("if(x, 1)"), "e:1:8: \",\" is expected, not \")\"");
  EXPECT_EQ(error("if(x, c, 1) = ''"), "e:1:10: a number where a text belongs: \"1\"");
  EXPECT_EQ(error("case when x then 1"), "e:1:19: end is expected, not the end");
  EXPECT_EQ(error("case when x 1 end"), "e:1:13: then is expected, not \"1\"");
  EXPECT_EQ(error("lowr(c) = ''"), "e:1:1: unknown function: \"lowr\"");
}

// A kilobyte of made texts lies on the stack, more does not; a text without bound is missing.
TEST(ExpressionTest, LongTextsAreMadeOrMissing) {
  const auto schema = *table::Schema::Make({{.name = "c", .type = table::ColumnType::kCategory}});
  const std::string text(5'000, 'a');
  const std::vector<RawValue> row{{.missing = false, .text = text}};
  const auto value = [&](std::string_view expression) {
    return Expression::Parse(expression, schema, "e")->Evaluate(row);
  };
  EXPECT_EQ(value("length(upper(lower(c)))"), 5'000.0);
  EXPECT_EQ(value("length(replace(c, 'a', 'bcd'))"), 15'000.0);
  EXPECT_EQ(value("replace(c, 'a', replace(c, 'a', 'bcd')) is null"), 1.0);
}

}  // namespace
}  // namespace millrace::feature
