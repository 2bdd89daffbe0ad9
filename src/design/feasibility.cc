#include "design/feasibility.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
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

std::vector<double> Thresholds(const QuickProbe& probe) {
  std::vector<double> sorted = probe.outputs;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
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

// The best value of `gate` over all thresholds that meet the other gates, or NaN.
Reached BestWith(const QuickProbe& probe, const Gate& gate, std::span<const Gate* const> others) {
  const metric::MetricInfo& info = *metric::FindMetric(Task::kBinary, gate.metric);
  metric::Scored scored = ScoredOf(probe, Task::kBinary);
  Reached best{std::nan(""), 0.0};
  double threshold = 0.5;
  for (const double candidate : Thresholds(probe)) {
    scored.threshold = candidate;
    const bool met = std::all_of(others.begin(), others.end(), [&](const Gate* other) {
      return other == &gate || other->IsMetBy(metric::Compute(
                                   *metric::FindMetric(Task::kBinary, other->metric), scored));
    });
    if (!met) continue;
    const double value = metric::Compute(info, scored);
    if (std::isnan(value) || !IsBetter(info, value, best.value)) continue;
    best.value = value;
    threshold = candidate;
  }
  if (std::isnan(best.value)) return best;
  scored.threshold = threshold;
  const metric::Interval interval =
      metric::Bootstrap(info, scored, Rng(7), {.num_resamples = kResamples});
  best.half = (interval.high - interval.low) / 2.0;
  return best;
}

Feasibility JudgeDecisionGate(const QuickProbe& probe, const Gate& gate,
                              std::span<const Gate* const> all) {
  const metric::MetricInfo& info = *metric::FindMetric(Task::kBinary, gate.metric);
  if (all.size() == 1) {
    // Alone, recall is met by saying yes to all, precision by saying it almost never.
    const Reached best = BestWith(probe, gate, {});
    if (std::isnan(best.value)) return {gate.metric, Reach::kAmbitious, ""};
    const Reach reach = ReachOf(gate, info, best);
    return {gate.metric, reach, WordOf(probe, gate, reach, best, " at the best threshold")};
  }
  const Reached best = BestWith(probe, gate, all);
  std::vector<std::string> names;
  for (const Gate* other : all) {
    if (other != &gate) names.push_back(Format("{} {}", other->metric, other->BoundText()));
  }
  if (std::isnan(best.value)) {
    return {gate.metric, Reach::kOutOfReach,
            Format("{} is out of reach: no threshold of {} meets {}", gate.metric,
                   probe.num_folds > 1 ? Format("{} quick probes", probe.num_folds)
                                       : std::string("a quick probe"),
                   Join(names, " and "))};
  }
  const Reach reach = ReachOf(gate, info, best);
  return {gate.metric, reach,
          WordOf(probe, gate, reach, best, Format(" where {}", Join(names, " and ")))};
}

}  // namespace

std::vector<Feasibility> JudgeGates(const QuickProbe& probe, Task task,
                                    std::span<const Gate> gates) {
  std::vector<const Gate*> decisions;
  for (const Gate& gate : gates) {
    const metric::MetricInfo* info = metric::FindMetric(task, gate.metric);
    if (task == Task::kBinary && info != nullptr && info->uses_threshold)
      decisions.push_back(&gate);
  }
  std::vector<Feasibility> words;
  for (const Gate& gate : gates) {
    const metric::MetricInfo* info = metric::FindMetric(task, gate.metric);
    if (info == nullptr) continue;
    if (task == Task::kBinary && info->uses_threshold) {
      words.push_back(JudgeDecisionGate(probe, gate, decisions));
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
