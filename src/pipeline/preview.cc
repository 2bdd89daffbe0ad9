#include "pipeline/preview.h"

#include <utility>

#include "json/text.h"
#include "pipeline/appended.h"
#include "pipeline/phase_step.h"
#include "pipeline/sources.h"
#include "store/cache.h"

namespace millrace::pipeline {
namespace {

constexpr int kDevelop = 3;
constexpr int kLastBuilding = 4;

// Takes the record of a step into the context; its checkpoint's title, or nothing when the step
// must be done.
Result<std::optional<std::string>> Take(const PhaseStep& step, const Workspace& workspace,
                                        PhaseContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<Digest> key, step.Key(context));
  if (!key) return std::optional<std::string>();
  const store::Cache cache(*workspace.catalog, workspace.objects);
  MILLRACE_ASSIGN_OR_RETURN(const auto found, cache.FindPhase(*key));
  if (!found) return std::optional<std::string>();
  const auto record = json::Parse(found->content, "record");
  if (!record.ok()) return std::optional<std::string>();
  const auto traces = step.Accept(context, *record);
  if (!traces.ok()) return std::optional<std::string>();
  return std::optional<std::string>(traces->section.checkpoint.title);
}

}  // namespace

std::string_view PhaseWorkName(PhaseWork work) {
  switch (work) {
    case PhaseWork::kFound:
      return "found";
    case PhaseWork::kDone:
      return "to do";
    case PhaseWork::kReconcile:
      return "reconcile";
  }
  return "";
}

Result<std::vector<PhasePreview>> PreviewRun(const std::string& project_folder,
                                             const spec::Spec& spec, const RunOptions& options,
                                             Clock& clock) {
  MILLRACE_ASSIGN_OR_RETURN(const Workspace workspace, OpenWorkspace(project_folder, clock));
  SilentProgress progress;
  PhaseContext context{.spec = spec,
                       .project_folder = workspace.project.folder(),
                       .objects = workspace.objects,
                       .clock = clock,
                       .progress = progress,
                       .budget_seconds = options.budget_seconds};
  if (spec.data.append_only) {
    auto rows = ReadAppended(workspace, spec, clock, TakeNew::kNo);
    // Rows that are not read yet make every phase new.
    if (rows.ok() && !rows->has_more) context.sources = std::move(rows->contents);
  } else {
    MILLRACE_ASSIGN_OR_RETURN(context.sources, DigestSources(spec, workspace.project.folder(), ""));
  }
  std::vector<PhasePreview> phases;
  bool found_so_far = true;
  for (const auto& step : BuildingSteps()) {
    if (step->number() > options.last_phase) break;
    PhasePreview preview{.phase = step->number(), .name = std::string(step->name())};
    if (found_so_far) {
      MILLRACE_ASSIGN_OR_RETURN(const auto title, Take(*step, workspace, context));
      found_so_far = title.has_value();
      preview.title = title.value_or("");
    }
    if (found_so_far) preview.work = PhaseWork::kFound;
    if (!found_so_far && preview.phase == kDevelop) {
      preview.budget_seconds = options.budget_seconds.value_or(spec.develop.budget.time_seconds);
    }
    phases.push_back(std::move(preview));
  }
  for (int phase = kLastBuilding + 1; phase <= options.last_phase; ++phase) {
    phases.push_back(
        {.phase = phase, .name = std::string(PhaseName(phase)), .work = PhaseWork::kReconcile});
  }
  return phases;
}

}  // namespace millrace::pipeline
