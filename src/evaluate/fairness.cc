#include "evaluate/fairness.h"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "metric/share_interval.h"
#include "spec/gate.h"

namespace millrace::evaluate {
namespace {

using table::Task;

constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();
constexpr double kConfidence = 0.95;

// The quantile of the normal distribution that leaves `tail` above it.
double NormalQuantile(double tail) {
  return std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * tail);
}

// A mean or a rate of one group.
struct Estimate {
  double value = kNotDefined;
  double variance = 0.0;  // of the value
  double rows = 0.0;
  double hits = 0.0;  // rates: rows that count
};

Estimate Rate(double hits, double rows) {
  if (rows <= 0.0) return {};
  const double p = (hits + 1.0) / (rows + 2.0);
  return {hits / rows, p * (1.0 - p) / (rows + 2.0), rows, hits};
}

Estimate MeanOf(double sum, double squares, double rows) {
  if (rows <= 0.0) return {};
  const double mean = sum / rows;
  const double spread = rows > 1.0 ? std::max(0.0, squares - rows * mean * mean) / (rows - 1.0) : 0;
  return {mean, spread / rows, rows, 0.0};
}

metric::Interval RateInterval(const Estimate& rate) {
  if (std::isnan(rate.value)) return {kNotDefined, kNotDefined, kNotDefined};
  const metric::ShareInterval bounds =
      metric::WilsonInterval(rate.hits, rate.rows, NormalQuantile(0.5 * (1.0 - kConfidence)));
  return {rate.value, bounds.low, bounds.high};
}

metric::Interval MeanInterval(const Estimate& mean) {
  const double half = NormalQuantile(0.5 * (1.0 - kConfidence)) * std::sqrt(mean.variance);
  return {mean.value, mean.value - half, mean.value + half};
}

// The same rate for each group: "true positive rate" of class "Yes".
struct Family {
  std::string label;
  std::vector<Estimate> groups;  // [groups]
};

struct Pair {
  const Family* family = nullptr;
  size_t high = 0;
  size_t low = 0;
};

bool Usable(const Estimate& estimate) {
  return !std::isnan(estimate.value) && estimate.rows >= static_cast<double>(kMinRateRows);
}

// All pairs that could be the widest; the greater value first.
std::vector<Pair> Pairs(const std::vector<Family>& families, const std::vector<char>& in_gaps) {
  std::vector<Pair> pairs;
  for (const Family& family : families) {
    for (size_t a = 0; a < in_gaps.size(); ++a) {
      for (size_t b = a + 1; b < in_gaps.size(); ++b) {
        if (in_gaps[a] == 0 || in_gaps[b] == 0) continue;
        if (!Usable(family.groups[a]) || !Usable(family.groups[b])) continue;
        const bool first = family.groups[a].value >= family.groups[b].value;
        pairs.push_back({&family, first ? a : b, first ? b : a});
      }
    }
  }
  return pairs;
}

std::string Evidence(const Pair& pair, const std::vector<std::string>& names) {
  return Format(
      "{} {} ({}) against {} ({})", pair.family->label,
      FormatFigure(pair.family->groups[pair.high].value,
                   0.1 * pair.family->groups[pair.high].value),
      names[pair.high],
      FormatFigure(pair.family->groups[pair.low].value, 0.1 * pair.family->groups[pair.high].value),
      names[pair.low]);
}

// A widest gap with its simultaneous interval: the greatest lower and the greatest upper bound of
// any pair hold for the widest one.
std::optional<MeasuredGap> WidestDifference(const std::vector<Family>& families,
                                            const std::vector<char>& in_gaps,
                                            const std::vector<std::string>& names) {
  const std::vector<Pair> pairs = Pairs(families, in_gaps);
  if (pairs.empty()) return std::nullopt;
  const double z = NormalQuantile(0.5 * (1.0 - kConfidence) / static_cast<double>(pairs.size()));
  MeasuredGap gap;
  gap.value = {-1.0, 0.0, 0.0};
  for (const Pair& pair : pairs) {
    const Estimate& high = pair.family->groups[pair.high];
    const Estimate& low = pair.family->groups[pair.low];
    const double difference = high.value - low.value;
    const double half = z * std::sqrt(high.variance + low.variance);
    gap.value.low = std::max(gap.value.low, difference - half);
    gap.value.high = std::max(gap.value.high, difference + half);
    if (difference > gap.value.value) {
      gap.value.value = difference;
      gap.evidence = Evidence(pair, names);
    }
  }
  return gap;
}

// Variance of the logarithm; half a hit is added where there is none.
double LogVariance(const Estimate& estimate, Task task) {
  if (task == Task::kRegression) {
    return estimate.value > 0.0 ? estimate.variance / (estimate.value * estimate.value) : 1.0;
  }
  const double hits = estimate.hits + 0.5;
  const double rows = estimate.rows + 1.0;
  return 1.0 / hits - 1.0 / rows;
}

std::optional<MeasuredGap> SmallestRatio(const std::vector<Family>& families,
                                         const std::vector<char>& in_gaps,
                                         const std::vector<std::string>& names, Task task) {
  const std::vector<Pair> pairs = Pairs(families, in_gaps);
  if (pairs.empty()) return std::nullopt;
  const double z = NormalQuantile(0.5 * (1.0 - kConfidence) / static_cast<double>(pairs.size()));
  MeasuredGap gap;
  gap.value = {2.0, 1.0, 1.0};
  for (const Pair& pair : pairs) {
    const Estimate& high = pair.family->groups[pair.high];
    const Estimate& low = pair.family->groups[pair.low];
    // Nobody of either group: equal treatment.
    const double ratio = high.value > 0.0 ? low.value / high.value : 1.0;
    const double half = z * std::sqrt(LogVariance(high, task) + LogVariance(low, task));
    const double shifted =
        std::max(ratio, (low.hits + 0.5) / (low.rows + 1.0) / std::max(high.value, 1e-12));
    const double centre = task == Task::kRegression || ratio > 0.0 ? ratio : shifted;
    gap.value.low = std::min(gap.value.low, ratio > 0.0 ? ratio * std::exp(-half) : 0.0);
    gap.value.high = std::min(gap.value.high, std::min(1.0, centre * std::exp(half)));
    if (ratio < gap.value.value) {
      gap.value.value = ratio;
      gap.evidence = Evidence(pair, names);
    }
  }
  return gap;
}

// Counts of one class against the rest in one group.
struct ClassCounts {
  double rows = 0.0;
  double actual = 0.0;
  double chosen = 0.0;
  double hits = 0.0;
};

struct Families {
  std::vector<Family> selection, true_positive, false_positive, accuracy, absolute_error,
      mean_error;
};

Family NewFamily(std::string label, size_t num_groups) {
  return {std::move(label), std::vector<Estimate>(num_groups)};
}

Families ClassFamilies(const metric::Scored& held_out, const Binning& groups,
                       const std::vector<std::string>& labels) {
  const size_t num_groups = groups.parts.size();
  const size_t num_classes = labels.size();
  std::vector<std::vector<ClassCounts>> counts(num_groups, std::vector<ClassCounts>(num_classes));
  std::vector<double> rows(num_groups);
  std::vector<double> right(num_groups);
  for (size_t row = 0; row < held_out.labels.size(); ++row) {
    const auto group = static_cast<size_t>(groups.part_of_row[row]);
    const auto actual = static_cast<size_t>(held_out.labels[row]);
    const auto chosen =
        static_cast<size_t>(metric::PredictedClass(held_out, static_cast<int64_t>(row)));
    rows[group] += 1.0;
    counts[group][actual].actual += 1.0;
    counts[group][chosen].chosen += 1.0;
    if (actual == chosen) {
      counts[group][actual].hits += 1.0;
      right[group] += 1.0;
    }
  }
  Families families;
  const size_t first = num_classes == 2 ? 1 : 0;
  for (size_t c = first; c < num_classes; ++c) {
    const std::string of = num_classes == 2 ? "" : Format(" of {}", labels[c]);
    Family selection = NewFamily("selection rate" + of, num_groups);
    Family found = NewFamily("true positive rate" + of, num_groups);
    Family wrong = NewFamily("false positive rate" + of, num_groups);
    for (size_t g = 0; g < num_groups; ++g) {
      const ClassCounts& n = counts[g][c];
      selection.groups[g] = Rate(n.chosen, rows[g]);
      found.groups[g] = Rate(n.hits, n.actual);
      wrong.groups[g] = Rate(n.chosen - n.hits, rows[g] - n.actual);
    }
    families.selection.push_back(std::move(selection));
    families.true_positive.push_back(std::move(found));
    families.false_positive.push_back(std::move(wrong));
  }
  families.accuracy.push_back(NewFamily("accuracy", num_groups));
  for (size_t g = 0; g < num_groups; ++g) {
    families.accuracy[0].groups[g] = Rate(right[g], rows[g]);
  }
  return families;
}

Families NumberFamilies(const metric::Scored& held_out, const Binning& groups) {
  const size_t num_groups = groups.parts.size();
  std::vector<double> rows(num_groups);
  std::vector<double> sum(num_groups);
  std::vector<double> absolute(num_groups);
  std::vector<double> squares(num_groups);
  for (size_t row = 0; row < held_out.labels.size(); ++row) {
    const auto group = static_cast<size_t>(groups.part_of_row[row]);
    const double error = held_out.outputs[row] - held_out.labels[row];
    rows[group] += 1.0;
    sum[group] += error;
    absolute[group] += std::abs(error);
    squares[group] += error * error;
  }
  Families families;
  families.absolute_error.push_back(NewFamily("mean absolute error", num_groups));
  families.mean_error.push_back(NewFamily("mean error", num_groups));
  for (size_t g = 0; g < num_groups; ++g) {
    families.absolute_error[0].groups[g] = MeanOf(absolute[g], squares[g], rows[g]);
    families.mean_error[0].groups[g] = MeanOf(sum[g], squares[g], rows[g]);
  }
  return families;
}

std::optional<MeasuredGap> Measure(std::string_view name, const Families& families,
                                   const std::vector<char>& in_gaps,
                                   const std::vector<std::string>& names, Task task) {
  if (name == "demographic_parity_difference") {
    return WidestDifference(families.selection, in_gaps, names);
  }
  if (name == "demographic_parity_ratio") {
    return SmallestRatio(families.selection, in_gaps, names, task);
  }
  if (name == "equalized_odds_difference") {
    std::vector<Family> both = families.true_positive;
    both.insert(both.end(), families.false_positive.begin(), families.false_positive.end());
    return WidestDifference(both, in_gaps, names);
  }
  if (name == "equal_opportunity_difference") {
    return WidestDifference(families.true_positive, in_gaps, names);
  }
  if (name == "false_positive_rate_difference") {
    return WidestDifference(families.false_positive, in_gaps, names);
  }
  if (name == "accuracy_difference") return WidestDifference(families.accuracy, in_gaps, names);
  if (name == "mae_difference") return WidestDifference(families.absolute_error, in_gaps, names);
  if (name == "mae_ratio") return SmallestRatio(families.absolute_error, in_gaps, names, task);
  return std::nullopt;
}

GroupFigure Figure(const char* name, const Estimate& estimate, const metric::Interval& interval) {
  return {name, interval, static_cast<int64_t>(estimate.rows)};
}

std::vector<GroupFigure> FiguresOf(const Families& families, size_t group, Task task) {
  std::vector<GroupFigure> figures;
  const auto rate = [&](const char* name, const std::vector<Family>& of) {
    const Estimate& estimate = of[0].groups[group];
    figures.push_back(Figure(name, estimate, RateInterval(estimate)));
  };
  if (task == Task::kRegression) {
    const Estimate& absolute = families.absolute_error[0].groups[group];
    const Estimate& mean = families.mean_error[0].groups[group];
    figures.push_back(Figure("mae", absolute, MeanInterval(absolute)));
    figures.push_back(Figure("mean_error", mean, MeanInterval(mean)));
    return figures;
  }
  if (task == Task::kBinary) {
    rate("selection_rate", families.selection);
    rate("true_positive_rate", families.true_positive);
    rate("false_positive_rate", families.false_positive);
  }
  rate("accuracy", families.accuracy);
  return figures;
}

}  // namespace

