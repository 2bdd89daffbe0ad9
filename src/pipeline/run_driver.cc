#include "pipeline/run_driver.h"

#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/threads.h"
#include "json/text.h"
#include "pipeline/appended.h"
#include "pipeline/data_versions.h"
#include "pipeline/document.h"
#include "pipeline/keys.h"
#include "pipeline/released.h"
#include "store/cache.h"

namespace millrace::pipeline {
namespace {

using json::Json;
using store::PhaseRow;
using store::PhaseStatus;
using store::RunStatus;

int ThreadsOf(const RunOptions& options, const spec::Spec& spec) {
  if (options.num_threads) return std::max(1, *options.num_threads);
  const std::optional<int64_t>& threads = spec.develop.budget.threads;
  return threads ? static_cast<int>(*threads) : NumProcessors();
}

// The duration is the one wall-clock figure of a record; keys leave it out.
Json WithSeconds(Json record, double seconds) {
  Json section = record["section"];
  section.Set("seconds", seconds);
  record.Set("section", std::move(section));
  return record;
}

PhaseStatus EndOf(const PhaseTraces& traces) {
  return traces.section.checkpoint.passed() ? PhaseStatus::kDone : PhaseStatus::kNotMet;
}

// A phase whose blocking check is not met ends the run; the words are those of the first.
Status CheckPassed(const report::Section& section) {
  for (const report::Check& check : section.checkpoint.checks) {
    if (!check.blocks || check.state != report::CheckState::kNotMet) continue;
    return GateNotMet(Format("{}: {}{}", PhaseName(section.phase), FigureOf(check),
                             check.requirement.empty() ? ": " + check.evidence
                                                       : ", required " + check.requirement))
        .WithHint(check.fix);
  }
  return {};
}

}  // namespace

RunDriver::RunDriver(DriverInputs inputs)
    : inputs_(std::move(inputs)),
      progress_(inputs_.observer),
      context_{.spec = inputs_.spec,
               .project_folder = inputs_.workspace.project.folder(),
               .staging_folder = JoinPath(inputs_.workspace.project.state_folder(), "staging"),
               .objects = inputs_.workspace.objects,
               .clock = inputs_.clock,
               .progress = progress_,
               .num_threads = ThreadsOf(inputs_.options, inputs_.spec),
               .budget_seconds = inputs_.options.budget_seconds,
               .previous_salt = inputs_.previous_salt} {}

Status RunDriver::Start() {
  MILLRACE_ASSIGN_OR_RETURN(const ReleasedRows released, ReadReleased(inputs_.workspace.project));
  context_.released = RowsOf(released);
  sources_ = ReadSources();
  MILLRACE_ASSIGN_OR_RETURN(run_, StartOrResume(inputs_.workspace,
                                                {.spec = inputs_.spec,
                                                 .sources = context_.sources,
                                                 .budget_seconds = inputs_.options.budget_seconds,
                                                 .previous_salt = inputs_.previous_salt,
                                                 .released = context_.released,
                                                 .kind = inputs_.options.kind,
                                                 .actor = inputs_.options.actor},
                                                inputs_.clock));
  inputs_.observer.RunStarted(run_.id, run_.resumed);
  return {};
}

Status RunDriver::ReadSources() {
  if (inputs_.spec.data.append_only) {
    MILLRACE_ASSIGN_OR_RETURN(AppendedRows rows, ReadAppended(inputs_.workspace, inputs_.spec,
                                                              inputs_.clock, TakeNew::kYes));
    context_.sources = std::move(rows.contents);
    context_.kept = std::move(rows.cells);
    return {};
  }
  MILLRACE_ASSIGN_OR_RETURN(
      context_.sources,
      DigestSources(inputs_.spec, inputs_.workspace.project.folder(), context_.staging_folder));
  return {};
}

Status RunDriver::Drive(const std::vector<std::unique_ptr<PhaseStep>>& steps) {
  for (const std::unique_ptr<PhaseStep>& step : steps) {
    if (step->number() > inputs_.options.last_phase) break;
    current_phase_ = step->number();
    // A source that cannot be read fails phase 1: the run is recorded all the same.
    MILLRACE_RETURN_IF_ERROR(sources_);
    MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
    MILLRACE_RETURN_IF_ERROR(DrivePhase(*step));
    // The rows are in the store now; later phases read those.
    if (step->number() == 2) MILLRACE_RETURN_IF_ERROR(RemoveAll(context_.staging_folder));
    MILLRACE_RETURN_IF_ERROR(CheckPassed(sections_.back()));
  }
  return {};
}

Status RunDriver::DrivePhase(PhaseStep& step) {
  inputs_.observer.PhaseStarted(step.number(), std::string(step.name()));
  const int64_t started = inputs_.clock.NowMicros();
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<Digest> key, step.Key(context_));
  if (!key) return RunStep(step, DigestOf(Format("{} {}", run_.id, step.name())));
  MILLRACE_ASSIGN_OR_RETURN(std::optional<Found> found, Find(step, *key));
  if (!found) return RunStep(step, *key);
  MILLRACE_RETURN_IF_ERROR(KeepFound(step, *found, started));
  if (step.number() == 2) MILLRACE_RETURN_IF_ERROR(KeepDataVersion());
  sections_.push_back(found->traces.section);
  inputs_.observer.PhaseEnded(sections_.back(), true);
  return {};
}

