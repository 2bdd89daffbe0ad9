#include "develop/search.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/format.h"
#include "base/rng.h"
#include "model/constant_model.h"
#include "model/linear_model.h"

namespace millrace::develop {
namespace {

using table::Task;

// Trains nothing, in a time of its own: the clock moves on by it for every fold.
class TimedLearner final : public learner::Learner {
 public:
  TimedLearner(std::string_view name, double seconds, FakeClock& clock, std::atomic<int>& calls)
      : name_(name), seconds_(seconds), clock_(clock), calls_(calls) {}
  std::string_view name() const override { return name_; }
  std::string_view summary() const override { return "for this test"; }
  learner::Capabilities capabilities() const override { return {.tasks = "regression"}; }
  std::span<const OptionDescriptor> options() const override { return {}; }
  Result<learner::TrainedModel> Train(const learner::TrainingData& data,
                                      const learner::TrainOptions&) const override {
    ++calls_;
    clock_.Advance(seconds_);
    learner::TrainedModel trained;
    trained.rounds = 1;
    MILLRACE_ASSIGN_OR_RETURN(
        trained.model,
        model::ConstantModel::Make(data.features.num_columns(), model::Link::kIdentity, {0.0}));
    return trained;
  }

 private:
  std::string_view name_;
  double seconds_;
  FakeClock& clock_;
  std::atomic<int>& calls_;
};

struct Bench {
  FakeClock clock;
  std::atomic<int> quick_calls{0};
  std::atomic<int> slow_calls{0};
  table::Matrix features{80, 1};
  std::vector<feature::FeatureInfo> infos = {{.name = "x", .column = "x"}};
  std::vector<double> labels;
  std::vector<uint64_t> keys;
  Folds folds;
  learner::Registry registry;

  explicit Bench(double slow_seconds) {
    Rng rng(1);
    for (int64_t r = 0; r < 80; ++r) {
      labels.push_back(rng.Normal());
      keys.push_back(rng.Next());
    }
    folds = *MakeFolds(
        {.labels = labels, .keys = keys, .times = {}, .validation = {}, .task = Task::kRegression},
        {.num_folds = 8});
    registry.Add(std::make_unique<TimedLearner>("baseline", 0.0, clock, quick_calls));
    registry.Add(std::make_unique<TimedLearner>("quick", 0.0, clock, quick_calls));
    registry.Add(std::make_unique<TimedLearner>("slow", slow_seconds, clock, slow_calls));
  }

  Result<SearchResult> Run(double budget, const std::vector<std::string>& learners) {
    Plan plan;
    plan.num_folds = 8;
    plan.units = {{.name = "baseline", .learner = "baseline"}};
    for (const std::string& name : learners) plan.units.push_back({.name = name, .learner = name});
    PortfolioInputs portfolio{.task = Task::kRegression, .num_rows = 80, .num_features = 1};
    portfolio.learners = learners;
    SilentProgress progress;
    const SearchOptions options{
        .metric = "rmse", .deadline = clock.MonotonicSeconds() + budget, .budget_seconds = budget};
    return Search({.features = features,
                   .infos = infos,
                   .labels = labels,
                   .folds = folds,
                   .task = Task::kRegression},
                  plan, portfolio, options, registry, clock, progress);
  }
};

// Answers with a tenth of one column, whatever the labels are.
class ColumnLearner final : public learner::Learner {
 public:
  std::string_view name() const override { return "column"; }
  std::string_view summary() const override { return "for this test"; }
  learner::Capabilities capabilities() const override { return {.tasks = "regression"}; }
  std::span<const OptionDescriptor> options() const override { return kOptions; }
  Result<learner::TrainedModel> Train(const learner::TrainingData& data,
                                      const learner::TrainOptions& options) const override {
    const auto width = static_cast<size_t>(data.features.num_columns());
    model::LinearParts parts;
    for (size_t c = 0; c < width; ++c) {
      parts.terms.push_back({.first_column = static_cast<int32_t>(c)});
    }
    parts.intercepts = {0.0};
    parts.weights.assign(width, 0.0);
    parts.weights[static_cast<size_t>(std::stoi(options.values.at("index")))] = 0.1;
    learner::TrainedModel trained;
    trained.rounds = 1;
    MILLRACE_ASSIGN_OR_RETURN(trained.model, model::LinearModel::Make(std::move(parts)));
    return trained;
  }

