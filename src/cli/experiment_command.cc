#include <cmath>
#include <string>

#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/production_access.h"
#include "cli/project_access.h"
#include "deploy/experiment.h"
#include "metric/bootstrap.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

std::string IntervalText(const metric::Interval& value) {
  if (!std::isfinite(value.value)) return "not defined yet";
  return Format("{} [{}, {}]", FormatSignificant(value.value, 3), FormatSignificant(value.low, 3),
                FormatSignificant(value.high, 3));
}

void AddRoute(const deploy::RouteOutcome& route, const std::string& metric, report::Facts& facts) {
  facts.facts.push_back(
      {route.label, route.bundle.Short(),
       Format("{} of keys, {} answers, {} labels, {} {}", FormatShare(route.weight, 1.0),
              FormatCount(route.num_predictions), FormatCount(route.num_labelled), metric,
              IntervalText(route.metric))});
}

void Print(const deploy::ExperimentStatus& status, CommandContext& context) {
  report::Facts facts;
  AddRoute(status.champion, status.metric, facts);
  AddRoute(status.challenger, status.metric, facts);
  facts.facts.push_back(
      {"difference", IntervalText(status.difference), "greater: the challenger is better"});
  if (status.kind == deploy::ExperimentKind::kTest) {
    facts.facts.push_back(
        {"looked", Format("{} times", status.num_looks),
         Format("{} of the planned labels are in, {} of the error is spent",
                FormatShare(status.information, 1.0), FormatSignificant(status.alpha_spent, 2))});
  } else {
    facts.facts.push_back({"time left", FormatDuration(status.seconds_left), ""});
  }
  facts.facts.push_back({"verdict",
                         ReplaceAll(deploy::ExperimentVerdictName(status.verdict), "_", " "),
                         status.reason});
  context.output.Text(report::RenderFacts(facts, OutputStyle()));
  context.output.Document(deploy::ToJson(status));
}

Result<deploy::ExperimentOptions> OptionsOf(const Arguments& arguments) {
  deploy::ExperimentOptions options;
  if (arguments.Has("--canary")) options.kind = deploy::ExperimentKind::kCanary;
  MILLRACE_ASSIGN_OR_RETURN(const auto percent, arguments.Integer("--percent", 1, 99));
  if (percent) options.share = static_cast<double>(*percent) / 100.0;
  MILLRACE_ASSIGN_OR_RETURN(const auto rows, arguments.Integer("--labels", 100, 1'000'000'000));
  if (rows) options.planned_rows = *rows;
  MILLRACE_ASSIGN_OR_RETURN(options.seconds, arguments.Duration("--for"));
  return options;
}

}  // namespace

Status RunExperimentStart(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ExperimentOptions options, OptionsOf(context.arguments));
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open,
                            OpenProduction::Open(context, "millrace experiment start"));
  MILLRACE_ASSIGN_OR_RETURN(const Digest object,
                            BundleObject(open.workspace(), context.arguments.Text("BUNDLE")));
  SilentProgress progress;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ExperimentStatus status,
                            deploy::StartExperiment(open.Inputs(object, progress), options));
  Print(status, context);
  return {};
}

Status RunExperimentStatus(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open,
                            OpenProduction::Open(context, "millrace experiment status"));
  SilentProgress progress;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ExperimentStatus status,
                            deploy::LookAtExperiment(open.Inputs(Digest(), progress)));
  Print(status, context);
  return {};
}

Status RunExperimentStop(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(OpenProduction open,
                            OpenProduction::Open(context, "millrace experiment stop"));
  SilentProgress progress;
  const auto end = context.arguments.Has("--promote") ? deploy::ExperimentEnd::kPromoteChallenger
                                                      : deploy::ExperimentEnd::kKeepChampion;
  MILLRACE_ASSIGN_OR_RETURN(const deploy::ProductionState state,
                            deploy::EndExperiment(open.Inputs(Digest(), progress), end));
  PrintProduction(state, context);
  return {};
}

}  // namespace millrace::cli
