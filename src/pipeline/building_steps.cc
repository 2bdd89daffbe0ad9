// Phases 1 to 4 as steps.

#include <cmath>
#include <utility>

#include "base/format.h"
#include "data/column_checks.h"
#include "metric/bootstrap.h"
#include "pipeline/keys.h"
#include "pipeline/phase_step.h"

namespace millrace::pipeline {
namespace {

using json::Json;

// Adds an object to the traces after reading it through: what the catalog names is there and whole.
Status AddObject(const PhaseContext& context, std::string name, std::string kind,
                 const Digest& digest, PhaseTraces& traces) {
  MILLRACE_RETURN_IF_ERROR(context.objects.Verify(digest));
  MILLRACE_ASSIGN_OR_RETURN(const int64_t size, context.objects.SizeOf(digest));
  traces.artefacts.push_back({.run = "",
                              .name = std::move(name),
                              .digest = digest,
                              .kind = std::move(kind),
                              .size_bytes = size});
  return {};
}

// The catalog holds finite figures only; an undefined one stays in the record.
void AddMetric(std::string name, const metric::Interval& value, PhaseTraces& traces) {
  if (!std::isfinite(value.value)) return;
  store::MetricRow row;
  row.name = std::move(name);
  row.value = value.value;
  if (std::isfinite(value.low)) row.low = value.low;
  if (std::isfinite(value.high)) row.high = value.high;
  traces.metrics.push_back(std::move(row));
}

const engine::KeptCells* KeptOf(const PhaseContext& context) {
  return context.kept ? &*context.kept : nullptr;
}

class DesignStep final : public PhaseStep {
 public:
  int number() const override { return 1; }
  std::string_view name() const override { return "design"; }
  Result<std::optional<Digest>> Key(const PhaseContext& context) const override {
    return std::optional<Digest>(DesignKey(context));
  }
  Result<Json> Run(const PhaseContext& context) override {
    MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine, MakeEngine(context));
    MILLRACE_ASSIGN_OR_RETURN(const design::DesignRecord record,
                              design::RunDesign({.spec = context.spec,
                                                 .project_folder = context.project_folder,
                                                 .engine = *engine,
                                                 .progress = context.progress,
                                                 .kept = KeptOf(context),
                                                 .staging_folder = context.staging_folder}));
    return ToJson(record);
  }
  Result<PhaseTraces> Accept(PhaseContext& context, const Json& record) const override {
    MILLRACE_ASSIGN_OR_RETURN(context.design, design::DesignRecordFromJson(record));
    PhaseTraces traces;
    traces.section = context.design->section;
    return traces;
  }
};

class DataStep final : public PhaseStep {
 public:
  int number() const override { return 2; }
  std::string_view name() const override { return "data"; }
  Result<std::optional<Digest>> Key(const PhaseContext& context) const override {
    return std::optional<Digest>(DataKey(context));
  }
  Result<Json> Run(const PhaseContext& context) override {
    MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine, MakeEngine(context));
    MILLRACE_ASSIGN_OR_RETURN(const data::DataRecord record,
                              data::RunData({.spec = context.spec,
                                             .project_folder = context.project_folder,
                                             .task = context.design->task,
                                             .positive = context.design->positive,
                                             .objects = context.objects,
                                             .engine = *engine,
                                             .progress = context.progress,
                                             .previous_salt = context.previous_salt,
                                             .hold_out = context.hold_out,
                                             .kept = KeptOf(context),
                                             .staging_folder = context.staging_folder,
                                             .released = context.released}));
    if (!context.kept) MILLRACE_RETURN_IF_ERROR(CheckSourcesUnchanged(context.sources));
    return ToJson(record);
  }
  Result<PhaseTraces> Accept(PhaseContext& context, const Json& record) const override {
    MILLRACE_ASSIGN_OR_RETURN(context.data, data::DataRecordFromJson(record));
    const data::DataRecord& data = *context.data;
    PhaseTraces traces;
    // A replay asks what the run's data gave, whatever their age is today.
    if (!context.plan) {
      data::JudgeAges(context.spec, context.clock.NowMicros(),
                      context.data->section.checkpoint.checks);
    }
    traces.section = data.section;
    MILLRACE_RETURN_IF_ERROR(
        AddObject(context, "rows.parquet", "parquet", data.rows_object, traces));
    if (data.quarantine_object) {
      MILLRACE_RETURN_IF_ERROR(
          AddObject(context, "quarantine.jsonl", "json lines", *data.quarantine_object, traces));
    }
    if (data.quality_object) {
      MILLRACE_RETURN_IF_ERROR(
          AddObject(context, "quality.json", "json", *data.quality_object, traces));
    }
    traces.metrics = {{.run = "", .name = "data.rows", .value = static_cast<double>(data.num_rows)},
                      {.run = "",
                       .name = "data.quarantined",
                       .value = static_cast<double>(data.num_quarantined)}};
    traces.versions.push_back(
        {.kind = "data",
         .digest = data.version,
         .name = data.version.Short(),
         .detail = Json::Of({{"rows_object", data.rows_object.ToHex()},
                             {"rows", data.num_rows},
                             {"train", data.num_train},
                             {"test", data.num_test},
                             {"quarantined", data.num_quarantined},
                             {"split_salt", static_cast<int64_t>(data.split_salt)},
                             {"sources", ToJson(context.sources)}}),
         .labels = {}});
    return traces;
  }
};

