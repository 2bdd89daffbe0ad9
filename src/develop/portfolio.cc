#include "develop/portfolio.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace millrace::develop {
namespace {

using learner::OptionValues;
using table::Task;

constexpr int64_t kMaxNetworkFeatures = 500;
constexpr int64_t kMaxNetworkScores = 200;

struct Entry {
  const char* name;
  const char* learner;
  OptionValues values;
};

// Classes are learnt by heart sooner than numbers: more is left out of each step.
OptionValues NetworkValues(Task task) {
  if (task == Task::kRegression) return {};
  return {{"dropout", "0.3"}, {"weight_decay", "0.3"}};
}

// Ordered by what each adds to the ones before it.
std::vector<Entry> Entries(const PortfolioInputs& inputs) {
  std::vector<Entry> list = {
      {"baseline", "baseline", {}},
      {"boosting, quick", "boosting", {{"rounds", "400"}, {"patience", "12"}}},
      {"linear", "linear", {}},
      {"extra trees", "forest", {}},
      {"boosting, small steps",
       "boosting",
       {{"learning_rate", "0.03"},
        {"leaves", "31"},
        {"feature_share", "0.6"},
        {"row_share", "0.8"},
        {"min_leaf_rows", "10"},
        {"l2", "1"}}},
      {"network", "mlp", NetworkValues(inputs.task)},
      {"random forest",
       "forest",
       {{"random_cuts", "false"}, {"repeats", "true"}, {"min_leaf_rows", "2"}}},
      {"boosting, random thresholds",
       "boosting",
       {{"learning_rate", "0.04"},
        {"leaves", "48"},
        {"extra_trees", "true"},
        {"feature_share", "0.7"},
        {"min_leaf_rows", "5"},
        {"l2", "1"}}},
      {"boosting, small trees",
       "boosting",
       {{"learning_rate", "0.05"},
        {"leaves", "8"},
        {"feature_share", "0.5"},
        {"row_share", "0.8"},
        {"category_smoothing", "30"}}},
      {"boosting, large trees",
       "boosting",
       {{"learning_rate", "0.03"},
        {"leaves", "128"},
        {"feature_share", "0.6"},
        {"row_share", "0.9"},
        {"min_leaf_rows", "4"},
        {"l2", "3"}}},
  };
  if (inputs.task == Task::kRegression && inputs.positive_target) {
    list.push_back({"boosting, log link",
                    "boosting",
                    {{"loss", "gamma"},
                     {"learning_rate", "0.04"},
                     {"leaves", "31"},
                     {"feature_share", "0.6"},
                     {"row_share", "0.8"},
                     {"min_leaf_rows", "8"}}});
  }
  list.push_back({"boosting, random thresholds, large",
                  "boosting",
                  {{"learning_rate", "0.03"},
                   {"leaves", "180"},
                   {"extra_trees", "true"},
                   {"feature_share", "0.45"},
                   {"row_share", "0.8"},
                   {"min_leaf_rows", "2"},
                   {"l2", "0.5"}}});
  list.push_back({"boosting, few features",
                  "boosting",
                  {{"learning_rate", "0.03"},
                   {"leaves", "64"},
                   {"feature_share", "0.3"},
                   {"row_share", "0.7"},
                   {"min_leaf_rows", "20"},
                   {"l1", "1"},
                   {"l2", "2"}}});
  list.push_back(
      {"extra trees, wide", "forest", {{"split_features", "0.8"}, {"min_leaf_rows", "3"}}});
  list.push_back({"network, one layer", "mlp", {{"layers", "1"}, {"width", "96"}, {"knots", "8"}}});
  list.push_back({"linear, strong penalty", "linear", {{"l2", "30"}}});
  list.push_back({"boosting, slow",
                  "boosting",
                  {{"learning_rate", "0.015"},
                   {"leaves", "24"},
                   {"feature_share", "0.5"},
                   {"row_share", "0.7"},
                   {"min_leaf_rows", "5"},
                   {"category_smoothing", "20"}}});
  list.push_back({"boosting, shallow and smooth",
                  "boosting",
                  {{"learning_rate", "0.06"},
                   {"leaves", "4"},
                   {"min_leaf_rows", "40"},
                   {"l2", "10"},
                   {"feature_share", "0.5"},
                   {"row_share", "0.8"},
                   {"category_smoothing", "100"}}});
  return list;
}

// The settings that a variation moves: name, smallest, greatest, largest factor.
struct Move {
  const char* key;
  double minimum;
  double maximum;
  double factor;
  double otherwise;  // where the leader does not say
  bool whole;
};
constexpr Move kMoves[] = {
    {"learning_rate", 0.01, 0.15, 1.7, 0.05, false}, {"leaves", 3, 512, 2.2, 31, true},
    {"min_leaf_rows", 1, 200, 2.5, 20, true},        {"feature_share", 0.2, 1.0, 1.5, 0.8, false},
    {"row_share", 0.5, 1.0, 1.3, 0.9, false},        {"l2", 0.01, 50, 4.0, 1, false},
    {"category_smoothing", 1, 200, 3.0, 10, false},
};

}  // namespace

