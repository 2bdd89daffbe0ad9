#include "expect/pattern.h"

#include <gtest/gtest.h>

namespace millrace::expect {
namespace {

bool Matches(const std::string& pattern, std::string_view text) {
  const auto compiled = Pattern::Compile(pattern);
  EXPECT_TRUE(compiled.ok()) << compiled.status().ToString();
  return compiled->MatchesAll(text);
}

TEST(Pattern, AsksForTheWholeText) {
  EXPECT_TRUE(Matches("[a-z]-[0-9]+", "a-12"));
  EXPECT_FALSE(Matches("[a-z]-[0-9]+", "a-12 "));
  EXPECT_FALSE(Matches("[a-z]-[0-9]+", "xa-12"));
  EXPECT_TRUE(Matches("a|ab", "ab"));  // not the first alternative only
  EXPECT_TRUE(Matches("", ""));
  EXPECT_FALSE(Matches("", "x"));
}

TEST(Pattern, DotsAreCharactersAndNoLineBreaks) {
  EXPECT_TRUE(Matches("..", "\xc3\xa4\xe2\x82\xac"));  // two characters, five bytes
  EXPECT_FALSE(Matches("..", "a\n"));
  EXPECT_TRUE(Matches("(?s)..", "a\n"));
  EXPECT_TRUE(Matches("(?i)gold", "GoLD"));
}

TEST(Pattern, WhatIsNoPatternIsRefusedWithItsPlace) {
  for (const std::string bad : {"[", "(", "a{2000}", "(?<=x)a", "\\1", "*"}) {
    const auto compiled = Pattern::Compile(bad);
    EXPECT_EQ(compiled.status().code(), Code::kInvalidData) << bad;
    EXPECT_NE(compiled.status().message().find(bad), std::string::npos);
  }
}

TEST(Pattern, StaysLinearWhereOthersExplode) {
  EXPECT_FALSE(Matches("(a+)+(b+)+c", std::string(100'000, 'a')));
}

}  // namespace
}  // namespace millrace::expect
