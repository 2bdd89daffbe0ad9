// Sentences and what they demand: a table of what must be found, and of what must make no gate.

#include "design/criteria.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "design/sentence.h"

namespace millrace::design {
namespace {

using table::Task;

struct SaidAndMeant {
  std::string sentence;
  Task task;
  std::string expected;  // "recall >= 0.9; latency_p99 <= 20ms"
};

void PrintTo(const SaidAndMeant& each, std::ostream* out) { *out << each.sentence; }

std::string Found(const SaidAndMeant& each, std::string_view target = "y") {
  const Criteria criteria = ReadCriteria(each.sentence, each.task, target);
  std::vector<std::string> parts;
  for (const SentenceGate& gate : criteria.gates) {
    parts.push_back(Format("{} {}", gate.gate.metric, gate.gate.BoundText()));
  }
  for (const SentenceGate& gate : criteria.fairness) {
    parts.push_back(Format("{} {}", gate.gate.metric, gate.gate.BoundText()));
  }
  if (criteria.value) {
    parts.push_back(Format("value {} {} {} {}", criteria.value->true_positive,
                           criteria.value->false_positive, criteria.value->false_negative,
                           criteria.value->true_negative));
  }
  return Join(parts, "; ");
}

class CriteriaTest : public ::testing::TestWithParam<SaidAndMeant> {};

TEST_P(CriteriaTest, SentenceGivesTheGatesThatItSays) {
  EXPECT_EQ(Found(GetParam()), GetParam().expected);
}

const SaidAndMeant kSentences[] = {
    // Metrics by name.
    {"predict churn with at least 90% recall", Task::kBinary, "recall >= 0.9"},
    {"predict churn, recall of 0.9", Task::kBinary, "recall >= 0.9"},
    {"predict churn with an auc above 0.85", Task::kBinary, "auc >= 0.85"},
    {"predict churn with 0.85 auc and answer in under 20 ms.", Task::kBinary,
     "auc >= 0.85; latency_p99 <= 20ms"},
    {"precision and recall of at least 80%", Task::kBinary, "precision >= 0.8; recall >= 0.8"},
    {"at least 90% recall and 80% precision", Task::kBinary, "recall >= 0.9; precision >= 0.8"},
    {"recall of 90% and precision of 80%", Task::kBinary, "recall >= 0.9; precision >= 0.8"},
    {"recall >= 0.7, precision >= 0.6", Task::kBinary, "recall >= 0.7; precision >= 0.6"},
    {"accuracy must not fall below 95 percent", Task::kMulticlass, "accuracy >= 0.95"},
    {"its accuracy should never be less than 0.9", Task::kMulticlass, "accuracy >= 0.9"},
    {"we need ninety-five percent accuracy", Task::kBinary, "accuracy >= 0.95"},
    {"sensitivity of at least 95 per cent", Task::kBinary, "recall >= 0.95"},
    {"f1 over 0.6", Task::kBinary, "f1 >= 0.6"},
    {"a balanced accuracy of 70%", Task::kMulticlass, "balanced_accuracy >= 0.7"},
    {"area under the ROC curve: at least 0.8", Task::kBinary, ""},  // a clause ends at the colon
    {"area under the ROC curve at least 0.8", Task::kBinary, "auc >= 0.8"},
    {"log loss under 0.4", Task::kMulticlass, "log_loss <= 0.4"},
    {"auc better than the current 0.80", Task::kBinary, "auc >= 0.8"},
    // Verbs.
    {"find churners; catch at least 70% of them", Task::kBinary, "recall >= 0.7"},
    {"catch nine in ten frauds", Task::kBinary, "recall >= 0.9"},
    {"detect at least 9 out of 10 frauds", Task::kBinary, "recall >= 0.9"},
    {"find two thirds of the buyers", Task::kBinary, "recall >= 0.666666667"},
    {"at least 80% of the sick patients must be found", Task::kBinary, "recall >= 0.8"},
    {"miss at most 5% of the tumours", Task::kBinary, "recall >= 0.95"},
    {"never miss more than one in ten frauds", Task::kBinary, "recall >= 0.9"},
    {"no more than 10% false alarms", Task::kBinary, "precision >= 0.9"},
    {"fewer than 5% false positives", Task::kBinary, "precision >= 0.95"},
    {"80% of the alarms must be real", Task::kBinary, "precision >= 0.8"},
    {"of those flagged at least 3 of 4 should be right", Task::kBinary, "precision >= 0.75"},
    {"be right in 9 of 10 cases", Task::kMulticlass, "accuracy >= 0.9"},
    {"classify digits, correct at least 97% of the time", Task::kMulticlass, "accuracy >= 0.97"},
    {"with an error rate below 5%", Task::kMulticlass, "accuracy >= 0.95"},
    // Numbers.
    {"predict the price, off by at most 5,000 dollars on average", Task::kRegression,
     "mae <= 5000"},
    {"predict the price with a mean absolute error under $20k", Task::kRegression, "mae <= 20000"},
    {"predict the price with an RMSE below 30000", Task::kRegression, "rmse <= 30000"},
    {"predict the price with an R\u00b2 of 0.8", Task::kRegression, "r2 >= 0.8"},
    {"explain sales, r squared at least 0.75", Task::kRegression, "r2 >= 0.75"},
    {"median absolute error of at most 3", Task::kRegression, "median_absolute_error <= 3"},
    // Time, size, rate.
    {"score payments within 50 milliseconds", Task::kBinary, "latency_p99 <= 50ms"},
    {"an answer must not take more than 100 ms", Task::kBinary, "latency_p99 <= 100ms"},
    {"answers in 2 seconds", Task::kBinary, "latency_p99 <= 2s"},
    {"median latency below 5ms", Task::kBinary, "latency_p50 <= 5ms"},
    {"the model must be under 10 MB", Task::kBinary, "model_size <= 10MB"},
    {"serve at least 2,000 requests per second", Task::kBinary, "throughput >= 2000"},
    // Groups.
    {"who gets a loan? it must work equally for men and women", Task::kBinary,
     "equalized_odds_difference <= 0.1"},
    {"predict income, fair to all genders", Task::kBinary, "equalized_odds_difference <= 0.1"},
    {"it must not discriminate by race", Task::kBinary, "equalized_odds_difference <= 0.1"},
    {"accuracy may differ by at most 5 points between men and women", Task::kMulticlass,
     "accuracy_difference <= 0.05"},
    {"predict the premium, it should be fair across ages", Task::kRegression, "mae_ratio >= 0.8"},
    {"men and women should be approved equally", Task::kBinary,
     "demographic_parity_difference <= 0.1"},
    // Worth.
    {"find fraud: a missed fraud costs 500, a false alarm 5", Task::kBinary, "value 0 -5 -500 0"},
    {"find fraud; a false alarm costs $5 and a missed fraud costs $500", Task::kBinary,
     "value 0 -5 -500 0"},
    {"we lose 1,000 euros with every missed churner and 20 euros with every false alarm",
     Task::kBinary, "value 0 -20 -1000 0"},
    {"a missed fraud is 100 times worse than a false alarm", Task::kBinary, "value 0 -1 -100 0"},
    {"a saved customer is worth 200 and an offer costs 10", Task::kBinary, "value 190 -10 0 0"},
    {"predict churn with 0.99 auc, a missed churner costs 500, a false alarm 5", Task::kBinary,
     "auc >= 0.99; value 0 -5 -500 0"},
    {"a missed fraud costs 500, a false alarm 5, and recall of at least 90%", Task::kBinary,
     "recall >= 0.9; value 0 -5 -500 0"},
    {"false negatives cost 10k, false positives 2k", Task::kBinary, "value 0 -2000 -10000 0"},
    // No demand.
    {"who earns more than 50K a year", Task::kBinary, ""},
    {"find the 1 customer who left", Task::kBinary, ""},
    {"find customers who spent at least 20% more than last year", Task::kBinary, ""},
    {"predict which customers will churn in the next 30 days", Task::kBinary, ""},
    {"predict whether a request takes more than 500 ms", Task::kBinary, ""},
    {"predict which jobs finish in under 20 ms", Task::kBinary, ""},
    {"recall need not be 90%", Task::kBinary, ""},
    {"we do not need 99% accuracy", Task::kBinary, ""},
    {"the current model has an auc of 0.8", Task::kBinary, ""},
    {"today we catch 60% of the frauds", Task::kBinary, ""},
    {"5% of the customers churn", Task::kBinary, ""},
    {"missing values in 10% of the rows", Task::kBinary, ""},
    {"a missed fraud costs 500", Task::kBinary, ""},  // the other side is not said
    {"a recall of at most 30%", Task::kBinary, ""},
    {"predict a fair price for a used car", Task::kRegression, ""},
    {"predict the sex of an abalone", Task::kMulticlass, ""},
    {"predict whether a house sells for more than 500000", Task::kBinary, ""},
    {"predict y for 10 of 12 columns", Task::kBinary, ""},
    {"predict the price with 90% recall", Task::kRegression, ""},
    {"an auc of 1.2", Task::kBinary, ""},
    {"predict the accuracy of a shot with 3 tries", Task::kRegression, ""},
    {"predict age from the other columns", Task::kRegression, ""},
    {"predict the price within a second-hand market of 3 cities", Task::kRegression, ""},
    {"", Task::kBinary, ""},
    {"90%", Task::kBinary, ""},
    {"recall", Task::kBinary, ""},
};

INSTANTIATE_TEST_SUITE_P(All, CriteriaTest, ::testing::ValuesIn(kSentences),
                         [](const auto& each) { return Format("sentence_{}", each.index); });

TEST(CriteriaTableTest, HoldsEnoughSentences) { EXPECT_GE(std::size(kSentences), 60u); }

TEST(CriteriaReasonsTest, QuoteTheWordsAndSayHowTheyAreRead) {
  const Criteria criteria =
      ReadCriteria("Find fraud. Miss at most 5% of it!", Task::kBinary, "fraud");
  ASSERT_EQ(criteria.gates.size(), 1u);
  EXPECT_EQ(criteria.gates[0].reason,
            "from your sentence: \"Miss at most 5%\", read as recall: the rest must be found");
}

TEST(CriteriaReasonsTest, WhatMakesNoGateIsSaid) {
  const auto unused = [](std::string_view sentence, Task task) {
    const Criteria criteria = ReadCriteria(sentence, task, "y");
    return criteria.unused.empty() ? std::string() : criteria.unused[0].reason;
  };
  EXPECT_EQ(unused("we do not need 99% accuracy", Task::kBinary), "said to be no need");
  EXPECT_EQ(unused("the current model has an auc of 0.8", Task::kBinary),
            "says how it is, no demand");
  EXPECT_EQ(unused("predict the price with 90% recall", Task::kRegression),
            "a regression task has no recall");
  EXPECT_EQ(unused("a recall of at most 30%", Task::kBinary),
            "a recall of at most 0.3 is no demand");
  EXPECT_EQ(unused("a missed fraud costs 500", Task::kBinary),
            "decisions have a value only with the cost of a false alarm beside it");
  EXPECT_EQ(unused("predict which customers will churn", Task::kBinary), "");
}

TEST(CriteriaReasonsTest, DemandsOnSizeAndRateThatAreNoneAreSaidToo) {
  const auto unused = [](std::string_view sentence) {
    const Criteria criteria = ReadCriteria(sentence, Task::kBinary, "y");
    EXPECT_TRUE(criteria.gates.empty()) << sentence;
    if (criteria.unused.size() != 1) return std::string("not one");
    return criteria.unused[0].words + ": " + criteria.unused[0].reason;
  };
  EXPECT_EQ(unused("a model below 50 MB is not required"), "below 50 MB: said to be no need");
  EXPECT_EQ(unused("currently the model has at most 50 MB"),
            "at most 50 MB: says how it is, no demand");
  EXPECT_EQ(unused("today it answers 200 requests per second"),
            "200 requests per second: says how it is, no demand");
  EXPECT_EQ(unused("answers within 20 ms are not required"), "within 20 ms: said to be no need");
  // What is no demand by its words is none to speak of.
  EXPECT_EQ(unused("today the model has 50 MB"), "not one");
}

TEST(CriteriaReasonsTest, AFigureOfAGapIsNotDeniedWhereTheMeasureIsARatio) {
  const auto reason = [](std::string_view sentence, Task task) {
    const Criteria criteria = ReadCriteria(sentence, task, "y");
    return criteria.fairness.empty() ? std::string() : criteria.fairness[0].reason;
  };
  const std::string ignored =
      reason("errors must differ by at most 5% for men and women", Task::kRegression);
  EXPECT_EQ(ignored.find("no figure is given"), std::string::npos) << ignored;
  EXPECT_NE(ignored.find("; 0.8, a ratio: your figure says a difference"), std::string::npos)
      << ignored;
  const std::string none = reason("must work equally for men and women", Task::kRegression);
  EXPECT_NE(none.find("; 0.8 as no figure is given"), std::string::npos) << none;
}

TEST(CriteriaReasonsTest, AMetricsWordInTheTargetsNameNamesTheColumn) {
  EXPECT_EQ(Found({"predict the recall of 0.9 litre cars", Task::kBinary, ""}, "recall"), "");
  EXPECT_EQ(Found({"predict the recall of 0.9 litre cars", Task::kBinary, ""}, "y"),
            "recall >= 0.9");
}

TEST(CriteriaReasonsTest, TraitsOfAFairnessDemandAreNamed) {
  const Criteria criteria = ReadCriteria(
      "must work equally for men and women, and fair to young and old people", Task::kBinary, "y");
  EXPECT_EQ(criteria.traits, (std::vector<std::string>{"sex", "age"}));
  EXPECT_EQ(criteria.fairness.size(), 1u);
}

TEST(SentenceTest, FiguresAreRead) {
  const auto value = [](std::string_view text) {
    const Sentence sentence(text);
    return sentence.figures().empty() ? -1.0 : sentence.figures()[0].value;
  };
  EXPECT_DOUBLE_EQ(value("70%"), 0.7);
  EXPECT_DOUBLE_EQ(value("nine in ten"), 0.9);
  EXPECT_DOUBLE_EQ(value("two thirds"), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(value("half of them"), 0.5);
  EXPECT_DOUBLE_EQ(value("twenty-five percent"), 0.25);
  EXPECT_DOUBLE_EQ(value("1,234.5"), 1234.5);
  EXPECT_DOUBLE_EQ(value("20ms"), 0.02);
  EXPECT_DOUBLE_EQ(value("$5k"), 5000.0);
  EXPECT_DOUBLE_EQ(value("a hundred euros"), 100.0);
  EXPECT_DOUBLE_EQ(value("3 million"), 3e6);
  EXPECT_DOUBLE_EQ(value("none"), -1.0);
}

// Any bytes: no crash, and every figure and word lies inside the text.
TEST(SentenceTest, OddBytesAreRead) {
  Rng rng(11);
  const std::string_view parts[] = {
      "90%",          "\xff", "recall", "'",    "$",  ".",   "one", "in", ",",
      "\xe2\x89\xa5", "no",   "more",   "than", "0.", "1e9", "(",   "ms"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (uint64_t i = rng.Below(12); i > 0; --i) {
      text += parts[rng.Below(std::size(parts))];
      if (rng.Below(2) == 0) text += ' ';
    }
    const Sentence sentence(text);
    for (const Token& token : sentence.tokens()) EXPECT_LE(token.end, text.size());
    for (const Figure& figure : sentence.figures()) {
      EXPECT_LE(figure.first, figure.last);
      EXPECT_LT(figure.last, sentence.tokens().size());
    }
    for (const Task task : {Task::kBinary, Task::kMulticlass, Task::kRegression}) {
      const Criteria criteria = ReadCriteria(text, task, "y");
      for (const SentenceGate& gate : criteria.gates) {
        EXPECT_FALSE(spec::FindGateMetric(spec::RequirementMetrics(), gate.gate.metric) == nullptr);
      }
    }
  }
}

}  // namespace
}  // namespace millrace::design
