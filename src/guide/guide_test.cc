#include "guide/guide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "guide/terms.h"

namespace millrace::guide {
namespace {

int64_t CountWords(std::string_view text) {
  int64_t words = 0;
  for (const std::string_view word : Split(text, ' ')) words += word.empty() ? 0 : 1;
  return words;
}

TEST(GuideTest, EntriesAreWhole) {
  std::set<std::string_view> ids;
  std::set<std::string_view> titles;
  for (const Entry& entry : AllEntries()) {
    EXPECT_TRUE(ids.insert(entry.id).second) << entry.id;
    EXPECT_TRUE(titles.insert(entry.title).second) << entry.title;
    EXPECT_EQ(entry.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string_view::npos)
        << entry.id;
    const int64_t words = CountWords(entry.text);
    EXPECT_GE(words, 60) << entry.id;
    EXPECT_LE(words, 150) << entry.id;
    EXPECT_TRUE(entry.text.ends_with('.')) << entry.id;
    EXPECT_FALSE(entry.tags.empty()) << entry.id;
    EXPECT_TRUE(IsValidUtf8(entry.text)) << entry.id;
    ASSERT_FALSE(entry.phases.empty()) << entry.id;
    for (const std::string_view phase : Split(entry.phases, ' ')) {
      const auto number = ParseInt(phase);
      ASSERT_TRUE(number && *number >= 1 && *number <= 6) << entry.id;
      EXPECT_TRUE(IsOfPhase(entry, static_cast<int>(*number)));
    }
  }
}

TEST(GuideTest, CrossLinksHoldAndEveryEntryIsLinkedOrLinks) {
  for (const Entry& entry : AllEntries()) {
    EXPECT_FALSE(SeeAlso(entry).empty()) << entry.id;
    for (const std::string_view id : SeeAlso(entry)) {
      EXPECT_NE(FindEntry(id), nullptr) << entry.id << " names " << id;
      EXPECT_NE(id, entry.id);
    }
  }
  EXPECT_EQ(FindEntry("no-such-entry"), nullptr);
  EXPECT_EQ(Cite("leakage"), "guide: Target leakage");
}

TEST(GuideTest, EachEntryIsTheFirstHitOfItsTitle) {
  for (const Entry& entry : AllEntries()) {
    const Answer answer = Search(entry.title, {.max_tokens = 2000, .max_hits = 3});
    ASSERT_FALSE(answer.hits.empty()) << entry.id;
    EXPECT_EQ(answer.hits[0].entry->id, entry.id) << entry.title;
    const Answer within = Search(entry.title, {.category = entry.category});
    ASSERT_FALSE(within.hits.empty());
    EXPECT_EQ(within.hits[0].entry->id, entry.id);
  }
}

TEST(GuideTest, FiltersHold) {
  for (int phase = 1; phase <= 6; ++phase) {
    const Answer answer =
        Search("model data", {.phase = phase, .max_tokens = 5000, .max_hits = 50});
    EXPECT_FALSE(answer.hits.empty()) << phase;
    for (const Hit& hit : answer.hits) EXPECT_TRUE(IsOfPhase(*hit.entry, phase));
  }
  for (const Hit& hit : Search("drift", {.category = Category::kSkill, .max_hits = 50}).hits) {
    EXPECT_EQ(hit.entry->category, Category::kSkill);
  }
  for (const Category category :
       {Category::kSkill, Category::kExample, Category::kGuide, Category::kAgent}) {
    EXPECT_EQ(CategoryFromName(CategoryName(category)), category);
  }
  EXPECT_EQ(CategoryFromName("recipe"), std::nullopt);
}

TEST(GuideTest, SizesAreKeptAndTextsEndWithASentence) {
  for (const int64_t limit : {1, 20, 60, 100, 150, 250, 400, 1000, 4000}) {
    for (const char* query :
         {"missing values", "drift of a model", "threshold", "how do I deploy"}) {
      const Answer answer = Search(query, {.max_tokens = limit, .max_hits = 100});
      int64_t tokens = 0;
      for (const Hit& hit : answer.hits) {
        tokens += CountTokens(hit.entry->title) + CountTokens(hit.text);
        EXPECT_EQ(hit.text.back(), '.');
        EXPECT_EQ(hit.entry->text.substr(0, hit.text.size()), hit.text);
        EXPECT_EQ(hit.is_cut, hit.text != hit.entry->text);
        EXPECT_TRUE(!hit.is_cut || &hit == &answer.hits.back());
      }
      EXPECT_EQ(tokens, answer.num_tokens);
      EXPECT_LE(tokens, limit) << query;
    }
  }
}

TEST(GuideTest, ScoresFallAndUnknownWordsAreSaid) {
  const Answer answer = Search("missing values", {.max_tokens = 5000, .max_hits = 20});
  ASSERT_GE(answer.hits.size(), 2u);
  for (size_t i = 1; i < answer.hits.size(); ++i) {
    EXPECT_GE(answer.hits[i - 1].score, answer.hits[i].score);
  }
  const Answer none = Search("xylophone zzz");
  EXPECT_TRUE(none.hits.empty());
  EXPECT_EQ(none.num_matches, 0);
  const Answer near = Search("misssing valuess");
  EXPECT_TRUE(near.hits.empty());
  EXPECT_EQ(std::count(near.nearest.begin(), near.nearest.end(), "Missing values"), 1);
  EXPECT_EQ(Search("", {.max_tokens = 100000, .max_hits = 100000}).hits.size(),
            AllEntries().size());
}

TEST(GuideTest, TermsAndSentences) {
  EXPECT_EQ(TermsOf("How to split the splits, splitting?"),
            (std::vector<std::string>{"split", "split", "split"}));
  EXPECT_EQ(TermsOf("the of"), (std::vector<std::string>{"the", "of"}));
  EXPECT_EQ(SentencesOf("One 1.5 is. Two? Three e.g. four."),
            (std::vector<std::string_view>{"One 1.5 is.", "Two?", "Three e.g. four."}));
}

}  // namespace
}  // namespace millrace::guide
