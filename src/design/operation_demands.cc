// Bounds on time, size and rate in a sentence.

#include <array>

#include "design/criteria_parts.h"

namespace millrace::design {
namespace {

using spec::Comparison;
using Way = Bound::Way;

// A time is a demand on the service when the sentence speaks of answers ...
constexpr std::array<std::string_view, 22> kAnswering = {
    "answer",    "answers", "answered", "respond",    "responds",    "response",
    "responses", "reply",   "replies",  "latency",    "decision",    "decisions",
    "decide",    "serve",   "serving",  "prediction", "predictions", "request",
    "scored",    "score",   "return",   "inference"};
// ... and not when something else takes it.
constexpr std::array<std::string_view, 22> kHappening = {
    "take", "takes", "took",     "last",      "lasts",  "lasted",  "finish", "finishes",
    "run",  "runs",  "load",     "loads",     "arrive", "arrives", "exceed", "exceeds",
    "stay", "stays", "complete", "completes", "fail",   "fails"};
constexpr std::array<std::string_view, 5> kMedian = {"median", "average", "on average", "p50",
                                                     "typical"};
constexpr std::array<std::string_view, 3> kModelWords = {"model", "bundle", "file"};

bool MilliScale(const Sentence& s, const Figure& figure) {
  return s.tokens()[figure.last].text.starts_with("m") ||
         s.tokens()[figure.last].text.starts_with("u");
}

// Adds the gate that a figure with its bound demands, or why it demands nothing.
void AddOperationGate(const Sentence& s, const Figure& figure, const Bound& bound,
                      std::string_view metric, std::string_view read_as, Criteria& criteria) {
  if (std::string why = WhyNoDemand(s, figure.first); !why.empty()) {
    criteria.unused.push_back({s.Words(bound.first, figure.last), std::move(why)});
    return;
  }
  const Comparison op = metric == "throughput" ? Comparison::kAtLeast : Comparison::kAtMost;
  AddGate(criteria.gates, metric, op, figure.value,
          FromSentence(s, bound.first, figure.last).append(read_as));
}

void ReadLatency(const Sentence& s, const Figure& figure, Criteria& criteria) {
  const auto [first, last] = s.ClauseOf(figure.first);
  Bound bound = BoundAround(s, figure.first, figure.last);
  // "answers in 20 ms".
  if (bound.way == Way::kNone && figure.first > first &&
      s.IsAny(figure.first - 1, {"in", "of", "is", "be"})) {
    bound = {Way::kAtMost, figure.first - 1};
  }
  const bool answering = s.AnySaid(first, last, kAnswering);
  if (bound.way != Way::kAtMost) return;
  if (!answering && (!MilliScale(s, figure) || s.AnySaid(first, last, kHappening))) return;
  // "predict whether a request takes under 2 seconds": what happens to what is predicted.
  constexpr std::array<std::string_view, 5> kAsks = {"whether", "which", "if", "who", "when"};
  if (s.AnySaid(first, figure.first, kAsks) && s.AnySaid(first, last, kHappening)) return;
  const bool median = s.AnySaid(first, last, kMedian);
  AddOperationGate(s, figure, bound, median ? "latency_p50" : "latency_p99",
                   median ? ", read as the median" : ", for 99 of 100 requests", criteria);
}

}  // namespace

void ReadOperationGates(const Sentence& s, Criteria& criteria) {
  for (const Figure& figure : s.figures()) {
    const auto [first, last] = s.ClauseOf(figure.first);
    if (figure.unit == FigureUnit::kSeconds && figure.value > 0.0) {
      ReadLatency(s, figure, criteria);
    } else if (figure.unit == FigureUnit::kBytes && s.AnySaid(first, last, kModelWords)) {
      const Bound bound = BoundAround(s, figure.first, figure.last);
      if (bound.way == Way::kAtMost) {
        AddOperationGate(s, figure, bound, "model_size", "", criteria);
      }
    } else if (figure.unit == FigureUnit::kRate) {
      const Bound bound = BoundAround(s, figure.first, figure.last);
      if (bound.way != Way::kAtMost) {
        AddOperationGate(s, figure, bound, "throughput", "", criteria);
      }
    }
  }
}

}  // namespace millrace::design
