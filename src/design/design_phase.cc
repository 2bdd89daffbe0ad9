#include "design/design_phase.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "design/approach.h"
#include "design/column_plan.h"
#include "design/design_section.h"
#include "design/feasibility.h"
#include "design/infer.h"
#include "design/later_columns.h"
#include "design/quick_probe.h"
#include "design/table_sample.h"
#include "design/target_leaks.h"
#include "engine/source.h"
#include "metric/metric.h"
#include "profile/source_profile.h"
#include "profile/spec_rules.h"

namespace millrace::design {
namespace {

using table::Task;

constexpr int64_t kLeakSampleRows = 10'000;

// Every column that the specification names must be there.
Status CheckNames(const spec::Spec& spec, const std::vector<std::string>& columns) {
  const auto check_in = [](const std::vector<std::string>& known, const spec::Place& place,
                           std::string_view key, const std::string& name) -> Status {
    if (std::find(known.begin(), known.end(), name) != known.end()) return {};
    return InvalidSpec(Format("{}: {}: no such column: \"{}\"", place.ToString(), key, name))
        .WithHint(DidYouMean(name, known));
  };
  const auto check = [&](const spec::Place& place, std::string_view key, const std::string& name) {
    return check_in(columns, place, key, name);
  };
  const spec::DataSource& data = spec.data;
  MILLRACE_RETURN_IF_ERROR(check(spec.problem.target_place, "problem.target", spec.problem.target));
  const spec::Place& place = data.source_place;
  if (data.id) MILLRACE_RETURN_IF_ERROR(check(place, "data.id", *data.id));
  if (data.time) MILLRACE_RETURN_IF_ERROR(check(place, "data.time", *data.time));
  if (data.group) MILLRACE_RETURN_IF_ERROR(check(place, "data.group", *data.group));
  if (spec.split.column) {
    MILLRACE_RETURN_IF_ERROR(check(place, "split.column", *spec.split.column));
  }
  for (const std::string& name : data.exclude) {
    MILLRACE_RETURN_IF_ERROR(check(place, "data.exclude", name));
  }
  for (const std::string& name : data.not_at_prediction) {
    MILLRACE_RETURN_IF_ERROR(check(place, "data.not_at_prediction", name));
  }
  for (const std::string& name : data.sensitive) {
    MILLRACE_RETURN_IF_ERROR(check(place, "data.sensitive", name));
  }
  std::vector<std::string> with_windows = columns;
  for (const spec::WindowFeature& window : spec.features.windows) {
    with_windows.push_back(window.name);
  }
  for (const spec::ColumnFeatures& column : spec.features.columns) {
    MILLRACE_RETURN_IF_ERROR(check_in(with_windows, column.place, "features.columns", column.name));
  }
  return {};
}

// What the sentence and the profile say, with all that the specification fixes.
Result<Inference> InferProblem(const spec::Spec& spec, const profile::SourceProfile& profile) {
  Known known;
  known.task = spec.problem.task;
  known.target = spec.problem.target;
  known.positive = spec.problem.positive;
  auto inference = Infer(spec.problem.description, profile, known);
  if (inference.ok()) return inference;
  Status status = inference.status();
  return std::move(status).WithContext(spec.problem.target_place.ToString());
}

std::string TaskReason(const spec::Spec& spec, const profile::ColumnProfile& target,
                       const Inference& inference) {
  if (!spec.problem.task || spec.problem.task == Task::kText) return inference.task_choice.reason;
  return Format("as problem.task says; {} holds {} {}", target.name,
                FormatCount(target.num_distinct),
                inference.task == Task::kRegression ? "numbers" : "classes");
}

Result<table::Table> SampleRows(const DesignInputs& inputs, const engine::Source& source,
                                const profile::SourceProfile& profile, const DesignRecord& record) {
  MILLRACE_ASSIGN_OR_RETURN(const table::Schema typed,
                            SampleSchema(profile, record.target, record.task));
  return ReadSample(inputs.engine, source, typed, profile.num_rows, kLeakSampleRows);
}

// What a probe says of the gates on quality; empty without any, and where there is too little to
// probe. `features`: without columns that tell the target, which would promise what production does
// not hold.
std::vector<Feasibility> JudgeDemands(const DesignInputs& inputs, const table::Table& sample,
                                      const DesignRecord& record,
                                      const std::vector<std::string>& features) {
  const spec::Spec& spec = inputs.spec;
  const bool any = std::any_of(spec.require.gates.begin(), spec.require.gates.end(),
                               [&record](const spec::Gate& gate) {
                                 return metric::FindMetric(record.task, gate.metric) != nullptr;
                               });
  if (!any) return {};
  const int64_t wanted = ProbeRows(static_cast<int64_t>(features.size()));
  const int64_t step = std::max<int64_t>(1, (sample.num_rows() + wanted - 1) / wanted);
  std::vector<int64_t> some;
  for (int64_t r = 0; r < sample.num_rows(); r += step) some.push_back(r);
  const table::Table rows = sample.Take(some);
  const auto probe = RunQuickProbe({.engine = inputs.engine,
                                    .rows = rows,
                                    .features = features,
                                    .target = record.target,
                                    .task = record.task,
                                    .positive = record.positive,
                                    .time = spec.data.time.value_or(""),
                                    .group = spec.data.group.value_or(""),
                                    .seed = static_cast<uint64_t>(spec.split.seed)});
  if (!probe.ok()) return {};
  return JudgeGates(*probe, record.task, spec.require.gates);
}

}  // namespace

Result<DesignRecord> RunDesign(const DesignInputs& inputs) {
  const spec::Spec& spec = inputs.spec;
  const auto progress = [&inputs](double share, std::string step) {
    inputs.progress.Report({.phase = 1, .share = share, .step = std::move(step)});
  };
  engine::SourceOptions options = engine::OptionsOf(spec.data, inputs.staging_folder);
  options.kept = inputs.kept;
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source,
                            engine::OpenSource(inputs.engine, inputs.project_folder,
                                               spec.data.paths, options, "design_source"));
  MILLRACE_RETURN_IF_ERROR(CheckNames(spec, source.columns));
  MILLRACE_ASSIGN_OR_RETURN(
      const profile::SourceProfile profile,
      profile::ProfileSource(inputs.engine, source, profile::OverridesOf(spec, source.columns)));
  progress(0.6, Format("{} columns profiled", profile.columns.size()));
  if (spec.data.time) {
    MILLRACE_RETURN_IF_ERROR(
        profile::CheckTimeType(spec.data, profile.Find(*spec.data.time)->type));
  }

