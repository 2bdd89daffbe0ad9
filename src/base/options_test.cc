#include "base/options.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

const std::vector<OptionDescriptor>& Table() {
  static const std::vector<OptionDescriptor> table = {
      {"learning_rate",
       OptionType::kNumber,
       "0.1",
       1e-4,
       1.0,
       {},
       "",
       "Step of each tree.",
       OptionScale::kLog},
      {"trees", OptionType::kInteger, "100", 1, 10000, {}, "trees", "Number of trees."},
      {"kind", OptionType::kChoice, "auto", {}, {}, {"auto", "random", "time"}, "", "How | what."},
      {"time", OptionType::kDuration, "60s", 1.0, {}, {}, "seconds", "Budget."},
      {"memory", OptionType::kBytes, "", 1e6, {}, {}, "bytes", "Memory."},
      {"fast", OptionType::kBoolean, "true", {}, {}, {}, "", "Speed."}};
  return table;
}

Status Check(size_t option, std::string_view value) {
  return ValidateOption(Table()[option], "millrace.yaml:3:5", value);
}

TEST(OptionsTest, AcceptsValuesInRange) {
  EXPECT_TRUE(Check(0, "0.05").ok());
  EXPECT_TRUE(Check(1, "10000").ok());
  EXPECT_TRUE(Check(2, "time").ok());
  EXPECT_TRUE(Check(3, "5m").ok());
  EXPECT_TRUE(Check(4, "2 GB").ok());
  EXPECT_TRUE(Check(5, "false").ok());
}

TEST(OptionsTest, RefusesWithPlaceAndHint) {
  const Status range = Check(0, "2");
  EXPECT_EQ(range.code(), Code::kInvalidSpec);
  EXPECT_EQ(range.message(), "millrace.yaml:3:5: learning_rate is out of range: 2");
  EXPECT_EQ(range.hint(), "allowed: 0.0001 to 1");
  EXPECT_EQ(Check(1, "1.5").message(), "millrace.yaml:3:5: trees is not a whole number: \"1.5\"");
  EXPECT_EQ(Check(2, "tme").hint(), "allowed: auto, random, time; did you mean \"time\"?");
  EXPECT_EQ(Check(3, "0.5s").hint(), "allowed: >= 1.0 s");
  EXPECT_FALSE(Check(3, "soon").ok());
  EXPECT_FALSE(Check(4, "1kB").ok());
  EXPECT_FALSE(Check(5, "yes").ok());
}

TEST(OptionsTest, FindsByKeyAndNamesTheNearest) {
  EXPECT_EQ((*FindOption(Table(), "x", "trees"))->key, "trees");
  const Status status = FindOption(Table(), "millrace.yaml:3:5", "learning_rat").status();
  EXPECT_EQ(status.message(), "millrace.yaml:3:5: unknown key: \"learning_rat\"");
  EXPECT_EQ(status.hint(), "did you mean \"learning_rate\"?");
  EXPECT_TRUE(FindOption(Table(), "x", "zzz").status().hint().starts_with("known: "));
}

TEST(OptionsTest, MarkdownEscapesBars) {
  const std::string text = OptionsToMarkdown(Table());
  EXPECT_NE(text.find("How \\| what."), std::string::npos);
  EXPECT_NE(text.find("| `trees` | whole number | `100` | 1 to 10000 | trees |"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace
