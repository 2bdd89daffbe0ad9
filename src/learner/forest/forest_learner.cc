#include "learner/forest/forest_learner.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>

#include "base/threads.h"
#include "learner/binned_matrix.h"
#include "learner/forest/tree_grower.h"
#include "model/forest_model.h"
#include "model/tree_ensemble.h"

namespace millrace::learner {
namespace {

using table::Task;

const OptionDescriptor kOptions[] = {
    {.key = "trees",
     .type = OptionType::kInteger,
     .default_text = "40",
     .minimum = 1,
     .maximum = 5000,
     .unit = "trees",
     .text = "Trees of the forest.",
     .scale = OptionScale::kLog},
    {.key = "random_cuts",
     .type = OptionType::kBoolean,
     .default_text = "true",
     .text = "Draws one cut per feature (extremely randomised trees) instead of searching the "
             "best (random forest)."},
    {.key = "repeats",
     .type = OptionType::kBoolean,
     .default_text = "false",
     .text = "Grows each tree on rows drawn with repetition."},
    {.key = "split_features",
     .type = OptionType::kNumber,
     .default_text = "0",
     .minimum = 0.0,
     .maximum = 1.0,
     .text = "Share of the features that each split looks at; 0: the root of their number for "
             "classes, half of them for numbers."},
    {.key = "min_leaf_rows",
     .type = OptionType::kInteger,
     .default_text = "1",
     .minimum = 1,
     .maximum = 10000,
     .unit = "rows",
     .text = "Fewest rows of a leaf.",
     .scale = OptionScale::kLog},
};

// Probabilities keep this much of the classes' shares, divided by the number of trees: a class
// that no tree saw in a leaf is rare there, not impossible.
constexpr double kPriorWeight = 0.25;

struct ForestOptions {
  int64_t trees = 40;
  GrowOptions grow;
};

Result<ForestOptions> ReadOptions(const Learner& learner, const SessionData& data,
                                  const TrainOptions& options) {
  ForestOptions forest;
  const auto number = [&](std::string_view key) {
    return NumberOption(learner, options.values, key);
  };
  MILLRACE_ASSIGN_OR_RETURN(const double trees, number("trees"));
  MILLRACE_ASSIGN_OR_RETURN(const double random_cuts, number("random_cuts"));
  MILLRACE_ASSIGN_OR_RETURN(const double repeats, number("repeats"));
  MILLRACE_ASSIGN_OR_RETURN(const double share, number("split_features"));
  MILLRACE_ASSIGN_OR_RETURN(const double min_leaf_rows, number("min_leaf_rows"));
  forest.trees = options.fixed_rounds.value_or(static_cast<int64_t>(trees));
  forest.grow.random_cuts = random_cuts != 0.0;
  forest.grow.draw_with_repeats = repeats != 0.0;
  forest.grow.min_leaf_rows = static_cast<int64_t>(min_leaf_rows);
  const auto features = static_cast<double>(data.features.num_columns());
  const double wanted = share > 0.0                      ? share * features
                        : data.task == Task::kRegression ? 0.5 * features
                                                         : std::sqrt(features);
  forest.grow.features_per_split = std::max<int64_t>(1, static_cast<int64_t>(wanted + 0.5));
  return forest;
}

class ForestSession final : public Session {
 public:
  ForestSession(const Learner& learner, const SessionData& data)
      : learner_(learner), data_(data), bins_(data.features) {
    all_.train.resize(data.labels.size());
    std::iota(all_.train.begin(), all_.train.end(), int64_t{0});
  }

