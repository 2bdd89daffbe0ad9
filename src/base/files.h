// Files: the seam to the file system. Every state file is written by WriteFileAtomic (temporary
// file in the same folder, fsync, rename, fsync of the folder), so a reader sees the old or the new
// content, never a part. Paths are UTF-8 text.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

namespace millrace {

/// Returns the whole content. kNotFound when missing, kIoError otherwise.
Result<std::string> ReadFile(const std::string& path);
/// Replaces `path` atomically and durably. kIoError, or kResourceExhausted when the disk is full.
Status WriteFileAtomic(const std::string& path, std::string_view content);
/// Writes without fsync and rename: for reports and exports that can be made again.
Status WriteFile(const std::string& path, std::string_view content);
Status AppendFile(const std::string& path, std::string_view content);
/// Copies a file durably (as WriteFileAtomic) in bounded memory.
Status CopyFileAtomic(const std::string& from, const std::string& to);
/// Makes a folder and its parents; an existing folder is not an error.
Status MakeFolders(const std::string& path);
/// Renames durably (the folder of `to` is synced). Replaces `to`.
Status RenameFile(const std::string& from, const std::string& to);
/// Sets the time of the last change to now. kNotFound when missing.
Status TouchFile(const std::string& path);
/// Syncs a file's content to the disk.
Status SyncFile(const std::string& path);
/// Syncs a folder's entries to the disk.
Status SyncFolder(const std::string& path);
/// Removes a file or a folder with all in it; a missing one is not an error.
Status RemoveAll(const std::string& path);

bool FileExists(const std::string& path);
bool IsFolder(const std::string& path);
/// Returns the size in bytes. kNotFound when missing.
Result<int64_t> FileSize(const std::string& path);
/// Returns microseconds since the epoch of the last change. kNotFound when missing.
Result<int64_t> FileModifiedMicros(const std::string& path);
/// Returns the SHA-256 of the content, read in bounded memory; safe while others write to the file.
/// kNotFound, kIoError.
Result<Digest> FileDigest(const std::string& path);
/// Returns the names (not paths) in a folder, sorted. kNotFound when missing.
Result<std::vector<std::string>> ListFolder(const std::string& path);

std::string JoinPath(std::string_view folder, std::string_view name);
/// Returns the last component.
std::string BaseName(std::string_view path);
/// Returns all but the last component; "." when there is none.
std::string FolderName(std::string_view path);
/// Returns the path made absolute, without `.` and `..`; need not exist.
std::string AbsolutePath(const std::string& path);

/// A new folder that is removed with all in it when this object dies.
class TemporaryFolder {
 public:
  /// Makes it under $TMPDIR (or /tmp). kIoError.
  static Result<TemporaryFolder> Make();
  ~TemporaryFolder();
  TemporaryFolder(TemporaryFolder&&) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) noexcept;
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Read-only bytes of a file, mapped; unmapped when this object dies. Truncation of the file by
/// others while mapped is not supported: files of ours are only ever replaced by rename.
class MappedFile {
 public:
  /// kNotFound when missing, kIoError otherwise. An empty file maps to an empty view.
  static Result<MappedFile> Open(const std::string& path);
  ~MappedFile();
  MappedFile(MappedFile&&) noexcept;
  MappedFile& operator=(MappedFile&&) noexcept;
  std::string_view bytes() const { return {data_, size_}; }

 private:
  MappedFile(const char* data, size_t size) : data_(data), size_(size) {}
  const char* data_ = nullptr;
  size_t size_ = 0;
};

enum class LockKind { kShared, kExclusive };

/// An advisory lock on a file (flock), held until this object dies or the process ends.
class FileLock {
 public:
  /// Takes the lock without waiting; nullopt when another process holds it. kIoError.
  static Result<std::optional<FileLock>> TryLock(const std::string& path);
  /// Takes the lock, waiting as long as others hold it; shared holders do not exclude each other.
  /// kIoError.
  static Result<FileLock> Wait(const std::string& path, LockKind kind);
  ~FileLock();
  FileLock(FileLock&&) noexcept;
  FileLock& operator=(FileLock&&) noexcept;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace millrace
