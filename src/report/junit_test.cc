#include "report/junit.h"

#include <gtest/gtest.h>

namespace millrace::report {
namespace {

Checkpoint Sample() {
  Checkpoint checkpoint;
  checkpoint.checks = {
      {.id = "a", .label = "rows", .state = CheckState::kMet, .blocks = true, .evidence = "5 rows"},
      {.id = "b",
       .label = "age <= 100",
       .state = CheckState::kNotMet,
       .blocks = true,
       .requirement = ">= 1.0",
       .evidence = "3 of 5 rows",
       .fix = "mend \"x\" & y\n"},
      {.id = "c", .label = "wide", .state = CheckState::kWarning, .evidence = "e", .fix = "f"},
      {.id = "d", .label = "later", .state = CheckState::kNotMeasured, .evidence = "no column"}};
  return checkpoint;
}

TEST(JUnit, EveryStateHasItsElement) {
  EXPECT_EQ(RenderJUnit(Sample(), "data"),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" failures="1" errors="0" skipped="1">
  <testsuite name="data" tests="4" failures="1" errors="0" skipped="1">
    <testcase classname="a" name="rows"><system-out>5 rows</system-out></testcase>
    <testcase classname="b" name="age &lt;= 100"><failure message="3 of 5 rows, wanted &gt;= 1.0" type="check">mend &quot;x&quot; &amp; y&#10;</failure></testcase>
    <testcase classname="c" name="wide"><system-out>warning: e: f</system-out></testcase>
    <testcase classname="d" name="later"><skipped message="no column"/></testcase>
  </testsuite>
</testsuites>
)");
}

TEST(JUnit, WhatXmlCannotHoldIsReplaced) {
  Checkpoint checkpoint;
  checkpoint.checks = {{.id = "a",
                        .label = std::string("x\x01\xEF\xBF\xBF]]>", 8),
                        .state = CheckState::kMet,
                        .evidence = "e"}};
  const std::string text = RenderJUnit(checkpoint, "s");
  EXPECT_NE(text.find("name=\"x\xEF\xBF\xBD\xEF\xBF\xBD]]&gt;\""), text.npos) << text;
  checkpoint.checks[0].label = "bad \xff";
  EXPECT_NE(RenderJUnit(checkpoint, "s").find("name=\"bad ?\""), text.npos);
}

}  // namespace
}  // namespace millrace::report
