#include "design/quick_probe.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <numeric>

#include "base/digest.h"
#include "base/format.h"
#include "base/text.h"
#include "fit/fit_graph.h"
#include "learner/registry.h"
#include "model/model.h"

namespace millrace::design {
namespace {

using table::Column;
using table::Table;
using table::Task;

constexpr int64_t kLeastRows = 60;
constexpr size_t kMostClasses = 50;
constexpr size_t kBoostedClasses = 8;  // one tree a class and round: more are left to linear
constexpr int64_t kFolds = 3;
constexpr int64_t kCells = 300'000;
constexpr int64_t kResamples = 200;
constexpr double kWorthwhile = 0.02;  // above a constant answer

uint64_t HashCell(const Column& column, int64_t row) {
  if (!column.valid(row)) return 1;
  if (!table::IsNumeric(column.type())) return Hash64(column.text(row), 2);
  return MixHash(std::bit_cast<uint64_t>(column.number(row)), 3);
}

struct Labels {
  std::vector<double> values;  // class indexes, or numbers
  std::vector<int64_t> class_rows;
};

// Binary classes are [other, positive]; others sort by text.
Labels LabelsOf(const ProbeInputs& inputs, const Column& target) {
  Labels labels;
  if (inputs.task == Task::kRegression) {
    for (int64_t r = 0; r < target.size(); ++r) labels.values.push_back(target.number(r));
    return labels;
  }
  std::map<std::string, size_t, std::less<>> index;
  for (int64_t r = 0; r < target.size(); ++r) index.emplace(target.text(r), 0);
  size_t next = 0;
  for (auto& [label, number] : index) {
    number = inputs.task == Task::kBinary ? (label == inputs.positive ? 1u : 0u) : next++;
  }
  labels.class_rows.assign(index.size(), 0);
  for (int64_t r = 0; r < target.size(); ++r) {
    const size_t number = index.find(target.text(r))->second;
    labels.values.push_back(static_cast<double>(number));
    ++labels.class_rows[number];
  }
  return labels;
}

// Of a row that takes no part.
constexpr int64_t kLeftOut = -2;

// The rows of the middle third are scored after training on the first; the latest third is left
// out.
std::vector<int64_t> EarlierPeriod(const ProbeInputs& inputs, const Table& rows) {
  const Column& time = rows.column(*rows.schema().Find(inputs.time));
  std::vector<double> sorted;
  for (int64_t r = 0; r < time.size(); ++r) sorted.push_back(time.number(r));
  std::sort(sorted.begin(), sorted.end());
  const size_t third = sorted.size() / static_cast<size_t>(kFolds);
  const double latest = sorted[sorted.size() - third];
  const double middle = sorted[third];
  std::vector<int64_t> folds;
  for (int64_t r = 0; r < time.size(); ++r) {
    folds.push_back(time.number(r) >= latest ? kLeftOut : time.number(r) >= middle ? 0 : -1);
  }
  return folds;
}

// The fold that scores each row; -1: always trained on.
std::vector<int64_t> FoldsOf(const ProbeInputs& inputs, const Table& rows) {
  const int64_t n = rows.num_rows();
  std::vector<int64_t> folds(static_cast<size_t>(n), -1);
  if (!inputs.time.empty()) {
    const Column& time = rows.column(*rows.schema().Find(inputs.time));
    std::vector<double> times;
    for (int64_t r = 0; r < n; ++r) times.push_back(time.number(r));
    std::vector<double> sorted = times;
    std::sort(sorted.begin(), sorted.end());
    const double border = sorted[static_cast<size_t>(n - n / kFolds)];
    for (size_t r = 0; r < folds.size(); ++r) folds[r] = times[r] >= border ? 0 : -1;
    return folds;
  }
  // Equal rows (or a group's rows) fall into one fold, so that none is scored by its copy.
  for (int64_t r = 0; r < n; ++r) {
    uint64_t hash = inputs.seed;
    if (!inputs.group.empty()) {
      hash = MixHash(hash, HashCell(rows.column(*rows.schema().Find(inputs.group)), r));
    } else {
      for (int64_t c = 0; c < rows.num_columns(); ++c) {
        hash = MixHash(hash, HashCell(rows.column(c), r));
      }
    }
    folds[static_cast<size_t>(r)] = static_cast<int64_t>(hash % static_cast<uint64_t>(kFolds));
  }
  return folds;
}

struct LearnerChoice {
  std::string name;
  learner::OptionValues values;
  int64_t rounds = 0;
};

LearnerChoice ChooseLearner(int64_t num_rows, size_t num_classes) {
  if (num_classes > kBoostedClasses) return {"linear", {}, 50};
  const int64_t leaf = std::clamp<int64_t>(num_rows / 100, 3, 20);
  const int64_t rounds =
      num_classes > 2 ? std::max<int64_t>(15, 90 / static_cast<int64_t>(num_classes)) : 60;
  return {"boosting", {{"leaves", "15"}, {"min_leaf_rows", Format("{}", leaf)}}, rounds};
}

class Probe {
 public:
  Probe(const ProbeInputs& inputs, Table rows, Labels labels)
      : inputs_(inputs), rows_(std::move(rows)), labels_(std::move(labels)) {
    num_scores_ = labels_.class_rows.size() > 2 ? labels_.class_rows.size() : 1;
    outputs_.assign(labels_.values.size() * num_scores_, 0.0);
  }

