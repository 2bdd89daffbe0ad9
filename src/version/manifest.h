// Manifest: what a data version is: its files, where their bytes are stored, what rows they hold,
// and where it all comes from (docs/formats/data_versions.md). A JSON object of the store, so that
// garbage collection follows the digests in it.
//
// Thread safety: a value.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "json/value.h"

namespace millrace::version {

/// A file or folder that a version was made of, and where its files lie in the list of files.
struct Root {
  std::string name;      // beginning of the paths in the list; "" for the project folder itself
  std::string location;  // relative to the project folder, or absolute when outside
  bool outside = false;  // of the project folder
  friend bool operator==(const Root&, const Root&) = default;
};

/// What the rows of the version are, where a run read them.
struct RowsLineage {
  std::string run;      // id of the run that recorded it
  Digest rows_version;  // identity of schema and rows, as reports and bundles name it
  Digest spec;          // of the specification's canonical JSON, an object
  uint64_t split_salt = 0;
  int64_t num_rows = 0;
  int64_t num_quarantined = 0;
  json::Json schema;   // of table/schema.h
  json::Json profile;  // per column: missing, distinct, minimum, median, maximum
  friend bool operator==(const RowsLineage&, const RowsLineage&) = default;
};

/// Whether the bytes of the files are stored, or only their digests.
enum class Keep { kBytes, kDigests };

struct Manifest {
  Digest files_identity;         // of paths and contents (IdentityOf)
  std::optional<Digest> parent;  // the version before it, as the catalog names it
  Keep keep = Keep::kBytes;
  std::vector<Root> roots;
  int64_t num_files = 0;
  int64_t num_bytes = 0;
  int64_t num_new_bytes = 0;  // stored by this version and by none before
  int64_t tree_bytes = 0;
  Digest tree_content;  // SHA-256 of the list of files
  std::vector<Digest> tree_chunks;
  std::vector<Digest> packs;  // objects that hold all chunks
  std::optional<RowsLineage> rows;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

json::Json ToJson(const Manifest& manifest);
/// kCorrupt naming the member that is wrong; kUnsupported for a later version of the format.
Result<Manifest> ManifestFromJson(const json::Json& document);
/// The same from text.
Result<Manifest> ReadManifest(std::string_view text);

}  // namespace millrace::version
