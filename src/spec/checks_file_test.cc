#include "spec/checks_file.h"

#include <gtest/gtest.h>

namespace millrace::spec {
namespace {

std::string ErrorOf(std::string_view text) {
  const auto spec = ParseChecks(text, "c.yaml");
  if (spec.ok()) return "read";
  EXPECT_EQ(spec.status().code(), Code::kInvalidSpec);
  return spec.status().message();
}

TEST(ChecksFile, ReadsWhatSuggestWrites) {
  const auto spec = ParseChecks(
      "# below data: in millrace.yaml\n  checks:\n"
      "    - {column: age, min: 0, at_least: 0.99, severity: warn}  # a reason\n"
      "    - {min_rows: 3}\n",
      "c.yaml");
  ASSERT_TRUE(spec.ok()) << spec.status().ToString();
  ASSERT_EQ(spec->data.checks.size(), 2u);
  EXPECT_EQ(spec->data.checks[0].minimum, 0.0);
  EXPECT_EQ(spec->data.checks[0].severity, Severity::kWarn);
  EXPECT_EQ(spec->data.checks[0].place.ToString(), "c.yaml:3:7");
  EXPECT_TRUE(spec->data.paths.empty());
  EXPECT_TRUE(spec->problem.target.empty());
}

TEST(ChecksFile, ReadsHowColumnsAreRead) {
  const auto spec = ParseChecks(
      "missing: [NA]\ndelimiter: ';'\ncolumns: {age: {type: number, decimal: ','}}\n"
      "checks: [{column: age, max: 3}]\n",
      "c.yaml");
  ASSERT_TRUE(spec.ok()) << spec.status().ToString();
  EXPECT_EQ(spec->data.missing, std::vector<std::string>{"NA"});
  EXPECT_EQ(spec->data.delimiter, ';');
  EXPECT_EQ(spec->data.columns[0].decimal, ',');
}

TEST(ChecksFile, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(ErrorOf(""), "c.yaml: holds no checks, but nothing");
  EXPECT_EQ(ErrorOf("- {column: a, min: 0}"), "c.yaml: holds no checks, but a list");
  EXPECT_EQ(ErrorOf("missing: [NA]"), "c.yaml: holds no check");
  EXPECT_EQ(ErrorOf("data: {checks: []}"), "c.yaml:1:1: data: is a key of millrace.yaml");
  EXPECT_EQ(ErrorOf("checks: [{column: a}]"),
            "c.yaml:1:10: data.checks[0]: the check has no bound");
  EXPECT_NE(ErrorOf("checks: [{column: a, mim: 0}]").find("c.yaml:1:22"), std::string::npos);
  EXPECT_NE(ErrorOf("source: a.csv\nchecks: [{min_rows: 1}]").find("source"), std::string::npos);
  EXPECT_EQ(ReadChecks("/nowhere/c.yaml").status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace millrace::spec
