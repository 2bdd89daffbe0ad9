#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace millrace {
namespace {

Result<int> Half(int value) {
  if (value % 2 != 0) return InvalidData("half: odd number: " + std::to_string(value));
  return value / 2;
}

Result<int> Quarter(int value) {
  MILLRACE_ASSIGN_OR_RETURN(const int half, Half(value));
  return Half(half);
}

Status CheckQuarter(int value) {
  MILLRACE_RETURN_IF_ERROR(Quarter(value).status());
  return Status();
}

TEST(ResultTest, HoldsAValueOrAFailure) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_TRUE(Quarter(8).status().ok());
  EXPECT_EQ(Quarter(6).status().message(), "half: odd number: 3");
  EXPECT_TRUE(CheckQuarter(4).ok());
  EXPECT_FALSE(CheckQuarter(1).ok());
}

TEST(ResultTest, HoldsMoveOnlyTypes) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(3);
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 3);
}

TEST(ResultTest, ValueOfATemporaryLivesThroughALoop) {
  int sum = 0;
  for (const int item : Result<std::vector<int>>(std::vector<int>{1, 2, 3}).value()) sum += item;
  EXPECT_EQ(sum, 6);
}

TEST(ResultTest, ConvertsToTheValueType) {
  const Result<std::string> text = "abc";
  EXPECT_EQ(text->size(), 3u);
}

TEST(ResultDeathTest, ValueOfAFailureStopsTheProgram) {
  EXPECT_DEATH(static_cast<void>(Half(3).value()), "odd number");
}

}  // namespace
}  // namespace millrace