  Result<TrainedModel> Train(int64_t fold, const TrainOptions& options) const override {
    MILLRACE_ASSIGN_OR_RETURN(const ForestOptions forest, ReadOptions(learner_, data_, options));
    if (data_.features.num_columns() == 0) return InvalidData("forest: no features");
    const Fold& rows = fold == kAllRows ? all_ : data_.folds[static_cast<size_t>(fold)];
    if (rows.train.empty()) return InvalidData("forest: no rows to train on");
    // Values about their mean: sums of squares keep their digits.
    std::vector<double> labels(data_.labels.begin(), data_.labels.end());
    double mean = 0.0;
    if (data_.task == Task::kRegression) {
      for (const int64_t row : rows.train) mean += labels[static_cast<size_t>(row)];
      mean /= static_cast<double>(rows.train.size());
      for (double& label : labels) label -= mean;
    }
    std::vector<GrownTree> trees(static_cast<size_t>(forest.trees));
    std::vector<uint8_t> grown(trees.size());
    std::atomic<bool> stopped{false};
    ParallelFor(options.num_threads, forest.trees, [&](int64_t tree) {
      // The first tree is always grown: a model comes out.
      if (tree > 0 && (stopped || (options.stop && options.stop()))) {
        stopped = true;
        return;
      }
      trees[static_cast<size_t>(tree)] = GrowTree(
          bins_, labels, data_.task == Task::kRegression ? 0 : data_.num_classes, rows.train,
          forest.grow, Rng(options.seed).Fork("tree", static_cast<uint64_t>(tree)));
      grown[static_cast<size_t>(tree)] = 1;
    });
    // Trees up to the first that is missing: what a second run with that number grows.
    trees.resize(static_cast<size_t>(std::find(grown.begin(), grown.end(), 0) - grown.begin()));
    TrainedModel trained;
    trained.rounds = static_cast<int64_t>(trees.size());
    trained.stopped_early = stopped;
    if (data_.task == Task::kMulticlass) {
      MILLRACE_ASSIGN_OR_RETURN(trained.model, MakeForest(trees, rows.train));
    } else {
      MILLRACE_ASSIGN_OR_RETURN(trained.model, MakeTrees(trees, labels, rows.train, mean));
    }
    const table::Matrix validation = data_.features.Take(rows.validation);
    trained.validation_outputs.resize(rows.validation.size() *
                                      static_cast<size_t>(trained.model->num_scores()));
    model::Predict(*trained.model, validation.values(), validation.num_rows(),
                   trained.validation_outputs);
    return trained;
  }

 private:
  // Class shares of the training rows, times the weight that the prior has.
  std::vector<double> Prior(std::span<const int64_t> rows, double weight) const {
    std::vector<double> shares(static_cast<size_t>(data_.num_classes));
    for (const int64_t row : rows) {
      shares[static_cast<size_t>(data_.labels[static_cast<size_t>(row)])] +=
          weight / static_cast<double>(rows.size());
    }
    return shares;
  }

  Result<std::unique_ptr<model::Model>> MakeForest(const std::vector<GrownTree>& trees,
                                                   std::span<const int64_t> rows) const {
    const double prior = kPriorWeight / static_cast<double>(trees.size() + 1);
    model::ForestParts parts;
    parts.num_features = data_.features.num_columns();
    parts.num_scores = data_.num_classes;
    parts.base_shares = Prior(rows, prior);
    parts.tree_nodes = {0};
    parts.tree_leaves = {0};
    parts.leaf_starts = {0};
    std::vector<double> counts(static_cast<size_t>(data_.num_classes));
    for (const GrownTree& tree : trees) {
      const auto append = [](auto& to, const auto& from) {
        to.insert(to.end(), from.begin(), from.end());
      };
      append(parts.split_feature, tree.feature);
      append(parts.threshold, tree.threshold);
      append(parts.missing_left, tree.missing_left);
      append(parts.left, tree.left);
      append(parts.right, tree.right);
      for (size_t leaf = 0; leaf + 1 < tree.leaf_starts.size(); ++leaf) {
        const auto first = static_cast<size_t>(tree.leaf_starts[leaf]);
        const auto last = static_cast<size_t>(tree.leaf_starts[leaf + 1]);
        std::vector<size_t> present;
        for (size_t i = first; i < last; ++i) {
          const auto label = static_cast<size_t>(data_.labels[tree.leaf_rows[i]]);
          if (counts[label] == 0.0) present.push_back(label);
          counts[label] += 1.0;
        }
        std::sort(present.begin(), present.end());
        for (const size_t label : present) {
          parts.share_class.push_back(static_cast<uint16_t>(label));
          parts.share.push_back(static_cast<float>((1.0 - prior) * counts[label] /
                                                   static_cast<double>(last - first)));
          counts[label] = 0.0;
        }
        parts.leaf_starts.push_back(static_cast<int32_t>(parts.share.size()));
      }
      parts.tree_nodes.push_back(static_cast<int32_t>(parts.split_feature.size()));
      parts.tree_leaves.push_back(static_cast<int32_t>(parts.leaf_starts.size() - 1));
    }
    MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<model::ForestModel> model,
                              model::ForestModel::Make(std::move(parts)));
    return std::unique_ptr<model::Model>(std::move(model));
  }

