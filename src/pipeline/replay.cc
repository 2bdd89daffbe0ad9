// Replay: a recorded run again, in an empty store.

#include <utility>

#include "base/build_info.h"
#include "base/files.h"
#include "base/format.h"
#include "bundle/bundle.h"
#include "json/text.h"
#include "pipeline/phase_step.h"
#include "pipeline/run.h"
#include "pipeline/run_start.h"
#include "spec/spec_json.h"

namespace millrace::pipeline {
namespace {

using json::Json;

// What the catalog and the objects say of a run.
struct RecordedRun {
  std::string id;
  spec::Spec spec;
  Json inputs;
  std::vector<Json> records;  // of phases 1 to 4
};

Result<Json> ReadObject(const store::ObjectStore& objects, const Digest& digest,
                        const std::string& what) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string bytes, objects.Get(digest));
  return json::Parse(bytes, what);
}

// Returns the record digests of phases 1 to 4; fewer when the run did not come so far.
Result<std::vector<Digest>> RecordsOf(const store::Catalog& catalog, const std::string& run) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::PhaseRow> rows, catalog.ListPhases(run));
  std::vector<Digest> records;
  for (int phase = 1; phase <= 4; ++phase) {
    for (const store::PhaseRow& row : rows) {
      if (row.phase == PhaseName(phase) && row.record) records.push_back(*row.record);
    }
  }
  return records;
}

Result<std::string> NewestWithBundle(const store::Catalog& catalog) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::RunRow> runs, catalog.ListRuns());
  for (const store::RunRow& run : runs) {
    MILLRACE_ASSIGN_OR_RETURN(const std::vector<Digest> records, RecordsOf(catalog, run.id));
    if (records.size() == 4) return run.id;
  }
  return NotFound("there is no run with a bundle yet").WithHint("millrace run makes one");
}

Result<RecordedRun> ReadRun(const Workspace& workspace, const std::string& run_id) {
  const store::Catalog& catalog = *workspace.catalog;
  RecordedRun run;
  run.id = run_id;
  if (run.id.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(run.id, NewestWithBundle(catalog));
  }
  MILLRACE_ASSIGN_OR_RETURN(const store::RunRow row, catalog.FindRun(run.id));
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<Digest> records, RecordsOf(catalog, run.id));
  if (records.size() != 4) {
    return NotFound(Format("run {}: has no bundle: it ended in phase {}", run.id,
                           PhaseName(static_cast<int>(records.size()) + 1)))
        .WithHint("`millrace status` lists the runs");
  }
  MILLRACE_ASSIGN_OR_RETURN(const Json spec, ReadObject(workspace.objects, row.spec, "spec"));
  MILLRACE_ASSIGN_OR_RETURN(run.spec, spec::FromJson(spec, "recorded specification"));
  MILLRACE_ASSIGN_OR_RETURN(const store::ArtefactRow inputs,
                            catalog.FindArtefact(run.id, kInputsArtefact));
  MILLRACE_ASSIGN_OR_RETURN(run.inputs, ReadObject(workspace.objects, inputs.digest, "inputs"));
  for (const Digest& record : records) {
    MILLRACE_ASSIGN_OR_RETURN(Json document, ReadObject(workspace.objects, record, "record"));
    run.records.push_back(std::move(document));
  }
  return run;
}

// The source files of now, ready to be read; an error says why they are not those of the run.
Result<std::vector<SourceContent>> UnchangedSources(const RecordedRun& run,
                                                    const PhaseContext& context) {
  if (run.spec.data.append_only) {
    return InvalidData("the source is append-only and may have grown");
  }
  MILLRACE_ASSIGN_OR_RETURN(
      std::vector<SourceContent> now,
      DigestSources(run.spec, context.project_folder, context.staging_folder));
  const std::vector<SourceContent>& recorded = context.sources;
  if (ToJson(now) == run.inputs["sources"]) return now;
  for (size_t i = 0; i < now.size() && i < recorded.size(); ++i) {
    if (now[i].content == recorded[i].content) continue;
    return InvalidData(Format("{}: has changed since the run: {} now, {} then", now[i].path,
                              now[i].content.Short(), recorded[i].content.Short()));
  }
  return InvalidData(Format("{} source files now, {} in the run", now.size(), recorded.size()));
}

// Takes phases 1 and 2 as recorded; the rows object is copied, checked against its digest.
Status TakeRecordedData(const RecordedRun& run, const store::ObjectStore& from,
                        const std::vector<std::unique_ptr<PhaseStep>>& steps,
                        PhaseContext& context) {
  for (const std::string_view key : {"rows_object", "quarantine_object", "quality_object"}) {
    if (!run.records[1][key].is_string()) continue;
    MILLRACE_ASSIGN_OR_RETURN(const Digest object, Digest::FromHex(run.records[1][key].AsString()));
    MILLRACE_RETURN_IF_ERROR(from.Verify(object));
    MILLRACE_RETURN_IF_ERROR(context.objects.PutFile(from.PathOf(object)).status());
  }
  for (size_t i = 0; i < 2; ++i) {
    MILLRACE_RETURN_IF_ERROR(steps[i]->Accept(context, run.records[i]).status());
  }
  return {};
}

