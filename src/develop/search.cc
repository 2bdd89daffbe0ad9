#include "develop/search.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>

#include "base/digest.h"
#include "base/format.h"
#include "base/process.h"
#include "base/rng.h"
#include "base/text.h"
#include "base/threads.h"
#include "develop/selection.h"
#include "model/ensemble_model.h"

namespace millrace::develop {
namespace {

using metric::Interval;
using table::Task;

// Leaders that variations start from.
constexpr size_t kLeaders = 4;
// Candidates that the mixture is chosen from.
constexpr size_t kPoolSize = 20;
constexpr int64_t kMixtureRounds = 30;
// Above this many rows the choice of a mixture fits them by less than can be measured.
constexpr size_t kCrossFitRows = 20'000;
// Rows that an interval of the leaderboard is resampled from: enough for two digits of its width.
constexpr int64_t kIntervalRows = 2000;
constexpr int64_t kIntervalResamples = 100;
// Of the mixture, and of its differences from the baseline and from the best alone.
constexpr int64_t kFinalRows = 5000;
constexpr int64_t kFinalResamples = 200;
// A run may end a second late where its limit is below 50 s: half of that is for what closes the
// search, so that little time still trains a model rather than measures none.
constexpr double kLateSeconds = 0.5;

// A candidate with all that is needed to choose and to build.
struct Trial {
  TrainedUnit trained;
  std::vector<double> outputs;  // [scored rows, num_scores]
  double value = 0.0;           // greater is better
  double seconds = 0.0;
  double row_seconds = 0.0;                                 // of one fold's model, one row
  std::vector<std::shared_ptr<const model::Model>> models;  // per fold; empty when dropped
};

class Searcher {
 public:
  Searcher(const SearchData& data, const PortfolioInputs& portfolio, const SearchOptions& options,
           const learner::Registry& registry, const metric::MetricInfo& metric, const Clock& clock,
           ProgressSink& progress)
      : data_(data),
        portfolio_(portfolio),
        options_(options),
        registry_(registry),
        metric_(metric),
        clock_(clock),
        progress_(progress) {
    for (const int64_t row : data.folds.scored_rows) {
      labels_.push_back(data.labels[static_cast<size_t>(row)]);
    }
    place_.assign(data.labels.size(), 0);
    for (size_t i = 0; i < data.folds.scored_rows.size(); ++i) {
      place_[static_cast<size_t>(data.folds.scored_rows[i])] = i;
    }
  }

  Result<SearchResult> Run(const Plan& plan) {
    result_.task = data_.task;
    result_.plan.num_folds = plan.num_folds;
    for (const WorkUnit& unit : plan.units) {
      const Result<const learner::Learner*> learner = registry_.Find(unit.learner);
      if (!learner.ok()) {
        return InvalidSpec(Format("develop.learners: {}", learner.status().message()))
            .WithHint(std::string(learner.status().hint()));
      }
      MILLRACE_RETURN_IF_ERROR(learner::CheckOptions(**learner, unit.values));
    }
    for (const WorkUnit& unit : plan.units) {
      if (HasEnough()) break;
      if (!replays() && trials_.size() > 2 && Remaining() < 0.02 * options_.budget_seconds) break;
      MILLRACE_RETURN_IF_ERROR(TryUnit(replays() ? unit : FitToTime(unit)));
    }
    if (!replays()) MILLRACE_RETURN_IF_ERROR(VaryLeaders());
    if (trials_.empty()) return InvalidSpec("develop: the plan has no unit");
    result_.interrupted = Interrupted();
    Choose();
    MILLRACE_RETURN_IF_ERROR(MakeFinal());
    Report("final model");
    for (Trial& trial : trials_) {
      result_.plan.units.push_back(trial.trained.unit);
      result_.units.push_back(std::move(trial.trained));
    }
    return std::move(result_);
  }

 private:
  bool replays() const { return options_.mode == SearchOptions::Mode::kReplay; }
  double Now() const { return clock_.MonotonicSeconds(); }
  size_t num_folds() const { return data_.folds.folds.size(); }
  size_t num_scores() const {
    return data_.task == Task::kMulticlass ? static_cast<size_t>(data_.num_classes) : 1;
  }

  // Seconds that will still pass once no candidate is trained any more: the last one is scored and
  // weighed, the final model made, intervals drawn, and rows scored after the search.
  double Reserve() const {
    const double closing = weigh_seconds_ + ClosingIntervals() * interval_seconds_ +
                           CrossFitSeconds() +
                           static_cast<double>(options_.rows_scored_after) * RowSeconds();
    return 1.25 * refit_seconds_ + std::min(1.0, 0.02 * options_.budget_seconds) +
           std::max(0.0, closing - kLateSeconds);
  }

  // What the last three intervals cost, the two differences being of two outputs each, in intervals
  // of a candidate.
  double ClosingIntervals() const {
    const auto rows = static_cast<int64_t>(labels_.size());
    return 5.0 * static_cast<double>(std::min(rows, kFinalRows) * kFinalResamples) /
           static_cast<double>(std::min(rows, kIntervalRows) * kIntervalResamples);
  }

  // Seconds of choosing mixtures again without each group of rows.
  double CrossFitSeconds() const {
    if (labels_.size() > kCrossFitRows) return 0.0;
    return static_cast<double>(num_folds() > 1 ? num_folds() : 4) * select_seconds_;
  }

  // Seconds of one row of the mixture so far, on all threads.
  double RowSeconds() const {
    double seconds = 0.0;
    for (const Trial& trial : trials_) {
      if (trial.trained.weight == 0) continue;
      const bool bag = trial.trained.unit.final_form == FinalForm::kBag;
      seconds += trial.row_seconds *
                 (bag ? static_cast<double>(num_folds()) : RefitFactor(trial.trained.unit));
    }
    return seconds / static_cast<double>(options_.num_threads);
  }
  bool Ends() const {
    if (Interrupted()) return true;
    return !replays() && Now() > options_.deadline - Reserve();
  }

  // Time is up, and there is an answer. The first model beside the baseline is trained however late
  // it is, unless a person wants the end.
  bool HasEnough() const {
    if (trials_.empty()) return false;
    return Interrupted() || (trials_.size() > 1 && Ends());
  }

  double Remaining() const { return options_.deadline - Reserve() - Now(); }
  // Seconds that the next unit may take: a part of what is left, so that others follow; the first
  // model of all may take most of it.
  double Slot() const {
    // A hold-out's model is trained again on all rows: that time is its own again, and more.
    if (trials_.size() <= 1) return (num_folds() == 1 ? 0.33 : 0.8) * Remaining();
    return std::max(0.35 * Remaining(), std::min(Remaining(), 0.08 * options_.budget_seconds));
  }

  // Sets the steps of a boosting unit so that it is likely to be done within its slot: rounds times
  // step is about the same for all steps (measured on the units before).
  WorkUnit FitToTime(WorkUnit unit) const {
    if (unit.learner != "boosting" || unit.name == "boosting, quick") return unit;
    double travel = 0.0;  // rounds times learning rate
    double cost = 0.0;    // seconds per round of 31 leaves on all folds
    for (const Trial& trial : trials_) {
      if (trial.trained.unit.learner != "boosting" || trial.trained.unit.rounds.empty()) continue;
      const double rounds = MeanRounds(trial.trained.unit);
      const double rate = Value(trial.trained.unit, "learning_rate", 0.1);
      travel = std::max(travel, rounds * rate);
      cost = std::max(cost, trial.seconds / (rounds + 30.0) / Size(trial.trained.unit));
    }
    if (travel == 0.0) return unit;
    const double rate = Value(unit, "learning_rate", 0.1);
    const double slower = Value(unit, "extra_trees", 0.0) != 0.0 ? 1.5 : 1.0;
    const double seconds = 1.2 * slower * (travel / rate) * cost * Size(unit);
    const double slot = Slot();
    if (seconds <= slot || slot <= 0.0) return unit;
    const double wanted = std::min(rate * seconds / slot, std::max(rate, 0.12));
    unit.values["learning_rate"] = Format("{:.3g}", wanted);
    return unit;
  }
  static double Value(const WorkUnit& unit, const std::string& key, double otherwise) {
    const auto at = unit.values.find(key);
    if (at == unit.values.end()) return otherwise;
    if (at->second == "true") return 1.0;
    return ParseDouble(at->second).value_or(otherwise);
  }
  // Cost of a round beside one of 31 leaves.
  static double Size(const WorkUnit& unit) {
    return std::pow(Value(unit, "leaves", 31.0) / 31.0, 0.6);
  }
  static double MeanRounds(const WorkUnit& unit) {
    double sum = 0.0;
    for (const int64_t rounds : unit.rounds) sum += static_cast<double>(rounds);
    return sum / static_cast<double>(unit.rounds.size());
  }

