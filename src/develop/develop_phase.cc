#include "develop/develop_phase.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "base/format.h"
#include "base/text.h"
#include "develop/changes.h"
#include "develop/develop_section.h"
#include "develop/missing_probe.h"
#include "develop/recalibration.h"
#include "develop/search.h"
#include "develop/threshold.h"
#include "fit/fit_graph.h"
#include "json/text.h"
#include "model/calibrated_model.h"
#include "spec/stated_part.h"

namespace millrace::develop {
namespace {

using table::Task;

std::vector<fit::ColumnClip> ClipsOf(const data::DataRecord& data) {
  std::vector<fit::ColumnClip> clips;
  for (const data::OutlierTreatment& column : data.outliers) {
    const bool clipped = column.policy == spec::OutlierPolicy::kClip && column.left_because.empty();
    if (clipped) clips.push_back({column.column, column.low, column.high});
  }
  return clips;
}

// The policies of missing values that a probe chooses, where it is asked to.
Result<std::optional<MissingProbe>> Probe(const DevelopInputs& inputs) {
  std::optional<MissingProbe> probe;
  if (inputs.spec.features.missing != spec::MissingDefault::kAuto) return probe;
  MILLRACE_ASSIGN_OR_RETURN(probe, ProbeMissing({.spec = inputs.spec,
                                                 .data = inputs.data,
                                                 .objects = inputs.objects,
                                                 .engine = inputs.engine,
                                                 .clips = ClipsOf(inputs.data)}));
  return probe;
}

Result<fit::FittedGraph> Fit(const DevelopInputs& inputs,
                             const std::optional<MissingProbe>& probe) {
  const std::string relation =
      Format("(SELECT * FROM read_parquet({}) WHERE __split = {})",
             engine::QuoteLiteral(inputs.objects.PathOf(inputs.data.rows_object)),
             engine::QuoteLiteral(data::SplitPartName(data::SplitPart::kTrain)));
  std::vector<spec::ColumnFeatures> columns = inputs.spec.features.columns;
  if (probe) columns = WithChoices(std::move(columns), *probe);
  MILLRACE_ASSIGN_OR_RETURN(fit::FittedGraph fitted,
                            fit::FitGraph({.engine = inputs.engine,
                                           .relation = relation,
                                           .schema = inputs.data.schema,
                                           .features = inputs.data.features,
                                           .added = inputs.spec.features.add,
                                           .aggregates = inputs.spec.features.aggregates,
                                           .columns = std::move(columns),
                                           .clips = ClipsOf(inputs.data)}));
  if (!probe) return fitted;
  for (fit::FeatureReason& reason : fitted.reasons) {
    const auto probed = std::ranges::find(probe->columns, reason.column, &ColumnProbe::column);
    const bool chosen =
        probed != probe->columns.end() && probed->chosen != std::vector<std::string>{"native"};
    if (chosen) reason.decided_by = "features.missing: measured";
  }
  return fitted;
}

// The training rows as learners see them.
struct TrainingRows {
  table::Matrix features;
  std::vector<double> labels;
  std::vector<uint64_t> keys;
  std::vector<double> times;        // empty unless the split follows time
  std::vector<uint8_t> validation;  // empty unless rows are stated as validation
};

Result<TrainingRows> LoadTraining(const DevelopInputs& inputs, const feature::Graph& graph) {
  const data::DataRecord& data = inputs.data;
  std::vector<std::string> columns = graph.columns();
  const auto add = [&columns](const std::string& name) {
    if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
  };
  add(data.target);
  add("__row_key");
  const bool by_time = data.split_kind == "time" && inputs.spec.data.time.has_value();
  const bool by_group = data.split_kind != "time" && inputs.spec.data.group.has_value();
  if (by_time) add(*inputs.spec.data.time);
  if (by_group) add(*inputs.spec.data.group);
  const bool by_statement = data.split_kind == "column" && inputs.spec.split.column.has_value();
  if (by_statement) add(*inputs.spec.split.column);
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table table,
      data::LoadRows(data, inputs.objects, inputs.engine, data::SplitPart::kTrain, columns));
  TrainingRows rows;
  MILLRACE_ASSIGN_OR_RETURN(rows.features, graph.Apply(table));
  rows.labels = data::LabelsOf(data, table);
  const std::string& key_name = by_group ? *inputs.spec.data.group : std::string("__row_key");
  // Columns come in the order in which they were asked for.
  const auto column = [&](const std::string& name) -> const table::Column& {
    return table.column(std::find(columns.begin(), columns.end(), name) - columns.begin());
  };
  const table::Column& keys = column(key_name);
  const bool texts = !table::IsNumeric(keys.type());
  // Equal rows without an id are observations of their own, as they will come again; equal ids or
  // groups stay together.
  const bool own_rows = !by_group && !inputs.spec.data.id.has_value();
  std::unordered_map<uint64_t, uint64_t> seen;
  for (int64_t r = 0; r < table.num_rows(); ++r) {
    const uint64_t key = Hash64(texts ? std::string(keys.text(r)) : FormatDouble(keys.number(r)));
    rows.keys.push_back(own_rows ? MixHash(key, seen[key]++) : key);
  }
  if (by_time) {
    const table::Column& times = column(*inputs.spec.data.time);
    for (int64_t r = 0; r < table.num_rows(); ++r) rows.times.push_back(times.number(r));
  }
  if (by_statement) {
    const table::Column& parts = column(*inputs.spec.split.column);
    for (int64_t r = 0; r < table.num_rows(); ++r) {
      const auto part = spec::ReadStatedPart(parts.text(r));
      rows.validation.push_back(part == spec::StatedPart::kValidation ? 1 : 0);
    }
    if (std::count(rows.validation.begin(), rows.validation.end(), 1) == 0) rows.validation.clear();
  }
  return rows;
}

PortfolioInputs PortfolioFor(const DevelopInputs& inputs, const TrainingRows& rows) {
  PortfolioInputs portfolio;
  portfolio.task = inputs.data.task;
  portfolio.num_rows = static_cast<int64_t>(rows.labels.size());
  portfolio.num_features = rows.features.num_columns();
  if (portfolio.task == Task::kMulticlass) {
    portfolio.num_scores = static_cast<int64_t>(inputs.data.labels.size());
  }
  portfolio.positive_target =
      std::all_of(rows.labels.begin(), rows.labels.end(), [](double label) { return label > 0.0; });
  portfolio.learners = inputs.spec.develop.learners;
  for (const spec::LearnerOptions& options : inputs.spec.develop.options) {
    portfolio.values.emplace_back(
        options.learner, learner::OptionValues(options.values.begin(), options.values.end()));
  }
  return portfolio;
}

std::vector<Candidate> LeaderboardOf(const SearchResult& search, int64_t num_folds, Task task,
                                     const std::string& metric_name) {
  std::vector<Candidate> entries;
  double total = 0.0;
  for (const TrainedUnit& trained : search.units) total += static_cast<double>(trained.weight);
  for (const TrainedUnit& trained : search.units) {
    Candidate entry;
    entry.name = trained.unit.name;
    entry.learner = trained.unit.learner;
    entry.options = json::Json::MakeObject();
    for (const auto& [key, value] : trained.unit.values) entry.options.Set(key, value);
    entry.score = trained.score;
    entry.num_folds = num_folds;
    std::vector<int64_t> rounds = trained.unit.rounds;
    std::sort(rounds.begin(), rounds.end());
    entry.rounds = rounds.empty() ? 0 : rounds[rounds.size() / 2];
    entry.model_bytes = trained.model_bytes;
    entry.chosen = trained.weight > 0;
    entry.note = trained.note;
    if (entry.chosen) {
      entry.note = Format("weight {:.2f}{}{}", static_cast<double>(trained.weight) / total,
                          trained.note.empty() ? "" : "; ", trained.note);
    }
    entries.push_back(std::move(entry));
  }
  const bool greater = metric::FindMetric(task, metric_name)->greater_is_better;
  std::stable_sort(entries.begin(), entries.end(),
                   [greater](const Candidate& a, const Candidate& b) {
                     if (std::isnan(a.score.value) || std::isnan(b.score.value)) {
                       return !std::isnan(a.score.value) && std::isnan(b.score.value);
                     }
                     return greater ? a.score.value > b.score.value : a.score.value < b.score.value;
                   });
  return entries;
}

// Divides the training rows as the plan and the specification say. Where rows are stated as
// validation they are the one part, and the plan says so from there on.
Result<Folds> DivideRows(const DevelopInputs& inputs, const TrainingRows& rows, uint64_t seed,
                         Plan& plan) {
  const spec::SplitPlan& split = inputs.spec.split;
  if (!rows.validation.empty()) {
    if (split.folds.value_or(1) > 1 || split.repeats > 1) {
      return InvalidSpec(Format("split.folds: {} states validation rows, which are the one part "
                                "that candidates are compared on",
                                *split.column))
          .WithHint("leave split.folds and split.repeats out, or state those rows as train");
    }
    plan.num_folds = 1;
  }
  const bool repeats = rows.times.empty() && plan.num_folds > 1;
  return MakeFolds(
      {.labels = rows.labels,
       .keys = rows.keys,
       .times = rows.times,
       .embargo_seconds = split.embargo_seconds,
       .validation = rows.validation,
       .task = inputs.data.task},
      {.num_folds = plan.num_folds, .num_repeats = repeats ? split.repeats : 1, .seed = seed});
}

// The recorded plan, or what is proposed.
Result<Plan> PlanFor(const DevelopInputs& inputs, const PortfolioInputs& portfolio,
                     const SearchOptions& options) {
  if (inputs.plan) return PlanFromJson(*inputs.plan);
  const spec::SplitPlan& split = inputs.spec.split;
  Plan plan;
  plan.units = MakePortfolio(portfolio);
  plan.num_folds = split.folds.value_or(ChooseNumFolds(portfolio.num_rows, portfolio.num_features,
                                                       portfolio.num_scores, options.budget_seconds,
                                                       options.num_threads));
  // Who asks for repeats asks for folds.
  constexpr int64_t kFewestRepeated = 4;
  if (split.repeats > 1 && !split.folds) plan.num_folds = std::max(plan.num_folds, kFewestRepeated);
  return plan;
}

int64_t ModelSizeLimit(const spec::Spec& spec) {
  constexpr int64_t kDefaultBytes = 20'000'000;
  int64_t limit = kDefaultBytes;
  for (const spec::Gate& gate : spec.require.gates) {
    if (gate.metric != "model_size") continue;
    limit = std::min(limit, static_cast<int64_t>(0.8 * gate.bound));
  }
  return std::max<int64_t>(limit, 10'000);
}

// Recalibrates the answer of a search where that measurably helps: its model, its outputs, and the
// estimate where the metric sees more than the order, by maps fitted without the rows' parts.
Result<Recalibration> RecalibrateAnswer(metric::Scored scored, const Folds& folds,
                                        const SearchOptions& options, SearchResult& search) {
  scored.outputs = search.outputs;
  const std::vector<int32_t> parts = PartsOf(folds);
  Recalibration found = Recalibrate(scored, parts);
  if (!found.map) return found;
  MILLRACE_ASSIGN_OR_RETURN(search.model,
                            model::CalibratedModel::Make(*found.map, std::move(search.model)));
  if (options.metric != "auc" && options.metric != "average_precision") {
    const metric::MetricInfo& metric = *metric::FindMetric(scored.task, options.metric);
    metric::BootstrapOptions bootstrap;
    bootstrap.num_resamples = 200;
    bootstrap.max_rows = 5000;
    bootstrap.num_threads = options.num_threads;
    const Rng rng(options.seed);
    scored.outputs = found.honest_outputs;
    metric::Scored baseline = scored;
    baseline.outputs = search.baseline_outputs;
    search.score = metric::Bootstrap(metric, scored, rng.Fork("score"), bootstrap);
    search.over_baseline =
        metric::BootstrapDifference(metric, scored, baseline, rng.Fork("gain"), bootstrap);
  }
  model::ApplyCalibration(*found.map, search.model->num_scores(), search.outputs);
  return found;
}

}  // namespace

Result<DevelopRecord> RunDevelop(const DevelopInputs& inputs) {
  const double start = inputs.clock.MonotonicSeconds();
  const double budget = inputs.seconds.value_or(inputs.spec.develop.budget.time_seconds);
  const data::DataRecord& data = inputs.data;
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<MissingProbe> probe, Probe(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const fit::FittedGraph fitted, Fit(inputs, probe));
  MILLRACE_ASSIGN_OR_RETURN(const TrainingRows rows, LoadTraining(inputs, fitted.graph));
  const PortfolioInputs portfolio = PortfolioFor(inputs, rows);

  SearchOptions options;
  options.metric =
      inputs.spec.develop.metric.value_or(std::string(metric::DefaultMetric(data.task)));
  options.seed = static_cast<uint64_t>(inputs.spec.split.seed);
  options.num_threads = std::max(1, inputs.num_threads);
  options.budget_seconds = budget;
  options.deadline = start + budget;
  options.rows_scored_after = inputs.rows_scored_after;
  options.max_model_bytes = ModelSizeLimit(inputs.spec);
  if (inputs.memory_bytes > 0) {
    options.max_kept_bytes = std::min(options.max_kept_bytes, inputs.memory_bytes / 20);
  }
  options.mode = inputs.plan ? SearchOptions::Mode::kReplay : SearchOptions::Mode::kPropose;
  const auto num_classes = static_cast<int64_t>(data.labels.size());
  MILLRACE_ASSIGN_OR_RETURN(Plan plan, PlanFor(inputs, portfolio, options));
  MILLRACE_ASSIGN_OR_RETURN(const Folds folds, DivideRows(inputs, rows, options.seed, plan));
  options.deadline -=
      RecalibrationSeconds(data.task, portfolio.num_rows, portfolio.num_scores,
                           std::max<int64_t>(5, static_cast<int64_t>(folds.folds.size())));
  const std::vector<feature::FeatureInfo> infos = fitted.graph.features();
  MILLRACE_ASSIGN_OR_RETURN(
      SearchResult search,
      Search({.features = rows.features,
              .infos = infos,
              .labels = rows.labels,
              .folds = folds,
              .task = data.task,
              .num_classes = num_classes},
             plan, portfolio, options, learner::RegisterLearners(), inputs.clock, inputs.progress));

  std::vector<double> labels;
  for (const int64_t row : folds.scored_rows)
    labels.push_back(rows.labels[static_cast<size_t>(row)]);
  const metric::Scored scored{.task = data.task,
                              .num_classes = num_classes,
                              .labels = labels,
                              .outputs = search.outputs,
                              .threshold = 0.5};
  std::optional<Recalibration> recalibration;
  if (data.task != Task::kRegression) {
    MILLRACE_ASSIGN_OR_RETURN(recalibration, RecalibrateAnswer(scored, folds, options, search));
  }

  DevelopRecord record;
  record.plan = ToJson(search.plan);
  record.primary_metric = options.metric;
  record.estimate = search.score;
  record.baseline = search.units[0].score;
  MILLRACE_ASSIGN_OR_RETURN(record.request_schema, data.schema.Select(fitted.graph.columns()));
  record.leaderboard =
      LeaderboardOf(search, static_cast<int64_t>(folds.folds.size()), data.task, options.metric);
  if (recalibration) record.calibration = recalibration->reason;
  if (data.task == Task::kBinary) {
    const ThresholdChoice choice =
        ChooseThreshold(scored, inputs.spec.problem.value, inputs.spec.require.gates);
    record.threshold = choice.threshold;
    record.threshold_reason = choice.reason;
  }
  MILLRACE_ASSIGN_OR_RETURN(record.graph_object,
                            inputs.objects.Put(json::Write(fitted.graph.ToJson())));
  const std::string bytes = search.model->Serialize();
  MILLRACE_ASSIGN_OR_RETURN(record.model_object, inputs.objects.Put(bytes));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<ColumnChanges> changes,
                            CountChanges(data, inputs.objects, inputs.engine, fitted));
  const double seconds = inputs.clock.MonotonicSeconds() - start;
  record.section = MakeDevelopSection(
      {.record = record,
       .search = search,
       .graph = fitted,
       .folds = folds,
       .scored = scored,
       .recalibration = recalibration ? &*recalibration : nullptr,
       .model_bytes = static_cast<int64_t>(bytes.size()),
       .seconds = seconds,
       .budget_seconds = inputs.plan ? std::nullopt : std::optional<double>(budget)});
  if (probe) record.section.blocks.push_back(ProbeBlock(*probe));
  record.section.blocks.push_back(ChangesBlock(data, changes));
  record.section.seconds = seconds;
  inputs.progress.Report(
      {.phase = 3,
       .share = 1.0,
       .step = Format("{} models", search.units.size()),
       .best = Format("best {} {}", options.metric, FormatSignificant(search.score.value, 4)),
       .seconds_left = std::nullopt});
  return record;
}

}  // namespace millrace::develop