 private:
  static inline const OptionDescriptor kOptions[] = {
      {.key = "index", .type = OptionType::kInteger, .default_text = "0", .minimum = 0}};
};

// Forty columns of noise, some of which go with the labels by chance. The mixture is made of those,
// so on the rows that chose it it looks better than no model: its estimate must come from mixtures
// that were chosen without the rows they are scored on.
TEST(SearchTest, ChoosingAmongNoiseIsNoGain) {
  constexpr int64_t kRows = 160;
  constexpr int64_t kColumns = 40;
  Rng rng(5);
  table::Matrix features(kRows, kColumns);
  for (float& value : features.mutable_values()) value = static_cast<float>(rng.Normal());
  std::vector<double> labels;
  std::vector<uint64_t> keys;
  for (int64_t r = 0; r < kRows; ++r) {
    labels.push_back(rng.Normal());
    keys.push_back(rng.Next());
  }
  const Folds folds = *MakeFolds(
      {.labels = labels, .keys = keys, .times = {}, .validation = {}, .task = Task::kRegression},
      {.num_folds = 8});
  const std::vector<feature::FeatureInfo> infos(kColumns);
  const std::vector<int64_t> rounds(8, 1);
  Plan plan;
  plan.num_folds = 8;
  plan.units = {{.name = "baseline", .learner = "baseline", .rounds = rounds}};
  for (int64_t c = 0; c < kColumns; ++c) {
    plan.units.push_back({.name = Format("column {}", c),
                          .learner = "column",
                          .values = {{"index", Format("{}", c)}},
                          .rounds = rounds});
  }
  FakeClock clock;
  std::atomic<int> calls{0};
  learner::Registry registry;
  registry.Add(std::make_unique<TimedLearner>("baseline", 0.0, clock, calls));
  registry.Add(std::make_unique<ColumnLearner>());
  SilentProgress progress;
  const auto found = Search({.features = features,
                             .infos = infos,
                             .labels = labels,
                             .folds = folds,
                             .task = Task::kRegression},
                            plan, {}, {.metric = "rmse", .mode = SearchOptions::Mode::kReplay},
                            registry, clock, progress);
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  ASSERT_GT(found->units.size(), 1u);
  EXPECT_GE(found->over_baseline.value, 0.0) << "noise is called better than the baseline";
}

TEST(SearchTest, AFoldThatTimeIsUpForDoesNotStart) {
  Bench bench(4.0);
  const auto found = bench.Run(10.0, {"quick", "slow"});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  // Folds start at 0, 4 and 8 of 10 seconds; the candidate lacks the others and is left out.
  EXPECT_EQ(bench.slow_calls, 3);
  ASSERT_EQ(found->units.size(), 2u);
  EXPECT_EQ(found->units[1].unit.name, "quick");
  EXPECT_EQ(found->plan.units.size(), 2u);
}

// A late model is better than none: of the baseline nobody has any use.
TEST(SearchTest, TheFirstModelIsTrainedOnEveryFoldHoweverLateItIs) {
  Bench bench(4.0);
  const auto found = bench.Run(10.0, {"slow", "quick"});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(bench.slow_calls, 8);
  ASSERT_EQ(found->units.size(), 2u);
  EXPECT_EQ(found->units[1].unit.name, "slow");
}

TEST(SearchTest, ACandidateThatHasTimeForAllFoldsCounts) {
  Bench bench(1.0);
  const auto found = bench.Run(10.0, {"quick", "slow"});
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(bench.slow_calls, 8);
  EXPECT_EQ(found->units.size(), 3u);
}

}  // namespace
}  // namespace millrace::develop
