#include "operate/operate_phase.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "operate/alerts.h"
#include "operate/monitor.h"
#include "operate/operate_section.h"
#include "operate/triggers.h"
#include "serve/deployment.h"
#include "spec/locator.h"

namespace millrace::operate {
namespace {

constexpr int64_t kBatchRecords = 10'000;
constexpr int64_t kTargetTestMicros = 600 * int64_t{1'000'000};  // targets are tested this often

// One process at a time works on the state; others wait.
Result<FileLock> LockMonitor(const store::Project& project) {
  return FileLock::Wait(JoinPath(project.state_folder(), "operate.lock"), LockKind::kExclusive);
}

struct Production {
  std::vector<std::string> bundles;  // identities, the champion first
  int64_t since_micros = 0;          // of the newest live deployment; 0: not known
};

Result<Production> ReadProduction(const OperateInputs& inputs) {
  const std::string& path = inputs.project.deployment_path();
  if (!FileExists(path)) {
    return NotFound("operate: nothing is deployed").WithHint("millrace run, or millrace deploy");
  }
  MILLRACE_ASSIGN_OR_RETURN(const serve::Deployment deployment, serve::ReadDeployment(path));
  Production production;
  for (const serve::RouteSpec& route : deployment.routes) {
    if (!route.digest.empty()) {
      production.bundles.push_back(route.digest);
    } else if (const auto opened = bundle::Bundle::Open(route.bundle); opened.ok()) {
      production.bundles.push_back((*opened)->digest().ToHex());
    }
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto deployments, inputs.catalog.ListDeployments());
  for (const store::DeploymentRow& row : deployments) {
    if (row.slot == "production" && row.state == "live") {
      production.since_micros = std::max(production.since_micros, row.since_micros);
    }
  }
  return production;
}

// Reads the log to its end; each batch is committed with what follows from it.
Status ReadLog(const OperateInputs& inputs, MonitorStore& store, Monitor& monitor) {
  const std::string folder = PredictionLogFolder(inputs.project);
  for (bool more = true; more;) {
    MILLRACE_ASSIGN_OR_RETURN(const journal::NewRecords records,
                              journal::ReadNew(folder, store.state().cursor, kBatchRecords));
    more = records.more;
    MILLRACE_RETURN_IF_ERROR(monitor.Take(records, inputs.clock.NowMicros()));
    if (more) MILLRACE_RETURN_IF_ERROR(store.Commit());
    inputs.progress.Report(
        {.phase = 6,
         .share = more ? 0.3 : 0.6,
         .step = Format("{} predictions read", FormatCount(store.state().num_predictions))});
  }
  return {};
}

// Nothing was predicted for longer than a window may last.
void LookForSilence(const OperateInputs& inputs, const Production& production,
                    const MonitorState& state, Monitor& monitor) {
  const int64_t since = std::max(state.last_prediction_micros, production.since_micros);
  const int64_t now = inputs.clock.NowMicros();
  const double quiet = static_cast<double>(now - since) * 1e-6;
  if (since == 0 || quiet < inputs.spec.monitor.window_seconds) return;
  monitor.Raise(
      {.id = Format("silence.{}", since),
       .kind = "silence",
       .text = Format("No prediction since {} ({})", FormatUtc(since), FormatDuration(quiet)),
       .time_micros = now});
}

void TestTargets(const OperateInputs& inputs, MonitorState& state) {
  const int64_t now = inputs.clock.NowMicros();
  std::vector<TargetTest> tests;
  for (const std::string& target : TargetNames(inputs.spec.monitor)) {
    const auto known = std::ranges::find(state.targets, target, &TargetTest::target);
    const bool fresh = known != state.targets.end() && known->reached &&
                       now - known->time_micros < kTargetTestMicros;
    tests.push_back(fresh ? *known : TestTarget(target, inputs.project, inputs.clock));
  }
  state.targets = std::move(tests);
}

// Files and folders of data.source that are not there; a pattern counts by its folder.
std::vector<std::string> MissingSources(const OperateInputs& inputs) {
  std::vector<std::string> missing;
  for (const std::string& path : inputs.spec.data.paths) {
    if (!spec::NamesFiles(path)) continue;  // a server is asked when the rows are needed
    const std::string full = inputs.project.Resolve(path);
    const bool pattern = path.find_first_of("*?[") != std::string::npos;
    if (pattern ? !IsFolder(FolderName(full)) : !FileExists(full)) missing.push_back(path);
  }
  return missing;
}

OperateRecord RecordOf(const OperateInputs& inputs, const Production& production,
                       const MonitorState& state, std::span<const store::RunRow> runs) {
  OperateRecord record;
  for (const int64_t number : state.closed) {
    record.windows.push_back(state.windows.at(number).window);
  }
  for (const int64_t number : state.Open()) {
    record.open_rows += state.windows.at(number).window.num_rows;
  }
  for (const AlertState& alert : state.alerts) record.alerts.push_back(alert.alert);
  record.triggers = EvaluateTriggers(inputs.spec.retrain, record.windows, production.bundles,
                                     HistoryOf(runs), inputs.clock.NowMicros());
  record.num_predictions = state.num_predictions;
  record.num_labels = state.num_labels;
  record.num_unmatched = state.num_unmatched;
  record.retrain_due = std::ranges::any_of(
      record.triggers, [](const Trigger& trigger) { return trigger.state == TriggerState::kDue; });
  return record;
}

Result<report::Section> SectionOf(const OperateInputs& inputs, const Production& production,
                                  const MonitorStore& store, ReferenceFinder& references,
                                  const OperateRecord& record) {
  SectionInputs drawn{.spec = inputs.spec, .state = store.state(), .record = record};
  drawn.log_folder = PredictionLogFolder(inputs.project);
  drawn.log_exists = IsFolder(drawn.log_folder);
  drawn.missing_sources = MissingSources(inputs);
  if (!production.bundles.empty()) drawn.production = references.Find(production.bundles.front());
  for (auto it = record.windows.rbegin(); it != record.windows.rend(); ++it) {
    if (production.bundles.empty() || it->bundle != production.bundles.front()) continue;
    MILLRACE_ASSIGN_OR_RETURN(drawn.newest, store.Sketches(it->number));
    drawn.newest_window = it->number;
    break;
  }
  return DrawSection(drawn);
}

}  // namespace

Status RaiseAlert(const OperateInputs& inputs, Alert alert) {
  MILLRACE_ASSIGN_OR_RETURN(const FileLock lock, LockMonitor(inputs.project));
  MILLRACE_ASSIGN_OR_RETURN(MonitorStore store, MonitorStore::Load(inputs.catalog));
  ReferenceFinder references(inputs.project, inputs.objects, inputs.catalog);
  Monitor(store, references, inputs.spec.monitor).Raise(std::move(alert));
  return store.Commit();
}

std::string PredictionLogFolder(const store::Project& project) { return project.logs_folder(); }

Result<OperateRecord> RunOperate(const OperateInputs& inputs) {
  const double start = inputs.clock.MonotonicSeconds();
  MILLRACE_ASSIGN_OR_RETURN(const Production production, ReadProduction(inputs));
  MILLRACE_ASSIGN_OR_RETURN(const FileLock lock, LockMonitor(inputs.project));
  MILLRACE_ASSIGN_OR_RETURN(MonitorStore store, MonitorStore::Load(inputs.catalog));
  ReferenceFinder references(inputs.project, inputs.objects, inputs.catalog);
  Monitor monitor(store, references, inputs.spec.monitor);
  MILLRACE_RETURN_IF_ERROR(ReadLog(inputs, store, monitor));
  MILLRACE_RETURN_IF_ERROR(monitor.Settle(inputs.clock.NowMicros()));
  LookForSilence(inputs, production, store.state(), monitor);
  TestTargets(inputs, store.state());
  // Alerts are remembered before they are sent: a kill between sends them again, never loses them.
  MILLRACE_RETURN_IF_ERROR(store.Commit());
  if (DeliverAlerts(store.state().alerts, inputs.project)) MILLRACE_RETURN_IF_ERROR(store.Commit());
  MILLRACE_ASSIGN_OR_RETURN(const auto runs, inputs.catalog.ListRuns());
  OperateRecord record = RecordOf(inputs, production, store.state(), runs);
  MILLRACE_ASSIGN_OR_RETURN(record.section,
                            SectionOf(inputs, production, store, references, record));
  record.section.seconds = inputs.clock.MonotonicSeconds() - start;
  inputs.progress.Report(
      {.phase = 6,
       .share = 1.0,
       .step = Format("{} windows, {} alerts", record.windows.size(), record.alerts.size())});
  return record;
}

}  // namespace millrace::operate
