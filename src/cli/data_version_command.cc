#include <algorithm>
#include <optional>
#include <string>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "base/threads.h"
#include "cli/commands.h"
#include "cli/data_version_access.h"
#include "cli/project_access.h"
#include "engine/source_files.h"
#include "version/file_index.h"

namespace millrace::cli {
namespace {

using json::Json;
using version::ChangeKind;

constexpr size_t kShownFiles = 20;

// The files and folders that the user names, else the sources of the specification.
Result<std::vector<std::string>> PathsOf(CommandContext& context) {
  std::vector<std::string> named = context.arguments.List("--data");
  if (context.arguments.Has("PATH")) {
    named.insert(named.begin(), context.arguments.Text("PATH"));
  }
  std::vector<std::string> paths;
  for (const std::string& path : named) paths.push_back(AbsolutePath(context.Resolve(path)));
  if (!paths.empty()) return paths;
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  // Databases and addresses are no files that could be kept as they are.
  return engine::ListSourceFiles(AbsolutePath(context.folder), spec.data.paths);
}

std::string SizeWords(const Json& detail) {
  if (!detail.Has("bytes")) return "files not recorded";
  const std::string size =
      Format("{} file{}, {}", FormatCount(detail["files"].AsInteger()),
             detail["files"].AsInteger() == 1 ? "" : "s", FormatBytes(detail["bytes"].AsInteger()));
  if (!detail["kept"].AsBool()) return size + ", digests only";
  return size + Format(", {} new", FormatBytes(detail["new_bytes"].AsInteger()));
}

}  // namespace

std::string_view SignOf(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kChanged:
      break;
  }
  return "changed";
}

Result<version::VersionStore> VersionsOf(const CommandContext& context,
                                         const pipeline::Workspace& workspace) {
  MILLRACE_ASSIGN_OR_RETURN(const auto threads, context.arguments.Integer("--threads", 1, 1024));
  return version::VersionStore{.project = workspace.project,
                               .objects = workspace.objects,
                               .catalog = *workspace.catalog,
                               .clock = context.clock,
                               .num_threads = static_cast<int>(threads.value_or(NumProcessors()))};
}

Result<version::FileTree> TreeOf(const version::VersionStore& versions,
                                 const version::DataVersion& named) {
  MILLRACE_ASSIGN_OR_RETURN(const version::Manifest manifest, version::RequireManifest(named));
  MILLRACE_ASSIGN_OR_RETURN(version::ChunkStore chunks, version::OpenChunks(versions, manifest));
  return version::LoadTree(manifest, chunks);
}

Result<version::FileTree> TreeOnDisk(const CommandContext& context,
                                     const version::VersionStore& versions,
                                     const version::FileList& files) {
  const std::string path = version::FileIndexPath(versions.project);
  version::FileIndex index = version::FileIndex::Load(path);
  MILLRACE_ASSIGN_OR_RETURN(
      version::FileTree tree,
      version::DigestFiles(files, context.clock, versions.num_threads, index));
  // A cache: not being able to write it (a read-only project) is no failure of the question.
  if (index.changed()) static_cast<void>(index.Save(path));
  return tree;
}

std::string NameOfVersion(const version::DataVersion& named) {
  return Format("version {} ({})", named.row.number, named.row.digest.Short());
}

Status RunDataVersions(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto in, VersionsOf(context, workspace));
  MILLRACE_ASSIGN_OR_RETURN(const auto versions, workspace.catalog->ListVersions("data"));
  MILLRACE_ASSIGN_OR_RETURN(const auto runs, version::RunsByVersion(in));
  Json list = Json::MakeArray();
  for (const store::VersionRow& row : versions) {
    const auto of_version = runs.find(row.digest);
    const std::vector<std::string> ids =
        of_version == runs.end() ? std::vector<std::string>() : of_version->second;
    std::string words;
    if (row.detail.Has("rows")) {
      words = Format("{} rows, {} set aside; ", FormatCount(row.detail["rows"].AsInteger()),
                     FormatCount(row.detail["quarantined"].AsInteger()));
    }
    words += SizeWords(row.detail);
    if (!ids.empty()) words += Format("; run{} {}", ids.size() == 1 ? "" : "s", Join(ids, ", "));
    context.output.Text(Format("  {:>3}  {}  {}  {}{}\n", row.number, row.digest.Short(),
                               FormatUtc(row.created_micros).substr(0, 19), words,
                               row.labels.empty() ? "" : "  [" + Join(row.labels, ", ") + "]"));
    list.Append(Json::Of({{"number", row.number},
                          {"version", row.digest.ToHex()},
                          {"created", FormatUtc(row.created_micros)},
                          {"tags", Json::ArrayOf(row.labels)},
                          {"runs", Json::ArrayOf(ids)},
                          {"detail", row.detail}}));
  }
  if (versions.empty()) {
    context.output.Text(
        "no data version yet.  Next: millrace data add, or millrace run --to data\n");
  }
  context.output.Document(Json::Of({{"versions", std::move(list)}}));
  return {};
}

