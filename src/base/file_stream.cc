#include "base/file_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/digest.h"
#include "base/file_error.h"
#include "base/files.h"
#include "base/format.h"

namespace millrace {
namespace {

int64_t NanosOf(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + int64_t{time.tv_nsec};
}

int ClosedOnce(int& descriptor) {
  const int open_one = std::exchange(descriptor, -1);
  return open_one < 0 ? 0 : close(open_one);
}

mode_t ModeBits(FileWriter::Mode mode) {
  return mode == FileWriter::Mode::kExecutable ? 0755 : 0644;
}

}  // namespace

FileState FileStateFrom(const struct stat& info) {
  return FileState{.size_bytes = int64_t{info.st_size},
                   .modified_nanos = NanosOf(info.st_mtim),
                   .changed_nanos = NanosOf(info.st_ctim),
                   .inode = uint64_t{info.st_ino},
                   .executable = (info.st_mode & S_IXUSR) != 0};
}

Result<FileState> FileStateOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return FileError(path, "cannot be examined", errno);
  if (!S_ISREG(info.st_mode)) return IoError(Format("{}: is not a file", path));
  return FileStateFrom(info);
}

Result<FileReader> FileReader::Open(const std::string& path) {
  // Without O_NONBLOCK a named pipe would wait for a writer for ever.
  const int opened = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (opened < 0) return FileError(path, "cannot be opened", errno);
  FileReader reader(path, opened);
  struct stat info {};
  if (fstat(opened, &info) != 0) return FileError(path, "cannot be examined", errno);
  if (!S_ISREG(info.st_mode)) return IoError(Format("{}: is not a file", path));
  return reader;
}

FileReader::~FileReader() { ClosedOnce(descriptor_); }

FileReader::FileReader(FileReader&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

FileReader& FileReader::operator=(FileReader&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Result<int64_t> FileReader::Append(std::string& buffer, int64_t limit) {
  const size_t start = buffer.size();
  buffer.resize(start + static_cast<size_t>(limit));
  size_t filled = start;
  while (filled < buffer.size()) {
    const ssize_t got = read(descriptor_, buffer.data() + filled, buffer.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(path_, "cannot be read", errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  buffer.resize(filled);
  return static_cast<int64_t>(filled - start);
}

Result<FileWriter> FileWriter::Open(const std::string& path, Mode mode) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string suffix, RandomHex(6));
  std::string temporary = JoinPath(FolderName(path), Format(".{}.tmp", suffix));
  const int opened =
      open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ModeBits(mode));
  if (opened < 0) return FileError(path, "cannot be opened for writing", errno);
  return FileWriter(path, std::move(temporary), opened);
}

FileWriter::~FileWriter() {
  ClosedOnce(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

FileWriter::FileWriter(FileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)) {}

FileWriter& FileWriter::operator=(FileWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

Status FileWriter::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FileError(path_, "cannot be written", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status FileWriter::Commit() {
  if (ClosedOnce(descriptor_) != 0 && errno != EINTR) {
    return FileError(path_, "cannot be written", errno);
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0) {
    return FileError(path_, "cannot be replaced", errno);
  }
  temporary_.clear();
  return {};
}

Status SetExecutable(const std::string& path, FileWriter::Mode mode) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return FileError(path, "cannot be examined", errno);
  mode_t bits = info.st_mode & 07777 & ~mode_t{0111};
  // Who may read may execute: as an ordinary mask would have made it.
  if (mode == FileWriter::Mode::kExecutable) bits |= (bits & 0444) >> 2;
  if (chmod(path.c_str(), bits) != 0) {
    return FileError(path, "permissions cannot be changed", errno);
  }
  return {};
}

}  // namespace millrace
