// Data versions of a project: recorded by runs and by `millrace data add`, found by tag, number,
// digest or run, kept by tags and runs.
//
// In the catalog they are versions of kind "data". Their digest is the identity of schema and rows
// where a run read them (as reports and bundles name it), else the identity of the files; the
// detail names the manifest. Each run names its own manifest too, as an artefact.
//
// Callers of what writes hold the project lock. Order: packs, manifest, catalog; a crash leaves
// objects that nothing names, never a version whose bytes are not there.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"
#include "version/chunk_store.h"
#include "version/file_list.h"
#include "version/manifest.h"
#include "version/snapshot.h"

namespace millrace::version {

inline constexpr std::string_view kDataKind = "data";  // of versions and labels in the catalog
inline constexpr std::string_view kRunArtefact = "data_version.json";  // a run's manifest

/// What the functions work on; all borrowed.
struct VersionStore {
  const store::Project& project;
  const store::ObjectStore& objects;
  store::Catalog& catalog;
  const Clock& clock;
  int num_threads = 1;
};

/// Returns where the cache of file states lies (FileIndex).
std::string FileIndexPath(const store::Project& project);

/// A version with what it is.
struct DataVersion {
  store::VersionRow row;
  std::optional<Digest> manifest_object;  // absent: recorded by an earlier program
  std::optional<Manifest> manifest;       // absent too when its object is gone
};
/// Returns all versions, newest first.
Result<std::vector<DataVersion>> ListDataVersions(const VersionStore& in);
/// Returns the newest version with a manifest. kNotFound saying how to make one.
Result<DataVersion> NewestDataVersion(const VersionStore& in);

/// Finds a version: a tag, "latest" or "", a number as `data versions` shows it, else the beginning
/// (4 digits or more) of a digest of rows or files, or of a run's id: then with that run's own
/// manifest. kNotFound naming the nearest tags; kInvalidSpec when several versions begin so.
Result<DataVersion> FindDataVersion(const VersionStore& in, const std::string& name);
/// Returns the manifest of a version; kNotFound when it has none, saying why.
Result<Manifest> RequireManifest(const DataVersion& version);

/// Opens the chunks of one manifest, for reading.
Result<ChunkStore> OpenChunks(const VersionStore& in, const Manifest& manifest);

struct RecordedVersion {
  Digest version;  // as the catalog names it
  int64_t number = 0;
  bool is_new = false;  // false: this state of the files is a version already
  Digest manifest_object;
  Manifest manifest;
};
/// Stores the files of a list as a version.
Result<RecordedVersion> AddDataVersion(const VersionStore& in, const FileList& list);

/// What a run recorded in its second phase.
struct RunData {
  RowsLineage rows;
  std::vector<std::string> paths;  // source files, absolute
  std::vector<Digest> contents;    // of them, as the run read them
  int64_t keep_bytes = 0;          // sources of more bytes in all are kept by digest only
};
/// Stores the source files of a run as (part of) the data version that it recorded, and names the
/// manifest in the run's artefacts. Does nothing for a run that has one. kInvalidData when a file
/// is no longer what the run read.
Result<RecordedVersion> RecordRunData(const VersionStore& in, const RunData& run);

using ContentSet = std::unordered_set<Digest, DigestHash>;
/// Returns the contents of all files of stored versions. Cost: reads all lists of files.
Result<ContentSet> StoredContents(const VersionStore& in);

/// Returns the ids of the runs that recorded each version, in the catalog's order, by the version's
/// digest.
Result<std::map<Digest, std::vector<std::string>>> RunsByVersion(const VersionStore& in);

/// Returns the versions that neither a tag nor a run needs, without the newest: what `gc
/// --versions` forgets.
Result<std::vector<DataVersion>> UnneededVersions(const VersionStore& in);
/// Forgets versions; garbage collection removes their bytes where no other version has them.
Status ForgetVersions(const VersionStore& in, const std::vector<DataVersion>& versions);

/// Returns kInvalidSpec unless the text may be a tag: 1 to 64 letters, digits, `.`, `_`, `-`, `/`,
/// beginning with a letter; not "latest".
Status CheckTag(std::string_view tag);

}  // namespace millrace::version