class DevelopStep final : public PhaseStep {
 public:
  int number() const override { return 3; }
  std::string_view name() const override { return "develop"; }
  Result<std::optional<Digest>> Key(const PhaseContext& context) const override {
    return std::optional<Digest>(DevelopKey(context));
  }
  Result<Json> Run(const PhaseContext& context) override {
    MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine, MakeEngine(context));
    MILLRACE_ASSIGN_OR_RETURN(
        const develop::DevelopRecord record,
        develop::RunDevelop({.spec = context.spec,
                             .data = *context.data,
                             .objects = context.objects,
                             .engine = *engine,
                             .progress = context.progress,
                             .clock = context.clock,
                             .num_threads = context.num_threads,
                             .memory_bytes = context.spec.develop.budget.memory_bytes.value_or(0),
                             .seconds = context.budget_seconds,
                             .rows_scored_after = context.rows_scored_after,
                             .plan = context.plan}));
    return ToJson(record);
  }
  Result<PhaseTraces> Accept(PhaseContext& context, const Json& record) const override {
    MILLRACE_ASSIGN_OR_RETURN(context.develop, develop::DevelopRecordFromJson(record));
    const develop::DevelopRecord& develop = *context.develop;
    PhaseTraces traces;
    traces.section = develop.section;
    MILLRACE_RETURN_IF_ERROR(
        AddObject(context, "graph.json", "graph", develop.graph_object, traces));
    MILLRACE_RETURN_IF_ERROR(
        AddObject(context, "model.bin", "model", develop.model_object, traces));
    AddMetric("estimate." + develop.primary_metric, develop.estimate, traces);
    AddMetric("baseline." + develop.primary_metric, develop.baseline, traces);
    return traces;
  }
};

class EvaluateStep final : public PhaseStep {
 public:
  int number() const override { return 4; }
  std::string_view name() const override { return "evaluate"; }
  Result<std::optional<Digest>> Key(const PhaseContext& context) const override {
    return std::optional<Digest>(EvaluateKey(context));
  }
  Result<Json> Run(const PhaseContext& context) override {
    MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine, MakeEngine(context));
    MILLRACE_ASSIGN_OR_RETURN(const evaluate::EvaluateRecord record,
                              evaluate::RunEvaluate({.spec = context.spec,
                                                     .data = *context.data,
                                                     .develop = *context.develop,
                                                     .objects = context.objects,
                                                     .engine = *engine,
                                                     .progress = context.progress,
                                                     .clock = context.clock,
                                                     .num_threads = context.num_threads,
                                                     .provenance = ProvenanceOf(context)}));
    return ToJson(record);
  }
  Result<PhaseTraces> Accept(PhaseContext& context, const Json& record) const override {
    MILLRACE_ASSIGN_OR_RETURN(context.evaluate, evaluate::EvaluateRecordFromJson(record));
    const evaluate::EvaluateRecord& evaluate = *context.evaluate;
    PhaseTraces traces;
    traces.section = evaluate.section;
    MILLRACE_RETURN_IF_ERROR(
        AddObject(context, "model.mill", "bundle", evaluate.bundle_object, traces));
    for (const evaluate::MeasuredMetric& item : evaluate.metrics) {
      AddMetric("test." + item.name, item.value, traces);
    }
    for (const evaluate::MeasuredGap& gap : evaluate.gaps) {
      AddMetric(Format("fairness.{}.{}", gap.name, gap.column), gap.value, traces);
    }
    const evaluate::MeasuredMetric* primary = evaluate.FindMetric(evaluate.primary_metric);
    traces.versions.push_back(
        {.kind = "bundle",
         .digest = evaluate.bundle,
         .name = evaluate.bundle.Short(),
         .detail = Json::Of({{"object", evaluate.bundle_object.ToHex()},
                             {"bytes", evaluate.bundle_bytes},
                             {"data", context.data->version.ToHex()},
                             {"metric", evaluate.primary_metric},
                             {"value", primary == nullptr ? Json() : Json(primary->value.value)},
                             {"passed", evaluate.passed()}}),
         .labels = {}});
    return traces;
  }
};

}  // namespace

std::vector<std::unique_ptr<PhaseStep>> BuildingSteps() {
  std::vector<std::unique_ptr<PhaseStep>> steps;
  steps.push_back(std::make_unique<DesignStep>());
  steps.push_back(std::make_unique<DataStep>());
  steps.push_back(std::make_unique<DevelopStep>());
  steps.push_back(std::make_unique<EvaluateStep>());
  return steps;
}

}  // namespace millrace::pipeline
