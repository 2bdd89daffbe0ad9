#include "cli/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

using testing::HasSubstr;

const design::OpenQuestion& Target() {
  static const design::OpenQuestion question{.key = "target",
                                             .question = "Which column should be predicted?",
                                             .choices = {"churn", "plan", "3"},
                                             .best_guess = "churn",
                                             .flag = "--target"};
  return question;
}

TEST(Questions, NothingMeansTheBestGuess) {
  EXPECT_EQ(*ChoiceOf(Target(), ""), "churn");
  EXPECT_EQ(*ChoiceOf(Target(), "  "), "churn");
}

TEST(Questions, ANumberANameAndAnotherCaseAreUnderstood) {
  EXPECT_EQ(*ChoiceOf(Target(), "2"), "plan");
  EXPECT_EQ(*ChoiceOf(Target(), " plan "), "plan");
  EXPECT_EQ(*ChoiceOf(Target(), "PLAN"), "plan");
}

TEST(Questions, ANameThatReadsAsANumberIsAName) { EXPECT_EQ(*ChoiceOf(Target(), "3"), "3"); }

TEST(Questions, AnythingElseIsRefusedWithTheNearest) {
  EXPECT_THAT(ChoiceOf(Target(), "chrun").status().hint(), HasSubstr("churn"));
  EXPECT_THAT(ChoiceOf(Target(), "4").status().hint(), HasSubstr("1 to 3"));
  EXPECT_FALSE(ChoiceOf(Target(), "0").ok());
}

TEST(Questions, FreeTextIsTakenAndNeededWithoutAGuess) {
  const design::OpenQuestion question{.key = "data", .question = "Which file?"};
  EXPECT_EQ(*ChoiceOf(question, " a.csv "), "a.csv");
  EXPECT_FALSE(ChoiceOf(question, "").ok());
}

}  // namespace
}  // namespace millrace::cli
