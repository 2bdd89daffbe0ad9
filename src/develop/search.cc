#include "develop/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/digest.h"
#include "base/format.h"
#include "base/process.h"
#include "base/rng.h"
#include "base/text.h"
#include "data/split.h"
#include "model/ensemble_model.h"

namespace millrace::develop {
namespace {

using metric::Interval;
using table::Task;

// Of the budget; the rest is for the final training on all rows.
constexpr double kSearchShare = 0.6;
constexpr size_t kMaxMembers = 5;
constexpr int64_t kImportanceRows = 2000;

struct Parts {
  std::vector<int64_t> train;
  std::vector<int64_t> validation;
};

// Classes, or tenths of the target, so that both parts look alike.
std::vector<int32_t> StrataOf(const SearchData& data) {
  std::vector<int32_t> strata(data.labels.size());
  if (data.task != Task::kRegression) {
    std::transform(data.labels.begin(), data.labels.end(), strata.begin(),
                   [](double label) { return static_cast<int32_t>(label); });
    return strata;
  }
  std::vector<double> sorted(data.labels.begin(), data.labels.end());
  std::sort(sorted.begin(), sorted.end());
  for (size_t r = 0; r < strata.size(); ++r) {
    const auto below = std::lower_bound(sorted.begin(), sorted.end(), data.labels[r]);
    strata[r] = static_cast<int32_t>(10 * (below - sorted.begin()) /
                                     static_cast<std::ptrdiff_t>(sorted.size()));
  }
  return strata;
}

Result<Parts> SplitRows(const SearchData& data, const SearchOptions& options) {
  // Another seed than the test split's: its hashes are no longer uniform on training rows.
  MILLRACE_ASSIGN_OR_RETURN(const data::SplitResult split,
                            data::SplitByKey(data.row_keys, StrataOf(data),
                                             {.test_share = options.validation_share,
                                              .seed = MixHash(options.seed, Hash64("validation")),
                                              .salt = std::nullopt}));
  Parts parts;
  for (size_t r = 0; r < split.parts.size(); ++r) {
    (split.parts[r] == data::SplitPart::kTest ? parts.validation : parts.train)
        .push_back(static_cast<int64_t>(r));
  }
  return parts;
}

class Searcher {
 public:
  Searcher(const SearchData& data, const SearchOptions& options, const learner::Registry& registry,
           const metric::MetricInfo& metric, const Clock& clock, ProgressSink& progress)
      : data_(data),
        options_(options),
        registry_(registry),
        metric_(metric),
        clock_(clock),
        progress_(progress),
        start_(clock.MonotonicSeconds()) {}

  Result<SearchResult> Run(const Plan& plan) {
    MILLRACE_ASSIGN_OR_RETURN(parts_, SplitRows(data_, options_));
    validation_ = data_.features.Take(parts_.validation);
    for (const int64_t row : parts_.validation) {
      labels_.push_back(data_.labels[static_cast<size_t>(row)]);
    }
    for (const WorkUnit& unit : plan.units) {
      if (!result_.candidates.empty() && Ends()) break;
      MILLRACE_RETURN_IF_ERROR(TryUnit(unit, plan.units.size()));
    }
    if (result_.candidates.empty()) return InvalidSpec("develop: the plan has no unit");
    Choose();
    Explain();
    MILLRACE_RETURN_IF_ERROR(Refit());
    result_.validation_rows = parts_.validation;
    return std::move(result_);
  }

 private:
  double Elapsed() const { return clock_.MonotonicSeconds() - start_; }
  bool Ends() const {
    if (Interrupted()) return true;
    return options_.mode == SearchOptions::Mode::kPropose &&
           Elapsed() > kSearchShare * options_.budget_seconds;
  }

  metric::Scored ScoredOf(const std::vector<double>& outputs) const {
    return {.task = data_.task,
            .num_classes = data_.num_classes,
            .labels = labels_,
            .outputs = outputs,
            .threshold = 0.5};
  }
  metric::BootstrapOptions BootstrapOptionsOf() const {
    metric::BootstrapOptions options;
    options.num_resamples = 200;
    options.num_threads = options_.num_threads;
    return options;
  }
  Rng RngFor(std::string_view purpose) const { return Rng(options_.seed).Fork(purpose); }

  // NaN (not defined on these rows) is worse than any value.
  bool IsBetter(double a, double b) const {
    if (std::isnan(a) || std::isnan(b)) return !std::isnan(a);
    return metric_.greater_is_better ? a > b : a < b;
  }

