// Equal treatment of groups in a sentence.

#include <algorithm>
#include <array>
#include <optional>

#include "base/format.h"
#include "base/text.h"
#include "design/criteria_parts.h"

namespace millrace::design {
namespace {

using spec::Comparison;
using table::Task;

// A gap that a person would notice; where the sentence gives no figure.
constexpr double kGap = 0.10;
constexpr double kRatio = 0.80;  // four fifths: 29 CFR 1607.4 D

constexpr std::array<std::string_view, 19> kEqually = {"equally",
                                                       "fair",
                                                       "fairly",
                                                       "fairness",
                                                       "unfair",
                                                       "the same for",
                                                       "discriminate",
                                                       "discriminates",
                                                       "discrimination",
                                                       "discriminating",
                                                       "bias",
                                                       "biased",
                                                       "unbiased",
                                                       "equal for",
                                                       "as well for",
                                                       "equal opportunity",
                                                       "equal opportunities",
                                                       "differ",
                                                       "disparity"};

struct TraitWord {
  std::string_view phrase;
  std::string_view trait;
};
constexpr std::array kTraits = {TraitWord{"men and women", "sex"},
                                TraitWord{"women and men", "sex"},
                                TraitWord{"male and female", "sex"},
                                TraitWord{"gender", "sex"},
                                TraitWord{"genders", "sex"},
                                TraitWord{"sex", "sex"},
                                TraitWord{"sexes", "sex"},
                                TraitWord{"women", "sex"},
                                TraitWord{"females", "sex"},
                                TraitWord{"race", "race"},
                                TraitWord{"races", "race"},
                                TraitWord{"racial", "race"},
                                TraitWord{"ethnicity", "race"},
                                TraitWord{"ethnic", "race"},
                                TraitWord{"black and white", "race"},
                                TraitWord{"age", "age"},
                                TraitWord{"ages", "age"},
                                TraitWord{"young and old", "age"},
                                TraitWord{"old and young", "age"},
                                TraitWord{"elderly", "age"},
                                TraitWord{"older people", "age"},
                                TraitWord{"nationality", "nationality"},
                                TraitWord{"nationalities", "nationality"},
                                TraitWord{"foreigners", "nationality"},
                                TraitWord{"religion", "religion"},
                                TraitWord{"disability", "disability"}};

std::optional<Figure> GapFigure(const Sentence& s, size_t first, size_t last) {
  for (const Figure& figure : s.figures()) {
    if (figure.first < first || figure.last >= last) continue;
    const bool share = figure.unit == FigureUnit::kShare ||
                       (figure.unit == FigureUnit::kPlain && figure.value < 1.0);
    if (share && BoundAround(s, figure.first, figure.last).way == Bound::Way::kAtMost) {
      return figure;
    }
  }
  return std::nullopt;
}

struct Measure {
  std::string_view metric;
  bool ratio = false;
};

Measure MeasureOf(const Sentence& s, size_t first, size_t last, Task task) {
  constexpr std::array<std::string_view, 5> kFifths = {"four fifths", "four-fifths", "80% rule",
                                                       "disparate impact", "80 % rule"};
  constexpr std::array<std::string_view, 6> kRates = {"approval rate",  "approval rates",
                                                      "selection rate", "approved",
                                                      "as often",       "demographic parity"};
  constexpr std::array<std::string_view, 4> kOpportunity = {
      "equal opportunity", "equal opportunities", "recall", "found"};
  constexpr std::array<std::string_view, 2> kAccuracy = {"accuracy", "accurate"};
  if (task == Task::kRegression) return {"mae_ratio", true};
  if (s.AnySaid(first, last, kFifths)) return {"demographic_parity_ratio", true};
  if (s.AnySaid(first, last, kRates)) return {"demographic_parity_difference"};
  if (s.AnySaid(first, last, kAccuracy)) return {"accuracy_difference"};
  if (s.AnySaid(first, last, kOpportunity)) return {"equal_opportunity_difference"};
  return {task == Task::kBinary ? "equalized_odds_difference" : "accuracy_difference"};
}

}  // namespace

void ReadFairness(const Sentence& s, Task task, Criteria& criteria) {
  for (size_t i = 0; i < s.tokens().size(); ++i) {
    const auto equal = std::find_if(kEqually.begin(), kEqually.end(),
                                    [&](std::string_view phrase) { return s.Says(i, phrase); });
    if (equal == kEqually.end()) continue;
    const auto [first, last] = s.ClauseOf(i);
    std::vector<std::string> traits;
    for (size_t t = first; t < last; ++t) {
      for (const TraitWord& word : kTraits) {
        if (!s.Says(t, word.phrase)) continue;
        const std::string trait(word.trait);
        if (std::find(traits.begin(), traits.end(), trait) == traits.end()) traits.push_back(trait);
      }
    }
    // "predict a fair price" speaks of no group; "the model must be fair" of all of them.
    constexpr std::array<std::string_view, 4> kMust = {"must", "should", "has to", "be fair"};
    constexpr std::array<std::string_view, 4> kGroups = {"groups", "everyone", "all people",
                                                         "discrimination"};
    const bool demanded = s.AnySaid(first, last, kMust) || s.AnySaid(first, last, kGroups);
    if (traits.empty() && !demanded) continue;
    if (std::string why = WhyNoDemand(s, i); !why.empty()) {
      criteria.unused.push_back({s.Words(first, last - 1), std::move(why)});
      continue;
    }
    const Measure measure = MeasureOf(s, first, last, task);
    const auto figure = GapFigure(s, first, last);
    const double bound = measure.ratio ? kRatio : figure ? figure->value : kGap;
    std::string reason = FromSentence(s, first, last - 1);
    if (!figure) {
      reason += Format("; {} as no figure is given", FormatSignificant(bound, 2));
    } else if (measure.ratio) {
      reason += Format("; {}, a ratio: your figure says a difference", FormatSignificant(bound, 2));
    }
    AddGate(criteria.fairness, measure.metric,
            measure.ratio ? Comparison::kAtLeast : Comparison::kAtMost, bound, std::move(reason));
    for (std::string& trait : traits) {
      if (std::find(criteria.traits.begin(), criteria.traits.end(), trait) ==
          criteria.traits.end()) {
        criteria.traits.push_back(std::move(trait));
      }
    }
  }
}

}  // namespace millrace::design
