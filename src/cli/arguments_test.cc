#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Kind = ArgumentSpec::Kind;
using Presence = ArgumentSpec::Presence;

const std::vector<ArgumentSpec>& Specs() {
  static const std::vector<ArgumentSpec> specs = {
      {.kind = Kind::kPositional, .name = "DESCRIPTION", .presence = Presence::kRequired},
      {.kind = Kind::kList, .name = "--data", .value_name = "FILE..."},
      {.kind = Kind::kValue, .name = "--budget", .value_name = "TIME"},
      {.kind = Kind::kValue, .name = "--memory", .value_name = "SIZE"},
      {.kind = Kind::kValue, .name = "--to", .value_name = "PHASE", .choices = {"design", "data"}},
      {.kind = Kind::kFlag, .name = "--force"}};
  return specs;
}

Result<Arguments> Parse(const std::vector<std::string>& words) {
  return ParseArguments("new", Specs(), words);
}

TEST(Arguments, EveryKindIsRead) {
  const auto arguments =
      Parse({"a sentence", "--data", "a.csv", "b.csv", "--budget=5m", "--force"});
  ASSERT_TRUE(arguments.ok()) << arguments.status().ToString();
  EXPECT_EQ(arguments->Text("DESCRIPTION"), "a sentence");
  EXPECT_THAT(arguments->List("--data"), ElementsAre("a.csv", "b.csv"));
  EXPECT_EQ(arguments->Duration("--budget")->value(), 300.0);
  EXPECT_TRUE(arguments->Has("--force"));
  EXPECT_FALSE(arguments->Has("--to"));
}

TEST(Arguments, TheLastWordOfAListIsThePositionalThatIsMissing) {
  const auto arguments = Parse({"--data", "a.csv", "b.csv", "a sentence"});
  ASSERT_TRUE(arguments.ok()) << arguments.status().ToString();
  EXPECT_EQ(arguments->Text("DESCRIPTION"), "a sentence");
  EXPECT_THAT(arguments->List("--data"), ElementsAre("a.csv", "b.csv"));
}

TEST(Arguments, WordsAfterTwoDashesAreNoOptions) {
  const auto arguments = Parse({"--force", "--", "--data"});
  ASSERT_TRUE(arguments.ok()) << arguments.status().ToString();
  EXPECT_EQ(arguments->Text("DESCRIPTION"), "--data");
}

struct Wrong {
  std::vector<std::string> words;
  std::string message;
  std::string hint;
};

class WrongWords : public testing::TestWithParam<Wrong> {};

TEST_P(WrongWords, AreRefusedInWords) {
  const auto arguments = Parse(GetParam().words);
  ASSERT_FALSE(arguments.ok());
  EXPECT_EQ(arguments.status().code(), Code::kInvalidSpec);
  EXPECT_THAT(arguments.status().message(), HasSubstr(GetParam().message));
  EXPECT_THAT(arguments.status().hint(), HasSubstr(GetParam().hint));
}

INSTANTIATE_TEST_SUITE_P(
    Usage, WrongWords,
    testing::Values(Wrong{{"s", "--dta", "a.csv"}, "no such option: --dta", "--data"},
                    Wrong{{"s", "--zzzzzz"}, "no such option: --zzzzzz", "--help"},
                    Wrong{{"s", "--budget"}, "--budget needs a value: TIME", "--help"},
                    Wrong{{"s", "--budget", "--force"}, "--budget needs a value", "--help"},
                    Wrong{{"s", "--data", "--force"}, "--data needs a value", "--help"},
                    Wrong{{"s", "--to", "desing"}, "no such value: \"desing\"", "design"},
                    Wrong{{"s", "--to", "9"}, "no such value: \"9\"", "one of: design, data"},
                    Wrong{{"predict", "churn"}, "one word too many: \"churn\"", "quotes"},
                    Wrong{{"--force"}, "DESCRIPTION is missing", "--help"},
                    Wrong{{}, "DESCRIPTION is missing", "--help"}));

TEST(Arguments, NumbersTimesAndSizesAreChecked) {
  const auto arguments = Parse({"s", "--budget", "soon", "--memory", "-3"});
  ASSERT_TRUE(arguments.ok()) << arguments.status().ToString();
  EXPECT_THAT(arguments->Duration("--budget").status().message(), HasSubstr("\"soon\""));
  EXPECT_THAT(arguments->Bytes("--memory").status().message(), HasSubstr("\"-3\""));
  EXPECT_THAT(arguments->Integer("--budget", 0, 9).status().message(), HasSubstr("whole number"));
  EXPECT_FALSE(arguments->Integer("--memory", 0, 9).ok());
  EXPECT_FALSE(arguments->Integer("--to", 0, 9)->has_value());
  EXPECT_FALSE(Parse({"s", "--budget", "0s"})->Duration("--budget").ok());
}

}  // namespace
}  // namespace millrace::cli
