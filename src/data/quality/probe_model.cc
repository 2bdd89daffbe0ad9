#include "data/quality/probe_model.h"

#include <algorithm>
#include <set>

#include "base/format.h"
#include "fit/fit_graph.h"
#include "learner/registry.h"
#include "metric/metric.h"
#include "model/model.h"

namespace millrace::data {
namespace {

constexpr int64_t kWords = 150;  // of a free text
constexpr int64_t kBoostedClasses = 8;
constexpr std::string_view kTable = "__quality_rows";

struct Recipe {
  std::string learner;
  learner::OptionValues values;
  int64_t rounds = 0;
};

Recipe RecipeFor(int64_t num_rows, int64_t num_classes) {
  if (num_classes > kBoostedClasses) return {"forest", {{"random_cuts", "false"}}, 40};
  const int64_t leaf = std::clamp<int64_t>(num_rows / 100, 3, 20);
  const int64_t rounds = num_classes > 2 ? std::max<int64_t>(20, 120 / num_classes) : 50;
  return {"boosting",
          {{"leaves", "15"}, {"learning_rate", "0.1"}, {"min_leaf_rows", Format("{}", leaf)}},
          rounds};
}

}  // namespace

Result<EncodedRows> EncodeRows(engine::Engine& engine, const QualityRows& from,
                               const std::vector<int64_t>& rows,
                               const std::vector<std::string>& features) {
  const table::Table taken = from.rows.Take(rows);
  MILLRACE_RETURN_IF_ERROR(engine.Load(kTable, taken));
  const Result<fit::FittedGraph> fitted = fit::FitGraph({.engine = engine,
                                                         .relation = std::string(kTable),
                                                         .schema = taken.schema(),
                                                         .features = features,
                                                         .added = {}},
                                                        {.max_words = kWords});
  MILLRACE_RETURN_IF_ERROR(engine.Execute(Format("DROP TABLE {}", kTable)));
  MILLRACE_RETURN_IF_ERROR(fitted.status());
  EncodedRows encoded;
  MILLRACE_ASSIGN_OR_RETURN(encoded.matrix, fitted->graph.Apply(taken));
  encoded.infos = fitted->graph.features();
  return encoded;
}

Result<std::vector<double>> OutOfFold(const EncodedRows& rows, const std::vector<double>& labels,
                                      const std::vector<int64_t>& folds, const ProbePlan& plan) {
  const size_t num_scores =
      plan.task == table::Task::kMulticlass ? static_cast<size_t>(plan.num_classes) : 1;
  std::vector<double> outputs(labels.size() * num_scores, 0.0);
  const int64_t num_folds = 1 + *std::max_element(folds.begin(), folds.end());
  const learner::Registry registry = learner::RegisterLearners();
  for (int64_t fold = 0; fold < num_folds; ++fold) {
    std::vector<int64_t> train;
    std::vector<int64_t> scored;
    std::set<double> classes;
    for (size_t r = 0; r < folds.size(); ++r) {
      (folds[r] == fold ? scored : train).push_back(static_cast<int64_t>(r));
      if (folds[r] != fold && plan.num_classes > 0 && classes.size() < 2) classes.insert(labels[r]);
    }
    if (scored.empty()) continue;
    if (train.empty() || (plan.num_classes > 0 && classes.size() < 2)) {
      return Unsupported("a fold has too little to learn from");
    }
    const Recipe recipe = RecipeFor(static_cast<int64_t>(train.size()), plan.num_classes);
    MILLRACE_ASSIGN_OR_RETURN(const learner::Learner* learner, registry.Find(recipe.learner));
    MILLRACE_ASSIGN_OR_RETURN(
        const learner::TrainedModel trained,
        learner->Train({.features = rows.matrix,
                        .infos = rows.infos,
                        .labels = labels,
                        .task = plan.task,
                        .num_classes = plan.num_classes,
                        .train_rows = train,
                        .validation_rows = {}},
                       {.values = recipe.values,
                        .seed = plan.seed,
                        .num_threads = 1,
                        .metric = std::string(metric::DefaultMetric(plan.task)),
                        .fixed_rounds = recipe.rounds,
                        .stop = nullptr}));
    const table::Matrix unseen = rows.matrix.Take(scored);
    std::vector<double> scores(scored.size() * num_scores);
    model::Predict(*trained.model, unseen.values(), unseen.num_rows(), scores);
    for (size_t i = 0; i < scored.size(); ++i) {
      std::copy_n(scores.begin() + static_cast<std::ptrdiff_t>(i * num_scores), num_scores,
                  outputs.begin() +
                      static_cast<std::ptrdiff_t>(static_cast<size_t>(scored[i]) * num_scores));
    }
  }
  return outputs;
}

}  // namespace millrace::data