Status RunDataAdd(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> paths, PathsOf(context));
  const std::string tag = context.arguments.Text("--tag");
  if (!tag.empty()) MILLRACE_RETURN_IF_ERROR(version::CheckTag(tag));
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto lock,
                            store::ProjectLock::Take(workspace.project, "millrace data add"));
  MILLRACE_ASSIGN_OR_RETURN(const auto in, VersionsOf(context, workspace));
  MILLRACE_ASSIGN_OR_RETURN(const auto files,
                            version::ListFiles(workspace.project.folder(), paths));
  for (size_t i = 0; i < std::min(files.skipped.size(), kShownFiles); ++i) {
    Note(Format("{}: left out: no file\n", files.skipped[i]));
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto added, version::AddDataVersion(in, files));
  if (!tag.empty()) {
    MILLRACE_RETURN_IF_ERROR(workspace.catalog->SetLabel(version::kDataKind, tag, added.version));
  }
  const version::Manifest& manifest = added.manifest;
  context.output.Text(
      added.is_new ? Format("version {} ({}): {} file{}, {}, {} new in the store\n", added.number,
                            added.version.Short(), FormatCount(manifest.num_files),
                            manifest.num_files == 1 ? "" : "s", FormatBytes(manifest.num_bytes),
                            FormatBytes(manifest.num_new_bytes))
                   : Format("nothing changed: these files are version {} ({})\n", added.number,
                            added.version.Short()));
  context.output.Document(Json::Of({{"version", added.version.ToHex()},
                                    {"number", added.number},
                                    {"is_new", added.is_new},
                                    {"files", manifest.num_files},
                                    {"bytes", manifest.num_bytes},
                                    {"new_bytes", added.is_new ? manifest.num_new_bytes : 0},
                                    {"left_out", static_cast<int64_t>(files.skipped.size())},
                                    {"tag", tag}}));
  return {};
}

Status RunDataStatus(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto in, VersionsOf(context, workspace));
  MILLRACE_ASSIGN_OR_RETURN(const auto newest, version::NewestDataVersion(in));
  MILLRACE_ASSIGN_OR_RETURN(const version::FileTree before, TreeOf(in, newest));
  MILLRACE_ASSIGN_OR_RETURN(const auto files,
                            version::ListRoots(workspace.project.folder(), newest.manifest->roots));
  MILLRACE_ASSIGN_OR_RETURN(const version::FileTree now, TreeOnDisk(context, in, files));
  const auto changes = version::CompareTrees(before, now);
  Json list = Json::MakeArray();
  for (size_t i = 0; i < changes.size(); ++i) {
    if (i < kShownFiles) {
      context.output.Text(Format("  {:<8} {}\n", SignOf(changes[i].kind), changes[i].path));
    }
    list.Append(Json::Of({{"change", SignOf(changes[i].kind)}, {"path", changes[i].path}}));
  }
  if (changes.size() > kShownFiles) {
    context.output.Text(
        Format("  and {} more\n", FormatCount(static_cast<int64_t>(changes.size() - kShownFiles))));
  }
  context.output.Text(
      changes.empty()
          ? Format("the files are those of {}\n", NameOfVersion(newest))
          : Format("{} of {} files differ from {}.  Next: millrace data add, or millrace run\n",
                   FormatCount(static_cast<int64_t>(changes.size())),
                   FormatCount(static_cast<int64_t>(before.files.size())), NameOfVersion(newest)));
  context.output.Document(Json::Of({{"version", newest.row.digest.ToHex()},
                                    {"number", newest.row.number},
                                    {"changes", std::move(list)}}));
  return {};
}