  metric::Scored ScoredOf(std::span<const double> outputs) const {
    return {.task = data_.task,
            .num_classes = data_.num_classes,
            .labels = labels_,
            .outputs = outputs,
            .threshold = 0.5};
  }
  metric::BootstrapOptions BootstrapOptionsOf(int64_t resamples, int64_t rows) const {
    metric::BootstrapOptions options;
    options.num_resamples = resamples;
    options.max_rows = rows;
    options.num_threads = options_.num_threads;
    return options;
  }
  Rng RngFor(std::string_view purpose, uint64_t index = 0) const {
    return Rng(options_.seed).Fork(purpose, index);
  }

  Result<const learner::Session*> SessionOf(const learner::Learner& learner) {
    std::unique_ptr<learner::Session>& session = sessions_[std::string(learner.name())];
    if (!session) {
      MILLRACE_ASSIGN_OR_RETURN(session, learner.Open({.features = data_.features,
                                                       .infos = data_.infos,
                                                       .labels = data_.labels,
                                                       .task = data_.task,
                                                       .num_classes = data_.num_classes,
                                                       .folds = data_.folds.folds}));
    }
    return session.get();
  }

  learner::TrainOptions OptionsFor(const WorkUnit& unit, int num_threads) const {
    learner::TrainOptions options;
    options.values = unit.values;
    options.seed = MixHash(options_.seed, Hash64(unit.name));
    options.num_threads = num_threads;
    options.metric = options_.metric;
    return options;
  }

  Status TryUnit(const WorkUnit& unit) {
    MILLRACE_ASSIGN_OR_RETURN(const learner::Learner* learner, registry_.Find(unit.learner));
    if (learner->capabilities().tasks.find(table::TaskName(data_.task)) == std::string_view::npos) {
      return {};
    }
    if (replays() && unit.rounds.size() != num_folds()) {
      return Corrupt(Format("plan: {}: rounds for {} folds, there are {}", unit.name,
                            unit.rounds.size(), num_folds()));
    }
    const double start = Now();
    MILLRACE_ASSIGN_OR_RETURN(const learner::Session* session, SessionOf(*learner));
    std::vector<Result<learner::TrainedModel>> trained;
    for (size_t f = 0; f < num_folds(); ++f) trained.emplace_back(Internal("fold not trained"));
    const int threads_per_fold = std::max(1, options_.num_threads / static_cast<int>(num_folds()));
    // Every fold gets the same share of the unit's time: one that ends early still means something.
    const double waves =
        std::ceil(static_cast<double>(num_folds()) / static_cast<double>(options_.num_threads));
    const double fold_seconds = Slot() / waves;
    std::atomic<bool> abandoned = false;
    ParallelFor(options_.num_threads, static_cast<int64_t>(num_folds()), [&](int64_t fold) {
      // A fold that starts when time is up would only delay the end.
      if (HasEnough()) abandoned = true;
      if (abandoned) return;
      learner::TrainOptions options = OptionsFor(unit, threads_per_fold);
      const double fold_start = Now();
      if (replays()) {
        options.fixed_rounds = unit.rounds[static_cast<size_t>(fold)];
      } else {
        options.keep = learner::TrainOptions::Rounds::kAll;
        options.stop = [this, fold_start, fold_seconds] {
          return Now() - fold_start > fold_seconds || Ends();
        };
      }
      trained[static_cast<size_t>(fold)] = session->Train(fold, options);
    });
    if (abandoned) return {};
    const double trained_at = Now();
    Trial trial;
    trial.trained.unit = unit;
    trial.trained.unit.rounds.clear();
    trial.outputs.resize(labels_.size() * num_scores());
    std::vector<learner::TrainedModel> models;
    for (Result<learner::TrainedModel>& fold : trained) {
      MILLRACE_ASSIGN_OR_RETURN(learner::TrainedModel model, std::move(fold));
      models.push_back(std::move(model));
    }
    MILLRACE_RETURN_IF_ERROR(ShareRounds(models));
    std::vector<double> row_seconds(num_folds());
    ParallelFor(options_.num_threads, static_cast<int64_t>(num_folds()), [&](int64_t fold) {
      const auto f = static_cast<size_t>(fold);
      const double scoring = Now();
      Score(f, models[f]);
      row_seconds[f] = (Now() - scoring) / static_cast<double>(std::max<size_t>(
                                               1, data_.folds.folds[f].validation.size()));
    });
    // The quickest: others may have waited for a processor.
    trial.row_seconds = *std::min_element(row_seconds.begin(), row_seconds.end());
    for (size_t f = 0; f < num_folds(); ++f) TakeFold(f, std::move(models[f]), trial);
    if (trial.trained.unit.cut_short) trial.trained.note = "ended by the time limit";
    trial.seconds = Now() - start;
    trial.value = FastMetric(metric_, ScoredOf({})).Value(trial.outputs);
    const double drawing = Now();
    trial.trained.score = metric::Bootstrap(metric_, ScoredOf(trial.outputs), RngFor("score"),
                                            BootstrapOptionsOf(kIntervalResamples, kIntervalRows));
    interval_seconds_ = Now() - drawing;
    trials_.push_back(std::move(trial));
    Weigh();
    weigh_seconds_ = Now() - trained_at;
    Report(Format("{} models", trials_.size()));
    return {};
  }

  // Gives all folds one number of rounds, the best of their mean curve: a number that each fold
  // chose by its own rows would flatter its score there, most where rows are few. A fold that ended
  // before counts with its last value.
  Status ShareRounds(std::vector<learner::TrainedModel>& models) const {
    size_t longest = 0;
    for (const learner::TrainedModel& model : models) {
      if (model.validation_curve.empty()) return {};  // a replay, or a learner without rounds
      longest = std::max(longest, model.validation_curve.size());
    }
    size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t r = 0; r < longest; ++r) {
      double sum = 0.0;
      for (size_t f = 0; f < models.size(); ++f) {
        const std::vector<double>& curve = models[f].validation_curve;
        sum += curve[std::min(r, curve.size() - 1)] *
               static_cast<double>(data_.folds.folds[f].validation.size());
      }
      if (sum < least) {
        least = sum;
        best = r;
      }
    }
    std::vector<Status> cut(models.size());
    ParallelFor(options_.num_threads, static_cast<int64_t>(models.size()), [&](int64_t f) {
      cut[static_cast<size_t>(f)] =
          KeepRounds(static_cast<int64_t>(best + 1), models[static_cast<size_t>(f)]);
    });
    for (Status& status : cut) MILLRACE_RETURN_IF_ERROR(std::move(status));
    return {};
  }

  // Leaves a model with its first rounds, as many of them as it has.
  static Status KeepRounds(int64_t rounds, learner::TrainedModel& model) {
    if (!model.first_rounds) return {};
    rounds = std::min(rounds, static_cast<int64_t>(model.validation_curve.size()));
    MILLRACE_ASSIGN_OR_RETURN(std::unique_ptr<model::Model> first,
                              model.first_rounds(*model.model, rounds));
    model.rounds = rounds;
    model.model = std::move(first);
    model.first_rounds = nullptr;
    return {};
  }

  // Outputs come from the model as it will be stored, in a replay as in the first run.
  void Score(size_t fold, learner::TrainedModel& model) const {
    const table::Matrix rows = data_.features.Take(data_.folds.folds[fold].validation);
    model.validation_outputs.resize(static_cast<size_t>(rows.num_rows()) * num_scores());
    model::Predict(*model.model, rows.values(), rows.num_rows(), model.validation_outputs);
  }

  void TakeFold(size_t fold, learner::TrainedModel model, Trial& trial) {
    trial.trained.unit.rounds.push_back(model.rounds);
    trial.trained.unit.cut_short |= model.stopped_early;
    if (fold == 0) trial.trained.curve = std::move(model.validation_curve);
    const std::vector<int64_t>& rows = data_.folds.folds[fold].validation;
    const auto repeats = static_cast<double>(data_.folds.num_repeats);
    for (size_t i = 0; i < rows.size(); ++i) {
      const size_t place = place_[static_cast<size_t>(rows[i])];
      // Of a row that repeated folds score several times, the mean counts.
      for (size_t s = 0; s < num_scores(); ++s) {
        trial.outputs[place * num_scores() + s] +=
            model.validation_outputs[i * num_scores() + s] / repeats;
      }
    }
    trial.trained.model_bytes += static_cast<int64_t>(model.model->Serialize().size());
    trial.models.push_back(std::move(model.model));
  }

  // The mixture of the candidates so far, and what it would cost to make it final.
  void Weigh() {
    const FastMetric fast(metric_, ScoredOf({}));
    const std::vector<size_t> pool = MixturePool();
    std::vector<std::span<const double>> pooled;
    for (const size_t c : pool) pooled.push_back(trials_[c].outputs);
    const double selecting = Now();
    const std::vector<int64_t> taken = SelectGreedily(
        fast, pooled, {.rounds = kMixtureRounds, .num_threads = options_.num_threads});
    select_seconds_ = Now() - selecting;
    std::vector<int64_t> counts(trials_.size());
    for (size_t i = 0; i < pool.size(); ++i) counts[pool[i]] = taken[i];
    if (trials_[0].trained.unit.learner == "baseline" &&
        fast.Value(WeightedMean(pooled, taken)) <= trials_[0].value) {
      counts.assign(trials_.size(), 0);
      counts[0] = 1;
    }
    std::vector<std::span<const double>> outputs;
    for (const Trial& trial : trials_) outputs.push_back(trial.outputs);
    for (size_t c = 0; c < trials_.size(); ++c) trials_[c].trained.weight = counts[c];
    if (!replays()) ChooseForms();
    mixture_ = WeightedMean(outputs, counts);
    const double value = fast.Value(mixture_);
    result_.best_so_far.push_back(metric_.greater_is_better ? value : -value);
    DropModels();
  }

  // The largest members are trained again on all rows until the whole keeps its size.
  void ChooseForms() {
    std::vector<size_t> members;
    int64_t bytes = 0;
    for (size_t c = 0; c < trials_.size(); ++c) {
      if (trials_[c].trained.weight == 0) continue;
      members.push_back(c);
      bytes += trials_[c].trained.model_bytes;
    }
    std::stable_sort(members.begin(), members.end(), [this](size_t a, size_t b) {
      return trials_[a].trained.model_bytes > trials_[b].trained.model_bytes;
    });
    // Thread seconds of one fold's training, and more for the rows that it left out.
    const auto folds = static_cast<double>(num_folds());
    const auto threads = static_cast<double>(options_.num_threads);
    const double more = folds == 1.0 ? 1.1 : 1.2;
    double longest = 0.0;
    refit_seconds_ = 0.0;
    for (const size_t c : members) {
      Trial& trial = trials_[c];
      const bool refit =
          num_folds() == 1 || bytes > options_.max_model_bytes || trial.models.empty();
      trial.trained.unit.final_form = refit ? FinalForm::kRefit : FinalForm::kBag;
      if (!refit) continue;
      const double growth = RefitFactor(trial.trained.unit);
      bytes -= static_cast<int64_t>(static_cast<double>(trial.trained.model_bytes) *
                                    (1.0 - growth * more / folds));
      const double alone = trial.seconds * threads / folds * more * growth;
      refit_seconds_ += alone / threads;
      longest = std::max(longest, alone);
    }
    if (num_folds() > 1) refit_seconds_ = std::max(refit_seconds_, longest);
  }

  // A forest that stands alone has more trees than that of one fold.
  double RefitFactor(const WorkUnit& unit) const {
    return unit.learner == "forest" && num_folds() > 1 ? 2.0 : 1.0;
  }

  // What may be mixed: the members so far and the best others. The baseline answers alone or not
  // at all: mixed in, it would only shrink the probabilities.
  std::vector<size_t> MixturePool() const {
    std::vector<size_t> order;
    for (size_t c = 0; c < trials_.size(); ++c) {
      if (trials_[c].trained.unit.learner != "baseline") order.push_back(c);
    }
    if (order.empty()) return {0};
    std::stable_sort(order.begin(), order.end(),
                     [this](size_t a, size_t b) { return trials_[a].value > trials_[b].value; });
    std::vector<size_t> pool;
    std::map<std::string, int> of_learner;
    for (const size_t c : order) {
      // The best of each learner too: what is unlike the leaders mixes best.
      const bool few = of_learner[trials_[c].trained.unit.learner]++ < 3;
      if (pool.size() < kPoolSize || few || trials_[c].trained.weight > 0) pool.push_back(c);
    }
    std::sort(pool.begin(), pool.end());
    return pool;
  }

