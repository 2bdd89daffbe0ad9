#include "base/status.h"

#include <gtest/gtest.h>

#include <set>

namespace millrace {
namespace {

TEST(StatusTest, DefaultIsOk) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(status.code(), Code::kOk);
  EXPECT_EQ(status.message(), "");
  EXPECT_EQ(status.ToString(), "ok");
}

TEST(StatusTest, CarriesMessageHintAndContext) {
  const Status status = InvalidData("train.csv:7: not a number: \"x\"")
                            .WithHint("declare it as missing")
                            .WithContext("reading")
                            .WithContext("phase 2");
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), Code::kInvalidData);
  EXPECT_EQ(status.ToString(),
            "phase 2: reading: train.csv:7: not a number: \"x\"\ndeclare it as missing");
  EXPECT_TRUE(std::string_view(status.site().file).ends_with("status_test.cc"));
}

TEST(StatusTest, CopiesAreIndependent) {
  Status first = NotFound("a");
  const Status second = first;
  first = std::move(first).WithHint("h");
  EXPECT_EQ(second.hint(), "");
  EXPECT_EQ(first.hint(), "h");
  first = second;
  EXPECT_EQ(first.hint(), "");
}

TEST(StatusTest, HintOnOkDoesNothing) { EXPECT_TRUE(Status().WithHint("x").WithContext("y").ok()); }

TEST(StatusTest, EveryCodeHasNameExitCodeAndHttpStatus) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    names.insert(CodeName(static_cast<Code>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(Code::kInternal) + 1);
  EXPECT_EQ(ExitCode(Code::kOk), 0);
  EXPECT_EQ(ExitCode(Code::kGateNotMet), 1);
  EXPECT_EQ(ExitCode(Code::kInvalidSpec), 2);
  EXPECT_EQ(ExitCode(Code::kInvalidData), 3);
  EXPECT_EQ(ExitCode(Code::kIoError), 4);
  EXPECT_EQ(ExitCode(Code::kInternal), 5);
  EXPECT_EQ(ExitCode(Code::kCancelled), 130);
  EXPECT_EQ(HttpStatus(Code::kInvalidData), 400);
}

}  // namespace
}  // namespace millrace