const MeasuredGap* ColumnFairness::FindGap(std::string_view name) const {
  for (const MeasuredGap& gap : gaps) {
    if (gap.name == name) return &gap;
  }
  return nullptr;
}

ColumnFairness MeasureFairness(const metric::Scored& held_out, const Binning& groups,
                               const std::vector<std::string>& class_labels) {
  ColumnFairness fairness;
  fairness.column = groups.column;
  const Families families = held_out.task == Task::kRegression
                                ? NumberFamilies(held_out, groups)
                                : ClassFamilies(held_out, groups, class_labels);
  std::vector<int64_t> rows(groups.parts.size());
  for (const int32_t part : groups.part_of_row) ++rows[static_cast<size_t>(part)];
  std::vector<char> in_gaps;
  for (size_t g = 0; g < groups.parts.size(); ++g) {
    in_gaps.push_back(rows[g] >= kMinGroupRows ? 1 : 0);
    fairness.groups.push_back({.group = groups.parts[g],
                               .num_rows = rows[g],
                               .in_gaps = rows[g] >= kMinGroupRows,
                               .figures = FiguresOf(families, g, held_out.task)});
  }
  for (const spec::GateMetric& metric : spec::FairnessMetrics()) {
    if (!spec::TaskHasMetric(held_out.task, metric)) continue;
    auto gap = Measure(metric.name, families, in_gaps, groups.parts, held_out.task);
    if (!gap) continue;
    gap->column = groups.column;
    gap->name = metric.name;
    fairness.gaps.push_back(std::move(*gap));
  }
  return fairness;
}

}  // namespace millrace::evaluate
