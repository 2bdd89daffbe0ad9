#include "develop/folds.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"

namespace millrace::develop {
namespace {

using learner::Fold;
using table::Task;

constexpr int64_t kTargetBins = 10;

// Classes, or tenths of the target.
std::vector<int64_t> StrataOf(const FoldRows& rows) {
  std::vector<int64_t> strata(rows.labels.size());
  if (rows.task != Task::kRegression) {
    std::transform(rows.labels.begin(), rows.labels.end(), strata.begin(),
                   [](double label) { return static_cast<int64_t>(label); });
    return strata;
  }
  std::vector<double> sorted(rows.labels.begin(), rows.labels.end());
  std::sort(sorted.begin(), sorted.end());
  for (size_t r = 0; r < strata.size(); ++r) {
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), rows.labels[r]);
    strata[r] = kTargetBins * (below - sorted.begin()) / static_cast<std::ptrdiff_t>(sorted.size());
  }
  return strata;
}

// Rows that stay together.
struct Unit {
  uint64_t order = 0;
  int64_t stratum = 0;  // of its first row
  std::vector<int64_t> rows;
};

std::vector<Unit> UnitsOf(const FoldRows& rows, uint64_t seed) {
  const std::vector<int64_t> strata = StrataOf(rows);
  std::map<uint64_t, size_t> index;
  std::vector<Unit> units;
  for (size_t r = 0; r < rows.keys.size(); ++r) {
    const uint64_t order = MixHash(rows.keys[r], seed);
    const auto [at, is_new] = index.emplace(order, units.size());
    if (is_new) units.push_back({order, strata[r], {}});
    units[at->second].rows.push_back(static_cast<int64_t>(r));
  }
  // Large groups first: they are the hardest to place.
  std::sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) {
    if (a.rows.size() != b.rows.size()) return a.rows.size() > b.rows.size();
    return a.order < b.order;
  });
  return units;
}

// Places each unit where its stratum has the fewest rows for the fold's weight, ties by all rows.
std::vector<std::vector<int64_t>> Place(const std::vector<Unit>& units,
                                        const std::vector<double>& weights) {
  const size_t num_parts = weights.size();
  std::vector<std::vector<int64_t>> parts(num_parts);
  std::map<int64_t, std::vector<double>> in_stratum;
  for (const Unit& unit : units) {
    std::vector<double>& counts =
        in_stratum.try_emplace(unit.stratum, num_parts, 0.0).first->second;
    size_t best = 0;
    for (size_t p = 1; p < num_parts; ++p) {
      const double here = (counts[p] + 1.0) / weights[p];
      const double there = (counts[best] + 1.0) / weights[best];
      const double all_here = static_cast<double>(parts[p].size()) / weights[p];
      const double all_there = static_cast<double>(parts[best].size()) / weights[best];
      if (here < there || (here == there && all_here < all_there)) best = p;
    }
    counts[best] += static_cast<double>(unit.rows.size());
    parts[best].insert(parts[best].end(), unit.rows.begin(), unit.rows.end());
  }
  for (std::vector<int64_t>& part : parts) std::sort(part.begin(), part.end());
  return parts;
}

Fold FoldOf(const std::vector<std::vector<int64_t>>& parts, size_t validation) {
  Fold fold;
  fold.validation = parts[validation];
  for (size_t p = 0; p < parts.size(); ++p) {
    if (p == validation) continue;
    fold.train.insert(fold.train.end(), parts[p].begin(), parts[p].end());
  }
  std::sort(fold.train.begin(), fold.train.end());
  return fold;
}

// Blocks of rows in the order of time; the first one is only learnt from.
Result<Folds> ForwardChain(const FoldRows& rows, const FoldPlan& plan) {
  std::vector<int64_t> order(rows.times.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&rows](int64_t a, int64_t b) {
    return rows.times[static_cast<size_t>(a)] < rows.times[static_cast<size_t>(b)];
  });
  const auto time_at = [&](size_t place) { return rows.times[static_cast<size_t>(order[place])]; };
  std::vector<double> shares;
  if (plan.num_folds == 1) {
    shares = {1.0 - plan.validation_share, 1.0};
  } else {
    // The first block holds as much as two others, so that the earliest model has something.
    const auto blocks = static_cast<double>(plan.num_folds + 2);
    for (int64_t f = 0; f <= plan.num_folds; ++f) {
      shares.push_back(static_cast<double>(f + 2) / blocks);
    }
  }
  std::vector<size_t> borders;
  for (const double share : shares) {
    auto border = static_cast<size_t>(share * static_cast<double>(order.size()));
    while (border > 0 && border < order.size() && time_at(border) == time_at(border - 1)) ++border;
    if (borders.empty() || border > borders.back()) borders.push_back(border);
  }
  Folds folds;
  for (size_t b = 0; b + 1 < borders.size(); ++b) {
    if (borders[b] == 0) continue;
    const auto first = order.begin();
    Fold fold;
    fold.train.assign(first, first + static_cast<std::ptrdiff_t>(borders[b]));
    fold.validation.assign(first + static_cast<std::ptrdiff_t>(borders[b]),
                           first + static_cast<std::ptrdiff_t>(borders[b + 1]));
    if (rows.embargo_seconds > 0.0) {
      const double last = time_at(borders[b]) - rows.embargo_seconds;
      std::erase_if(fold.train,
                    [&](int64_t row) { return rows.times[static_cast<size_t>(row)] > last; });
      if (fold.train.empty()) continue;
    }
    std::sort(fold.train.begin(), fold.train.end());
    std::sort(fold.validation.begin(), fold.validation.end());
    folds.folds.push_back(std::move(fold));
  }
  if (folds.folds.empty()) {
    return InvalidData("develop: the training rows cannot be divided by time")
        .WithHint(rows.embargo_seconds > 0.0
                      ? "nearly all of them have the same time, or split.embargo leaves none"
                      : "nearly all of them have the same time");
  }
  folds.scheme = plan.num_folds == 1
                     ? "hold-out of the latest rows"
                     : Format("{} folds, each after its training rows in time", folds.folds.size());
  return folds;
}