  Result<std::unique_ptr<model::Model>> MakeTrees(const std::vector<GrownTree>& trees,
                                                  const std::vector<double>& labels,
                                                  std::span<const int64_t> rows,
                                                  double mean) const {
    const bool binary = data_.task == Task::kBinary;
    const double prior = binary ? kPriorWeight / static_cast<double>(trees.size() + 1) : 0.0;
    model::TreeParts parts;
    parts.num_features = data_.features.num_columns();
    parts.average = true;
    parts.base_scores = {binary ? Prior(rows, prior)[1] : mean};
    parts.tree_nodes = {0};
    parts.tree_leaves = {0};
    for (const GrownTree& tree : trees) {
      for (size_t n = 0; n < tree.feature.size(); ++n) {
        parts.split_feature.push_back(tree.feature[n]);
        parts.threshold.push_back(static_cast<double>(tree.threshold[n]));
        parts.rule.push_back(
            static_cast<uint8_t>(static_cast<uint8_t>(model::MissingRule::kNan) |
                                 (tree.missing_left[n] != 0 ? model::kDefaultLeft : uint8_t{0})));
        parts.left.push_back(tree.left[n]);
        parts.right.push_back(tree.right[n]);
      }
      for (size_t leaf = 0; leaf + 1 < tree.leaf_starts.size(); ++leaf) {
        const auto first = static_cast<size_t>(tree.leaf_starts[leaf]);
        const auto last = static_cast<size_t>(tree.leaf_starts[leaf + 1]);
        double sum = 0.0;
        for (size_t i = first; i < last; ++i) sum += labels[tree.leaf_rows[i]];
        const double value = (1.0 - prior) * sum / static_cast<double>(last - first);
        parts.leaf_value.push_back(static_cast<double>(static_cast<float>(value)));
      }
      parts.tree_nodes.push_back(static_cast<int32_t>(parts.split_feature.size()));
      parts.tree_leaves.push_back(static_cast<int32_t>(parts.leaf_value.size()));
    }
    MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<model::TreeEnsemble> model,
                              model::TreeEnsemble::Make(std::move(parts)));
    return std::unique_ptr<model::Model>(std::move(model));
  }

  const Learner& learner_;
  SessionData data_;
  BinnedMatrix bins_;
  Fold all_;
};

}  // namespace

std::span<const OptionDescriptor> ForestLearner::options() const { return kOptions; }

Result<TrainedModel> ForestLearner::Train(const TrainingData& data,
                                          const TrainOptions& options) const {
  MILLRACE_RETURN_IF_ERROR(CheckTraining(*this, data, options));
  const Fold fold{{data.train_rows.begin(), data.train_rows.end()},
                  {data.validation_rows.begin(), data.validation_rows.end()}};
  return ForestSession(*this, {.features = data.features,
                               .infos = data.infos,
                               .labels = data.labels,
                               .task = data.task,
                               .num_classes = data.num_classes,
                               .folds = std::span<const Fold>(&fold, 1)})
      .Train(0, options);
}

Result<std::unique_ptr<Session>> ForestLearner::Open(const SessionData& data) const {
  return std::unique_ptr<Session>(std::make_unique<ForestSession>(*this, data));
}

}  // namespace millrace::learner