  // Keeps the models of what is in the mixture, then of the best, within the limit.
  void DropModels() {
    std::vector<size_t> order(trials_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [this](size_t a, size_t b) {
      const bool in_a = trials_[a].trained.weight > 0;
      const bool in_b = trials_[b].trained.weight > 0;
      if (in_a != in_b) return in_a;
      return trials_[a].value > trials_[b].value;
    });
    int64_t kept = 0;
    for (const size_t c : order) {
      kept += trials_[c].trained.model_bytes;
      // A replay keeps those of a bag: its mixture is not known before the end.
      const bool keeps = replays() && trials_[c].trained.unit.final_form == FinalForm::kBag;
      if (kept > options_.max_kept_bytes && !keeps) trials_[c].models.clear();
    }
  }

  void Report(const std::string& step) {
    size_t best = 0;
    for (size_t c = 1; c < trials_.size(); ++c) {
      if (trials_[c].value > trials_[best].value) best = c;
    }
    const double left = std::max(0.0, options_.deadline - Now());
    const double share = 1.0 - left / std::max(1e-9, options_.budget_seconds);
    ProgressEvent event;
    event.phase = 3;
    event.share = std::clamp(share, last_share_, 0.99);
    event.step = step;
    event.best =
        Format("best {} {} ({})", options_.metric, FormatSignificant(result_.best_so_far.back(), 4),
               trials_[best].trained.unit.name);
    if (!replays()) event.seconds_left = left;
    last_share_ = event.share;
    progress_.Report(event);
  }

  // Variations of the best boosting candidates, as long as time and rows bear them.
  Status VaryLeaders() {
    const bool tunes = portfolio_.learners.empty() ||
                       std::find(portfolio_.learners.begin(), portfolio_.learners.end(),
                                 "boosting") != portfolio_.learners.end();
    const int64_t limit = MaxCandidates(portfolio_.num_rows);
    for (uint64_t turn = 0; tunes && static_cast<int64_t>(trials_.size()) < limit; ++turn) {
      std::vector<size_t> leaders;
      for (size_t c = 0; c < trials_.size(); ++c) {
        if (trials_[c].trained.unit.learner == "boosting") leaders.push_back(c);
      }
      std::stable_sort(leaders.begin(), leaders.end(),
                       [this](size_t a, size_t b) { return trials_[a].value > trials_[b].value; });
      if (leaders.empty()) return {};
      leaders.resize(std::min(leaders.size(), kLeaders));
      Rng rng = RngFor("variation", turn);
      const Trial& leader = trials_[leaders[rng.Below(leaders.size())]];
      if (Ends() || Now() + 0.7 * leader.seconds > options_.deadline - Reserve()) {
        result_.ended_by_time = true;
        return {};
      }
      MILLRACE_RETURN_IF_ERROR(TryUnit(
          FitToTime(Vary(leader.trained.unit, portfolio_,
                         Format("{}, variation {}", BaseName(leader.trained.unit.name), turn + 1),
                         rng.Fork("moves")))));
    }
    return {};
  }

  static std::string BaseName(const std::string& name) {
    return name.substr(0, name.find(", variation"));
  }

