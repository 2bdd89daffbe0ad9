// What decisions are worth, in a sentence.

#include <algorithm>
#include <array>
#include <optional>

#include "base/format.h"
#include "design/criteria_parts.h"

namespace millrace::design {
namespace {

using table::Task;

enum class Event { kMissed, kFalseAlarm, kFound, kAction };

struct EventWords {
  std::string_view phrase;
  Event event;
};
constexpr std::array kEvents = {EventWords{"false negatives", Event::kMissed},
                                EventWords{"false negative", Event::kMissed},
                                EventWords{"missed", Event::kMissed},
                                EventWords{"missing a", Event::kMissed},
                                EventWords{"missing an", Event::kMissed},
                                EventWords{"miss", Event::kMissed},
                                EventWords{"overlooked", Event::kMissed},
                                EventWords{"undetected", Event::kMissed},
                                EventWords{"lost customer", Event::kMissed},
                                EventWords{"lost client", Event::kMissed},
                                EventWords{"false positives", Event::kFalseAlarm},
                                EventWords{"false positive", Event::kFalseAlarm},
                                EventWords{"false alarms", Event::kFalseAlarm},
                                EventWords{"false alarm", Event::kFalseAlarm},
                                EventWords{"wrong alarm", Event::kFalseAlarm},
                                EventWords{"needless", Event::kFalseAlarm},
                                EventWords{"unnecessary", Event::kFalseAlarm},
                                EventWords{"wasted", Event::kFalseAlarm},
                                EventWords{"true positive", Event::kFound},
                                EventWords{"caught", Event::kFound},
                                EventWords{"saved", Event::kFound},
                                EventWords{"retained", Event::kFound},
                                EventWords{"found", Event::kFound},
                                EventWords{"kept customer", Event::kFound},
                                EventWords{"detected", Event::kFound},
                                EventWords{"a call", Event::kAction},
                                EventWords{"each call", Event::kAction},
                                EventWords{"an offer", Event::kAction},
                                EventWords{"each offer", Event::kAction},
                                EventWords{"a letter", Event::kAction},
                                EventWords{"each letter", Event::kAction},
                                EventWords{"an inspection", Event::kAction},
                                EventWords{"each inspection", Event::kAction},
                                EventWords{"a review", Event::kAction},
                                EventWords{"a check", Event::kAction},
                                EventWords{"a contact", Event::kAction}};

constexpr std::array<std::string_view, 20> kWorthWords = {
    "cost", "costs", "costing", "lose",  "loses", "loss", "worth", "worse",     "saves", "save",
    "gain", "gains", "brings",  "bring", "earns", "pay",  "price", "expensive", "bad",   "$"};

struct Said {
  Event event;
  size_t at = 0;
  size_t last = 0;
};

std::vector<Said> EventsOf(const Sentence& s) {
  std::vector<Said> said;
  for (size_t i = 0; i < s.tokens().size(); ++i) {
    const EventWords* found = s.PhraseAt(i, kEvents);
    if (found == nullptr) continue;
    const size_t last = i + Sentence::LengthOf(found->phrase) - 1;
    said.push_back({found->event, i, last});
    i = last;
  }
  return said;
}

std::vector<const Figure*> SumsOf(const Sentence& s, const std::vector<size_t>& taken) {
  std::vector<const Figure*> sums;
  for (size_t i = 0; i < s.figures().size(); ++i) {
    if (std::find(taken.begin(), taken.end(), i) != taken.end()) continue;
    const Figure& figure = s.figures()[i];
    const bool one = figure.unit == FigureUnit::kPlain && figure.first == figure.last &&
                     s.IsAny(figure.first, {"one"});
    if (!one && (figure.unit == FigureUnit::kMoney || figure.unit == FigureUnit::kPlain)) {
      sums.push_back(&figure);
    }
  }
  return sums;
}

// "a missed fraud is 100 times worse than a false alarm".
std::optional<spec::DecisionValue> ReadRatio(const Sentence& s, const std::vector<Said>& said) {
  for (const Figure& figure : s.figures()) {
    const bool times = figure.unit == FigureUnit::kOther && s.Is(figure.last, "times");
    if (!times || figure.value <= 0.0 || said.size() < 2) continue;
    const Said& left = said[0];
    const Said& right = said[1];
    if (left.last > figure.first || right.at < figure.last || left.event == right.event) continue;
    spec::DecisionValue value;
    const bool missed_first = left.event == Event::kMissed && right.event == Event::kFalseAlarm;
    const bool alarm_first = left.event == Event::kFalseAlarm && right.event == Event::kMissed;
    if (!missed_first && !alarm_first) continue;
    value.false_negative = missed_first ? -figure.value : -1.0;
    value.false_positive = missed_first ? -1.0 : -figure.value;
    return value;
  }
  return std::nullopt;
}

// The sum of each event: the next one where the sentence names events first, else the one before.
std::vector<std::optional<double>> SumsPerEvent(const Sentence& s, const std::vector<Said>& said,
                                                const std::vector<const Figure*>& sums) {
  constexpr size_t kFar = 9;
  std::vector<std::optional<double>> per_event(said.size());
  // By the clause of the first event: "a false alarm costs 5", "5 for a false alarm".
  const size_t clause = s.ClauseOf(said.front().at).first;
  const bool sum_before = std::any_of(sums.begin(), sums.end(), [&](const Figure* sum) {
    return sum->first >= clause && sum->last < said.front().at;
  });
  const bool event_first = !sum_before;
  for (size_t e = 0; e < said.size(); ++e) {
    for (const Figure* sum : sums) {
      if (event_first) {
        const size_t border = e + 1 < said.size() ? said[e + 1].at : SIZE_MAX;
        if (sum->first > said[e].last && sum->first < border && sum->first - said[e].last <= kFar) {
          per_event[e] = sum->value;
          break;
        }
      } else {
        const size_t border = e > 0 ? said[e - 1].last : 0;
        if (sum->last < said[e].at && sum->first >= border && said[e].at - sum->last <= kFar) {
          per_event[e] = sum->value;
        }
      }
    }
  }
  return per_event;
}

}  // namespace

void ReadDecisionValue(const Sentence& s, Task task, const std::vector<size_t>& taken,
                       Criteria& criteria) {
  const std::vector<Said> said = EventsOf(s);
  const std::vector<const Figure*> sums = SumsOf(s, taken);
  if (said.empty() || !s.AnySaid(0, s.tokens().size(), kWorthWords)) return;
  const auto words = [&] {
    size_t first = said.front().at;
    size_t last = said.back().last;
    for (const Figure* sum : sums) {
      first = std::min(first, sum->first);
      last = std::max(last, sum->last);
    }
    return std::pair(first, last);
  };
  const auto take = [&](const spec::DecisionValue& value) {
    const auto [first, last] = words();
    if (task != Task::kBinary) {
      criteria.unused.push_back(
          {s.Words(first, last),
           Format("only a binary task values decisions, this is {}", table::TaskName(task))});
      return;
    }
    criteria.value = value;
    criteria.value_reason = FromSentence(s, first, last);
  };
  if (const auto ratio = ReadRatio(s, said)) return take(*ratio);
  if (sums.empty()) return;
  const std::vector<std::optional<double>> per_event = SumsPerEvent(s, said, sums);
  spec::DecisionValue value;
  bool acting = false;
  bool missing = false;
  for (size_t e = 0; e < said.size(); ++e) {
    if (!per_event[e] || *per_event[e] == 0.0) continue;
    const double sum = *per_event[e];
    switch (said[e].event) {
      case Event::kMissed:
        value.false_negative -= sum;
        missing = true;
        break;
      case Event::kFalseAlarm:
        value.false_positive -= sum;
        acting = true;
        break;
      case Event::kFound:
        value.true_positive += sum;
        missing = true;
        break;
      case Event::kAction:  // paid for every "yes", right or wrong
        value.true_positive -= sum;
        value.false_positive -= sum;
        acting = true;
        break;
    }
  }
  if (!acting && !missing) return;
  if (acting != missing) {
    // With one side only, the best model would always say yes, or never.
    const auto [first, last] = words();
    criteria.unused.push_back(
        {s.Words(first, last), missing ? "decisions have a value only with the cost of a false "
                                         "alarm beside it"
                                       : "decisions have a value only with the cost of a missed "
                                         "case beside it"});
    return;
  }
  take(value);
}

}  // namespace millrace::design
