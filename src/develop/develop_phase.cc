#include "develop/develop_phase.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "develop/develop_section.h"
#include "develop/search.h"
#include "develop/threshold.h"
#include "fit/fit_graph.h"
#include "json/text.h"

namespace millrace::develop {
namespace {

using table::Task;

Result<fit::FittedGraph> Fit(const DevelopInputs& inputs) {
  const std::string relation =
      Format("(SELECT * FROM read_parquet({}) WHERE __split = {})",
             engine::QuoteLiteral(inputs.objects.PathOf(inputs.data.rows_object)),
             engine::QuoteLiteral(data::SplitPartName(data::SplitPart::kTrain)));
  return fit::FitGraph({.engine = inputs.engine,
                        .relation = relation,
                        .schema = inputs.data.schema,
                        .features = inputs.data.features});
}

Plan ProposeFor(const DevelopInputs& inputs) {
  std::vector<std::pair<std::string, learner::OptionValues>> values;
  for (const spec::LearnerOptions& options : inputs.spec.develop.options) {
    values.emplace_back(options.learner,
                        learner::OptionValues(options.values.begin(), options.values.end()));
  }
  return ProposePlan(inputs.data.task, inputs.data.num_train, inputs.spec.develop.learners, values);
}

std::vector<Candidate> LeaderboardOf(const SearchResult& search, Task task,
                                     const std::string& metric_name) {
  std::vector<Candidate> entries;
  for (size_t c = 0; c < search.candidates.size(); ++c) {
    const TrainedUnit& trained = search.candidates[c];
    Candidate entry;
    entry.name = trained.unit.name;
    entry.learner = trained.unit.learner;
    entry.options = json::Json::MakeObject();
    for (const auto& [key, value] : trained.unit.values) entry.options.Set(key, value);
    entry.score = trained.score;
    entry.num_folds = 1;
    entry.rounds = trained.unit.rounds;
    entry.model_bytes = trained.model_bytes;
    entry.chosen =
        std::find(search.members.begin(), search.members.end(), c) != search.members.end();
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

}  // namespace

Result<DevelopRecord> RunDevelop(const DevelopInputs& inputs) {
  const data::DataRecord& data = inputs.data;
  MILLRACE_ASSIGN_OR_RETURN(const fit::FittedGraph fitted, Fit(inputs));
  std::vector<std::string> columns = fitted.graph.columns();
  columns.push_back(data.target);
  columns.emplace_back("__row_key");
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table rows,
      data::LoadRows(data, inputs.objects, inputs.engine, data::SplitPart::kTrain, columns));
  MILLRACE_ASSIGN_OR_RETURN(const table::Matrix features, fitted.graph.Apply(rows));
  const std::vector<double> labels = data::LabelsOf(data, rows);
  const table::Column& keys = rows.column(rows.num_columns() - 1);
  std::vector<uint64_t> row_keys;
  for (int64_t r = 0; r < rows.num_rows(); ++r) row_keys.push_back(Hash64(keys.text(r)));

  const std::vector<feature::FeatureInfo> infos = fitted.graph.features();
  SearchOptions options;
  options.metric =
      inputs.spec.develop.metric.value_or(std::string(metric::DefaultMetric(data.task)));
  // The specification's share is of all rows; here only training rows are left.
  options.validation_share = std::clamp(
      inputs.spec.split.validation / std::max(0.1, 1.0 - inputs.spec.split.test), 0.01, 0.5);
  options.seed = static_cast<uint64_t>(inputs.spec.split.seed);
  options.num_threads = inputs.num_threads;
  options.budget_seconds = inputs.seconds.value_or(inputs.spec.develop.budget.time_seconds);
  options.mode = inputs.plan ? SearchOptions::Mode::kReplay : SearchOptions::Mode::kPropose;
  const SearchData search_data{.features = features,
                               .infos = infos,
                               .labels = labels,
                               .row_keys = row_keys,
                               .task = data.task,
                               .num_classes = static_cast<int64_t>(data.labels.size())};
  Plan plan;
  if (inputs.plan) {
    MILLRACE_ASSIGN_OR_RETURN(plan, PlanFromJson(*inputs.plan));
  } else {
    plan = ProposeFor(inputs);
  }
  MILLRACE_ASSIGN_OR_RETURN(const SearchResult search,
                            Search(search_data, plan, options, learner::RegisterLearners(),
                                   inputs.clock, inputs.progress));

  DevelopRecord record;
  record.plan = ToJson(search.plan);
  record.primary_metric = options.metric;
  record.estimate = search.score;
  for (const TrainedUnit& trained : search.candidates) {
    if (trained.unit.learner == "baseline") record.baseline = trained.score;
  }
  MILLRACE_ASSIGN_OR_RETURN(record.request_schema, data.schema.Select(fitted.graph.columns()));
  record.leaderboard = LeaderboardOf(search, data.task, options.metric);
  if (data.task == Task::kBinary) {
    std::vector<double> validation_labels;
    for (const int64_t row : search.validation_rows) {
      validation_labels.push_back(labels[static_cast<size_t>(row)]);
    }
    const ThresholdChoice choice =
        ChooseThreshold({.task = data.task,
                         .num_classes = 2,
                         .labels = validation_labels,
                         .outputs = search.validation_outputs,
                         .threshold = 0.5},
                        inputs.spec.problem.value, inputs.spec.require.gates);
    record.threshold = choice.threshold;
    record.threshold_reason = choice.reason;
  }
  MILLRACE_ASSIGN_OR_RETURN(record.graph_object,
                            inputs.objects.Put(json::Write(fitted.graph.ToJson())));
  MILLRACE_ASSIGN_OR_RETURN(record.model_object, inputs.objects.Put(search.model->Serialize()));
  record.section = MakeDevelopSection(record, search, fitted);
  inputs.progress.Report({.phase = 3,
                          .share = 1.0,
                          .step = "model trained on all training rows",
                          .best = "",
                          .seconds_left = std::nullopt});
  return record;
}

}  // namespace millrace::develop