  // Outputs of mixtures that were chosen without the rows they are scored on: choosing among many
  // candidates fits the rows it looks at, most where rows are few.
  std::vector<double> CrossFitted() {
    const bool mixes = trials_.size() > 1 && trials_[0].trained.weight == 0;
    if (labels_.size() > kCrossFitRows || !mixes) return mixture_;
    std::vector<size_t> group(labels_.size());
    for (size_t i = 0; i < group.size(); ++i) group[i] = i % 4;  // of a hold-out
    size_t groups = num_folds() > 1 ? 0 : 4;
    // The first division is enough where folds are drawn several times.
    for (size_t covered = 0; num_folds() > 1 && covered < group.size(); ++groups) {
      for (const int64_t row : data_.folds.folds[groups].validation) {
        group[place_[static_cast<size_t>(row)]] = groups;
        ++covered;
      }
    }
    std::vector<double> honest = mixture_;
    for (size_t g = 0; g < groups; ++g) {
      const std::vector<int64_t> counts = SelectWithout(g, group);
      std::vector<std::span<const double>> outputs;
      for (const Trial& trial : trials_) outputs.push_back(trial.outputs);
      const std::vector<double> mean = WeightedMean(outputs, counts);
      for (size_t i = 0; i < group.size(); ++i) {
        if (group[i] != g) continue;
        std::copy_n(mean.begin() + static_cast<std::ptrdiff_t>(i * num_scores()), num_scores(),
                    honest.begin() + static_cast<std::ptrdiff_t>(i * num_scores()));
      }
    }
    return honest;
  }

  // The greedy choice by the rows of all other groups.
  std::vector<int64_t> SelectWithout(size_t left_out, const std::vector<size_t>& group) {
    const std::vector<size_t> pool = MixturePool();
    std::vector<std::vector<double>> pooled(pool.size());
    std::vector<double> labels;
    for (size_t i = 0; i < group.size(); ++i) {
      if (group[i] == left_out) continue;
      labels.push_back(labels_[i]);
      for (size_t c = 0; c < pool.size(); ++c) {
        const auto first =
            trials_[pool[c]].outputs.begin() + static_cast<std::ptrdiff_t>(i * num_scores());
        pooled[c].insert(pooled[c].end(), first, first + static_cast<std::ptrdiff_t>(num_scores()));
      }
    }
    metric::Scored scored = ScoredOf({});
    scored.labels = labels;
    const std::vector<std::span<const double>> outputs(pooled.begin(), pooled.end());
    const std::vector<int64_t> taken =
        SelectGreedily(FastMetric(metric_, scored), outputs,
                       {.rounds = kMixtureRounds, .num_threads = options_.num_threads});
    std::vector<int64_t> counts(trials_.size());
    for (size_t i = 0; i < pool.size(); ++i) counts[pool[i]] = taken[i];
    return counts;
  }

  void Choose() {
    int64_t members = 0;
    size_t best = 0;
    for (size_t c = 0; c < trials_.size(); ++c) {
      members += trials_[c].trained.weight > 0 ? 1 : 0;
      if (trials_[c].value > trials_[best].value) best = c;
    }
    const metric::BootstrapOptions options = BootstrapOptionsOf(kFinalResamples, kFinalRows);
    result_.outputs = CrossFitted();
    result_.baseline_outputs = trials_[0].outputs;
    result_.score = metric::Bootstrap(metric_, ScoredOf(result_.outputs), RngFor("score"), options);
    result_.over_baseline = metric::BootstrapDifference(
        metric_, ScoredOf(result_.outputs), ScoredOf(trials_[0].outputs), RngFor("gain"), options);
    const std::string rows = FormatCount(static_cast<int64_t>(labels_.size()));
    if (members == 1) {
      result_.reason = Format("best {} of {} candidates on {} rows out of fold", options_.metric,
                              trials_.size(), rows);
      return;
    }
    const Interval gain =
        metric::BootstrapDifference(metric_, ScoredOf(result_.outputs),
                                    ScoredOf(trials_[best].outputs), RngFor("gain"), options);
    result_.reason = Format(
        "a weighted mean of {} candidates changes {} by {} [{}, {}] against the best alone ({}), "
        "on the same {} rows out of fold",
        members, options_.metric, FormatSignificant(gain.value, 3), FormatSignificant(gain.low, 3),
        FormatSignificant(gain.high, 3), trials_[best].trained.unit.name, rows);
  }