std::vector<WorkUnit> MakePortfolio(const PortfolioInputs& inputs) {
  std::vector<WorkUnit> units;
  for (Entry& entry : Entries(inputs)) {
    // The baseline is what the others are measured against: always there.
    if (!inputs.learners.empty() && std::string_view(entry.learner) != "baseline" &&
        std::find(inputs.learners.begin(), inputs.learners.end(), entry.learner) ==
            inputs.learners.end()) {
      continue;
    }
    // The first stage of a network is not cut short: it must be cheap.
    const bool wide =
        inputs.num_features > kMaxNetworkFeatures || inputs.num_scores > kMaxNetworkScores;
    if (std::string_view(entry.learner) == "mlp" && wide && inputs.learners.empty()) continue;
    if (inputs.num_rows < 2000 && std::string_view(entry.learner) == "boosting" &&
        !entry.values.contains("min_leaf_rows")) {
      entry.values["min_leaf_rows"] = "5";
    }
    // Leaves grow with the rows, so that a forest keeps its size.
    const int64_t leaf_rows = inputs.num_rows / 8000;
    if (std::string_view(entry.learner) == "forest" && leaf_rows > 2) {
      entry.values["min_leaf_rows"] = Format("{}", leaf_rows);
    }
    for (const auto& [learner, own] : inputs.values) {
      if (learner != entry.learner) continue;
      for (const auto& [key, value] : own) entry.values[key] = value;
    }
    units.push_back({entry.name, entry.learner, entry.values, {}, FinalForm::kBag, false});
  }
  return units;
}

WorkUnit Vary(const WorkUnit& leader, const PortfolioInputs& inputs, std::string name, Rng rng) {
  WorkUnit unit{std::move(name), leader.learner, leader.values, {}, FinalForm::kBag, false};
  unit.values.erase("rounds");
  unit.values.erase("patience");
  for (const Move& move : kMoves) {
    const double direction = 2.0 * rng.Uniform() - 1.0;
    const bool moves = rng.Uniform() < 0.7;
    if (!moves) continue;
    const auto given = unit.values.find(move.key);
    const double from = given == unit.values.end()
                            ? move.otherwise
                            : ParseDouble(given->second).value_or(move.otherwise);
    const double to = std::clamp(std::max(from, move.minimum) * std::pow(move.factor, direction),
                                 move.minimum, move.maximum);
    unit.values[move.key] =
        move.whole ? Format("{}", static_cast<int64_t>(to + 0.5)) : Format("{:.3g}", to);
  }
  if (rng.Uniform() < 0.2) {
    const bool on = unit.values["extra_trees"] == "true";
    unit.values["extra_trees"] = on ? "false" : "true";
  }
  for (const auto& [learner, own] : inputs.values) {
    if (learner != unit.learner) continue;
    for (const auto& [key, value] : own) unit.values[key] = value;
  }
  return unit;
}

int64_t MaxCandidates(int64_t num_rows) {
  if (num_rows <= 100) return 6;
  if (num_rows <= 500) return 12;
  if (num_rows <= 2500) return 24;
  return num_rows <= 10'000 ? 60 : 120;
}

}  // namespace millrace::develop
