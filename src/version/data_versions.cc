#include "version/data_versions.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "version/file_index.h"

namespace millrace::version {
namespace {

using json::Json;

constexpr size_t kShortestPrefix = 4;

std::optional<Digest> ManifestObjectOf(const store::VersionRow& row) {
  const auto digest = Digest::FromHex(row.detail["manifest"].AsString());
  return digest.ok() ? std::optional<Digest>(*digest) : std::nullopt;
}

Result<Manifest> LoadManifest(const VersionStore& in, const Digest& object) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string text, in.objects.Get(object));
  return ReadManifest(text);
}

DataVersion VersionOf(const VersionStore& in, store::VersionRow row) {
  DataVersion version;
  version.manifest_object = ManifestObjectOf(row);
  version.row = std::move(row);
  if (version.manifest_object) {
    auto manifest = LoadManifest(in, *version.manifest_object);
    if (manifest.ok()) version.manifest = std::move(manifest).value();
  }
  return version;
}

// Every pack that some version names: where a writer looks for chunks.
std::vector<Digest> AllPacks(const std::vector<DataVersion>& versions) {
  std::vector<Digest> packs;
  std::set<Digest> seen;
  for (const DataVersion& version : versions) {
    if (!version.manifest) continue;
    for (const Digest& pack : version.manifest->packs) {
      if (seen.insert(pack).second) packs.push_back(pack);
    }
  }
  return packs;
}

// The manifest that a run names, or nothing.
Result<std::optional<Digest>> RunManifest(const VersionStore& in, const std::string& run) {
  MILLRACE_ASSIGN_OR_RETURN(const auto artefacts, in.catalog.ListArtefacts(run));
  for (const store::ArtefactRow& artefact : artefacts) {
    if (artefact.name == kRunArtefact) return std::optional<Digest>(artefact.digest);
  }
  return std::optional<Digest>();
}

// The version that a run recorded, with the run's own manifest.
Result<std::optional<DataVersion>> FindByRun(const VersionStore& in, const std::string& prefix) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::RunRow> runs, in.catalog.ListRuns());
  std::vector<std::string> matches;
  for (const store::RunRow& run : runs) {
    if (run.id.starts_with(prefix)) matches.push_back(run.id);
  }
  if (matches.empty()) return std::optional<DataVersion>();
  if (matches.size() > 1) {
    return InvalidSpec(Format("\"{}\": {} runs begin so", prefix, matches.size()))
        .WithHint("give more of the id");
  }
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<Digest> own, RunManifest(in, matches[0]));
  if (!own) {
    return NotFound(Format("run {}: recorded no data version", matches[0]))
        .WithHint("`millrace data versions` lists those that were recorded");
  }
  DataVersion version;
  version.manifest_object = own;
  MILLRACE_ASSIGN_OR_RETURN(version.manifest, LoadManifest(in, *own));
  MILLRACE_ASSIGN_OR_RETURN(const auto rows, in.catalog.ListVersions(kDataKind));
  for (const store::VersionRow& row : rows) {
    if (version.manifest->rows && row.digest == version.manifest->rows->rows_version) {
      version.row = row;
    }
  }
  return std::optional<DataVersion>(std::move(version));
}

bool BeginsSo(const DataVersion& version, const std::string& prefix) {
  return version.row.digest.ToHex().starts_with(prefix) ||
         (version.manifest && version.manifest->files_identity.ToHex().starts_with(prefix));
}

bool IsHex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Status NoVersionYet() {
  return NotFound("this project has no data version yet")
      .WithHint("millrace data add, or millrace run --to data");
}

// Null when there is none.
const DataVersion* NewestOf(const std::vector<DataVersion>& versions) {
  const auto newest = std::ranges::find_if(
      versions, [](const DataVersion& version) { return version.manifest.has_value(); });
  return newest == versions.end() ? nullptr : &*newest;
}

Status NoSuchVersion(const std::vector<DataVersion>& versions, const std::string& name) {
  if (versions.empty()) return NoVersionYet();
  std::vector<std::string> tags = {"latest"};
  for (const DataVersion& version : versions) {
    tags.insert(tags.end(), version.row.labels.begin(), version.row.labels.end());
  }
  const std::string near = DidYouMean(name, tags);
  return NotFound(Format("\"{}\": no data version has this tag, number, digest or run", name))
      .WithHint(near.empty() ? "`millrace data versions` lists them" : near);
}