  // Trains on all other rows, and scores those of `fold`.
  Status ScoreFold(const std::vector<int64_t>& folds, int64_t fold) {
    std::vector<int64_t> train;
    std::vector<int64_t> test;
    for (size_t r = 0; r < folds.size(); ++r) {
      if (folds[r] == kLeftOut) continue;
      (folds[r] == fold ? test : train).push_back(static_cast<int64_t>(r));
    }
    if (train.empty() || test.empty()) return Unsupported("a fold is empty");
    MILLRACE_RETURN_IF_ERROR(inputs_.engine.Load("__probe_rows", rows_.Take(train)));
    MILLRACE_ASSIGN_OR_RETURN(const fit::FittedGraph fitted,
                              fit::FitGraph({.engine = inputs_.engine,
                                             .relation = "__probe_rows",
                                             .schema = rows_.schema(),
                                             .features = inputs_.features}));
    MILLRACE_ASSIGN_OR_RETURN(const table::Matrix matrix, fitted.graph.Apply(rows_));
    const std::vector<feature::FeatureInfo> infos = fitted.graph.features();
    const learner::TrainingData data{.features = matrix,
                                     .infos = infos,
                                     .labels = labels_.values,
                                     .task = inputs_.task,
                                     .num_classes = static_cast<int64_t>(labels_.class_rows.size()),
                                     .train_rows = train,
                                     .validation_rows = {}};
    const LearnerChoice choice =
        ChooseLearner(static_cast<int64_t>(train.size()), labels_.class_rows.size());
    const learner::Registry registry = learner::RegisterLearners();
    MILLRACE_ASSIGN_OR_RETURN(const learner::Learner* learner, registry.Find(choice.name));
    MILLRACE_ASSIGN_OR_RETURN(
        const learner::TrainedModel trained,
        learner->Train(data, {.values = choice.values,
                              .seed = inputs_.seed,
                              .num_threads = 1,
                              .metric = std::string(metric::DefaultMetric(inputs_.task)),
                              .fixed_rounds = choice.rounds,
                              .stop = nullptr}));
    const table::Matrix unseen = matrix.Take(test);
    std::vector<double> outputs(test.size() * num_scores_);
    model::Predict(*trained.model, unseen.values(), unseen.num_rows(), outputs);
    for (size_t i = 0; i < test.size(); ++i) {
      const size_t to = static_cast<size_t>(test[i]) * num_scores_;
      std::copy_n(outputs.begin() + static_cast<std::ptrdiff_t>(i * num_scores_), num_scores_,
                  outputs_.begin() + static_cast<std::ptrdiff_t>(to));
      scored_.push_back(test[i]);
    }
    return {};
  }

  Result<QuickProbe> Finish(int64_t num_folds) {
    QuickProbe probe;
    probe.metric = inputs_.task == Task::kBinary       ? "auc"
                   : inputs_.task == Task::kMulticlass ? "accuracy"
                                                       : "r2";
    std::sort(scored_.begin(), scored_.end());
    std::vector<double> labels;
    std::vector<double> outputs;
    for (const int64_t row : scored_) {
      labels.push_back(labels_.values[static_cast<size_t>(row)]);
      const auto first = static_cast<std::ptrdiff_t>(static_cast<size_t>(row) * num_scores_);
      outputs.insert(outputs.end(), outputs_.begin() + first,
                     outputs_.begin() + first + static_cast<std::ptrdiff_t>(num_scores_));
    }
    const metric::Scored scored{.task = inputs_.task,
                                .num_classes = static_cast<int64_t>(labels_.class_rows.size()),
                                .labels = labels,
                                .outputs = outputs};
    probe.score = metric::Bootstrap(
        *metric::FindMetric(inputs_.task, probe.metric), scored, Rng(inputs_.seed),
        {.num_resamples = kResamples, .num_threads = inputs_.num_threads});
    if (!std::isfinite(probe.score.value) || !std::isfinite(probe.score.low)) {
      return Unsupported("the probe's rows hold one class only");
    }
    probe.num_rows = static_cast<int64_t>(scored_.size());
    probe.num_folds = num_folds;
    probe.baseline = inputs_.task == Task::kBinary ? 0.5 : 0.0;
    if (inputs_.task == Task::kMulticlass) {
      const int64_t most = *std::max_element(labels_.class_rows.begin(), labels_.class_rows.end());
      probe.baseline = static_cast<double>(most) / static_cast<double>(labels_.values.size());
    }
    probe.num_classes = scored.num_classes;
    probe.labels = std::move(labels);
    probe.outputs = std::move(outputs);
    return probe;
  }