  MILLRACE_ASSIGN_OR_RETURN(const Inference inference, InferProblem(spec, profile));
  DesignRecord record;
  record.task = inference.task;
  record.task_reason = TaskReason(spec, *profile.Find(spec.problem.target), inference);
  record.target = spec.problem.target;
  record.positive = inference.positive.value;
  record.positive_reason = spec.problem.positive ? "problem.positive" : inference.positive.reason;
  record.primary_metric =
      spec.develop.metric.value_or(std::string(metric::DefaultMetric(record.task)));
  if (metric::FindMetric(record.task, record.primary_metric) == nullptr) {
    return InvalidSpec(Format("develop.metric: {} has no metric \"{}\"",
                              table::TaskName(record.task), record.primary_metric))
        .WithHint(Format("the usual one is {}", metric::DefaultMetric(record.task)));
  }
  record.num_rows = profile.num_rows;
  record.columns = PlanColumns(spec, profile, record.task);

  MILLRACE_ASSIGN_OR_RETURN(const table::Table sample, SampleRows(inputs, source, profile, record));
  const std::vector<ColumnNote> leaks =
      FindTargetLeaks(sample, record.target, record.task, FeaturesOf(record.columns));
  progress(0.9, leaks.empty() ? "no column tells the target"
                              : Format("{} columns tell the target", leaks.size()));
  std::vector<std::string> leak_names;
  for (const ColumnNote& leak : leaks) leak_names.push_back(leak.name);
  std::vector<std::string> features = FeaturesOf(record.columns);
  std::erase_if(features, [&leak_names](const std::string& name) {
    return std::find(leak_names.begin(), leak_names.end(), name) != leak_names.end();
  });
  const std::vector<LaterColumn> later = FindLaterColumns({.rows = sample,
                                                           .target = record.target,
                                                           .task = record.task,
                                                           .time = spec.data.time.value_or(""),
                                                           .features = features});
  const std::vector<Feasibility> feasibility = JudgeDemands(inputs, sample, record, features);
  int64_t bytes = 0;
  for (const engine::SourceFile& file : source.files) bytes += file.size_bytes;
  const Situation situation{spec, profile, record, bytes};
  record.approach = ChooseApproach(situation);
  record.serving = ChooseServing(situation);
  record.validation = ChooseValidation(situation);
  record.risks = FindRisks(situation, leak_names);
  record.section = MakeDesignSection(situation, source, leaks, later, feasibility);
  progress(1.0, "architecture designed");
  return record;
}

}  // namespace millrace::design
