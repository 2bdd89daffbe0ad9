#include <algorithm>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/data_version_access.h"
#include "cli/project_access.h"
#include "engine/source.h"
#include "engine/source_files.h"
#include "report/terminal.h"
#include "version/table_diff.h"

namespace millrace::cli {
namespace {

using json::Json;
using version::VersionStore;

/// One side of a comparison: its files, and where their bytes are.
struct Side {
  std::string name;
  version::FileTree tree;
  std::vector<std::string> disk;              // of files of now
  std::optional<version::Manifest> manifest;  // of a version
};

bool AllTables(const version::FileTree& tree) {
  return !tree.files.empty() && std::ranges::all_of(tree.files, [](const auto& file) {
    return engine::FormByName(file.path).ok();
  });
}

Result<Side> SideOfFiles(const CommandContext& context, const VersionStore& in,
                         const version::FileList& files, std::string name) {
  Side side;
  side.name = std::move(name);
  MILLRACE_ASSIGN_OR_RETURN(side.tree, TreeOnDisk(context, in, files));
  for (const version::ListedFile& file : files.files) side.disk.push_back(file.disk);
  return side;
}

Result<Side> SideOfVersion(const VersionStore& in, const version::DataVersion& named) {
  Side side;
  side.name = NameOfVersion(named);
  MILLRACE_ASSIGN_OR_RETURN(side.manifest, version::RequireManifest(named));
  MILLRACE_ASSIGN_OR_RETURN(side.tree, TreeOf(in, named));
  return side;
}

bool HasTables(const Side& side) {
  return AllTables(side.tree) && (!side.manifest || side.manifest->keep == version::Keep::kBytes);
}

// Where the files of a side lie; those of a version are restored into `folder`.
Result<std::vector<std::string>> OnDisk(const VersionStore& in, const Side& side,
                                        const std::string& folder) {
  if (!side.manifest) return side.disk;
  const auto place = [&](std::string_view path) { return JoinPath(folder, path); };
  MILLRACE_ASSIGN_OR_RETURN(version::ChunkStore chunks, version::OpenChunks(in, *side.manifest));
  MILLRACE_RETURN_IF_ERROR(
      version::RestoreFiles({.tree = side.tree, .place = place}, chunks).status());
  std::vector<std::string> paths;
  for (const version::FileEntry& file : side.tree.files) paths.push_back(place(file.path));
  return paths;
}

// A version by its name, or a file or folder that is no version's name.
Result<Side> SideOf(const CommandContext& context, const VersionStore& in,
                    const std::string& name) {
  auto named = version::FindDataVersion(in, name);
  if (named.ok()) return SideOfVersion(in, *named);
  const std::string disk = AbsolutePath(context.Resolve(name));
  if (!FileExists(disk)) return named.status();
  MILLRACE_ASSIGN_OR_RETURN(const auto files,
                            version::ListFiles(in.project.folder(), std::vector{disk}));
  return SideOfFiles(context, in, files, name);
}

Result<Side> FilesOfNow(const CommandContext& context, const VersionStore& in) {
  MILLRACE_ASSIGN_OR_RETURN(const auto newest, version::NewestDataVersion(in));
  MILLRACE_ASSIGN_OR_RETURN(const auto files,
                            version::ListRoots(in.project.folder(), newest.manifest->roots));
  return SideOfFiles(context, in, files, "the files of now");
}

// Compares the tables; nothing where there is a side without any.
Result<std::optional<version::TableDiff>> DiffRows(const CommandContext& context,
                                                   const VersionStore& in, const Side& from,
                                                   const Side& to) {
  if (!HasTables(from) || !HasTables(to)) return std::optional<version::TableDiff>();
  MILLRACE_ASSIGN_OR_RETURN(const TemporaryFolder restored, TemporaryFolder::Make());
  MILLRACE_ASSIGN_OR_RETURN(const auto old_paths,
                            OnDisk(in, from, JoinPath(restored.path(), "from")));
  MILLRACE_ASSIGN_OR_RETURN(const auto new_paths, OnDisk(in, to, JoinPath(restored.path(), "to")));
  std::string key;
  engine::SourceOptions options;
  if (const auto spec = ReadProjectSpec(context); spec.ok()) {
    key = spec->data.id.value_or("");
    options = engine::OptionsOf(spec->data, "");
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  MILLRACE_ASSIGN_OR_RETURN(
      const engine::Source old_source,
      engine::OpenSource(*engine, context.folder, old_paths, options, "old_source"));
  MILLRACE_ASSIGN_OR_RETURN(
      const engine::Source new_source,
      engine::OpenSource(*engine, context.folder, new_paths, options, "new_source"));
  MILLRACE_ASSIGN_OR_RETURN(version::TableDiff diff,
                            version::DiffTables(*engine, old_source, new_source, key));
  return std::optional<version::TableDiff>(std::move(diff));
}

void PrintExamples(std::string_view sign, const std::vector<std::string>& examples,
                   Output& output) {
  for (const std::string& example : examples) {
    output.Text(Format("    {} {}\n", sign, Ellipsize(report::Clean(example), 100)));
  }
}

void PrintRows(const version::TableDiff& diff, Output& output) {
  for (const std::string& name : diff.added_columns) {
    output.Text(Format("  column added      {}\n", report::Clean(name)));
  }
  for (const std::string& name : diff.removed_columns) {
    output.Text(Format("  column removed    {}\n", report::Clean(name)));
  }
  for (const version::RetypedColumn& column : diff.retyped_columns) {
    output.Text(Format("  column retyped    {}: {} -> {}\n", report::Clean(column.name),
                       column.old_type, column.new_type));
  }
  output.Text(Format("rows, {}{}: {} -> {}\n",
                     diff.key.empty() ? "compared as a whole" : "by " + diff.key,
                     diff.key_note.empty() ? "" : " (" + diff.key_note + ")",
                     FormatCount(diff.num_old_rows), FormatCount(diff.num_new_rows)));
  output.Text(Format("  added    {:>11}\n", FormatCount(diff.num_added)));
  PrintExamples("+", diff.added_examples, output);
  output.Text(Format("  removed  {:>11}\n", FormatCount(diff.num_removed)));
  PrintExamples("-", diff.removed_examples, output);
  if (!diff.key.empty()) {
    output.Text(Format("  changed  {:>11}\n", FormatCount(diff.num_changed)));
    PrintExamples("~", diff.changed_examples, output);
  }
  size_t shifted = 0;
  for (const version::SpreadChange& spread : diff.spreads) {
    if (!spread.changed) continue;
    ++shifted;
    output.Text(Format("  distribution of {} changed: PSI {}\n", report::Clean(spread.name),
                       FormatSignificant(spread.psi, 3)));
  }
  if (shifted == 0 && !diff.spreads.empty()) {
    output.Text(Format("  no distribution changed; the greatest PSI is {} ({})\n",
                       FormatSignificant(diff.spreads[0].psi, 3),
                       report::Clean(diff.spreads[0].name)));
  }
}

}  // namespace

Status RunDataDiff(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const VersionStore in, VersionsOf(context, workspace));
  MILLRACE_ASSIGN_OR_RETURN(const auto limit,
                            context.arguments.Integer("--limit", 0, int64_t{1} << 40));
  MILLRACE_ASSIGN_OR_RETURN(const Side from, SideOf(context, in, context.arguments.Text("FROM")));
  MILLRACE_ASSIGN_OR_RETURN(const Side to, context.arguments.Has("TO")
                                               ? SideOf(context, in, context.arguments.Text("TO"))
                                               : FilesOfNow(context, in));
  const auto changes = version::CompareTrees(from.tree, to.tree);
  context.output.Text(Format("from {} to {}: {} file{} differ{}\n", from.name, to.name,
                             FormatCount(static_cast<int64_t>(changes.size())),
                             changes.size() == 1 ? "" : "s", changes.size() == 1 ? "s" : ""));
  Json list = Json::MakeArray();
  const auto shown = static_cast<size_t>(limit.value_or(20));
  for (size_t i = 0; i < changes.size(); ++i) {
    const version::FileChange& change = changes[i];
    const std::string_view sign = SignOf(change.kind);
    if (i < shown) {
      context.output.Text(Format("  {:<8} {}  {} -> {}\n", sign, change.path,
                                 FormatBytes(change.old_bytes), FormatBytes(change.new_bytes)));
    }
    list.Append(Json::Of({{"change", sign},
                          {"path", change.path},
                          {"from_bytes", change.old_bytes},
                          {"to_bytes", change.new_bytes}}));
  }
  if (changes.size() > shown) {
    context.output.Text(
        Format("  and {} more\n", FormatCount(static_cast<int64_t>(changes.size() - shown))));
  }
  std::optional<version::TableDiff> rows;
  if (!changes.empty()) {
    MILLRACE_ASSIGN_OR_RETURN(rows, DiffRows(context, in, from, to));
  }
  if (rows) PrintRows(*rows, context.output);
  context.output.Document(Json::Of({{"from", from.name},
                                    {"to", to.name},
                                    {"files", std::move(list)},
                                    {"table", rows ? version::ToJson(*rows) : Json()}}));
  return {};
}

}  // namespace millrace::cli
