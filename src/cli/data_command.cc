#include <algorithm>
#include <iterator>
#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/newest_artefact.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "cli/validation.h"
#include "data/column_checks.h"
#include "data/data_phase.h"
#include "data/ingest.h"
#include "data/suggest_checks.h"
#include "data/suggest_rules.h"
#include "design/design_phase.h"
#include "json/text.h"
#include "pipeline/appended.h"
#include "pipeline/released.h"
#include "pipeline/run.h"
#include "profile/spec_rules.h"
#include "report/terminal.h"
#include "spec/locator.h"

namespace millrace::cli {
namespace {

constexpr int64_t kShownRows = 20;

// All rows of an append-only source, read anew into `scratch`, after what was read of it before has
// been found unchanged.
Result<engine::KeptCells> AllAppended(CommandContext& context, const spec::Spec& spec,
                                      const std::string& scratch) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_RETURN_IF_ERROR(pipeline::VerifyAppended(workspace, spec));
  MILLRACE_ASSIGN_OR_RETURN(workspace.objects, store::ObjectStore::Open(scratch));
  MILLRACE_ASSIGN_OR_RETURN(
      workspace.catalog, store::Catalog::Open(JoinPath(scratch, "catalog.sqlite"), context.clock));
  MILLRACE_ASSIGN_OR_RETURN(
      pipeline::AppendedRows rows,
      pipeline::ReadAppended(workspace, spec, context.clock, pipeline::TakeNew::kPrivate));
  return std::move(rows.cells);
}

void PrintTable(const report::DataTable& table, int64_t limit, Output& output) {
  const auto total = static_cast<int64_t>(table.rows.size());
  output.Text(Format("\n{}\n", report::Clean(table.title)));
  std::vector<std::vector<std::string>> lines = {table.columns};
  lines.insert(lines.end(), table.rows.begin(), table.rows.begin() + std::min(limit, total));
  std::vector<int64_t> widths(table.columns.size(), 0);
  for (std::vector<std::string>& cells : lines) {
    for (size_t c = 0; c < cells.size(); ++c) {
      cells[c] = Ellipsize(report::Clean(cells[c]), 48);
      widths[c] = std::max(widths[c], CountCodePoints(cells[c]));
    }
  }
  for (const std::vector<std::string>& cells : lines) {
    std::string line = " ";
    for (size_t c = 0; c < cells.size(); ++c) line += " " + report::Pad(cells[c], widths[c]) + " ";
    output.Text(line.substr(0, line.find_last_not_of(' ') + 1) + "\n");
  }
  if (total > limit) {
    output.Text(Format("  and {} more; --limit N shows them\n", FormatCount(total - limit)));
  }
}

}  // namespace

// Phases 1 and 2 on a store that is thrown away: nothing of the project changes.
Status RunDataValidate(CommandContext& context) {
  if (context.arguments.Has("--checks")) return ValidateAlone(context);
  MILLRACE_ASSIGN_OR_RETURN(spec::Spec spec, ReadProjectSpec(context));
  std::vector<std::string> named = context.arguments.List("--data");
  if (context.arguments.Has("FILE")) named.push_back(context.arguments.Text("FILE"));
  if (!named.empty()) {
    spec.data.paths.clear();
    for (const std::string& path : named) {
      spec.data.paths.push_back(spec::LocatorFrom(context.folder, path));
    }
    // A month alone can't be parted by time, and nothing is learnt from it here.
    spec.split.kind = spec::SplitKind::kRandom;
  }
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder scratch, TemporaryFolder::Make());
  MILLRACE_ASSIGN_OR_RETURN(const auto objects, store::ObjectStore::Open(scratch.path()));
  engine::KeptCells cells;
  const engine::KeptCells* kept = nullptr;
  std::vector<std::string> released;
  if (named.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(const store::Project project, store::Project::Open(context.folder));
    MILLRACE_ASSIGN_OR_RETURN(const pipeline::ReleasedRows rows, pipeline::ReadReleased(project));
    released = pipeline::RowsOf(rows);
  }
  if (named.empty() && spec.data.append_only) {
    MILLRACE_ASSIGN_OR_RETURN(cells, AllAppended(context, spec, scratch.path()));
    kept = &cells;
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  SilentProgress progress;
  const std::string staging = JoinPath(scratch.path(), "staging");  // both phases see one state
  MILLRACE_ASSIGN_OR_RETURN(const design::DesignRecord design,
                            design::RunDesign({.spec = spec,
                                               .project_folder = context.folder,
                                               .engine = *engine,
                                               .progress = progress,
                                               .kept = kept,
                                               .staging_folder = staging}));
  MILLRACE_RETURN_IF_ERROR(CheckInterrupted());
  MILLRACE_ASSIGN_OR_RETURN(data::DataRecord record,
                            data::RunData({.spec = spec,
                                           .project_folder = context.folder,
                                           .task = design.task,
                                           .positive = design.positive,
                                           .objects = objects,
                                           .engine = *engine,
                                           .progress = progress,
                                           .previous_salt = std::nullopt,
                                           .kept = kept,
                                           .staging_folder = staging,
                                           .released = std::move(released)}));
  data::JudgeAges(spec, context.clock.NowMicros(), record.section.checkpoint.checks);
  const report::Checkpoint& checkpoint = record.section.checkpoint;
  context.output.Text(Format("{} rows kept, {} set aside, version {}\n\n",
                             FormatCount(record.num_rows), FormatCount(record.num_quarantined),
                             record.version.Short()));
  context.output.Text(report::RenderCheckpoint(checkpoint, OutputStyle()));
  context.output.Document(json::Json::Of({{"rows", record.num_rows},
                                          {"quarantined", record.num_quarantined},
                                          {"version", record.version.ToHex()},
                                          {"checkpoint", report::ToJson(checkpoint)}}));
  return EndValidation(context, spec.problem.description, record.section);
}

