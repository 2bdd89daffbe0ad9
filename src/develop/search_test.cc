#include "develop/search.h"

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "base/rng.h"
#include "model/constant_model.h"

namespace millrace::develop {
namespace {

using table::Task;

// Trains nothing, in a time of its own: the clock moves on by it for every fold.
class TimedLearner final : public learner::Learner {
 public:
  TimedLearner(std::string_view name, double seconds, FakeClock& clock, std::atomic<int>& calls)
      : name_(name), seconds_(seconds), clock_(clock), calls_(calls) {}
  std::string_view name() const override { return name_; }
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
        model::ConstantModel::Make(data.features.num_columns(), model::Link::kIdentity, {0.5}));
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
    registry.Add(std::make_unique<TimedLearner>("slow", slow_seconds, clock, slow_calls));
  }

  Result<SearchResult> Run(double budget) {
    Plan plan;
    plan.num_folds = 8;
    plan.units = {{.name = "baseline", .learner = "baseline"}, {.name = "slow", .learner = "slow"}};
    PortfolioInputs portfolio{.task = Task::kRegression, .num_rows = 80, .num_features = 1};
    portfolio.learners = {"slow"};
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

TEST(SearchTest, AFoldThatTimeIsUpForDoesNotStart) {
  Bench bench(4.0);
  const auto found = bench.Run(10.0);
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  // Folds start at 0, 4 and 8 of 10 seconds; the candidate lacks the others and is left out.
  EXPECT_EQ(bench.slow_calls, 3);
  ASSERT_EQ(found->units.size(), 1u);
  EXPECT_EQ(found->units[0].unit.name, "baseline");
  EXPECT_EQ(found->plan.units.size(), 1u);
}

TEST(SearchTest, ACandidateThatHasTimeForAllFoldsCounts) {
  Bench bench(1.0);
  const auto found = bench.Run(10.0);
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(bench.slow_calls, 8);
  EXPECT_EQ(found->units.size(), 2u);
}

}  // namespace
}  // namespace millrace::develop
