#include "pipeline/run_start.h"

#include <utility>

#include "base/build_info.h"
#include "base/format.h"
#include "json/text.h"
#include "spec/spec_json.h"

namespace millrace::pipeline {
namespace {

using json::Json;
using store::RunRow;
using store::RunStatus;

Json DocumentOf(const RunInputs& inputs, const Digest& spec) {
  Json document = Json::Of(
      {{"kind", inputs.kind},
       {"spec", spec.ToHex()},
       {"sources", ToJson(inputs.sources)},
       {"program", Json::Of({{"version", ProgramVersion()}, {"sources", SourceDigest()}})}});
  if (inputs.budget_seconds) document.Set("budget_seconds", *inputs.budget_seconds);
  if (inputs.previous_salt) {
    document.Set("previous_salt", static_cast<int64_t>(*inputs.previous_salt));
  }
  if (!inputs.released.empty()) document.Set("released", Json::ArrayOf(inputs.released));
  return document;
}

// "2026-03-01T12:30:00.5Z" -> "20260301-123000".
std::string CompactTime(int64_t micros) {
  const std::string text = FormatUtc(micros - micros % 1'000'000);
  std::string compact;
  for (const char c : text.substr(0, 19)) {
    if (c >= '0' && c <= '9') compact += c;
    if (c == 'T') compact += '-';
  }
  return compact;
}

std::string NewRunId(const store::Catalog& catalog, int64_t now, const Digest& inputs) {
  const std::string base = Format("{}-{}", CompactTime(now), inputs.Short(4));
  std::string id = base;
  for (int number = 2; catalog.FindRun(id).ok(); ++number) id = Format("{}-{}", base, number);
  return id;
}

bool CanResume(const store::Catalog& catalog, const RunRow& run, const RunInputs& inputs,
               const Digest& document) {
  if (run.kind != inputs.kind) return false;
  if (run.status != RunStatus::kRunning && run.status != RunStatus::kInterrupted) return false;
  const auto artefact = catalog.FindArtefact(run.id, kInputsArtefact);
  return artefact.ok() && artefact->digest == document;
}

Status Audit(store::Catalog& catalog, const RunInputs& inputs, std::string_view action,
             const std::string& run, const Digest& document) {
  return catalog
      .AppendAudit(inputs.actor, action,
                   Json::Of({{"run", run}, {"kind", inputs.kind}, {"inputs", document.ToHex()}}))
      .status();
}

// Marks runs that were killed; one that is taken up again is marked as running.
Status MarkRuns(store::Catalog& catalog, const std::vector<RunRow>& runs,
                const std::string& resumed) {
  for (const RunRow& run : runs) {
    if (run.id == resumed) {
      if (run.status != RunStatus::kRunning) {
        MILLRACE_RETURN_IF_ERROR(catalog.FinishRun(run.id, RunStatus::kRunning));
      }
    } else if (run.status == RunStatus::kRunning) {
      MILLRACE_RETURN_IF_ERROR(catalog.FinishRun(run.id, RunStatus::kInterrupted));
    }
  }
  return {};
}

}  // namespace

Result<StartedRun> StartOrResume(Workspace& workspace, const RunInputs& inputs, Clock& clock) {
  store::Catalog& catalog = *workspace.catalog;
  const std::string spec_text = json::Write(spec::ToJson(inputs.spec));
  MILLRACE_ASSIGN_OR_RETURN(const Digest spec, workspace.objects.Put(spec_text));
  const std::string document_text = json::Write(DocumentOf(inputs, spec));
  MILLRACE_ASSIGN_OR_RETURN(const Digest document, workspace.objects.Put(document_text));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<RunRow> runs, catalog.ListRuns());
  for (const RunRow& run : runs) {
    if (!CanResume(catalog, run, inputs, document)) continue;
    MILLRACE_RETURN_IF_ERROR(catalog.Transaction([&]() -> Status {
      MILLRACE_RETURN_IF_ERROR(MarkRuns(catalog, runs, run.id));
      return Audit(catalog, inputs, "run.resume", run.id, document);
    }));
    return StartedRun{.id = run.id, .resumed = true, .created_micros = run.created_micros};
  }
  const int64_t now = clock.NowMicros();
  StartedRun started{
      .id = NewRunId(catalog, now, document), .resumed = false, .created_micros = now};
  MILLRACE_RETURN_IF_ERROR(catalog.Transaction([&]() -> Status {
    MILLRACE_RETURN_IF_ERROR(MarkRuns(catalog, runs, started.id));
    MILLRACE_RETURN_IF_ERROR(catalog.StartRun({.id = started.id,
                                               .kind = inputs.kind,
                                               .spec = spec,
                                               .status = RunStatus::kRunning,
                                               .created_micros = now}));
    MILLRACE_RETURN_IF_ERROR(
        catalog.PutArtefact({.run = started.id,
                             .name = std::string(kSpecArtefact),
                             .digest = spec,
                             .kind = "specification",
                             .size_bytes = static_cast<int64_t>(spec_text.size())}));
    MILLRACE_RETURN_IF_ERROR(
        catalog.PutArtefact({.run = started.id,
                             .name = std::string(kInputsArtefact),
                             .digest = document,
                             .kind = "inputs",
                             .size_bytes = static_cast<int64_t>(document_text.size())}));
    return Audit(catalog, inputs, "run.start", started.id, document);
  }));
  return started;
}

}  // namespace millrace::pipeline
