#include "feature/ngrams.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "feature/text_statistics.h"

namespace millrace::feature {
namespace {

std::vector<std::string> All(std::string_view text, size_t min, size_t max) {
  std::vector<std::string> ngrams;
  NgramReader reader(text, min, max);
  while (reader.Next()) ngrams.emplace_back(reader.ngram());
  return ngrams;
}

using Texts = std::vector<std::string>;

TEST(NgramsTest, RunsOfLowerCharactersBetweenSpaces) {
  EXPECT_EQ(All("Ab", 3, 3), (Texts{" ab", "ab "}));
  EXPECT_EQ(All("a\t\n B", 3, 3), (Texts{" a ", "a b", " b "}));
  EXPECT_EQ(All("  ab  ", 3, 3), All("AB", 3, 3));
  EXPECT_EQ(All("ab", 2, 4), (Texts{" a", "ab", " ab", "b ", "ab ", " ab "}));
}

TEST(NgramsTest, CharactersAreWhole) {
  EXPECT_EQ(All("größe", 3, 3), (Texts{" gr", "grö", "röß", "öße", "ße "}));
  EXPECT_EQ(NgramCharacters("öße"), 3u);
  EXPECT_EQ(NgramCharacters(""), 0u);
}

TEST(NgramsTest, NothingAndDamagedBytesAreRead) {
  EXPECT_TRUE(All("", 3, 5).empty());
  EXPECT_TRUE(All(" \t", 3, 5).empty());
  EXPECT_EQ(All("x", 1, 1), (Texts{" ", "x", " "}));
  // Continuation bytes without end: four bytes are a character at most, so nothing overflows.
  const std::string damaged(1'000, '\x80');
  size_t bytes = 0;
  for (const std::string& ngram : All(damaged, 1, kMostNgramCharacters)) bytes += ngram.size();
  EXPECT_GT(bytes, 0u);
}

TEST(TextStatisticsTest, CountSigns) {
  EXPECT_EQ(TextStatisticOf(TextStatistic::kDigits, "a1b22"), 3.0);
  EXPECT_EQ(TextStatisticOf(TextStatistic::kPunctuation, "Ok, go! (now)"), 4.0);
  EXPECT_EQ(TextStatisticOf(TextStatistic::kUpperShare, "ABcd 12"), 0.5);
  EXPECT_EQ(TextStatisticOf(TextStatistic::kUpperShare, "12 ?"), 0.0);
  EXPECT_EQ(TextStatisticOf(TextStatistic::kMeanWordLength, " größe\tab "), 3.5);
  for (const TextStatistic statistic :
       {TextStatistic::kDigits, TextStatistic::kPunctuation, TextStatistic::kUpperShare,
        TextStatistic::kMeanWordLength}) {
    EXPECT_EQ(TextStatisticOf(statistic, ""), 0.0);
    EXPECT_EQ(TextStatisticFromName(TextStatisticName(statistic)), statistic);
  }
  EXPECT_FALSE(TextStatisticFromName("mood"));
}

}  // namespace
}  // namespace millrace::feature
