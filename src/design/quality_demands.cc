// Bounds on metrics of quality in a sentence.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "design/criteria_parts.h"
#include "design/words.h"

namespace millrace::design {
namespace {

using spec::Comparison;
using table::Task;
using Way = Bound::Way;

// How a word speaks of a metric.
enum class Kind {
  kNoun,   // "recall of 90%", "90% recall"
  kCatch,  // "catch 90%", "90% ... must be caught": recall
  kMiss,   // "miss at most 10%": recall
  kRight,  // "right in 9 of 10", "90% of the alarms must be real"
  kWrong,  // "5% false alarms": of the alarms
  kError,  // "off by at most 5000 on average"
};

struct Phrase {
  std::string_view phrase;
  Kind kind;
  std::string_view metric;
};
constexpr std::array kPhrases = {
    Phrase{"area under the roc curve", Kind::kNoun, "auc"},
    Phrase{"area under the curve", Kind::kNoun, "auc"},
    Phrase{"area under curve", Kind::kNoun, "auc"},
    Phrase{"median absolute error", Kind::kNoun, "median_absolute_error"},
    Phrase{"root mean squared error", Kind::kNoun, "rmse"},
    Phrase{"root mean square error", Kind::kNoun, "rmse"},
    Phrase{"mean absolute error", Kind::kNoun, "mae"},
    Phrase{"average absolute error", Kind::kNoun, "mae"},
    Phrase{"average precision", Kind::kNoun, "average_precision"},
    Phrase{"balanced accuracy", Kind::kNoun, "balanced_accuracy"},
    Phrase{"false negative rate", Kind::kMiss, "recall"},
    Phrase{"false alarm rate", Kind::kWrong, "precision"},
    Phrase{"variance explained", Kind::kNoun, "r2"},
    Phrase{"explained variance", Kind::kNoun, "r2"},
    Phrase{"false alarms", Kind::kWrong, "precision"},
    Phrase{"false positives", Kind::kWrong, "precision"},
    Phrase{"true positive rate", Kind::kNoun, "recall"},
    Phrase{"average error", Kind::kError, "mae"},
    Phrase{"mean error", Kind::kError, "mae"},
    Phrase{"error rate", Kind::kWrong, "accuracy"},
    Phrase{"macro f1", Kind::kNoun, "macro_f1"},
    Phrase{"r squared", Kind::kNoun, "r2"},
    Phrase{"log loss", Kind::kNoun, "log_loss"},
    Phrase{"pr auc", Kind::kNoun, "average_precision"},
    Phrase{"roc auc", Kind::kNoun, "auc"},
    Phrase{"off by", Kind::kError, "mae"},
    Phrase{"auc", Kind::kNoun, "auc"},
    Phrase{"auroc", Kind::kNoun, "auc"},
    Phrase{"accuracy", Kind::kNoun, "accuracy"},
    Phrase{"recall", Kind::kNoun, "recall"},
    Phrase{"sensitivity", Kind::kNoun, "recall"},
    Phrase{"precision", Kind::kNoun, "precision"},
    Phrase{"f1", Kind::kNoun, "f1"},
    Phrase{"mcc", Kind::kNoun, "mcc"},
    Phrase{"brier", Kind::kNoun, "brier"},
    Phrase{"logloss", Kind::kNoun, "log_loss"},
    Phrase{"rmse", Kind::kNoun, "rmse"},
    Phrase{"mae", Kind::kNoun, "mae"},
    Phrase{"r2", Kind::kNoun, "r2"},
    Phrase{"error", Kind::kError, "mae"},
    Phrase{"errors", Kind::kError, "mae"},
    Phrase{"catch", Kind::kCatch, "recall"},
    Phrase{"catches", Kind::kCatch, "recall"},
    Phrase{"find", Kind::kCatch, "recall"},
    Phrase{"finds", Kind::kCatch, "recall"},
    Phrase{"detect", Kind::kCatch, "recall"},
    Phrase{"identify", Kind::kCatch, "recall"},
    Phrase{"spot", Kind::kCatch, "recall"},
    Phrase{"catching", Kind::kCatch, "recall"},
    Phrase{"finding", Kind::kCatch, "recall"},
    Phrase{"detecting", Kind::kCatch, "recall"},
    Phrase{"caught", Kind::kCatch, "recall"},
    Phrase{"found", Kind::kCatch, "recall"},
    Phrase{"detected", Kind::kCatch, "recall"},
    Phrase{"identified", Kind::kCatch, "recall"},
    Phrase{"spotted", Kind::kCatch, "recall"},
    Phrase{"miss", Kind::kMiss, "recall"},
    Phrase{"misses", Kind::kMiss, "recall"},
    Phrase{"missing", Kind::kMiss, "recall"},
    Phrase{"missed", Kind::kMiss, "recall"},
    Phrase{"overlook", Kind::kMiss, "recall"},
    Phrase{"right", Kind::kRight, "accuracy"},
    Phrase{"correct", Kind::kRight, "accuracy"},
    Phrase{"correctly", Kind::kRight, "accuracy"},
    Phrase{"accurate", Kind::kRight, "accuracy"},
    Phrase{"accurately", Kind::kRight, "accuracy"},
    Phrase{"real", Kind::kRight, "precision"},
    Phrase{"justified", Kind::kRight, "precision"},
    Phrase{"wrong", Kind::kWrong, "accuracy"}};

// What an answer "yes" is called: a share of those is a precision.
constexpr std::array<std::string_view, 7> kAlarms = {
    "alarms", "alerts", "flagged", "flags", "warnings", "predicted positives", "hits"};
constexpr std::array<std::string_view, 6> kJoins = {"and", "but", "with", "while", "yet", "plus"};

struct Mention {
  const Phrase* phrase = nullptr;
  size_t first = 0;
  size_t last = 0;
};

struct Pair {
  size_t figure = 0;
  size_t mention = 0;
  size_t distance = 0;
};

std::vector<Mention> MentionsOf(const Sentence& s, std::string_view target) {
  const std::vector<std::string> target_words = WordsOf(target);
  std::vector<Mention> mentions;
  for (size_t i = 0; i < s.tokens().size(); ++i) {
    const Phrase* found = s.PhraseAt(i, kPhrases);
    if (found == nullptr) continue;
    const size_t last = i + Sentence::LengthOf(found->phrase) - 1;
    const bool named = std::find(target_words.begin(), target_words.end(), s.tokens()[i].text) !=
                       target_words.end();
    if (!named) mentions.push_back({found, i, last});
    i = last;
  }
  return mentions;
}

bool IsErrorMetric(std::string_view metric) {
  return metric == "mae" || metric == "rmse" || metric == "median_absolute_error";
}

// Whether the figure can be a value of the metric as it is written.
bool UnitFits(const Phrase& phrase, const Figure& figure, Task task) {
  if (figure.unit == FigureUnit::kShare)
    return !IsErrorMetric(phrase.metric) || task != Task::kRegression;
  if (phrase.kind == Kind::kError || IsErrorMetric(phrase.metric)) {
    return figure.unit == FigureUnit::kPlain || figure.unit == FigureUnit::kMoney ||
           figure.unit == FigureUnit::kSeconds || figure.unit == FigureUnit::kOther;
  }
  // "find the 1 customer": a share is written 0.7 or 70%.
  return phrase.kind == Kind::kNoun && figure.unit == FigureUnit::kPlain &&
         (figure.value < 1.0 || phrase.metric == "log_loss");
}

// "find 70% of them" speaks of recall, "find customers who spent 20% more" does not.
bool VerbReaches(const Sentence& s, const Mention& mention, const Figure& figure) {
  constexpr std::array<std::string_view, 20> kBetween = {
      "at",  "least", "most",  "more",  "than", "over",    "above", "no", "less", "fewer",
      "the", "about", "under", "below", "a",    "minimum", "of",    "up", "to",   "only"};
  if (figure.first > mention.last) {
    for (size_t i = mention.last + 1; i < figure.first; ++i) {
      const bool filler =
          std::find(kBetween.begin(), kBetween.end(), s.tokens()[i].text) != kBetween.end();
      if (!filler && s.tokens()[i].text[0] != '>' && s.tokens()[i].text[0] != '<') return false;
    }
    return !s.IsAny(figure.last + 1, {"more", "less", "higher", "lower", "off", "growth", "above",
                                      "below", "discount", "cheaper", "longer"});
  }
  // "70% of the churners must be found".
  for (size_t i = figure.last + 1; i < mention.first; ++i) {
    if (s.IsAny(i, {"must", "should", "are", "be", "is", "get", "shall"})) return true;
  }
  return false;
}

bool Reaches(const Sentence& s, const Mention& mention, const Figure& figure, Task task) {
  constexpr size_t kFar = 8;
  if (!UnitFits(*mention.phrase, figure, task)) return false;
  const size_t from = std::min(mention.last, figure.last);
  const size_t to = std::max(mention.first, figure.first);
  if (to > from + kFar) return false;
  for (size_t i = from + 1; i < to; ++i) {
    if (s.tokens()[i].is_break) return false;
  }
  for (const Figure& other : s.figures()) {
    if (other.first > from && other.last < to) return false;
  }
  const Kind kind = mention.phrase->kind;
  if (kind == Kind::kCatch || (kind == Kind::kMiss && figure.first > mention.last)) {
    return VerbReaches(s, mention, figure);
  }
  return true;
}

// Words between, and more where an "and" stands between.
size_t Distance(const Sentence& s, const Mention& mention, const Figure& figure) {
  const size_t from = std::min(mention.last, figure.last);
  const size_t to = std::max(mention.first, figure.first);
  size_t distance = to - from;
  for (size_t i = from + 1; i < to; ++i) {
    if (std::find(kJoins.begin(), kJoins.end(), s.tokens()[i].text) != kJoins.end()) distance += 6;
  }
  return distance;
}

// Each figure is given to the nearest word, each word takes one figure.
std::vector<Pair> PairUp(const Sentence& s, const std::vector<Mention>& mentions, Task task) {
  std::vector<Pair> all;
  for (size_t f = 0; f < s.figures().size(); ++f) {
    for (size_t m = 0; m < mentions.size(); ++m) {
      if (!Reaches(s, mentions[m], s.figures()[f], task)) continue;
      all.push_back({f, m, Distance(s, mentions[m], s.figures()[f])});
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Pair& a, const Pair& b) { return a.distance < b.distance; });
  std::vector<Pair> chosen;
  for (const Pair& pair : all) {
    const bool taken = std::any_of(chosen.begin(), chosen.end(), [&pair](const Pair& each) {
      return each.figure == pair.figure || each.mention == pair.mention;
    });
    if (!taken) chosen.push_back(pair);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Pair& a, const Pair& b) { return a.figure < b.figure; });
  return chosen;
}

struct Demand {
  std::string metric;
  Way way = Way::kNone;
  double bound = 0.0;
  std::string read_as;  // how words without a metric's name were understood
};

Demand DemandOf(const Sentence& s, const Mention& mention, const Figure& figure, Way way,
                Task task) {
  const auto [first, last] = s.ClauseOf(mention.first);
  Demand demand{std::string(mention.phrase->metric), way, figure.value, ""};
  const bool of_alarms = task == Task::kBinary && s.AnySaid(first, last, kAlarms);
  const auto turn = [&demand](std::string_view metric) {
    demand.metric = metric;
    demand.bound = 1.0 - demand.bound;
    demand.way = demand.way == Way::kAtMost ? Way::kAtLeast : Way::kAtMost;
  };
  switch (mention.phrase->kind) {
    case Kind::kNoun:
      break;
    case Kind::kCatch:
      demand.read_as = "recall";
      break;
    case Kind::kMiss:
      turn("recall");
      demand.read_as = "recall: the rest must be found";
      break;
    case Kind::kRight:
      if (of_alarms || demand.metric == "precision") demand.metric = "precision";
      demand.read_as = demand.metric;
      break;
    case Kind::kWrong:
      turn(of_alarms ? "precision" : mention.phrase->metric);
      demand.read_as =
          demand.metric == "precision" ? "precision: the share among the alarms" : demand.metric;
      break;
    case Kind::kError:
      if (task != Task::kRegression) turn("accuracy");
      demand.read_as = task == Task::kRegression ? "mean absolute error" : "accuracy";
      break;
  }
  return demand;
}

bool SmallerIsBetter(const spec::GateMetric& metric) {
  return metric.unit == spec::MetricUnit::kTarget || metric.name == "log_loss" ||
         metric.name == "brier";
}

void AddDemand(const Sentence& s, const Demand& demand, size_t first, size_t last, Task task,
               Criteria& criteria) {
  const auto refuse = [&](std::string reason) {
    criteria.unused.push_back({s.Words(first, last), std::move(reason)});
  };
  const spec::GateMetric* metric = spec::FindGateMetric(spec::RequirementMetrics(), demand.metric);
  if (metric == nullptr) return;
  if (!spec::TaskHasMetric(task, *metric)) {
    return refuse(Format("a {} task has no {}", table::TaskName(task), demand.metric));
  }
  const bool smaller = SmallerIsBetter(*metric);
  if (demand.way == (smaller ? Way::kAtLeast : Way::kAtMost)) {
    return refuse(Format("a {} of {} {} is no demand", demand.metric,
                         smaller ? "at least" : "at most", FormatSignificant(demand.bound, 4)));
  }
  const bool outside = (metric->maximum && demand.bound > *metric->maximum) ||
                       (metric->minimum && demand.bound < *metric->minimum);
  if (outside) {
    return refuse(Format("{} is no {}", FormatSignificant(demand.bound, 4), demand.metric));
  }
  std::string reason = FromSentence(s, first, last);
  if (!demand.read_as.empty()) reason += Format(", read as {}", demand.read_as);
  // 1 - 0.05 is no 0.95 in binary.
  AddGate(criteria.gates, metric->name, smaller ? Comparison::kAtMost : Comparison::kAtLeast,
          std::round(demand.bound * 1e9) / 1e9, std::move(reason));
}

// "precision and recall of at least 80%": the other word shares the figure.
std::optional<size_t> Partner(const Sentence& s, const std::vector<Mention>& mentions,
                              const std::vector<Pair>& pairs, size_t mention) {
  for (size_t m = 0; m < mentions.size(); ++m) {
    const bool paired = std::any_of(pairs.begin(), pairs.end(),
                                    [m](const Pair& pair) { return pair.mention == m; });
    if (paired || mentions[m].phrase->kind != Kind::kNoun) continue;
    const bool before = mentions[m].last + 2 == mentions[mention].first &&
                        s.IsAny(mentions[m].last + 1, {"and", "or"});
    const bool after = mentions[mention].last + 2 == mentions[m].first &&
                       s.IsAny(mentions[mention].last + 1, {"and", "or"});
    if (before || after) return m;
  }
  return std::nullopt;
}

}  // namespace

