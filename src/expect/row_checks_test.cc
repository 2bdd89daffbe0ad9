#include "expect/row_checks.h"

#include <gtest/gtest.h>

#include <cmath>

#include "json/text.h"

namespace millrace::expect {
namespace {

using table::ColumnType;

table::Schema Columns() {
  return *table::Schema::Make({{.name = "age", .type = ColumnType::kInteger},
                               {.name = "plan", .type = ColumnType::kCategory},
                               {.name = "code", .type = ColumnType::kText},
                               {.name = "flag", .type = ColumnType::kBoolean}});
}

RowChecks Compiled(std::vector<ColumnCheck> checks) {
  auto compiled = RowChecks::Compile(std::move(checks), Columns());
  EXPECT_TRUE(compiled.ok()) << compiled.status().ToString();
  return *std::move(compiled);
}

// The names of the rules that a text breaks in its column.
std::vector<std::string> Broken(const RowChecks& checks, const std::string& column,
                                std::string_view text) {
  const table::Schema schema = Columns();
  const auto index = static_cast<size_t>(*schema.Find(column));
  const table::ValueParser parser(schema.column(static_cast<int64_t>(index)));
  std::vector<std::string> names;
  for (const int32_t rule : checks.RulesOf(index)) {
    if (!checks.Holds(rule, parser.Parse(text))) names.push_back(checks.NameOf(rule));
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(RowChecks, EachRuleFindsWhatBreaksIt) {
  const RowChecks checks = Compiled({{.column = "age", .minimum = 0.0, .maximum = 120.0},
                                     {.column = "plan", .values = {"Gold", "Basic"}},
                                     {.column = "code",
                                      .pattern = "[a-z]-[0-9]+",
                                      .min_length = 3,
                                      .max_length = 4,
                                      .present = true},
                                     {.column = "flag", .values = {"1"}},
                                     {.column = "age", .values = {"20", "30.0", "120", "-0"}}});
  EXPECT_EQ(Broken(checks, "age", "20"), Names{});
  EXPECT_EQ(Broken(checks, "age", "30"), Names{});
  EXPECT_EQ(Broken(checks, "age", "0"), Names{});
  EXPECT_EQ(Broken(checks, "age", "120"), Names{});
  EXPECT_EQ(Broken(checks, "age", "21"), Names{"age values"});
  EXPECT_EQ(Broken(checks, "age", "121"), (Names{"age max", "age values"}));
  EXPECT_EQ(Broken(checks, "age", "-1"), (Names{"age min", "age values"}));
  EXPECT_EQ(Broken(checks, "age", ""), Names{});
  EXPECT_EQ(Broken(checks, "plan", "Gold"), Names{});
  EXPECT_EQ(Broken(checks, "plan", "gold"), Names{"plan values"});
  EXPECT_EQ(Broken(checks, "flag", "yes"), Names{});
  EXPECT_EQ(Broken(checks, "flag", "no"), Names{"flag values"});
  EXPECT_EQ(Broken(checks, "code", "a-12"), Names{});
  EXPECT_EQ(Broken(checks, "code", "a-123"), Names{"code max_length"});
  EXPECT_EQ(Broken(checks, "code", "a1"), (Names{"code pattern", "code min_length"}));
  EXPECT_EQ(Broken(checks, "code", ""), Names{"code max_missing"});
}

TEST(RowChecks, LengthsCountCharactersNotBytes) {
  const RowChecks checks = Compiled({{.column = "code", .min_length = 2, .max_length = 2}});
  EXPECT_EQ(Broken(checks, "code", "\xc3\xa4\xf0\x9f\x98\x80"), Names{});
  EXPECT_EQ(Broken(checks, "code", "\xf0\x9f\x98\x80"), Names{"code min_length"});
  EXPECT_EQ(Broken(checks, "code", "abc"), Names{"code max_length"});
}

TEST(RowChecks, ACellThatCannotBeReadIsMissing) {
  const RowChecks checks = Compiled({{.column = "age", .minimum = 0.0, .present = true}});
  EXPECT_EQ(Broken(checks, "age", "n/a"), Names{"age max_missing"});
}

TEST(RowChecks, DescribesWhatIsWrongWithTheValue) {
  const RowChecks checks = Compiled(
      {{.column = "age", .maximum = 120.0},
       {.column = "plan", .values = {"A", "B", "C", "D", "E", "F", "G"}},
       {.column = "code", .pattern = "[0-9]", .min_length = 9, .max_length = 1, .present = true}});
  const table::Cell age{.state = table::CellState::kValue, .number = 230.5};
  const table::Cell text{.state = table::CellState::kValue, .text = "x\"y"};
  EXPECT_EQ(checks.Describe(0, age), "230.5 is above 120");
  EXPECT_EQ(checks.Describe(1, text), "\"x\\\"y\" is none of A, B, C, D, E and 2 more");
  EXPECT_EQ(checks.Describe(2, text), "\"x\\\"y\" is not like [0-9]");
  EXPECT_EQ(checks.Describe(3, text), "\"x\\\"y\" has fewer than 9 characters");
  EXPECT_EQ(checks.Describe(4, text), "\"x\\\"y\" has more than 1 characters");
  EXPECT_EQ(checks.Describe(5, {}), "a value is needed");
  EXPECT_EQ(checks.NameOf(5), "code max_missing");
}

TEST(RowChecks, WhatDoesNotFitTheColumnsIsRefused) {
  const auto error = [](ColumnCheck check) {
    const auto compiled = RowChecks::Compile({std::move(check)}, Columns());
    EXPECT_EQ(compiled.status().code(), Code::kInvalidData);
    return compiled.status().message();
  };
  EXPECT_EQ(error({.column = "agee"}), "check: no such column: \"agee\"");
  EXPECT_EQ(error({.column = "plan", .minimum = 0.0}),
            "check of column \"plan\": a bound on a text column");
  EXPECT_EQ(error({.column = "age", .pattern = "x"}),
            "check of column \"age\": a pattern or length of a column of numbers");
  EXPECT_EQ(error({.column = "age", .values = {"many"}}),
            "check of column \"age\": values: not an integer: \"many\"");
  EXPECT_NE(error({.column = "code", .pattern = "["}).find("not a pattern"), std::string::npos);
}

TEST(RowChecks, TheDocumentKeepsEveryCheck) {
  const std::vector<ColumnCheck> checks = {
      {.column = "age", .minimum = -0.1, .maximum = 1e300, .action = Action::kReject},
      {.column = "plan", .values = {"", "a,b", "\"", "\xc3\xa4"}, .action = Action::kFlag},
      {.column = "code", .pattern = "\\d+", .min_length = 0, .max_length = 7, .present = true}};
  const auto text = json::Write(Compiled(checks).ToJson());
  const auto read =
      RowChecks::FromJson(*json::Parse(text, "checks.json"), Columns(), "checks.json");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->checks(), checks);
  EXPECT_EQ(json::Write(read->ToJson()), text);
  EXPECT_TRUE(RowChecks().empty());
  EXPECT_TRUE(RowChecks().RulesOf(3).empty());
}

TEST(RowChecks, DamagedDocumentsAreRefusedWithTheirPlace) {
  const auto error = [](std::string_view text) {
    const auto read = RowChecks::FromJson(*json::Parse(text, "c"), Columns(), "c");
    EXPECT_FALSE(read.ok()) << text;
    return std::pair(read.status().code(), read.status().message());
  };
  using Found = std::pair<Code, std::string>;
  EXPECT_EQ(error("{}").first, Code::kCorrupt);
  EXPECT_EQ(error("[]").first, Code::kCorrupt);
  EXPECT_EQ(error(R"({"version": 2, "checks": []})").first, Code::kUnsupported);
  EXPECT_EQ(error(R"({"version": 0, "checks": []})").first, Code::kCorrupt);
  EXPECT_EQ(error(R"({"version": 1, "checks": [3]})").first, Code::kCorrupt);
  const auto of_check = [&error](std::string_view members) {
    return error(R"({"version": 1, "checks": [{"column": "age", )" + std::string(members) + "}]}");
  };
  EXPECT_EQ(of_check(R"("action": "burn")"),
            Found(Code::kCorrupt, "c.checks[0].action: is not a known action"));
  EXPECT_EQ(of_check(R"("action": "flag", "min": "0")"),
            Found(Code::kCorrupt, "c.checks[0].min: is not a number"));
  EXPECT_EQ(of_check(R"("action": "flag", "min_length": -1)"),
            Found(Code::kCorrupt, "c.checks[0].min_length: is not a length"));
  EXPECT_EQ(of_check(R"("action": "flag", "values": [1])"),
            Found(Code::kCorrupt, "c.checks[0].values: is not a list of texts"));
  EXPECT_EQ(of_check(R"("action": "flag", "values": "A")"),
            Found(Code::kCorrupt, "c.checks[0].values: is not a list"));
  EXPECT_EQ(of_check(R"("action": "flag", "pattern": 1)"),
            Found(Code::kCorrupt, "c.checks[0].pattern: is not a text"));
  EXPECT_EQ(of_check(R"("action": "flag", "present": 1)"),
            Found(Code::kCorrupt, "c.checks[0].present: is not true or false"));
  EXPECT_EQ(of_check(R"("action": "flag", "pattern": "x")").first, Code::kCorrupt);
}

}  // namespace
}  // namespace millrace::expect
