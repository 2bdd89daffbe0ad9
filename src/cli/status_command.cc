#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "cli/stream_status.h"
#include "deploy/deploy_phase.h"
#include "pipeline/run.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

// What a project has, gathered once for text and JSON.
struct ProjectState {
  std::optional<store::RunRow> run;  // the newest
  std::vector<store::PhaseRow> phases;
  std::vector<store::MetricRow> metrics;
  std::optional<store::VersionRow> data;
  std::optional<store::VersionRow> bundle;
  deploy::ProductionState production;
  std::string report;  // of the run; empty when there is none
  size_t num_runs = 0;
};

Result<ProjectState> Gather(pipeline::Workspace& workspace) {
  ProjectState state;
  const store::Catalog& catalog = *workspace.catalog;
  MILLRACE_ASSIGN_OR_RETURN(const auto runs, catalog.ListRuns());
  state.num_runs = runs.size();
  if (!runs.empty()) {
    state.run = runs.front();
    MILLRACE_ASSIGN_OR_RETURN(state.phases, catalog.ListPhases(state.run->id));
    MILLRACE_ASSIGN_OR_RETURN(state.metrics, catalog.ListMetrics(state.run->id));
    const std::string page = JoinPath(workspace.project.ReportFolder(state.run->id), "index.html");
    if (FileExists(page)) state.report = page;
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto data, catalog.ListVersions("data"));
  if (!data.empty()) state.data = data.front();
  MILLRACE_ASSIGN_OR_RETURN(const auto bundles, catalog.ListVersions("bundle"));
  if (!bundles.empty()) state.bundle = bundles.front();
  MILLRACE_ASSIGN_OR_RETURN(state.production, deploy::ObserveProduction(workspace.project));
  return state;
}

std::string Ago(int64_t micros, const Clock& clock) {
  const double seconds = static_cast<double>(clock.NowMicros() - micros) * 1e-6;
  return FormatDuration(std::max(0.0, std::floor(seconds))) + " ago";
}

std::string FigureOf(const std::vector<store::MetricRow>& metrics, const std::string& metric) {
  for (const store::MetricRow& row : metrics) {
    if (row.name != "test." + metric) continue;
    std::string text = Format("{} {}", metric, FormatSignificant(row.value, 3));
    if (row.low && row.high) {
      text += Format(" [{}, {}]", FormatSignificant(*row.low, 3), FormatSignificant(*row.high, 3));
    }
    return text;
  }
  return "";
}

report::Facts FactsOf(const ProjectState& state, const Clock& clock) {
  report::Facts facts;
  const auto add = [&facts](std::string name, std::string value, std::string reason) {
    facts.facts.push_back({std::move(name), std::move(value), std::move(reason)});
  };
  if (state.run) {
    add("run", state.run->id,
        Format("{}, {}", ReplaceAll(store::RunStatusName(state.run->status), "_", " "),
               Ago(state.run->created_micros, clock)));
    for (const store::PhaseRow& phase : state.phases) {
      const double seconds = static_cast<double>(phase.ended_micros - phase.started_micros) * 1e-6;
      add("  " + phase.phase,
          std::string(ReplaceAll(store::PhaseStatusName(phase.status), "_", " ")),
          phase.ended_micros > 0 && phase.status == store::PhaseStatus::kDone
              ? FormatDuration(seconds)
              : "");
    }
  }
  if (state.data) {
    add("data", "version " + state.data->digest.Short(),
        Format("{} rows", FormatCount(state.data->detail["rows"].AsInteger())));
  }
  if (state.bundle) {
    add("bundle", state.bundle->digest.Short(),
        FigureOf(state.metrics, state.bundle->detail["metric"].AsString()));
  }
  const deploy::ProductionState& production = state.production;
  if (production.running) {
    add("service", production.url,
        Format("process {}, bundle {}", production.process_id,
               production.bundle ? production.bundle->Short() : "unknown"));
    if (!production.grpc_address.empty()) {
      add("gRPC", production.grpc_address, "Open Inference Protocol");
    }
  } else if (production.bundle) {
    add("service", "stopped",
        Format("bundle {}; millrace up starts it", production.bundle->Short()));
  }
  if (!state.report.empty()) add("report", state.report, "");
  return facts;
}

json::Json ToJson(const ProjectState& state) {
  json::Json document = json::Json::Of({{"runs", static_cast<int64_t>(state.num_runs)}});
  if (state.run) {
    json::Json phases = json::Json::MakeArray();
    for (const store::PhaseRow& phase : state.phases) {
      phases.Append(json::Json::Of(
          {{"phase", phase.phase}, {"status", store::PhaseStatusName(phase.status)}}));
    }
    document.Set("run", json::Json::Of({{"id", state.run->id},
                                        {"status", store::RunStatusName(state.run->status)},
                                        {"created", FormatUtc(state.run->created_micros)},
                                        {"phases", std::move(phases)}}));
  }
  json::Json metrics = json::Json::MakeObject();
  for (const store::MetricRow& row : state.metrics) metrics.Set(row.name, row.value);
  document.Set("metrics", std::move(metrics));
  if (state.data) document.Set("data", state.data->digest.ToHex());
  if (state.bundle) document.Set("bundle", state.bundle->digest.ToHex());
  const deploy::ProductionState& production = state.production;
  json::Json service = json::Json::Of({{"running", production.running}});
  if (production.running) service.Set("url", production.url);
  if (!production.grpc_address.empty()) service.Set("grpc", production.grpc_address);
  if (production.bundle) service.Set("bundle", production.bundle->ToHex());
  document.Set("service", std::move(service));
  if (!state.report.empty()) document.Set("report", state.report);
  return document;
}

}  // namespace

Status RunStatus(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const ProjectState state, Gather(workspace));
  MILLRACE_ASSIGN_OR_RETURN(const auto stream, GatherStream(context, workspace));
  json::Json document = ToJson(state);
  report::Facts facts = FactsOf(state, context.clock);
  if (stream) {
    document.Set("stream", ToJson(*stream));
    for (report::Fact& fact : FactsOf(*stream, context.clock)) {
      facts.facts.push_back(std::move(fact));
    }
  }
  context.output.Document(std::move(document));
  if (!state.run) context.output.Text("no run yet.  Next: millrace run\n");
  if (!facts.facts.empty()) context.output.Text(report::RenderFacts(facts, OutputStyle()));
  return {};
}

}  // namespace millrace::cli
