#include "design/criteria.h"

#include <array>

#include "base/format.h"
#include "design/criteria_parts.h"

namespace millrace::design {
namespace {

using Way = Bound::Way;

struct BoundWords {
  std::string_view phrase;
  Way way;
};
// Longer phrases first: "no more than" holds "more than".
constexpr std::array kBefore = {BoundWords{"no more than", Way::kAtMost},
                                BoundWords{"not more than", Way::kAtMost},
                                BoundWords{"no less than", Way::kAtLeast},
                                BoundWords{"not less than", Way::kAtLeast},
                                BoundWords{"no worse than", Way::kAtLeast},
                                BoundWords{"no fewer than", Way::kAtLeast},
                                BoundWords{"not fewer than", Way::kAtLeast},
                                BoundWords{"not worse than", Way::kAtLeast},
                                BoundWords{"at least", Way::kAtLeast},
                                BoundWords{"at most", Way::kAtMost},
                                BoundWords{"more than", Way::kAtLeast},
                                BoundWords{"less than", Way::kAtMost},
                                BoundWords{"better than", Way::kAtLeast},
                                BoundWords{"fewer than", Way::kAtMost},
                                BoundWords{"greater than", Way::kAtLeast},
                                BoundWords{"lower than", Way::kAtMost},
                                BoundWords{"higher than", Way::kAtLeast},
                                BoundWords{"smaller than", Way::kAtMost},
                                BoundWords{"up to", Way::kAtMost},
                                BoundWords{"faster than", Way::kAtMost},
                                BoundWords{"a minimum of", Way::kAtLeast},
                                BoundWords{"a maximum of", Way::kAtMost},
                                BoundWords{"minimum", Way::kAtLeast},
                                BoundWords{"maximum", Way::kAtMost},
                                BoundWords{"min", Way::kAtLeast},
                                BoundWords{"max", Way::kAtMost},
                                BoundWords{"above", Way::kAtLeast},
                                BoundWords{"below", Way::kAtMost},
                                BoundWords{"over", Way::kAtLeast},
                                BoundWords{"under", Way::kAtMost},
                                BoundWords{"exceed", Way::kAtLeast},
                                BoundWords{"exceeds", Way::kAtLeast},
                                BoundWords{"exceeding", Way::kAtLeast},
                                BoundWords{"within", Way::kAtMost},
                                BoundWords{"beat", Way::kAtLeast},
                                BoundWords{"beats", Way::kAtLeast},
                                BoundWords{">=", Way::kAtLeast},
                                BoundWords{"<=", Way::kAtMost},
                                BoundWords{">", Way::kAtLeast},
                                BoundWords{"<", Way::kAtMost}};
constexpr std::array kAfter = {
    BoundWords{"or more", Way::kAtLeast}, BoundWords{"or less", Way::kAtMost},
    BoundWords{"or better", Way::kNone},  BoundWords{"or higher", Way::kAtLeast},
    BoundWords{"or lower", Way::kAtMost}, BoundWords{"or above", Way::kAtLeast},
    BoundWords{"or below", Way::kAtMost}, BoundWords{"at least", Way::kAtLeast},
    BoundWords{"at most", Way::kAtMost},  BoundWords{"minimum", Way::kAtLeast},
    BoundWords{"maximum", Way::kAtMost},  BoundWords{"or faster", Way::kAtMost},
    BoundWords{"or fewer", Way::kAtMost}};

constexpr std::array<std::string_view, 11> kNot = {"not",      "never",  "cannot", "cant",
                                                   "shouldnt", "mustnt", "wont",   "without",
                                                   "dont",     "nor",    "neither"};

constexpr std::array<std::string_view, 19> kNotNeeded = {
    "need not",        "neednt",        "dont need",    "doesnt need",  "not need",
    "no need",         "not necessary", "not required", "doesnt have",  "does not have to",
    "do not have to",  "dont have to",  "dont care",    "not care",     "regardless of",
    "does not matter", "doesnt matter", "not have to",  "not important"};

constexpr std::array<std::string_view, 15> kToday = {
    "currently",     "current",   "today",     "todays",     "existing",
    "so far",        "previous",  "old model", "last year",  "until now",
    "at the moment", "right now", "present",   "competitor", "used to"};
constexpr std::array<std::string_view, 9> kBetterThan = {
    "better than", "beat", "beats", "improve", "exceed", "above", "must", "should", "at least"};

Way Turned(Way way) { return way == Way::kAtLeast ? Way::kAtMost : Way::kAtLeast; }

}  // namespace

Bound BoundAround(const Sentence& s, size_t first, size_t last) {
  constexpr size_t kReach = 4;  // words between the bound's and the figure
  const auto [clause, clause_end] = s.ClauseOf(first);
  Bound bound{Way::kNone, first};
  for (size_t away = 1; away <= kReach + 3 && bound.way == Way::kNone; ++away) {
    if (first < clause + away) break;
    const size_t at = first - away;
    for (const BoundWords& each : kBefore) {
      const size_t length = Sentence::LengthOf(each.phrase);
      if (!s.Says(at, each.phrase) || at + length > first || first - (at + length) > kReach) {
        continue;
      }
      // A longer phrase may begin earlier: "no more than" is met at "more than" first.
      const bool longer = at > clause && s.IsAny(at - 1, {"no", "not"}) && length == 2 &&
                          !s.IsAny(at, {"at", "up"});
      bound = longer ? Bound{Turned(each.way), at - 1} : Bound{each.way, at};
      if (longer) return bound;
      break;
    }
  }
  if (bound.way != Way::kNone) {
    // "must not fall below", "should never exceed".
    const size_t from = bound.first >= clause + 3 ? bound.first - 3 : clause;
    if (s.AnySaid(from, bound.first, kNot)) {
      bound.way = Turned(bound.way);
      bound.first = from;
    }
    return bound;
  }
  if (last + 1 >= clause_end) return bound;
  const BoundWords* after = s.PhraseAt(last + 1, kAfter);
  return after != nullptr ? Bound{after->way, first} : bound;
}

std::string WhyNoDemand(const Sentence& s, size_t at) {
  const auto [first, last] = s.ClauseOf(at);
  if (s.AnySaid(first, last, kNotNeeded)) return "said to be no need";
  if (s.AnySaid(first, last, kToday) && !s.AnySaid(first, last, kBetterThan)) {
    return "says how it is, no demand";
  }
  return "";
}

void AddGate(std::vector<SentenceGate>& gates, std::string_view metric, spec::Comparison op,
             double bound, std::string reason) {
  for (const SentenceGate& each : gates) {
    if (each.gate.metric == metric && each.gate.op == op) return;
  }
  gates.push_back({spec::Gate{.metric = std::string(metric), .op = op, .bound = bound, .place = {}},
                   std::move(reason)});
}

std::string FromSentence(const Sentence& sentence, size_t first, size_t last) {
  return Format("from your sentence: \"{}\"", sentence.Words(first, last));
}

Criteria ReadCriteria(std::string_view description, table::Task task, std::string_view target) {
  const Sentence sentence(description);
  Criteria criteria;
  const std::vector<size_t> taken = ReadQualityGates(sentence, task, target, criteria);
  ReadOperationGates(sentence, criteria);
  ReadFairness(sentence, task, criteria);
  ReadDecisionValue(sentence, task, taken, criteria);
  return criteria;
}

}  // namespace millrace::design