// Returns what differs between two bundles, entry by entry.
Result<std::vector<std::string>> DifferencesOf(const store::ObjectStore& left_objects,
                                               const Digest& left_object,
                                               const store::ObjectStore& right_objects,
                                               const Digest& right_object) {
  std::vector<std::string> differences;
  if (left_object == right_object) return differences;
  MILLRACE_ASSIGN_OR_RETURN(const std::string left, left_objects.Get(left_object));
  MILLRACE_ASSIGN_OR_RETURN(const std::string right, right_objects.Get(right_object));
  MILLRACE_ASSIGN_OR_RETURN(const auto recorded, bundle::Bundle::FromBytes(left, "recorded"));
  MILLRACE_ASSIGN_OR_RETURN(const auto replayed, bundle::Bundle::FromBytes(right, "replayed"));
  const Json difference = bundle::Diff(*recorded, *replayed);
  for (const Json& part : difference["parts"].AsArray()) {
    differences.push_back(Format("{}: {} recorded, {} replayed", part["part"].AsString(),
                                 json::Write(part["left"]), json::Write(part["right"])));
  }
  return differences;
}

}  // namespace

Result<ReplayOutcome> Replay(const std::string& project_folder, const std::string& run_id,
                             int num_threads, Clock& clock, ProgressSink& progress) {
  MILLRACE_ASSIGN_OR_RETURN(const Workspace workspace, OpenWorkspace(project_folder, clock));
  MILLRACE_ASSIGN_OR_RETURN(const RecordedRun run, ReadRun(workspace, run_id));
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder folder, TemporaryFolder::Make());
  MILLRACE_ASSIGN_OR_RETURN(const store::ObjectStore objects,
                            store::ObjectStore::Open(JoinPath(folder.path(), "objects")));
  PhaseContext context{.spec = run.spec,
                       .project_folder = workspace.project.folder(),
                       .staging_folder = JoinPath(folder.path(), "staging"),
                       .objects = objects,
                       .clock = clock,
                       .progress = progress,
                       .num_threads = std::max(1, num_threads)};
  MILLRACE_ASSIGN_OR_RETURN(context.sources, SourcesFromJson(run.inputs["sources"]));
  if (run.inputs["budget_seconds"].is_number()) {
    context.budget_seconds = run.inputs["budget_seconds"].AsNumber();
  }
  if (run.inputs["previous_salt"].is_integer()) {
    context.previous_salt = static_cast<uint64_t>(run.inputs["previous_salt"].AsInteger());
  }
  for (const Json& row : run.inputs["released"].AsArray()) {
    context.released.push_back(row.AsString());
  }
  context.plan = run.records[2]["plan"];
  ReplayOutcome outcome;
  if (run.inputs["program"]["sources"].AsString() != SourceDigest()) {
    outcome.notes.push_back(Format("the run was made by another build of the program ({})",
                                   run.inputs["program"]["version"].AsString()));
  }
  const std::vector<std::unique_ptr<PhaseStep>> steps = BuildingSteps();
  if (auto sources = UnchangedSources(run, context); sources.ok()) {
    context.sources = std::move(sources).value();
  } else {
    outcome.first_phase = 3;
    outcome.notes.push_back(sources.status().message() + "; replayed from the recorded rows");
    MILLRACE_RETURN_IF_ERROR(TakeRecordedData(run, workspace.objects, steps, context));
  }
  for (const std::unique_ptr<PhaseStep>& step : steps) {
    if (step->number() < outcome.first_phase) continue;
    MILLRACE_ASSIGN_OR_RETURN(const Json record, step->Run(context));
    MILLRACE_RETURN_IF_ERROR(step->Accept(context, record).status());
  }
  MILLRACE_ASSIGN_OR_RETURN(const evaluate::EvaluateRecord recorded,
                            evaluate::EvaluateRecordFromJson(run.records[3]));
  outcome.recorded = recorded.bundle;
  outcome.replayed = context.evaluate->bundle;
  outcome.equal = recorded.bundle_object == context.evaluate->bundle_object;
  MILLRACE_ASSIGN_OR_RETURN(outcome.differences,
                            DifferencesOf(workspace.objects, recorded.bundle_object, objects,
                                          context.evaluate->bundle_object));
  return outcome;
}

}  // namespace millrace::pipeline
