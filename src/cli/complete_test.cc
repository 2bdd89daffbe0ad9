#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command.h"

namespace millrace::cli {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> At(const std::vector<std::string>& words) { return Complete(words); }

TEST(Complete, TheFirstWordIsACommandOrAGroup) {
  EXPECT_THAT(At({""}), Contains("bundle"));
  EXPECT_THAT(At({""}), Contains("help"));
  EXPECT_THAT(At({"vers"}), ElementsAre("version"));
  EXPECT_THAT(At({"zz"}), IsEmpty());
}

TEST(Complete, AGroupHasItsCommands) {
  EXPECT_THAT(At({"bundle", ""}), ElementsAre("diff", "show", "verify"));
  EXPECT_THAT(At({"spec", "s"}), ElementsAre("schema"));
}

TEST(Complete, OptionsAreThoseOfTheCommand) {
  EXPECT_THAT(At({"predict", "--o"}), ElementsAre("--out"));
  EXPECT_THAT(At({"data", "profile", "--"}), Contains("--delimiter"));
  EXPECT_THAT(At({"data", "profile", "--"}), Not(Contains("--out")));
  EXPECT_THAT(At({"-C", "churn", "predict", "--o"}), ElementsAre("--out"));
}

TEST(Complete, FixedChoicesAreOfferedAndFilesLeftToTheShell) {
  EXPECT_THAT(At({"completion", ""}), ElementsAre("bash", "fish", "zsh"));
  EXPECT_THAT(At({"predict", "--data", "cust"}), IsEmpty());
  EXPECT_THAT(At({"data", "profile", "cust"}), IsEmpty());
}

TEST(Complete, HelpKnowsEveryCommand) {
  EXPECT_THAT(At({"help", "pred"}), ElementsAre("predict"));
  EXPECT_THAT(At({"help", "spec", ""}), Contains("check"));
}

}  // namespace
}  // namespace millrace::cli