// The list of files of the newest version, for reuse; empty when there is none.
FileTree PreviousTree(const DataVersion* previous, ChunkStore& chunks) {
  if (previous == nullptr) return {};
  auto tree = LoadTree(*previous->manifest, chunks);
  return tree.ok() ? std::move(tree).value() : FileTree();
}

bool IsWhole(const VersionStore& in, const Manifest& manifest) {
  return manifest.keep == Keep::kBytes &&
         std::ranges::all_of(manifest.packs,
                             [&](const Digest& pack) { return in.objects.Has(pack); });
}

// Adds the version, or gives the one that is there a manifest where its own is none that can be
// restored from. Returns the number.
Result<int64_t> PutVersion(const VersionStore& in, const Digest& version, const Manifest& manifest,
                           const Digest& object) {
  Json detail = Json::MakeObject();
  MILLRACE_ASSIGN_OR_RETURN(const auto rows, in.catalog.ListVersions(kDataKind));
  for (const store::VersionRow& row : rows) {
    if (row.digest != version) continue;
    const DataVersion known = VersionOf(in, row);
    if (known.manifest && IsWhole(in, *known.manifest)) return row.number;
    detail = row.detail;
  }
  detail.Set("manifest", object.ToHex());
  detail.Set("files", manifest.num_files);
  detail.Set("bytes", manifest.num_bytes);
  detail.Set("new_bytes", manifest.num_new_bytes);
  detail.Set("kept", manifest.keep == Keep::kBytes);
  MILLRACE_ASSIGN_OR_RETURN(const int64_t number,
                            in.catalog.AddVersion(kDataKind, version, version.Short(), detail));
  MILLRACE_RETURN_IF_ERROR(in.catalog.SetVersionDetail(kDataKind, version, detail));
  return number;
}

// `versions`: all that there are.
Result<StoredFiles> StoreList(const VersionStore& in, const std::vector<DataVersion>& versions,
                              const FileList& list, Keep keep) {
  MILLRACE_ASSIGN_OR_RETURN(ChunkStore chunks,
                            ChunkStore::Open(in.objects, AllPacks(versions),
                                             ChunkStore::MissingPacks::kSkipped, in.num_threads));
  const DataVersion* previous = NewestOf(versions);
  FileIndex index = FileIndex::Load(FileIndexPath(in.project));
  const FileTree previous_tree = PreviousTree(previous, chunks);
  MILLRACE_ASSIGN_OR_RETURN(StoredFiles stored, StoreFiles({.list = list,
                                                            .keep = keep,
                                                            .previous = previous_tree,
                                                            .clock = in.clock,
                                                            .num_threads = in.num_threads},
                                                           chunks, index));
  if (previous != nullptr) stored.manifest.parent = previous->row.digest;
  if (index.changed()) MILLRACE_RETURN_IF_ERROR(index.Save(FileIndexPath(in.project)));
  return stored;
}

// A version with these files that is usable as it stands: all of its packs are there. Null when
// there is none.
const DataVersion* SameFiles(const VersionStore& in, const std::vector<DataVersion>& versions,
                             const Digest& identity) {
  const auto same = std::ranges::find_if(versions, [&](const DataVersion& version) {
    return version.manifest && version.manifest->files_identity == identity &&
           IsWhole(in, *version.manifest);
  });
  return same == versions.end() ? nullptr : &*same;
}

// What was stored is what the run read; `tree` is in the order of `list`.
Status CheckContents(const RunData& run, const FileList& list, const FileTree& tree) {
  std::unordered_map<std::string_view, const Digest*> stored;
  for (size_t i = 0; i < list.files.size(); ++i) {
    stored.emplace(list.files[i].disk, &tree.files[i].content);
  }
  for (size_t i = 0; i < run.paths.size(); ++i) {
    const auto file = stored.find(run.paths[i]);
    if (file != stored.end() && *file->second != run.contents[i]) {
      return InvalidData(Format("{}: was changed since the run read it", run.paths[i]))
          .WithHint("run again when nothing writes to it");
    }
  }
  return {};
}

}  // namespace

std::string FileIndexPath(const store::Project& project) {
  return JoinPath(project.state_folder(), "data_files.index");
}

Result<std::vector<DataVersion>> ListDataVersions(const VersionStore& in) {
  MILLRACE_ASSIGN_OR_RETURN(std::vector<store::VersionRow> rows,
                            in.catalog.ListVersions(kDataKind));
  std::vector<DataVersion> versions;
  for (store::VersionRow& row : rows) versions.push_back(VersionOf(in, std::move(row)));
  return versions;
}