 private:
  const ProbeInputs& inputs_;
  Table rows_;
  Labels labels_;
  size_t num_scores_ = 1;
  std::vector<double> outputs_;
  std::vector<int64_t> scored_;
};

}  // namespace

int64_t ProbeRows(int64_t num_features) {
  return std::clamp<int64_t>(kCells / std::max<int64_t>(1, num_features), 500, 5'000);
}

Result<QuickProbe> RunQuickProbe(const ProbeInputs& inputs) {
  if (inputs.features.empty()) return Unsupported("no column to learn from");
  const auto target = inputs.rows.schema().Find(inputs.target);
  if (!target) return Unsupported("no target");
  const std::optional<int64_t> time =
      inputs.time.empty() ? std::nullopt : inputs.rows.schema().Find(inputs.time);
  std::vector<int64_t> usable;
  for (int64_t r = 0; r < inputs.rows.num_rows(); ++r) {
    const bool timed = !time || inputs.rows.column(*time).valid(r);
    if (timed && inputs.rows.column(*target).valid(r)) usable.push_back(r);
  }
  if (static_cast<int64_t>(usable.size()) < kLeastRows) {
    return Unsupported(Format("{} rows are too few to probe", usable.size()));
  }
  Table rows = inputs.rows.Take(usable);
  Labels labels = LabelsOf(inputs, rows.column(*target));
  if (labels.class_rows.size() > kMostClasses) {
    return Unsupported(Format("{} classes are too many to probe", labels.class_rows.size()));
  }
  if (inputs.task != Task::kRegression && labels.class_rows.size() < 2) {
    return Unsupported("the probe's rows hold one class only");
  }
  const std::vector<int64_t> folds = FoldsOf(inputs, rows);
  const int64_t num_folds = inputs.time.empty() ? kFolds : 1;
  std::optional<double> earlier_period;
  if (!inputs.time.empty()) {
    Probe earlier(inputs, rows, labels);
    // Too few rows or classes there: then there is nothing to compare with.
    if (earlier.ScoreFold(EarlierPeriod(inputs, rows), 0).ok()) {
      const Result<QuickProbe> scored = earlier.Finish(1);
      if (scored.ok()) earlier_period = scored->score.value;
    }
  }
  Probe probe(inputs, std::move(rows), std::move(labels));
  for (int64_t fold = 0; fold < num_folds; ++fold) {
    MILLRACE_RETURN_IF_ERROR(probe.ScoreFold(folds, fold));
  }
  MILLRACE_RETURN_IF_ERROR(inputs.engine.Execute("DROP TABLE IF EXISTS __probe_rows"));
  MILLRACE_ASSIGN_OR_RETURN(QuickProbe made, probe.Finish(num_folds));
  made.earlier_period = earlier_period;
  return made;
}

std::optional<GateProposal> ProposeGate(const QuickProbe& probe, int64_t num_held_out) {
  const double half = std::max(0.0, probe.score.value - probe.score.low);
  const double ratio =
      static_cast<double>(probe.num_rows) / static_cast<double>(std::max<int64_t>(1, num_held_out));
  const double between_periods =
      std::max(0.0, probe.score.value - probe.earlier_period.value_or(probe.score.value));
  const double bound =
      std::floor((probe.score.value - half - half * std::sqrt(ratio) - between_periods) * 100.0) /
      100.0;
  if (bound < probe.baseline + kWorthwhile) return std::nullopt;
  GateProposal proposal;
  proposal.gate = {
      .metric = probe.metric, .op = spec::Comparison::kAtLeast, .bound = bound, .place = {}};
  proposal.reason = Format("proposed: {} {} [{}, {}]",
                           probe.num_folds > 1 ? Format("{} quick probes reach", probe.num_folds)
                                               : "a quick probe reaches",
                           FormatFixed(probe.score.value, 2), FormatFixed(probe.score.low, 2),
                           FormatFixed(probe.score.high, 2));
  if (between_periods > 0.0) {
    proposal.reason += Format(", {} in the period before", FormatFixed(*probe.earlier_period, 2));
  }
  return proposal;
}

}  // namespace millrace::design