  learner::TrainingData TrainingOn(std::span<const int64_t> train,
                                   std::span<const int64_t> validation) const {
    return {.features = data_.features,
            .infos = data_.infos,
            .labels = data_.labels,
            .task = data_.task,
            .num_classes = data_.num_classes,
            .train_rows = train,
            .validation_rows = validation};
  }
  learner::TrainOptions OptionsFor(const WorkUnit& unit) const {
    learner::TrainOptions options;
    options.values = unit.values;
    options.seed = options_.seed;
    options.num_threads = options_.num_threads;
    options.metric = options_.metric;
    if (unit.rounds > 0) options.fixed_rounds = unit.rounds;
    return options;
  }

  Status TryUnit(const WorkUnit& unit, size_t num_units) {
    MILLRACE_ASSIGN_OR_RETURN(const learner::Learner* learner, registry_.Find(unit.learner));
    if (learner->capabilities().tasks.find(table::TaskName(data_.task)) == std::string_view::npos) {
      return {};
    }
    learner::TrainOptions options = OptionsFor(unit);
    const bool proposes = options_.mode == SearchOptions::Mode::kPropose;
    if (proposes) options.stop = [this] { return Ends(); };
    MILLRACE_ASSIGN_OR_RETURN(learner::TrainedModel trained,
                              learner->Train(TrainingOn(parts_.train, parts_.validation), options));
    std::vector<double> outputs(labels_.size() * static_cast<size_t>(trained.model->num_scores()));
    model::Predict(*trained.model, validation_.values(), validation_.num_rows(), outputs);
    TrainedUnit candidate;
    candidate.unit = unit;
    if (proposes) candidate.unit.rounds = trained.rounds;
    candidate.score =
        metric::Bootstrap(metric_, ScoredOf(outputs), RngFor("score"), BootstrapOptionsOf());
    candidate.curve = std::move(trained.validation_curve);
    candidate.model_bytes = static_cast<int64_t>(trained.model->Serialize().size());
    result_.plan.units.push_back(candidate.unit);
    result_.candidates.push_back(std::move(candidate));
    outputs_.push_back(std::move(outputs));
    models_.push_back(std::move(trained.model));
    ReportProgress(num_units);
    return {};
  }

  void ReportProgress(size_t num_units) {
    size_t best = 0;
    for (size_t c = 1; c < result_.candidates.size(); ++c) {
      if (IsBetter(result_.candidates[c].score.value, result_.candidates[best].score.value))
        best = c;
    }
    const size_t done = result_.candidates.size();
    progress_.Report({.phase = 3,
                      .share = 0.8 * static_cast<double>(done) / static_cast<double>(num_units),
                      .step = Format("{} of {} models", done, num_units),
                      .best = Format("best {} {} ({})", options_.metric,
                                     FormatSignificant(result_.candidates[best].score.value, 4),
                                     result_.candidates[best].unit.name),
                      .seconds_left = std::max(0.0, options_.budget_seconds - Elapsed())});
  }

  std::vector<double> MeanOutputs(std::span<const size_t> members) const {
    std::vector<double> mean(outputs_[members[0]].size());
    for (const size_t member : members) {
      for (size_t i = 0; i < mean.size(); ++i) {
        mean[i] += outputs_[member][i] / static_cast<double>(members.size());
      }
    }
    return mean;
  }

  // The best candidate, or the mean of the best few when its gain lies clear of zero.
  void Choose() {
    std::vector<size_t> order(outputs_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
      return IsBetter(result_.candidates[a].score.value, result_.candidates[b].score.value);
    });
    result_.members = {order[0]};
    result_.reason = Format("best {} of {} candidates on {} validation rows", options_.metric,
                            order.size(), FormatCount(static_cast<int64_t>(labels_.size())));
    std::vector<size_t> best = {order[0]};
    double best_value = result_.candidates[order[0]].score.value;
    std::vector<size_t> tried = best;
    for (size_t i = 1; i < std::min(order.size(), kMaxMembers); ++i) {
      tried.push_back(order[i]);
      const double value = metric::Compute(metric_, ScoredOf(MeanOutputs(tried)));
      if (IsBetter(value, best_value)) {
        best = tried;
        best_value = value;
      }
    }
    if (best.size() > 1) {
      const std::vector<double> mean = MeanOutputs(best);
      const Interval gain =
          metric::BootstrapDifference(metric_, ScoredOf(mean), ScoredOf(outputs_[order[0]]),
                                      RngFor("gain"), BootstrapOptionsOf());
      if (metric_.greater_is_better ? gain.low > 0.0 : gain.high < 0.0) {
        result_.members = best;
        result_.reason = Format(
            "the mean of the {} best changes {} by {} [{}, {}] against the best alone, on the "
            "same validation rows",
            best.size(), options_.metric, FormatSignificant(gain.value, 3),
            FormatSignificant(gain.low, 3), FormatSignificant(gain.high, 3));
      }
    }
    result_.validation_outputs = MeanOutputs(result_.members);
    result_.score = metric::Bootstrap(metric_, ScoredOf(result_.validation_outputs),
                                      RngFor("score"), BootstrapOptionsOf());
    for (size_t c = 0; c < result_.candidates.size(); ++c) {
      if (result_.candidates[c].unit.learner != "baseline") continue;
      result_.over_baseline =
          metric::BootstrapDifference(metric_, ScoredOf(result_.validation_outputs),
                                      ScoredOf(outputs_[c]), RngFor("gain"), BootstrapOptionsOf());
    }
  }

