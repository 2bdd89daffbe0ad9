#include "design/feasibility.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "metric/curves.h"
#include "metric/metric.h"

namespace millrace::design {
namespace {

using spec::Gate;
using table::Task;

constexpr size_t kMostThresholds = 200;
constexpr int64_t kResamples = 200;

// What the probe reaches, and how well that is known.
struct Reached {
  double value = 0.0;
  double half = 0.0;  // half the width of the interval
};

Reach ReachOf(const Gate& gate, const metric::MetricInfo& info, const Reached& reached) {
  if (gate.IsMetBy(reached.value)) return Reach::kWithin;
  const double gap = std::abs(gate.bound - reached.value);
  // The error that is left: to one for shares, to zero for errors.
  const double error = info.greater_is_better ? 1.0 - reached.value : reached.value;
  return gap > 3.0 * reached.half && gap > 0.5 * error ? Reach::kOutOfReach : Reach::kAmbitious;
}

std::string ProbesText(const QuickProbe& probe) {
  return probe.num_folds > 1 ? Format("{} quick probes reach", probe.num_folds)
                             : std::string("a quick probe reaches");
}

std::string Verdict(Reach reach) {
  return reach == Reach::kWithin      ? "is within reach"
         : reach == Reach::kAmbitious ? "is ambitious"
                                      : "is out of reach";
}

std::string Figure(double value, double half) {
  return half > 0.0 ? FormatFigure(value, half) : FormatFigure(value);
}

std::string WordOf(const QuickProbe& probe, const Gate& gate, Reach reach, const Reached& reached,
                   std::string_view condition) {
  std::string text = Format("{} {} {}: {} {}", FormatSignificant(gate.bound, 4), gate.metric,
                            Verdict(reach), ProbesText(probe), Figure(reached.value, reached.half));
  if (reached.half > 0.0) text += Format(" +- {}", FormatFigure(reached.half, reached.half));
  return text + std::string(condition);
}

metric::Scored ScoredOf(const QuickProbe& probe, Task task) {
  return {.task = task,
          .num_classes = probe.num_classes,
          .labels = probe.labels,
          .outputs = probe.outputs};
}

// At most kMostThresholds that lead to this many positive decisions, from the lowest on.
std::vector<double> Thresholds(const QuickProbe& probe, int64_t least_decisions) {
  std::vector<double> sorted;
  for (const metric::OperatingPoint& point :
       metric::OperatingPoints(ScoredOf(probe, Task::kBinary))) {
    const double decisions = point.true_positives + point.false_positives;
    if (decisions >= static_cast<double>(least_decisions)) sorted.push_back(point.threshold);
  }
  std::reverse(sorted.begin(), sorted.end());
  if (sorted.size() <= kMostThresholds) return sorted;
  std::vector<double> some;
  for (size_t i = 0; i < kMostThresholds; ++i) {
    some.push_back(sorted[i * (sorted.size() - 1) / (kMostThresholds - 1)]);
  }
  return some;
}

bool IsBetter(const metric::MetricInfo& info, double a, double b) {
  return std::isnan(b) || (info.greater_is_better ? a > b : a < b);
}

// A gate on decisions, with its metric.
struct Demand {
  const Gate* gate = nullptr;
  const metric::MetricInfo* info = nullptr;
};

// Positive decisions that it takes to meet the gates: as phase 4 counts them, a precision of fewer
// says nothing.
int64_t LeastDecisions(const QuickProbe& probe, std::span<const Demand> all) {
  const bool precision = std::any_of(all.begin(), all.end(), [](const Demand& demand) {
    return demand.gate->metric == "precision";
  });
  if (!precision) return 0;
  return spec::MinDecisions(std::count(probe.labels.begin(), probe.labels.end(), 1.0));
}

// The best value of `demand` over all thresholds that meet the others of `all`, or NaN.
Reached BestWith(const QuickProbe& probe, const Demand& demand, std::span<const Demand> all) {
  metric::Scored scored = ScoredOf(probe, Task::kBinary);
  Reached best{std::nan(""), 0.0};
  double threshold = 0.5;
  for (const double candidate : Thresholds(probe, LeastDecisions(probe, all))) {
    scored.threshold = candidate;
    const bool met = std::all_of(all.begin(), all.end(), [&](const Demand& other) {
      return other.gate == demand.gate || other.gate->IsMetBy(metric::Compute(*other.info, scored));
    });
    if (!met) continue;
    const double value = metric::Compute(*demand.info, scored);
    if (std::isnan(value) || !IsBetter(*demand.info, value, best.value)) continue;
    best.value = value;
    threshold = candidate;
  }
  if (std::isnan(best.value)) return best;
  scored.threshold = threshold;
  const metric::Interval interval =
      metric::Bootstrap(*demand.info, scored, Rng(7), {.num_resamples = kResamples});
  best.half = (interval.high - interval.low) / 2.0;
  return best;
}

Feasibility JudgeDecisionGate(const QuickProbe& probe, const Demand& demand,
                              std::span<const Demand> all) {
  const Gate& gate = *demand.gate;
  std::vector<std::string> others;
  for (const Demand& other : all) {
    if (other.gate == demand.gate) continue;
    others.push_back(Format("{} {}", other.gate->metric, other.gate->BoundText()));
  }
  const Reached best = BestWith(probe, demand, all);
  if (std::isnan(best.value) && others.empty()) return {gate.metric, Reach::kAmbitious, ""};
  if (std::isnan(best.value)) {
    return {gate.metric, Reach::kOutOfReach,
            Format("{} is out of reach: no threshold of {} meets {}", gate.metric,
                   probe.num_folds > 1 ? Format("{} quick probes", probe.num_folds)
                                       : std::string("a quick probe"),
                   Join(others, " and "))};
  }
  const Reach reach = ReachOf(gate, *demand.info, best);
  const std::string condition = others.empty() ? std::string(" at the best threshold")
                                               : Format(" where {}", Join(others, " and "));
  return {gate.metric, reach, WordOf(probe, gate, reach, best, condition)};
}

}  // namespace

std::vector<Feasibility> JudgeGates(const QuickProbe& probe, Task task,
                                    std::span<const Gate> gates) {
  std::vector<Demand> decisions;
  for (const Gate& gate : gates) {
    const metric::MetricInfo* info = metric::FindMetric(task, gate.metric);
    if (task == Task::kBinary && info != nullptr && info->uses_threshold) {
      decisions.push_back({&gate, info});
    }
  }
  std::vector<Feasibility> words;
  for (const Gate& gate : gates) {
    const metric::MetricInfo* info = metric::FindMetric(task, gate.metric);
    if (info == nullptr) continue;
    if (task == Task::kBinary && info->uses_threshold) {
      words.push_back(JudgeDecisionGate(probe, {&gate, info}, decisions));
      continue;
    }
    const metric::Interval interval =
        metric::Bootstrap(*info, ScoredOf(probe, task), Rng(7), {.num_resamples = kResamples});
    if (!std::isfinite(interval.value)) continue;
    const Reached reached{interval.value, (interval.high - interval.low) / 2.0};
    const Reach reach = ReachOf(gate, *info, reached);
    words.push_back({gate.metric, reach, WordOf(probe, gate, reach, reached, "")});
  }
  return words;
}

}  // namespace millrace::design
