#include <optional>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "cli/run_result.h"
#include "pipeline/preview.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kPhases[] = {"design",   "data",   "develop",
                                        "evaluate", "deploy", "operate"};

// "develop" or "3"; the table of commands has refused everything else.
int PhaseNumber(const std::string& name) {
  for (int i = 0; i < 6; ++i) {
    if (name == kPhases[i] || name == std::to_string(i + 1)) return i + 1;
  }
  return 6;
}

Result<pipeline::RunOptions> OptionsOf(const CommandContext& context, int last_phase,
                                       const std::string& actor) {
  pipeline::RunOptions options;
  options.last_phase = last_phase;
  options.actor = actor;
  MILLRACE_ASSIGN_OR_RETURN(options.budget_seconds, context.arguments.Duration("--budget"));
  MILLRACE_ASSIGN_OR_RETURN(const auto threads, context.arguments.Integer("--threads", 1, 1024));
  if (threads) options.num_threads = static_cast<int>(*threads);
  return options;
}

std::string WordsOf(const pipeline::PhasePreview& phase) {
  if (phase.work == pipeline::PhaseWork::kReconcile) return "wanted and observed state compared";
  if (phase.work == pipeline::PhaseWork::kFound) return phase.title;
  return phase.budget_seconds ? "within " + FormatDuration(*phase.budget_seconds) : "";
}

Status RunTo(CommandContext& context, int last_phase, const std::string& actor) {
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  MILLRACE_ASSIGN_OR_RETURN(const auto options, OptionsOf(context, last_phase, actor));
  ProgressView view(context.output.form(), context.clock);
  const Result<pipeline::RunOutcome> outcome =
      pipeline::RunPipeline(context.folder, spec, options, context.clock, view);
  view.Finish();
  if (!outcome.ok()) {
    if (!context.output.json() && !view.report_path().empty()) {
      Note(Format("report   {}\n", view.report_path()));
    }
    Status status = outcome.status();
    if (status.code() == Code::kCancelled) {
      return std::move(status).WithHint("what is done is kept; millrace run goes on from there");
    }
    return status;
  }
  PrintRun(*outcome, context);
  context.output.Document(RunJson(*outcome, context));
  return RunVerdict(*outcome);
}

}  // namespace

Status RunRun(CommandContext& context) {
  return RunTo(context, PhaseNumber(context.arguments.TextOr("--to", "operate")), "millrace run");
}

Status RunPlan(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  MILLRACE_ASSIGN_OR_RETURN(
      const auto options,
      OptionsOf(context, PhaseNumber(context.arguments.TextOr("--to", "operate")),
                "millrace plan"));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<pipeline::PhasePreview> phases,
                            pipeline::PreviewRun(context.folder, spec, options, context.clock));
  report::Facts facts;
  json::Json list = json::Json::MakeArray();
  for (const pipeline::PhasePreview& phase : phases) {
    facts.facts.push_back({Format("{} {}", phase.phase, phase.name),
                           std::string(pipeline::PhaseWorkName(phase.work)), WordsOf(phase)});
    json::Json item = json::Json::Of({{"phase", phase.phase},
                                      {"name", phase.name},
                                      {"work", pipeline::PhaseWorkName(phase.work)}});
    if (phase.budget_seconds) item.Set("budget_seconds", *phase.budget_seconds);
    list.Append(std::move(item));
  }
  context.output.Text(report::RenderFacts(facts, OutputStyle()));
  context.output.Document(json::Json::Of({{"phases", std::move(list)}}));
  return {};
}

Status RunEvaluate(CommandContext& context) { return RunTo(context, 4, "millrace evaluate"); }

Status RunTrainProject(CommandContext& context) { return RunTo(context, 3, "millrace train"); }

}  // namespace millrace::cli
