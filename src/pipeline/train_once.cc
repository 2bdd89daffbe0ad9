// TrainOnce: a model of one table, without a project.

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "base/threads.h"
#include "engine/engine.h"
#include "evaluate/seal.h"
#include "pipeline/keys.h"
#include "pipeline/phase_step.h"
#include "pipeline/run.h"
#include "spec/locator.h"

namespace millrace::pipeline {
namespace {

// Sealing reads the rows once more; reading told how long that takes here. Scoring them is
// measured by the search.
constexpr double kSealPerRead = 0.5;
constexpr double kSealFloorSeconds = 0.1;
constexpr double kLeastSearchSeconds = 0.05;

spec::Spec SpecOf(const TrainOnceInputs& inputs) {
  spec::Spec spec;
  spec.problem.description = inputs.description;
  spec.problem.target = inputs.target;
  spec.problem.task = inputs.task;
  for (const std::string& path : inputs.data)
    spec.data.paths.push_back(spec::LocatorFrom(".", path));
  if (inputs.seed) spec.split.seed = static_cast<int64_t>(*inputs.seed);
  spec.develop.budget.time_seconds = inputs.budget_seconds;
  spec.develop.budget.memory_bytes = inputs.memory_bytes;
  return spec;
}

// Returns the seconds that are left for the search after `used` seconds of reading.
double SearchSeconds(double budget, double used) {
  const double reserve = kSealFloorSeconds + kSealPerRead * used;
  return std::max(kLeastSearchSeconds, budget - used - reserve);
}

// Runs a step and takes its record.
Status Take(PhaseStep& step, PhaseContext& context) {
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  MILLRACE_ASSIGN_OR_RETURN(const json::Json record, step.Run(context));
  return step.Accept(context, record).status();
}

Result<evaluate::SealedBundle> Seal(const PhaseContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const std::unique_ptr<engine::Engine> engine, MakeEngine(context));
  return evaluate::SealTrained({.spec = context.spec,
                                .data = *context.data,
                                .develop = *context.develop,
                                .objects = context.objects,
                                .engine = *engine,
                                .num_threads = context.num_threads,
                                .provenance = ProvenanceOf(context)});
}

}  // namespace

Result<TrainOnceOutcome> TrainOnce(const TrainOnceInputs& inputs, Clock& clock,
                                   ProgressSink& progress) {
  const double start = clock.MonotonicSeconds();
  if (!(inputs.budget_seconds > 0.0)) {
    return InvalidSpec(
        Format("--budget: must be more than 0 s: {}", FormatSignificant(inputs.budget_seconds, 3)));
  }
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  MILLRACE_ASSIGN_OR_RETURN(const store::ObjectStore objects,
                            store::ObjectStore::Open(JoinPath(folder.path(), "objects")));
  const spec::Spec spec = SpecOf(inputs);
  PhaseContext context{
      .spec = spec,
      .project_folder = folder.path(),
      .staging_folder = JoinPath(folder.path(), "staging"),
      .objects = objects,
      .clock = clock,
      .progress = progress,
      .num_threads = inputs.num_threads ? std::max(1, *inputs.num_threads) : NumProcessors(),
      .hold_out = data::HoldOut::kNone};
  MILLRACE_ASSIGN_OR_RETURN(context.sources,
                            DigestSources(spec, context.project_folder, context.staging_folder));
  const std::vector<std::unique_ptr<PhaseStep>> steps = BuildingSteps();
  MILLRACE_RETURN_IF_ERROR(Take(*steps[0], context));
  MILLRACE_RETURN_IF_ERROR(Take(*steps[1], context));
  const double used = clock.MonotonicSeconds() - start;
  context.rows_scored_after = std::min(evaluate::kReferenceRows, context.data->num_train);
  context.budget_seconds = SearchSeconds(inputs.budget_seconds, used);
  MILLRACE_RETURN_IF_ERROR(Take(*steps[2], context));
  MILLRACE_ASSIGN_OR_RETURN(const evaluate::SealedBundle bundle, Seal(context));
  MILLRACE_RETURN_IF_ERROR(CopyFileAtomic(objects.PathOf(bundle.object), inputs.out));
  const develop::DevelopRecord& develop = *context.develop;
  return TrainOnceOutcome{.bundle = bundle.digest,
                          .bundle_bytes = bundle.bytes,
                          .metric = develop.primary_metric,
                          .estimate = develop.estimate.value,
                          .low = develop.estimate.low,
                          .high = develop.estimate.high,
                          .section = develop.section};
}

}  // namespace millrace::pipeline
