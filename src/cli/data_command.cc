#include <algorithm>
#include <iterator>
#include <string>

#include "base/build_info.h"
#include "base/files.h"
#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "cli/stream_status.h"
#include "data/column_checks.h"
#include "data/data_phase.h"
#include "data/ingest.h"
#include "data/quarantine.h"
#include "data/suggest_checks.h"
#include "data/suggest_rules.h"
#include "design/design_phase.h"
#include "engine/row_file.h"
#include "json/text.h"
#include "pipeline/appended.h"
#include "pipeline/run.h"
#include "profile/spec_rules.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/terminal.h"
#include "spec/locator.h"

namespace millrace::cli {
namespace {

constexpr int64_t kShownRows = 20;

std::string UnmetOf(const report::Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const report::Check& check : checkpoint.checks) {
    if (check.blocks && check.state == report::CheckState::kNotMet) names.push_back(check.label);
  }
  return Join(names, ", ");
}

// The content of an artefact of the newest run with a data version; empty where that has none.
Result<std::string> NewestArtefact(const pipeline::Workspace& workspace, std::string_view wanted) {
  MILLRACE_ASSIGN_OR_RETURN(const auto runs, workspace.catalog->ListRuns());
  for (const store::RunRow& run : runs) {
    MILLRACE_ASSIGN_OR_RETURN(const auto artefacts, workspace.catalog->ListArtefacts(run.id));
    const auto named = [&artefacts](std::string_view name) {
      return std::find_if(artefacts.begin(), artefacts.end(),
                          [&](const store::ArtefactRow& row) { return row.name == name; });
    };
    if (named("rows.parquet") == artefacts.end()) continue;
    const auto found = named(wanted);
    if (found == artefacts.end()) return std::string();
    return workspace.objects.Get(found->digest);
  }
  return NotFound("this project has no data version yet").WithHint("millrace run --to data");
}

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

// The rows that the newest run with a data version set aside.
Result<std::vector<data::QuarantinedRow>> NewestQuarantine(const pipeline::Workspace& workspace) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string lines, NewestArtefact(workspace, "quarantine.jsonl"));
  return data::ReadQuarantine(lines);
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

// What CI systems and people read of a validation, where the flags ask for it.
Status WriteReports(const CommandContext& context, const spec::Spec& spec,
                    const report::Section& section) {
  if (context.arguments.Has("--junit")) {
    MILLRACE_RETURN_IF_ERROR(
        WriteFileAtomic(context.Resolve(context.arguments.Text("--junit")),
                        report::RenderJUnit(section.checkpoint, "millrace data validate")));
  }
  if (!context.arguments.Has("--html")) return {};
  report::Document page;
  page.run_id = "data validate";
  page.project = BaseName(AbsolutePath(context.folder));
  page.question = spec.problem.description;
  page.answer = section.checkpoint.passed() ? "The data meets every check that blocks."
                                            : Format("Not met: {}.", UnmetOf(section.checkpoint));
  page.program = Format("millrace {}", ProgramVersion());
  page.created = FormatUtc(context.clock.NowMicros());
  page.sections = {section};
  return WriteFileAtomic(context.Resolve(context.arguments.Text("--html")),
                         report::RenderHtml(page));
}

// Writes the rows as a table that spreadsheets and scripts read: CSV, or JSON lines by the name's
// ending.
Status WriteQuarantineTo(const std::string& path, const std::vector<data::QuarantinedRow>& rows) {
  if (!ToLower(path).ends_with(".csv")) return WriteFileAtomic(path, data::WriteQuarantine(rows));
  MILLRACE_ASSIGN_OR_RETURN(
      engine::RowFile file,
      engine::RowFile::Make(path, {"file", "line", "column", "value", "rule"}));
  for (const data::QuarantinedRow& row : rows) {
    const std::string line = Format("{}", row.line);
    MILLRACE_RETURN_IF_ERROR(
        file.Add(std::vector<engine::TextCell>{row.file, line, row.column, row.value, row.rule}));
  }
  return file.Finish();
}

}  // namespace