Status RunDataCheckout(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto lock,
                            store::ProjectLock::Take(workspace.project, "millrace data checkout"));
  MILLRACE_ASSIGN_OR_RETURN(const auto in, VersionsOf(context, workspace));
  MILLRACE_ASSIGN_OR_RETURN(const auto named,
                            version::FindDataVersion(in, context.arguments.Text("VERSION")));
  MILLRACE_ASSIGN_OR_RETURN(const version::Manifest manifest, version::RequireManifest(named));
  if (manifest.keep != version::Keep::kBytes) {
    return NotFound(Format("{}: only the digests of its files were kept", NameOfVersion(named)))
        .WithHint("data.keep in millrace.yaml says up to which size files are kept");
  }
  MILLRACE_ASSIGN_OR_RETURN(version::ChunkStore chunks, version::OpenChunks(in, manifest));
  MILLRACE_ASSIGN_OR_RETURN(const version::FileTree tree, version::LoadTree(manifest, chunks));
  const std::string& folder = workspace.project.folder();
  const std::string out = context.arguments.Text("--out");
  const std::string target = out.empty() ? folder : AbsolutePath(context.Resolve(out));
  const version::ProjectPlaces places(folder, manifest.roots);
  const auto place = [&](std::string_view path) {
    return out.empty() ? places.Of(path) : JoinPath(target, path);
  };
  // Read when the first file stands in the way.
  std::optional<version::ContentSet> stored;
  const auto is_stored = [&](const Digest& content) {
    if (!stored) {
      auto all = version::StoredContents(in);
      stored = all.ok() ? std::move(all).value() : version::ContentSet();
    }
    return stored->contains(content);
  };
  const auto overwrite =
      context.arguments.Has("--force") ? version::Overwrite::kForced : version::Overwrite::kRefused;
  MILLRACE_ASSIGN_OR_RETURN(
      const version::RestoreOutcome outcome,
      version::RestoreFiles(
          {.tree = tree, .place = place, .overwrite = overwrite, .is_stored = is_stored}, chunks));
  if (outcome.num_left_out == static_cast<int64_t>(tree.files.size())) {
    return InvalidSpec(
               Format("{}: its files came from outside of the project", NameOfVersion(named)))
        .WithHint("--out DIR restores them there");
  }
  context.output.Text(Format("{}: {} written, {} unchanged{}\n", NameOfVersion(named),
                             FormatCount(outcome.num_written), FormatCount(outcome.num_unchanged),
                             outcome.num_left_out == 0
                                 ? std::string()
                                 : Format(", {} from outside of the project left out (--out DIR)",
                                          FormatCount(outcome.num_left_out))));
  context.output.Document(Json::Of({{"version", named.row.digest.ToHex()},
                                    {"folder", target},
                                    {"written", outcome.num_written},
                                    {"unchanged", outcome.num_unchanged},
                                    {"left_out", outcome.num_left_out},
                                    {"bytes", outcome.bytes_written}}));
  return {};
}

Status RunDataTag(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto lock,
                            store::ProjectLock::Take(workspace.project, "millrace data tag"));
  MILLRACE_ASSIGN_OR_RETURN(const auto in, VersionsOf(context, workspace));
  const std::string tag = context.arguments.Text("NAME");
  MILLRACE_ASSIGN_OR_RETURN(const auto known, in.catalog.FindLabel(version::kDataKind, tag));
  if (context.arguments.Has("--delete")) {
    if (!known) {
      return NotFound(Format("tag \"{}\": there is no such tag", tag))
          .WithHint("`millrace data versions` lists them");
    }
    MILLRACE_RETURN_IF_ERROR(in.catalog.ClearLabel(version::kDataKind, tag));
    context.output.Text(Format("tag {} is gone; its version stays\n", tag));
    context.output.Document(Json::Of({{"tag", tag}, {"version", Json()}}));
    return {};
  }
  MILLRACE_RETURN_IF_ERROR(version::CheckTag(tag));
  MILLRACE_ASSIGN_OR_RETURN(const auto named,
                            version::FindDataVersion(in, context.arguments.Text("VERSION")));
  if (known && *known != named.row.digest && !context.arguments.Has("--force")) {
    return InvalidSpec(Format("tag \"{}\": is given to {}", tag, known->Short()))
        .WithHint("--force moves it");
  }
  MILLRACE_RETURN_IF_ERROR(in.catalog.SetLabel(version::kDataKind, tag, named.row.digest));
  context.output.Text(Format("tag {} is {}\n", tag, NameOfVersion(named)));
  context.output.Document(Json::Of({{"tag", tag}, {"version", named.row.digest.ToHex()}}));
  return {};
}

}  // namespace millrace::cli