Result<std::optional<RunDriver::Found>> RunDriver::Find(const PhaseStep& step, const Digest& key) {
  const store::Cache cache(*inputs_.workspace.catalog, inputs_.workspace.objects);
  Digest used = key;
  MILLRACE_ASSIGN_OR_RETURN(std::optional<store::FoundPhase> found, cache.FindPhase(key));
  if (!found && run_.resumed) {
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<PhaseRow> rows,
                              inputs_.workspace.catalog->ListPhases(run_.id));
    for (const PhaseRow& row : rows) {
      if (row.phase != step.name() || row.key != CutShortKey(key)) continue;
      used = row.key;
      MILLRACE_ASSIGN_OR_RETURN(found, cache.FindPhase(row.key));
    }
  }
  if (!found) return std::optional<Found>();
  const auto document = json::Parse(found->content, "record");
  if (!document.ok()) return std::optional<Found>();
  auto traces = step.Accept(context_, *document);
  // An object that the record names is gone or damaged: the phase runs again and writes it anew.
  if (!traces.ok()) return std::optional<Found>();
  return std::optional<Found>(
      Found{.record = found->record, .key = used, .traces = std::move(traces).value()});
}

Status RunDriver::KeepFound(const PhaseStep& step, const Found& found, int64_t started_micros) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<PhaseRow> rows,
                            inputs_.workspace.catalog->ListPhases(run_.id));
  for (const PhaseRow& row : rows) {
    // This run did it itself before it was stopped: its row stays as it is.
    if (row.phase == step.name() && row.key == found.key && row.record == found.record) return {};
  }
  return Commit({.run = run_.id,
                 .phase = std::string(step.name()),
                 .key = found.key,
                 .status = PhaseStatus::kFound,
                 .started_micros = started_micros,
                 .ended_micros = inputs_.clock.NowMicros(),
                 .record = found.record},
                found.traces);
}

Status RunDriver::RunStep(PhaseStep& step, const Digest& key) {
  PhaseRow row{.run = run_.id,
               .phase = std::string(step.name()),
               .key = key,
               .status = PhaseStatus::kRunning,
               .started_micros = inputs_.clock.NowMicros(),
               .ended_micros = 0,
               .record = std::nullopt};
  MILLRACE_RETURN_IF_ERROR(inputs_.workspace.catalog->RecordPhase(row));
  const double start = inputs_.clock.MonotonicSeconds();
  Result<Json> record = step.Run(context_);
  row.ended_micros = inputs_.clock.NowMicros();
  if (!record.ok()) {
    row.status = PhaseStatus::kFailed;
    MILLRACE_RETURN_IF_ERROR(inputs_.workspace.catalog->RecordPhase(row));
    return record.status();
  }
  // A search that an interrupt ended early is kept for this run, and only for it.
  if (step.number() == 3 && Interrupted()) row.key = CutShortKey(key);
  const Json timed =
      WithSeconds(std::move(record).value(), inputs_.clock.MonotonicSeconds() - start);
  MILLRACE_ASSIGN_OR_RETURN(row.record, inputs_.workspace.objects.Put(json::Write(timed)));
  MILLRACE_ASSIGN_OR_RETURN(const PhaseTraces traces, step.Accept(context_, timed));
  row.status = EndOf(traces);
  MILLRACE_RETURN_IF_ERROR(Commit(row, traces));
  if (step.number() == 2) MILLRACE_RETURN_IF_ERROR(KeepDataVersion());
  sections_.push_back(traces.section);
  inputs_.observer.PhaseEnded(sections_.back(), false);
  return {};
}

