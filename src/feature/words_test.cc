#include "feature/words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace millrace::feature {
namespace {

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  WordReader reader(text);
  while (reader.Next()) words.emplace_back(reader.word());
  return words;
}

TEST(WordsTest, SplitsAtWhatIsNoLetterOrDigit) {
  EXPECT_EQ(WordsOf("Not GOOD, it's bad-bad 42!"),
            (std::vector<std::string>{"not", "good", "it", "bad", "bad", "42"}));
  EXPECT_EQ(WordsOf("größe naïve \xe6\x97\xa5\xe6\x9c\xac"),
            (std::vector<std::string>{"größe", "naïve", "\xe6\x97\xa5\xe6\x9c\xac"}));
  EXPECT_TRUE(WordsOf("").empty());
  EXPECT_TRUE(WordsOf(" - a . b").empty());
}

TEST(WordsTest, PassesOverLongRuns) {
  const std::string longest(kMaxWordBytes, 'x');
  EXPECT_EQ(WordsOf("ab " + longest + " " + longest + "x cd"),
            (std::vector<std::string>{"ab", longest, "cd"}));
}

TEST(WordsTest, PairsJoinNeighbours) {
  WordReader reader("Not a good, GOOD day");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.pair(), "");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.pair(), "not good");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.pair(), "good good");
  ASSERT_TRUE(reader.Next());
  EXPECT_EQ(reader.pair(), "good day");
  EXPECT_EQ(reader.word(), "day");
  EXPECT_FALSE(reader.Next());
}

TEST(WordsTest, LongestWordsFitAsPairs) {
  const std::string longest(kMaxWordBytes, 'X');
  const std::string text = longest + "," + longest + "," + longest;
  WordReader reader(text);
  int count = 0;
  while (reader.Next()) ++count;
  EXPECT_EQ(count, 3);
  EXPECT_EQ(reader.pair().size(), 2 * kMaxWordBytes + 1);
}

TEST(WordsTest, CountsWords) { EXPECT_EQ(CountWords("one two, three"), 3); }

}  // namespace
}  // namespace millrace::feature