  // Permutation importance of the members together, on validation rows.
  void Explain() {
    const int64_t num_rows = std::min(validation_.num_rows(), kImportanceRows);
    const int64_t num_features = validation_.num_columns();
    std::vector<int64_t> rows(static_cast<size_t>(num_rows));
    std::iota(rows.begin(), rows.end(), int64_t{0});
    table::Matrix shuffled = validation_.Take(rows);
    const double intact = ValueOf(shuffled);
    const table::Matrix original = shuffled;
    for (int64_t f = 0; f < num_features; ++f) {
      Rng rng = Rng(options_.seed).Fork("importance", static_cast<uint64_t>(f));
      rng.Shuffle(std::span<int64_t>(rows));
      for (int64_t r = 0; r < num_rows; ++r) {
        shuffled.at(r, f) = original.at(rows[static_cast<size_t>(r)], f);
      }
      const double loss =
          metric_.greater_is_better ? intact - ValueOf(shuffled) : ValueOf(shuffled) - intact;
      result_.importance.push_back(loss);
      for (int64_t r = 0; r < num_rows; ++r) shuffled.at(r, f) = original.at(r, f);
    }
  }

  double ValueOf(const table::Matrix& features) const {
    const auto num_rows = static_cast<size_t>(features.num_rows());
    const auto width = static_cast<size_t>(models_[0]->num_scores());
    std::vector<double> mean(num_rows * width);
    std::vector<double> outputs(mean.size());
    for (const size_t member : result_.members) {
      model::Predict(*models_[member], features.values(), features.num_rows(), outputs);
      for (size_t i = 0; i < mean.size(); ++i) {
        mean[i] += outputs[i] / static_cast<double>(result_.members.size());
      }
    }
    metric::Scored scored = ScoredOf(mean);
    scored.labels = std::span<const double>(labels_).first(num_rows);
    return metric::Compute(metric_, scored);
  }

  Status Refit() {
    std::vector<int64_t> all(data_.labels.size());
    std::iota(all.begin(), all.end(), int64_t{0});
    std::vector<model::EnsembleModel::Member> members;
    for (const size_t member : result_.members) {
      const WorkUnit& unit = result_.candidates[member].unit;
      MILLRACE_ASSIGN_OR_RETURN(const learner::Learner* learner, registry_.Find(unit.learner));
      MILLRACE_ASSIGN_OR_RETURN(learner::TrainedModel trained,
                                learner->Train(TrainingOn(all, {}), OptionsFor(unit)));
      if (result_.members.size() == 1) {
        result_.model = std::move(trained.model);
        return {};
      }
      members.push_back({1.0, std::move(trained.model)});
    }
    MILLRACE_ASSIGN_OR_RETURN(result_.model, model::EnsembleModel::Make(std::move(members)));
    return {};
  }

  const SearchData& data_;
  const SearchOptions& options_;
  const learner::Registry& registry_;
  const metric::MetricInfo& metric_;
  const Clock& clock_;
  ProgressSink& progress_;
  double start_;
  Parts parts_;
  table::Matrix validation_;
  std::vector<double> labels_;                         // of validation rows
  std::vector<std::vector<double>> outputs_;           // per candidate, on validation rows
  std::vector<std::unique_ptr<model::Model>> models_;  // per candidate
  SearchResult result_;
};

}  // namespace

Result<SearchResult> Search(const SearchData& data, const Plan& plan, const SearchOptions& options,
                            const learner::Registry& registry, const Clock& clock,
                            ProgressSink& progress) {
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  const metric::MetricInfo* metric = metric::FindMetric(data.task, options.metric);
  if (metric == nullptr) {
    return InvalidSpec(Format("develop.metric: a {} task has no such metric: {}",
                              table::TaskName(data.task), options.metric));
  }
  return Searcher(data, options, registry, *metric, clock, progress).Run(plan);
}

}  // namespace millrace::develop
