// File streams: files that are read and written piece by piece, in bounded memory.
//
// Thread safety: one thread at a time per object.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

struct stat;

namespace millrace {

/// What the system says of a regular file.
struct FileState {
  int64_t size_bytes = 0;
  int64_t modified_nanos = 0;  // since the epoch: of the content
  int64_t changed_nanos = 0;   // of the content, permissions, names or owner
  uint64_t inode = 0;
  bool executable = false;  // by its owner
  friend bool operator==(const FileState&, const FileState&) = default;
};
/// Returns the same from what the system said of a regular file.
FileState FileStateFrom(const struct stat& info);
/// Examines a file, symbolic links followed. kNotFound when missing, kIoError when it is no
/// regular file.
Result<FileState> FileStateOf(const std::string& path);

class FileReader {
 public:
  /// kNotFound, kIoError; a folder or device is kIoError.
  static Result<FileReader> Open(const std::string& path);
  ~FileReader();
  FileReader(FileReader&&) noexcept;
  FileReader& operator=(FileReader&&) noexcept;

  /// Appends up to `limit` bytes to `buffer` and returns how many; fewer only at the end of the
  /// file. Safe while others write to the file. kIoError.
  Result<int64_t> Append(std::string& buffer, int64_t limit);

 private:
  FileReader(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  std::string path_;
  int descriptor_ = -1;
};

/// Writes a file under a temporary name in its folder and gives it its name at the end: a reader
/// sees the old or the new content. Unless committed, nothing is left.
class FileWriter {
 public:
  enum class Mode { kPlain, kExecutable };
  /// The folder must exist. kIoError.
  static Result<FileWriter> Open(const std::string& path, Mode mode);
  ~FileWriter();
  FileWriter(FileWriter&&) noexcept;
  FileWriter& operator=(FileWriter&&) noexcept;

  /// kIoError, kResourceExhausted when the disk is full.
  Status Write(std::string_view bytes);
  /// Replaces `path`. Not synced: for files that can be made again.
  Status Commit();

 private:
  FileWriter(std::string path, std::string temporary, int descriptor)
      : path_(std::move(path)), temporary_(std::move(temporary)), descriptor_(descriptor) {}
  std::string path_;
  std::string temporary_;  // empty: nothing to remove
  int descriptor_ = -1;
};

/// Gives or takes the right to execute, to all who may read, as far as the process's mask lets.
Status SetExecutable(const std::string& path, FileWriter::Mode mode);

}  // namespace millrace
