#include <algorithm>
#include <string>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/monitor_pass.h"
#include "cli/production_access.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "operate/operate_phase.h"
#include "pipeline/run.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

constexpr size_t kShownWindows = 10;
constexpr size_t kShownAlerts = 10;

std::string LineOf(const operate::Window& window) {
  std::string text =
      Format("  {:>4}  {:<10}  {}  {:>9} rows", window.number, window.route,
             FormatUtc(window.last_micros).substr(0, 19), FormatCount(window.num_rows));
  const operate::ColumnDrift* worst = nullptr;
  int64_t alarms = 0;
  for (const operate::ColumnDrift& drift : window.drift) {
    if (worst == nullptr || drift.psi > worst->psi) worst = &drift;
    alarms += drift.alarm ? 1 : 0;
  }
  if (worst != nullptr) {
    text += Format("   psi {} at most ({})", FormatSignificant(worst->psi, 2), worst->column);
    if (alarms > 0) text += Format(", DRIFT in {} column{}", alarms, alarms == 1 ? "" : "s");
  }
  if (window.performance) {
    text +=
        Format("   {} [{}, {}] on {} labels", FormatSignificant(window.performance->value, 3),
               FormatSignificant(window.performance->low, 3),
               FormatSignificant(window.performance->high, 3), FormatCount(window.num_labelled));
    if (window.performance_alarm) text += ", DROP";
  }
  return text + "\n";
}

std::string StateWord(operate::TriggerState state) {
  switch (state) {
    case operate::TriggerState::kQuiet:
      return "quiet";
    case operate::TriggerState::kDue:
      return "DUE";
    case operate::TriggerState::kCoolingDown:
      return "cooling down";
  }
  return "";
}

void Print(const operate::OperateRecord& record, CommandContext& context) {
  Output& output = context.output;
  output.Text(Format("{} predictions and {} labels read, {} rows in open windows\n",
                     FormatCount(record.num_predictions), FormatCount(record.num_labels),
                     FormatCount(record.open_rows)));
  const size_t windows = record.windows.size();
  if (windows > 0) output.Text("\nwindows\n");
  for (size_t i = windows - std::min(windows, kShownWindows); i < windows; ++i) {
    output.Text(LineOf(record.windows[i]));
  }
  const size_t alerts = record.alerts.size();
  if (alerts > 0) output.Text("\nalerts\n");
  for (size_t i = alerts - std::min(alerts, kShownAlerts); i < alerts; ++i) {
    const operate::Alert& alert = record.alerts[i];
    output.Text(Format("  {}  {}{}\n", FormatUtc(alert.time_micros).substr(0, 19), alert.text,
                       alert.delivered ? "" : "   (not delivered yet)"));
  }
  report::Facts facts{.title = "\nretraining", .facts = {}};
  for (const operate::Trigger& trigger : record.triggers) {
    facts.facts.push_back({trigger.kind, StateWord(trigger.state), trigger.reason});
  }
  if (!facts.facts.empty()) output.Text(report::RenderFacts(facts, OutputStyle()));
  output.Text("\n" + report::RenderCheckpoint(record.section.checkpoint, OutputStyle()));
  if (record.retrain_due) output.Text("\nretraining is due.  Next: millrace retrain\n");
  output.Document(operate::ToJson(record));
}

}  // namespace

Result<operate::OperateRecord> MonitorPass(OpenProduction& open, Clock& clock) {
  SilentProgress progress;
  return operate::RunOperate({.spec = open.spec(),
                              .project = open.workspace().project,
                              .objects = open.workspace().objects,
                              .catalog = *open.workspace().catalog,
                              .clock = clock,
                              .progress = progress});
}

Status RunMonitor(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open, OpenProduction::Open(context, "millrace monitor"));
  MILLRACE_ASSIGN_OR_RETURN(const operate::OperateRecord record, MonitorPass(open, context.clock));
  Print(record, context);
  if (record.section.checkpoint.passed()) return {};
  return GateNotMet("monitoring: a check is not met");
}

Status RunRetrain(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  pipeline::RetrainOptions options;
  options.reason = context.arguments.TextOr("--reason", options.reason);
  options.promote = !context.arguments.Has("--compare-only");
  MILLRACE_ASSIGN_OR_RETURN(options.budget_seconds, context.arguments.Duration("--budget"));
  MILLRACE_ASSIGN_OR_RETURN(const auto threads, context.arguments.Integer("--threads", 1, 1024));
  if (threads) options.num_threads = static_cast<int>(*threads);
  if (context.arguments.Has("--if-due")) {
    MILLRACE_ASSIGN_OR_RETURN(OpenProduction open,
                              OpenProduction::Open(context, "millrace retrain"));
    MILLRACE_ASSIGN_OR_RETURN(const operate::OperateRecord record,
                              MonitorPass(open, context.clock));
    if (!record.retrain_due) {
      context.output.Text("no trigger is due: nothing was trained\n");
      context.output.Document(json::Json::Of({{"due", false}}));
      return {};
    }
  }
  ProgressView view(context.output.form(), context.clock);
  MILLRACE_ASSIGN_OR_RETURN(
      const pipeline::RetrainOutcome outcome,
      pipeline::RunRetrain(context.folder, spec, options, context.clock, view));
  view.Finish();
  context.output.Text(
      Format("challenger  {}\nchampion    {}\ndifference  {} [{}, {}], greater: the challenger is "
             "better\n{}: {}\n",
             outcome.challenger.Short(), outcome.champion ? outcome.champion->Short() : "none",
             FormatSignificant(outcome.difference, 3), FormatSignificant(outcome.low, 3),
             FormatSignificant(outcome.high, 3), outcome.promoted ? "promoted" : "not promoted",
             outcome.reason));
  context.output.Document(json::Json::Of(
      {{"run", outcome.run_id},
       {"champion", outcome.champion ? json::Json(outcome.champion->ToHex()) : json::Json()},
       {"challenger", outcome.challenger.ToHex()},
       {"difference", outcome.difference},
       {"low", outcome.low},
       {"high", outcome.high},
       {"promoted", outcome.promoted},
       {"reason", outcome.reason}}));
  return {};
}

}  // namespace millrace::cli
