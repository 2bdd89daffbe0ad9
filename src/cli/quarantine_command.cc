// data quarantine: what was set aside, and what is put back.

#include <algorithm>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/newest_artefact.h"
#include "cli/project_access.h"
#include "cli/stream_status.h"
#include "data/quarantine.h"
#include "engine/row_file.h"
#include "pipeline/released.h"
#include "pipeline/run.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

constexpr int64_t kShownRows = 20;
constexpr int64_t kShownValue = 120;

// The rows that the newest run with a data version set aside.
Result<std::vector<data::QuarantinedRow>> NewestQuarantine(const pipeline::Workspace& workspace) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string lines, NewestArtefact(workspace, "quarantine.jsonl"));
  return data::ReadQuarantine(lines);
}

// With what a follower set aside: it can be looked at before a run has seen it.
Result<std::vector<data::QuarantinedRow>> AllSetAside(const CommandContext& context,
                                                      const pipeline::Workspace& workspace) {
  MILLRACE_ASSIGN_OR_RETURN(const auto stream, GatherStream(context, workspace));
  auto newest = NewestQuarantine(workspace);
  const bool none_yet = newest.status().code() == Code::kNotFound;
  if (!newest.ok() && !(stream && none_yet)) return newest.status();
  std::vector<data::QuarantinedRow> rows;
  if (newest.ok()) rows = std::move(newest).value();
  if (stream) MILLRACE_RETURN_IF_ERROR(AddRejected(*stream, workspace.objects, rows));
  return rows;
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

// Of a row that was set aside, or of one that was put back.
template <typename Row>
std::string LineOf(const Row& row) {
  std::string line = Format("{}:{}: {}", row.file, row.line, row.rule);
  if (!row.column.empty()) line += Format(", column \"{}\"", row.column);
  if (!row.value.empty()) line += Format(": {}", Ellipsize(row.value, kShownValue));
  if (!row.row.empty()) line += Format("  (row {})", row.row.substr(0, 8));
  return report::Clean(line);
}

template <typename Row>
json::Json DocumentOf(const Row& row) {
  json::Json document = json::Json::Of({{"file", row.file},
                                        {"line", row.line},
                                        {"rule", row.rule},
                                        {"column", row.column},
                                        {"value", row.value}});
  if (!row.row.empty()) document.Set("row", row.row);
  return document;
}

Status Export(CommandContext& context, const std::vector<data::QuarantinedRow>& rows) {
  const std::string path = context.Resolve(context.arguments.Text("--out"));
  MILLRACE_RETURN_IF_ERROR(WriteQuarantineTo(path, rows));
  const auto count = static_cast<int64_t>(rows.size());
  context.output.Text(Format("{} rows in {}\n", FormatCount(count), path));
  context.output.Document(json::Json::Of({{"count", count}, {"out", path}}));
  return {};
}

Status ShowList(CommandContext& context, const std::vector<data::QuarantinedRow>& rows,
                const pipeline::ReleasedRows& released) {
  MILLRACE_ASSIGN_OR_RETURN(const auto limit,
                            context.arguments.Integer("--limit", 1, int64_t{1} << 40));
  const auto shown = [&limit](size_t count) {
    return std::min<int64_t>(static_cast<int64_t>(count), limit.value_or(kShownRows));
  };
  json::Json list = json::Json::MakeArray();
  for (int64_t i = 0; i < shown(rows.size()); ++i) {
    const data::QuarantinedRow& row = rows[static_cast<size_t>(i)];
    context.output.Text(LineOf(row) + "\n");
    list.Append(DocumentOf(row));
  }
  const auto more = static_cast<int64_t>(rows.size()) - shown(rows.size());
  if (rows.empty()) context.output.Text("no row was set aside\n");
  if (more > 0)
    context.output.Text(Format("and {} more; --limit N shows them\n", FormatCount(more)));
  json::Json back = json::Json::MakeArray();
  if (!released.rows.empty()) {
    context.output.Text(Format("\nput back, {} in all: the next run keeps them\n",
                               FormatCount(static_cast<int64_t>(released.rows.size()))));
  }
  for (int64_t i = 0; i < shown(released.rows.size()); ++i) {
    const pipeline::ReleasedRow& row = released.rows[static_cast<size_t>(i)];
    context.output.Text(Format("{}, release {}\n", LineOf(row), row.release));
    json::Json document = DocumentOf(row);
    document.Set("release", row.release);
    back.Append(std::move(document));
  }
  context.output.Document(
      json::Json::Of({{"count", static_cast<int64_t>(rows.size())},
                      {"rows", std::move(list)},
                      {"num_released", static_cast<int64_t>(released.rows.size())},
                      {"released", std::move(back)}}));
  return {};
}

// Puts rows back or takes them back: one file, replaced under the lock of the project.
Status Change(CommandContext& context, pipeline::Workspace& workspace, std::string_view action) {
  const pipeline::RowChoice choice{.rows = context.arguments.List("--row"),
                                   .rule = context.arguments.TextOr("--rule", ""),
                                   .all = context.arguments.Has("--all")};
  const std::string command = Format("millrace data quarantine {}", action);
  MILLRACE_ASSIGN_OR_RETURN(const store::ProjectLock lock,
                            store::ProjectLock::Take(workspace.project, command));
  MILLRACE_ASSIGN_OR_RETURN(const pipeline::ReleasedRows before,
                            pipeline::ReadReleased(workspace.project));
  const bool puts_back = action == "release";
  std::vector<data::QuarantinedRow> rows;
  if (puts_back) {
    MILLRACE_ASSIGN_OR_RETURN(rows, NewestQuarantine(workspace));
  }
  MILLRACE_ASSIGN_OR_RETURN(
      const pipeline::ReleaseChange change,
      puts_back ? pipeline::Release(rows, choice, before) : pipeline::Undo(choice, before));
  MILLRACE_RETURN_IF_ERROR(pipeline::WriteReleased(workspace.project, change.after));
  json::Json names = json::Json::MakeArray();
  for (const pipeline::ReleasedRow& row : change.rows) names.Append(row.row);
  MILLRACE_RETURN_IF_ERROR(
      workspace.catalog
          ->AppendAudit(command, Format("quarantine.{}", action), json::Json::Of({{"rows", names}}))
          .status());
  const auto count = static_cast<int64_t>(change.rows.size());
  context.output.Text(
      puts_back ? Format("{} rows put back (release {}): `millrace run` takes them into the data\n",
                         FormatCount(count), change.after.newest())
                : Format("{} rows taken back: the next run judges them by the checks again\n",
                         FormatCount(count)));
  if (change.num_already > 0) {
    Note(Format("{} rows had been put back before\n", FormatCount(change.num_already)));
  }
  if (change.num_fixed > 0) {
    Note(Format("{} rows stay set aside: no model can learn from them\n",
                FormatCount(change.num_fixed)));
  }
  context.output.Document(
      json::Json::Of({{"count", count},
                      {"rows", std::move(names)},
                      {"num_released", static_cast<int64_t>(change.after.rows.size())},
                      {"num_already", change.num_already},
                      {"num_fixed", change.num_fixed}}));
  return {};
}

}  // namespace

Status RunDataQuarantine(CommandContext& context) {
  const std::string action = context.arguments.TextOr("ACTION", "list");
  const bool changes = action == "release" || action == "undo";
  for (const std::string_view name : {"--row", "--rule", "--all"}) {
    if (!changes && context.arguments.Has(std::string(name))) {
      return InvalidSpec(Format("{}: goes with release and undo", name));
    }
  }
  if (action == "export" && !context.arguments.Has("--out")) {
    return InvalidSpec("export: no file is named").WithHint("--out rows.csv, or rows.jsonl");
  }
  if (changes && context.arguments.Has("--out")) {
    return InvalidSpec(Format("--out: goes with list and export, not with {}", action));
  }
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  if (changes) return Change(context, workspace, action);
  MILLRACE_ASSIGN_OR_RETURN(const auto rows, AllSetAside(context, workspace));
  if (context.arguments.Has("--out")) return Export(context, rows);
  MILLRACE_ASSIGN_OR_RETURN(const pipeline::ReleasedRows released,
                            pipeline::ReadReleased(workspace.project));
  return ShowList(context, rows, released);
}

}  // namespace millrace::cli