// One hold-out of the rows that a person states.
Result<Folds> StatedFold(const FoldRows& rows) {
  Folds folds;
  Fold fold;
  for (size_t r = 0; r < rows.labels.size(); ++r) {
    (rows.validation[r] != 0 ? fold.validation : fold.train).push_back(static_cast<int64_t>(r));
  }
  if (fold.train.empty()) {
    return InvalidData("develop: every row outside the test part is stated as validation")
        .WithHint("state some rows as train");
  }
  folds.scheme = Format("hold-out of the {} rows stated as validation",
                        FormatCount(static_cast<int64_t>(fold.validation.size())));
  folds.folds.push_back(std::move(fold));
  return folds;
}

// Folds of one division, that of `units`, or of several, each from a seed of its own.
Folds Divisions(const FoldRows& rows, const FoldPlan& plan, uint64_t seed, std::vector<Unit> units,
                std::string_view spread) {
  Folds folds;
  bool grouped = false;
  for (int64_t repeat = 0; repeat < plan.num_repeats; ++repeat) {
    if (repeat > 0) units = UnitsOf(rows, MixHash(seed, static_cast<uint64_t>(repeat)));
    grouped = units[0].rows.size() > 1;
    const auto parts = Place(units, std::vector<double>(static_cast<size_t>(plan.num_folds), 1.0));
    for (size_t f = 0; f < parts.size(); ++f) {
      if (!parts[f].empty()) folds.folds.push_back(FoldOf(parts, f));
    }
  }
  folds.num_repeats = plan.num_repeats;
  const bool once = plan.num_repeats == 1;
  folds.scheme = Format("{} folds{}, stratified by {}{}",
                        once ? static_cast<int64_t>(folds.folds.size()) : plan.num_folds,
                        once ? "" : Format(" drawn {} times", plan.num_repeats), spread,
                        grouped ? ", rows of one key together" : "");
  return folds;
}

}  // namespace

Result<Folds> MakeFolds(const FoldRows& rows, const FoldPlan& plan) {
  Folds folds;
  if (!rows.validation.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(folds, StatedFold(rows));
  } else if (!rows.times.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(folds, ForwardChain(rows, plan));
  } else {
    const uint64_t seed = MixHash(plan.seed, Hash64("folds"));
    std::vector<Unit> units = UnitsOf(rows, seed);
    const auto needed = static_cast<size_t>(std::max<int64_t>(2, plan.num_folds));
    if (units.size() < needed) {
      return InvalidData(
          Format("develop: {} training rows with keys of their own; {} are needed "
                 "to hold some out",
                 units.size(), needed));
    }
    const std::string_view spread =
        rows.task == Task::kRegression ? "tenths of the target" : "class";
    if (plan.num_folds == 1) {
      const auto parts = Place(units, {1.0 - plan.validation_share, plan.validation_share});
      if (parts[0].empty() || parts[1].empty()) {
        return InvalidData("develop: a hold-out of the training rows would be empty");
      }
      folds.folds.push_back(FoldOf(parts, 1));
      folds.scheme =
          Format("hold-out of {:.0f} %, stratified by {}", 100.0 * plan.validation_share, spread);
    } else {
      folds = Divisions(rows, plan, seed, std::move(units), spread);
    }
  }
  for (const Fold& fold : folds.folds) {
    folds.scored_rows.insert(folds.scored_rows.end(), fold.validation.begin(),
                             fold.validation.end());
  }
  std::sort(folds.scored_rows.begin(), folds.scored_rows.end());
  folds.scored_rows.erase(std::unique(folds.scored_rows.begin(), folds.scored_rows.end()),
                          folds.scored_rows.end());
  return folds;
}

int64_t ChooseNumFolds(int64_t num_rows, int64_t num_features, int64_t num_scores,
                       double budget_seconds, int num_threads) {
  if (num_rows < 80) return std::clamp<int64_t>(num_rows / 2, 2, 5);
  // Measured: a boosted tree of 31 leaves costs about 8 ns per row and feature on one core; a
  // quick model has 100 rounds.
  const double quick = 8e-9 * 100.0 * static_cast<double>(num_rows) *
                       static_cast<double>(std::max<int64_t>(num_features, 4)) *
                       static_cast<double>(num_scores) / static_cast<double>(num_threads);
  for (const int64_t folds : {8, 5}) {
    if (static_cast<double>(folds) * quick <= 0.25 * budget_seconds) return folds;
  }
  // Folds run side by side with a thread each; a hold-out needs the threads of the engine, which
  // wait for each other actively and fare badly on a busy machine (one round of 26 classes took
  // 15 s at load 10): only where nothing else fits.
  return 4.0 * quick <= budget_seconds ? 4 : 1;
}

}  // namespace millrace::develop