Status RunDataSuggest(CommandContext& context) {
  const bool has_file = context.arguments.Has("FILE");
  const bool in_project = FileExists(SpecPath(context, ""));
  spec::Spec spec;  // a file alone is read as it is
  if (in_project || !has_file) {
    MILLRACE_ASSIGN_OR_RETURN(spec, ReadProjectSpec(context));
  }
  std::vector<std::string> paths = spec.data.paths;
  if (has_file) paths = {spec::LocatorFrom(context.folder, context.arguments.Text("FILE"))};
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  MILLRACE_ASSIGN_OR_RETURN(const engine::Source source,
                            engine::OpenSource(*engine, context.folder, paths,
                                               engine::OptionsOf(spec.data, ""), "source"));
  MILLRACE_ASSIGN_OR_RETURN(
      const profile::SourceProfile profile,
      profile::ProfileSource(*engine, source, profile::OverridesOf(spec, source.columns)));
  std::vector<data::SuggestedCheck> suggested = data::SuggestChecks(profile, spec);
  if (!suggested.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(const table::Schema schema, profile.ToSchema());
    MILLRACE_ASSIGN_OR_RETURN(const data::SourceTables tables,
                              data::MakeSourceTables(*engine, source, schema));
    MILLRACE_ASSIGN_OR_RETURN(std::vector<data::SuggestedCheck> rules,
                              data::SuggestRules(*engine, tables.typed, schema, profile, spec,
                                                 context.clock.NowMicros()));
    std::ranges::move(rules, std::back_inserter(suggested));
  }
  json::Json list = json::Json::MakeArray();
  for (const data::SuggestedCheck& item : suggested) {
    list.Append(json::Json::Of(
        {{"column", item.check.column}, {"sql", item.check.sql}, {"reason", item.reason}}));
  }
  if (suggested.empty()) {
    context.output.Text(Format("{} rows are too few to say what the next ones will hold\n",
                               FormatCount(profile.num_rows)));
  } else {
    context.output.Text(
        "# below data: in millrace.yaml, or in a file for data validate --checks; edit the "
        "bounds, make block of what must stop a run\n" +
        data::ChecksAsYaml(suggested));
  }
  context.output.Document(json::Json::Of(
      {{"rows", profile.num_rows},
       {"checks", std::move(list)},
       {"yaml", suggested.empty() ? std::string() : data::ChecksAsYaml(suggested)}}));
  return {};
}

Status RunDataQuality(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto limit,
                            context.arguments.Integer("--limit", 1, int64_t{1} << 40));
  MILLRACE_ASSIGN_OR_RETURN(const std::string stored, NewestArtefact(workspace, "quality.json"));
  if (stored.empty()) {
    return NotFound("the newest data version has no findings of quality")
        .WithHint("millrace run --to data");
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Json document, json::Parse(stored, "quality.json"));
  MILLRACE_ASSIGN_OR_RETURN(const report::Section section, report::SectionFromJson(document));
  context.output.Text(report::RenderCheckpoint(section.checkpoint, OutputStyle()));
  for (const report::Block& block : section.blocks) {
    if (const auto* table = std::get_if<report::DataTable>(&block)) {
      PrintTable(*table, limit.value_or(kShownRows), context.output);
    }
  }
  context.output.Document(document);
  return {};
}

}  // namespace millrace::cli