Result<DataVersion> NewestDataVersion(const VersionStore& in) {
  MILLRACE_ASSIGN_OR_RETURN(std::vector<store::VersionRow> rows,
                            in.catalog.ListVersions(kDataKind));
  for (store::VersionRow& row : rows) {
    DataVersion version = VersionOf(in, std::move(row));
    if (version.manifest) return version;
  }
  return NoVersionYet();
}

Result<DataVersion> FindDataVersion(const VersionStore& in, const std::string& name) {
  MILLRACE_ASSIGN_OR_RETURN(std::vector<DataVersion> versions, ListDataVersions(in));
  if (!versions.empty() && (name.empty() || name == "latest")) return versions.front();
  for (DataVersion& version : versions) {
    if (std::ranges::find(version.row.labels, name) != version.row.labels.end()) return version;
  }
  if (const std::optional<int64_t> number = ParseInt(name)) {
    const auto numbered = std::ranges::find(
        versions, *number, [](const DataVersion& version) { return version.row.number; });
    if (numbered != versions.end()) return *numbered;
  }
  if (name.size() < kShortestPrefix) return NoSuchVersion(versions, name);
  if (IsHex(name)) {
    std::vector<DataVersion*> matches;
    for (DataVersion& version : versions) {
      if (BeginsSo(version, name)) matches.push_back(&version);
    }
    // One state of files may be two versions, read by other rules: the newer one counts.
    const bool one_state = std::ranges::all_of(matches, [&](const DataVersion* version) {
      return version->manifest && matches[0]->manifest &&
             version->manifest->files_identity == matches[0]->manifest->files_identity;
    });
    if (matches.size() == 1 || (!matches.empty() && one_state)) return *matches[0];
    if (matches.size() > 1) {
      return InvalidSpec(Format("\"{}\": {} data versions begin so", name, matches.size()))
          .WithHint("give more digits");
    }
  }
  MILLRACE_ASSIGN_OR_RETURN(std::optional<DataVersion> by_run, FindByRun(in, name));
  if (by_run) return std::move(*by_run);
  return NoSuchVersion(versions, name);
}

Result<Manifest> RequireManifest(const DataVersion& version) {
  if (version.manifest) return *version.manifest;
  if (version.manifest_object) {
    return NotFound(Format("data version {}: its manifest is not in the store",
                           version.row.digest.Short()))
        .WithHint("put a copy of .millrace/objects back");
  }
  return NotFound(Format("data version {}: its files were not recorded: an earlier program made it",
                         version.row.digest.Short()))
      .WithHint("`millrace data add` records the files of now");
}

Result<ChunkStore> OpenChunks(const VersionStore& in, const Manifest& manifest) {
  return ChunkStore::Open(in.objects, manifest.packs, ChunkStore::MissingPacks::kRefused,
                          in.num_threads);
}

Result<RecordedVersion> AddDataVersion(const VersionStore& in, const FileList& list) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<DataVersion> versions, ListDataVersions(in));
  MILLRACE_ASSIGN_OR_RETURN(StoredFiles stored, StoreList(in, versions, list, Keep::kBytes));
  Manifest& manifest = stored.manifest;
  if (const DataVersion* same = SameFiles(in, versions, manifest.files_identity)) {
    return RecordedVersion{.version = same->row.digest,
                           .number = same->row.number,
                           .manifest_object = *same->manifest_object,
                           .manifest = *same->manifest};
  }
  RecordedVersion recorded{.version = manifest.files_identity, .is_new = true};
  MILLRACE_ASSIGN_OR_RETURN(recorded.manifest_object,
                            in.objects.Put(json::Write(ToJson(manifest))));
  MILLRACE_RETURN_IF_ERROR(in.catalog.Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(recorded.number,
                              PutVersion(in, recorded.version, manifest, recorded.manifest_object));
    return in.catalog
        .AppendAudit("millrace data add", "data.add",
                     Json::Of({{"version", recorded.version.ToHex()},
                               {"files", manifest.num_files},
                               {"bytes", manifest.num_bytes}}))
        .status();
  }));
  recorded.manifest = std::move(manifest);
  return recorded;
}

