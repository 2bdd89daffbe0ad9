// Snapshot: stores the files of a list as chunks, restores files from chunks, and tells what
// changed between a list on disk and a stored one.
//
// Thread safety: one thread at a time; several inside. Order of durability: packs, then whatever
// names them; the caller writes manifest and catalog after StoreFiles returned.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/digest.h"
#include "base/result.h"
#include "version/chunk_store.h"
#include "version/file_index.h"
#include "version/file_list.h"
#include "version/file_tree.h"
#include "version/manifest.h"

namespace millrace::version {

struct StoreInputs {
  const FileList& list;
  Keep keep = Keep::kBytes;
  /// The version before: files with a content of its are not read again where `index` is certain.
  const FileTree& previous;
  const Clock& clock;
  int num_threads = 1;
};

struct StoredFiles {
  Manifest manifest;  // lacks parent and rows
  FileTree tree;      // in the order of the list
};
/// Stores files and the list of them. kInvalidData naming the file that was changed while it was
/// read; kCancelled; kResourceExhausted.
Result<StoredFiles> StoreFiles(const StoreInputs& inputs, ChunkStore& chunks, FileIndex& index);

/// Reads the list of files of a version. kNotFound, kCorrupt.
Result<FileTree> LoadTree(const Manifest& manifest, ChunkStore& chunks);

enum class ChangeKind { kAdded, kRemoved, kChanged };
struct FileChange {
  ChangeKind kind = ChangeKind::kChanged;
  std::string path;
  int64_t old_bytes = 0;  // 0 when added
  int64_t new_bytes = 0;  // 0 when removed
};
/// Returns the changes that lead from one list of files to another, sorted by path.
std::vector<FileChange> CompareTrees(const FileTree& from, const FileTree& to);

/// Returns the list of files with the digests of now, without chunks. Reads a file only where
/// `index` is not certain. Files that vanish meanwhile are left out.
Result<FileTree> DigestFiles(const FileList& list, const Clock& clock, int num_threads,
                             FileIndex& index);

enum class Overwrite { kRefused, kForced };
struct RestoreInputs {
  const FileTree& tree;
  /// Returns where a file goes, absolute; "" leaves it out.
  std::function<std::string(std::string_view path)> place;
  Overwrite overwrite = Overwrite::kRefused;
  /// Returns true for contents that are stored: a file that holds one may be replaced. Not asked
  /// when overwriting is forced.
  std::function<bool(const Digest& content)> is_stored;
};
struct RestoreOutcome {
  int64_t num_written = 0;
  int64_t num_unchanged = 0;  // were there already
  int64_t num_left_out = 0;
  int64_t bytes_written = 0;
};
/// Restores every file with its bytes and its right to execute; other permissions are those of new
/// files, times are of now. Files on disk that the version does not hold stay. Nothing is written
/// when a file with unsaved changes stands in the way and is not to be overwritten: kInvalidData
/// naming up to five of them. Each file is checked against its digest before it gets its name.
/// kCorrupt, kNotFound, kIoError, kCancelled.
Result<RestoreOutcome> RestoreFiles(const RestoreInputs& inputs, ChunkStore& chunks);

}  // namespace millrace::version