Status RunDriver::KeepDataVersion() {
  // The rows of an append-only source are kept by their digest already; its files go on growing.
  if (context_.kept) return {};
  return RecordDataVersion({.workspace = inputs_.workspace,
                            .context = context_,
                            .run = run_.id,
                            .clock = inputs_.clock});
}

Status RunDriver::Commit(const PhaseRow& row, const PhaseTraces& traces) {
  store::Catalog& catalog = *inputs_.workspace.catalog;
  return catalog.Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(catalog.RecordPhase(row));
    for (store::ArtefactRow artefact : traces.artefacts) {
      artefact.run = row.run;
      MILLRACE_RETURN_IF_ERROR(catalog.PutArtefact(artefact));
    }
    for (store::MetricRow metric : traces.metrics) {
      metric.run = row.run;
      MILLRACE_RETURN_IF_ERROR(catalog.PutMetric(metric));
    }
    for (const store::VersionRow& version : traces.versions) {
      MILLRACE_RETURN_IF_ERROR(
          catalog.AddVersion(version.kind, version.digest, version.name, version.detail).status());
    }
    return Status();
  });
}

RunStatus RunDriver::StatusOf(const Status& end) const {
  if (end.ok()) return RunStatus::kDone;
  if (end.code() == Code::kGateNotMet) return RunStatus::kNotMet;
  return end.code() == Code::kCancelled ? RunStatus::kInterrupted : RunStatus::kFailed;
}

RunOutcome RunDriver::MakeOutcome(const Status& end) {
  RunOutcome outcome;
  outcome.run_id = run_.id;
  outcome.status = StatusOf(end);
  const bool reached = !sections_.empty() && sections_.back().phase >= current_phase_;
  if (!end.ok() && !reached) {
    failure_ = PhaseFailure{.phase = current_phase_, .status = end};
    sections_.push_back(FailedSection(*failure_));
  }
  outcome.document = MakeDocument({.context = context_,
                                   .run_id = run_.id,
                                   .project = BaseName(inputs_.workspace.project.folder()),
                                   .created = FormatUtc(run_.created_micros),
                                   .status = outcome.status,
                                   .sections = sections_,
                                   .failure = failure_});
  if (context_.evaluate) {
    outcome.bundle = context_.evaluate->bundle;
    outcome.bundle_object = context_.evaluate->bundle_object;
  }
  if (context_.deploy) {
    outcome.url = context_.deploy->url;
    outcome.new_token = context_.deploy->new_token;
  }
  return outcome;
}

Result<RunOutcome> RunDriver::Finish(const Status& end) {
  // However the run ended: what is staged may be a plain copy of a database.
  const Status unstaged = RemoveAll(context_.staging_folder);
  RunOutcome outcome = MakeOutcome(end);
  // The report comes before the row that says the run is over: a kill between makes it anew.
  const Result<std::string> page =
      WriteReport(inputs_.workspace.project, outcome.document,
                  context_.evaluate ? context_.evaluate->card : std::string());
  if (page.ok()) outcome.report_path = *page;
  if (!page.ok() && end.ok()) outcome.status = RunStatus::kFailed;
  Json detail = Json::Of({{"run", run_.id}, {"status", store::RunStatusName(outcome.status)}});
  if (outcome.bundle) detail.Set("bundle", outcome.bundle->ToHex());
  store::Catalog& catalog = *inputs_.workspace.catalog;
  const Status recorded = catalog.Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(catalog.FinishRun(run_.id, outcome.status));
    return catalog.AppendAudit(inputs_.options.actor, "run.finish", detail).status();
  });
  inputs_.observer.RunEnded(outcome);
  if (!end.ok() && end.code() != Code::kGateNotMet) return end;
  if (!page.ok()) return page.status();
  MILLRACE_RETURN_IF_ERROR(recorded);
  MILLRACE_RETURN_IF_ERROR(unstaged);
  return outcome;
}

}  // namespace millrace::pipeline