Result<RecordedVersion> RecordRunData(const VersionStore& in, const RunData& run) {
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<Digest> known, RunManifest(in, run.rows.run));
  if (known) {
    MILLRACE_ASSIGN_OR_RETURN(Manifest manifest, LoadManifest(in, *known));
    return RecordedVersion{.version = run.rows.rows_version,
                           .manifest_object = *known,
                           .manifest = std::move(manifest)};
  }
  MILLRACE_ASSIGN_OR_RETURN(const FileList list, ListFiles(in.project.folder(), run.paths));
  int64_t bytes = 0;
  for (const ListedFile& file : list.files) bytes += file.state.size_bytes;
  const Keep keep = bytes <= run.keep_bytes ? Keep::kBytes : Keep::kDigests;
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<DataVersion> versions, ListDataVersions(in));
  MILLRACE_ASSIGN_OR_RETURN(StoredFiles stored, StoreList(in, versions, list, keep));
  MILLRACE_RETURN_IF_ERROR(CheckContents(run, list, stored.tree));
  Manifest& manifest = stored.manifest;
  manifest.rows = run.rows;
  if (manifest.parent == run.rows.rows_version) manifest.parent.reset();
  RecordedVersion recorded{.version = run.rows.rows_version, .is_new = true};
  const std::string text = json::Write(ToJson(manifest));
  MILLRACE_ASSIGN_OR_RETURN(recorded.manifest_object, in.objects.Put(text));
  MILLRACE_RETURN_IF_ERROR(in.catalog.Transaction([&]() -> Status {
    MILLRACE_ASSIGN_OR_RETURN(recorded.number,
                              PutVersion(in, recorded.version, manifest, recorded.manifest_object));
    return in.catalog.PutArtefact({.run = run.rows.run,
                                   .name = std::string(kRunArtefact),
                                   .digest = recorded.manifest_object,
                                   .kind = "data version",
                                   .size_bytes = static_cast<int64_t>(text.size())});
  }));
  recorded.manifest = std::move(manifest);
  return recorded;
}

Result<ContentSet> StoredContents(const VersionStore& in) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<DataVersion> versions, ListDataVersions(in));
  ContentSet contents;
  for (const DataVersion& version : versions) {
    if (!version.manifest || version.manifest->keep != Keep::kBytes) continue;
    auto chunks = OpenChunks(in, *version.manifest);
    if (!chunks.ok()) continue;
    const auto tree = LoadTree(*version.manifest, *chunks);
    if (!tree.ok()) continue;
    for (const FileEntry& file : tree->files) contents.insert(file.content);
  }
  return contents;
}

Result<std::map<Digest, std::vector<std::string>>> RunsByVersion(const VersionStore& in) {
  std::map<Digest, std::vector<std::string>> by_version;
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<store::RunRow> runs, in.catalog.ListRuns());
  for (const store::RunRow& run : runs) {
    MILLRACE_ASSIGN_OR_RETURN(const std::optional<Digest> own, RunManifest(in, run.id));
    if (!own) continue;
    const auto manifest = LoadManifest(in, *own);
    if (manifest.ok() && manifest->rows) by_version[manifest->rows->rows_version].push_back(run.id);
  }
  return by_version;
}

Result<std::vector<DataVersion>> UnneededVersions(const VersionStore& in) {
  MILLRACE_ASSIGN_OR_RETURN(const auto needed, RunsByVersion(in));
  MILLRACE_ASSIGN_OR_RETURN(std::vector<DataVersion> versions, ListDataVersions(in));
  std::vector<DataVersion> unneeded;
  for (size_t i = 1; i < versions.size(); ++i) {
    DataVersion& version = versions[i];
    // A version that names rows was recorded by a run, of this program or of an earlier one.
    const bool of_run =
        needed.contains(version.row.digest) || version.row.detail.Has("rows_object");
    if (version.row.labels.empty() && !of_run) unneeded.push_back(std::move(version));
  }
  return unneeded;
}

Status ForgetVersions(const VersionStore& in, const std::vector<DataVersion>& versions) {
  return in.catalog.Transaction([&]() -> Status {
    for (const DataVersion& version : versions) {
      MILLRACE_RETURN_IF_ERROR(in.catalog.RemoveVersion(kDataKind, version.row.digest));
      MILLRACE_RETURN_IF_ERROR(
          in.catalog
              .AppendAudit("millrace gc", "data.forget",
                           Json::Of({{"number", version.row.number},
                                     {"version", version.row.digest.Short(16)}}))
              .status());
    }
    return {};
  });
}

Status CheckTag(std::string_view tag) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const bool fits = !tag.empty() && tag.size() <= 64 && is_letter(tag[0]) && tag != "latest" &&
                    std::ranges::all_of(tag, [&](char c) {
                      return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
                             c == '-' || c == '/';
                    });
  if (fits) return {};
  return InvalidSpec(Format("tag: \"{}\" cannot be one", tag))
      .WithHint("1 to 64 letters, digits, . _ - or /, beginning with a letter; latest is taken");
}

}  // namespace millrace::version
