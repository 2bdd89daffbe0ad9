// FileTree: the files of a data version: path, right to execute, size, digest and chunks, sorted by
// path (docs/formats/data_versions.md).
//
// Thread safety: a value.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace millrace::version {

struct FileEntry {
  std::string path;  // relative, of parts that are neither empty nor "." nor ".."
  bool executable = false;
  int64_t size_bytes = 0;
  Digest content;              // SHA-256 of the whole file
  std::vector<Digest> chunks;  // in order; empty for an empty file, or when bytes are not kept
  friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

struct FileTree {
  std::vector<FileEntry> files;  // sorted by path, no path twice
  friend bool operator==(const FileTree&, const FileTree&) = default;

  int64_t TotalBytes() const;
  /// Returns the file, or null. Valid as long as this object is not changed.
  const FileEntry* Find(std::string_view path) const;
};

/// Returns true for a path that stays below the folder it is joined with: UTF-8, without control
/// characters, at most 4,096 bytes.
bool IsSafePath(std::string_view path);

/// Returns the identity of the files: of paths, rights and contents; however they are stored.
Digest IdentityOf(const FileTree& tree);

/// Returns the bytes of a tree object.
std::string WriteTree(const FileTree& tree);
/// Reads them. kCorrupt unless they are exactly what WriteTree writes for some tree with safe paths
/// and possible sizes; kUnsupported for a later version of the format.
Result<FileTree> ReadTree(std::string_view bytes);

}  // namespace millrace::version