  Status MakeFinal() {
    // Out of time: a fold's models answer rather than late ones.
    const bool late =
        !replays() && Now() + refit_seconds_ > options_.deadline + 0.1 * options_.budget_seconds;
    std::vector<const Trial*> refits;
    std::vector<model::EnsembleModel::Member> members;
    for (Trial& trial : trials_) {
      if (trial.trained.weight == 0) continue;
      if (late && !trial.models.empty()) trial.trained.unit.final_form = FinalForm::kBag;
      if (trial.trained.unit.final_form == FinalForm::kRefit) {
        refits.push_back(&trial);
        continue;
      }
      const double weight =
          static_cast<double>(trial.trained.weight) / static_cast<double>(num_folds());
      for (const auto& model : trial.models) members.push_back({weight, model});
    }
    MILLRACE_ASSIGN_OR_RETURN(std::vector<model::EnsembleModel::Member> again, RefitAll(refits));
    std::move(again.begin(), again.end(), std::back_inserter(members));
    MILLRACE_ASSIGN_OR_RETURN(result_.model, model::EnsembleModel::Make(std::move(members)));
    return {};
  }

  // Trains the chosen on all rows, side by side; rounds: the median of the folds'.
  Result<std::vector<model::EnsembleModel::Member>> RefitAll(
      const std::vector<const Trial*>& chosen) {
    const auto count = static_cast<int64_t>(chosen.size());
    std::vector<const learner::Session*> sessions;
    for (const Trial* trial : chosen) {
      MILLRACE_ASSIGN_OR_RETURN(const learner::Learner* learner,
                                registry_.Find(trial->trained.unit.learner));
      MILLRACE_ASSIGN_OR_RETURN(const learner::Session* session, SessionOf(*learner));
      sessions.push_back(session);
    }
    std::vector<Result<learner::TrainedModel>> trained;
    for (int64_t i = 0; i < count; ++i) trained.emplace_back(Internal("not trained again"));
    // A hold-out means much work per model: one after the other on all threads.
    const bool side_by_side = num_folds() > 1;
    const int threads =
        side_by_side
            ? std::max(1, options_.num_threads / std::max(1, static_cast<int>(chosen.size())))
            : options_.num_threads;
    ParallelFor(side_by_side ? options_.num_threads : 1, count, [&](int64_t i) {
      const WorkUnit& unit = chosen[static_cast<size_t>(i)]->trained.unit;
      learner::TrainOptions options = OptionsFor(unit, threads);
      std::vector<int64_t> rounds = unit.rounds;
      std::sort(rounds.begin(), rounds.end());
      options.fixed_rounds = std::max<int64_t>(
          1,
          static_cast<int64_t>(RefitFactor(unit) * static_cast<double>(rounds[rounds.size() / 2])));
      trained[static_cast<size_t>(i)] =
          sessions[static_cast<size_t>(i)]->Train(learner::Session::kAllRows, options);
    });
    std::vector<model::EnsembleModel::Member> members;
    for (size_t i = 0; i < chosen.size(); ++i) {
      MILLRACE_ASSIGN_OR_RETURN(learner::TrainedModel model, std::move(trained[i]));
      members.push_back({static_cast<double>(chosen[i]->trained.weight), std::move(model.model)});
    }
    return members;
  }

  const SearchData& data_;
  const PortfolioInputs& portfolio_;
  const SearchOptions& options_;
  const learner::Registry& registry_;
  const metric::MetricInfo& metric_;
  const Clock& clock_;
  ProgressSink& progress_;
  std::vector<double> labels_;  // of scored rows
  std::vector<size_t> place_;   // [num_rows] index among scored rows
  std::map<std::string, std::unique_ptr<learner::Session>> sessions_;
  std::vector<Trial> trials_;
  std::vector<double> mixture_;
  double refit_seconds_ = 0.0;
  double weigh_seconds_ = 0.0;     // from trained to weighed, of the last candidate
  double interval_seconds_ = 0.0;  // of its interval
  double select_seconds_ = 0.0;    // of choosing the mixture
  double last_share_ = 0.0;
  SearchResult result_;
};

}  // namespace

Result<SearchResult> Search(const SearchData& data, const Plan& plan,
                            const PortfolioInputs& portfolio, const SearchOptions& options,
                            const learner::Registry& registry, const Clock& clock,
                            ProgressSink& progress) {
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  const metric::MetricInfo* metric = metric::FindMetric(data.task, options.metric);
  if (metric == nullptr) {
    return InvalidSpec(Format("develop.metric: a {} task has no such metric: {}",
                              table::TaskName(data.task), options.metric));
  }
  return Searcher(data, portfolio, options, registry, *metric, clock, progress).Run(plan);
}

}  // namespace millrace::develop
