// FileIndex: what was known of files when they were last read, so that a file that nobody touched
// is not read again. A cache: it may be lost or damaged, and is then made anew.
//
// A file is taken as unchanged when size, times of change, inode and permissions are those of then,
// and the last change was well before it was read: a later write within the clock's grain would not
// show (the "racy" case of git's index).
//
// Thread safety: one thread at a time.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/digest.h"
#include "base/file_stream.h"
#include "base/result.h"

namespace millrace::version {

class FileIndex {
 public:
  /// Reads the index; one that is missing or damaged is empty.
  static FileIndex Load(const std::string& path);
  /// Replaces the file, without what was neither found nor put here and is gone from the disk. Not
  /// synced. kIoError, kResourceExhausted.
  Status Save(const std::string& path);

  /// Returns the digest of a file (absolute path) whose state is `state`, where it is certain.
  std::optional<Digest> Find(const std::string& path, const FileState& state);
  /// Remembers; `read_nanos`: when reading began, since the epoch.
  void Put(const std::string& path, const FileState& state, const Digest& content,
           int64_t read_nanos);
  bool changed() const { return changed_; }

 private:
  struct Entry {
    FileState state;
    Digest content;
    int64_t read_nanos = 0;
    bool seen = false;  // there when this process looked
  };
  std::unordered_map<std::string, Entry> entries_;
  bool changed_ = false;
};

}  // namespace millrace::version