std::vector<size_t> ReadQualityGates(const Sentence& s, Task task, std::string_view target,
                                     Criteria& criteria) {
  std::vector<size_t> taken;
  const std::vector<Mention> mentions = MentionsOf(s, target);
  const std::vector<Pair> pairs = PairUp(s, mentions, task);
  for (const Pair& pair : pairs) {
    taken.push_back(pair.figure);
    const Figure& figure = s.figures()[pair.figure];
    const Mention& mention = mentions[pair.mention];
    const Bound bound = BoundAround(s, figure.first, figure.last);
    const size_t first = std::min({bound.first, figure.first, mention.first});
    const size_t last = std::max(figure.last, mention.last);
    if (std::string why = WhyNoDemand(s, figure.first); !why.empty()) {
      criteria.unused.push_back({s.Words(first, last), std::move(why)});
      continue;
    }
    // A share that is missed or wrong without a word of its bound tells how it is.
    const Kind kind = mention.phrase->kind;
    if ((kind == Kind::kMiss || kind == Kind::kWrong) && bound.way != Way::kAtMost) {
      criteria.unused.push_back({s.Words(first, last), "no upper bound is said"});
      continue;
    }
    const auto add = [&](const Mention& each) {
      AddDemand(s, DemandOf(s, each, figure, bound.way, task), std::min(first, each.first),
                std::max(last, each.last), task, criteria);
    };
    const auto other =
        kind == Kind::kNoun ? Partner(s, mentions, pairs, pair.mention) : std::nullopt;
    if (other && mentions[*other].first < mention.first) add(mentions[*other]);
    add(mention);
    if (other && mentions[*other].first > mention.first) add(mentions[*other]);
  }
  return taken;
}

}  // namespace millrace::design