// Phases 1 and 2 on a store that is thrown away: nothing of the project changes.
Status RunDataValidate(CommandContext& context) {
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
                                           .staging_folder = staging}));
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
  MILLRACE_RETURN_IF_ERROR(WriteReports(context, spec, record.section));
  if (checkpoint.passed()) return {};
  return GateNotMet(Format("not met: {}", UnmetOf(checkpoint)));
}

Status RunDataSuggest(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  std::vector<std::string> paths = spec.data.paths;
  if (context.arguments.Has("FILE")) {
    paths = {spec::LocatorFrom(context.folder, context.arguments.Text("FILE"))};
  }
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
    // The rows are typed as a run types them; which column is the target plays no part.
    const bool has_target = schema.Find(spec.problem.target).has_value();
    MILLRACE_ASSIGN_OR_RETURN(
        const data::Ingested rows,
        data::Ingest(*engine, source, schema,
                     {.target = has_target ? spec.problem.target : schema.column(0).name}));
    MILLRACE_ASSIGN_OR_RETURN(std::vector<data::SuggestedCheck> rules,
                              data::SuggestRules(*engine, rows.table_name, schema, profile, spec,
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
        "# below data: in millrace.yaml; edit the bounds, make block of what must "
        "stop a run\n" +
        data::ChecksAsYaml(suggested));
  }
  context.output.Document(json::Json::Of(
      {{"rows", profile.num_rows},
       {"checks", std::move(list)},
       {"yaml", suggested.empty() ? std::string() : data::ChecksAsYaml(suggested)}}));
  return {};
}

Status RunDataQuarantine(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto limit,
                            context.arguments.Integer("--limit", 1, int64_t{1} << 40));
  MILLRACE_ASSIGN_OR_RETURN(const auto stream, GatherStream(context, workspace));
  auto newest = NewestQuarantine(workspace);
  // What a follower set aside can be looked at before a run has seen it.
  const bool none_yet = newest.status().code() == Code::kNotFound;
  if (!newest.ok() && !(stream && none_yet)) return newest.status();
  std::vector<data::QuarantinedRow> rows;
  if (newest.ok()) rows = std::move(newest).value();
  if (stream) MILLRACE_RETURN_IF_ERROR(AddRejected(*stream, workspace.objects, rows));
  if (context.arguments.Has("--out")) {
    const std::string path = context.Resolve(context.arguments.Text("--out"));
    MILLRACE_RETURN_IF_ERROR(WriteQuarantineTo(path, rows));
    context.output.Text(
        Format("{} rows in {}\n", FormatCount(static_cast<int64_t>(rows.size())), path));
    context.output.Document(
        json::Json::Of({{"count", static_cast<int64_t>(rows.size())}, {"out", path}}));
    return {};
  }
  const auto shown =
      std::min<int64_t>(static_cast<int64_t>(rows.size()), limit.value_or(kShownRows));
  json::Json list = json::Json::MakeArray();
  for (int64_t i = 0; i < shown; ++i) {
    const data::QuarantinedRow& row = rows[static_cast<size_t>(i)];
    std::string line = Format("{}:{}: {}", row.file, row.line, row.rule);
    if (!row.column.empty()) line += Format(", column \"{}\"", row.column);
    if (!row.value.empty()) line += Format(": {}", Ellipsize(row.value, 120));
    context.output.Text(report::Clean(line) + "\n");
    list.Append(json::Json::Of({{"file", row.file},
                                {"line", row.line},
                                {"rule", row.rule},
                                {"column", row.column},
                                {"value", row.value}}));
  }
  const auto more = static_cast<int64_t>(rows.size()) - shown;
  if (rows.empty()) context.output.Text("no row was set aside\n");
  if (more > 0)
    context.output.Text(Format("and {} more; --limit N shows them\n", FormatCount(more)));
  context.output.Document(
      json::Json::Of({{"count", static_cast<int64_t>(rows.size())}, {"rows", std::move(list)}}));
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
