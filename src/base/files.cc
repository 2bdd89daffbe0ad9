#include "base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/digest.h"
#include "base/file_error.h"
#include "base/format.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

/// An open file descriptor, closed when this object dies.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return value_; }
  int Release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

Result<Descriptor> OpenFile(const std::string& path, int flags) {
  while (true) {
    const int opened = open(path.c_str(), flags | O_CLOEXEC, 0644);
    if (opened >= 0) return Descriptor(opened);
    if (errno == EINTR) continue;
    const bool writes = (flags & O_ACCMODE) != O_RDONLY;
    return writes ? WriteError(path, "cannot be opened for writing", errno)
                  : FileError(path, "cannot be opened", errno);
  }
}

Status WriteAll(const Descriptor& file, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = write(file.get(), content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteError(path, "cannot be written", errno);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return Status();
}

Status SyncDescriptor(const Descriptor& file, const std::string& path) {
  if (fsync(file.get()) != 0) return WriteError(path, "cannot be synced", errno);
  return Status();
}

// close() reports delayed write errors (quota, network file systems).
Status CloseChecked(Descriptor file, const std::string& path) {
  if (close(file.Release()) != 0 && errno != EINTR) {
    return WriteError(path, "cannot be written", errno);
  }
  return Status();
}

Result<std::string> TemporaryNameFor(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string suffix, RandomHex(6));
  return JoinPath(FolderName(path), Format(".{}.{}.tmp", BaseName(path), suffix));
}

/// Removes a file when it dies, unless kept.
class RemoveOnFailure {
 public:
  explicit RemoveOnFailure(std::string path) : path_(std::move(path)) {}
  ~RemoveOnFailure() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  RemoveOnFailure(RemoveOnFailure&&) = delete;
  RemoveOnFailure& operator=(RemoveOnFailure&&) = delete;
  void Keep() { path_.clear(); }

 private:
  std::string path_;
};

Status CopyBytes(const Descriptor& input, const std::string& from, const Descriptor& output,
                 const std::string& to) {
  std::string buffer(size_t{1} << 20, '\0');
  while (true) {
    const ssize_t got = read(input.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(from, "cannot be read", errno);
    if (got == 0) return Status();
    MILLRACE_RETURN_IF_ERROR(
        WriteAll(output, to, std::string_view(buffer).substr(0, static_cast<size_t>(got))));
  }
}

Status WriteWithFlags(const std::string& path, std::string_view content, int flags) {
  MILLRACE_ASSIGN_OR_RETURN(Descriptor file, OpenFile(path, O_WRONLY | O_CREAT | flags));
  MILLRACE_RETURN_IF_ERROR(WriteAll(file, path, content));
  return CloseChecked(std::move(file), path);
}

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const Descriptor file, OpenFile(path, O_RDONLY));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return FileError(path, "cannot be read", errno);
  if (S_ISDIR(info.st_mode)) return IoError(Format("{}: is a folder, not a file", path));
  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t filled = 0;
  while (true) {
    if (filled == content.size()) content.resize(content.size() + 4096);
    const ssize_t got = read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(path, "cannot be read", errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  content.resize(filled);
  return content;
}

Status WriteFileAtomic(const std::string& path, std::string_view content) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string temporary, TemporaryNameFor(path));
  MILLRACE_ASSIGN_OR_RETURN(Descriptor file, OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL));
  RemoveOnFailure guard(temporary);
  MILLRACE_RETURN_IF_ERROR(WriteAll(file, path, content));
  MILLRACE_RETURN_IF_ERROR(SyncDescriptor(file, path));
  MILLRACE_RETURN_IF_ERROR(CloseChecked(std::move(file), path));
  MILLRACE_RETURN_IF_ERROR(RenameFile(temporary, path));
  guard.Keep();
  return Status();
}

Status WriteFile(const std::string& path, std::string_view content) {
  return WriteWithFlags(path, content, O_TRUNC);
}

Status AppendFile(const std::string& path, std::string_view content) {
  return WriteWithFlags(path, content, O_APPEND);
}

Status CopyFileAtomic(const std::string& from, const std::string& to) {
  MILLRACE_ASSIGN_OR_RETURN(const Descriptor input, OpenFile(from, O_RDONLY));
  MILLRACE_ASSIGN_OR_RETURN(const std::string temporary, TemporaryNameFor(to));
  MILLRACE_ASSIGN_OR_RETURN(Descriptor output, OpenFile(temporary, O_WRONLY | O_CREAT | O_EXCL));
  RemoveOnFailure guard(temporary);
  MILLRACE_RETURN_IF_ERROR(CopyBytes(input, from, output, to));
  MILLRACE_RETURN_IF_ERROR(SyncDescriptor(output, to));
  MILLRACE_RETURN_IF_ERROR(CloseChecked(std::move(output), to));
  MILLRACE_RETURN_IF_ERROR(RenameFile(temporary, to));
  guard.Keep();
  return Status();
}

Status MakeFolders(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return WriteError(path, "folder cannot be made", error.value());
  if (!IsFolder(path)) return IoError(Format("{}: exists and is not a folder", path));
  return Status();
}

Status RenameFile(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) != 0) {
    return FileError(from, Format("cannot be renamed to {}", to), errno);
  }
  return SyncFolder(FolderName(to));
}

Status TouchFile(const std::string& path) {
  if (utimensat(AT_FDCWD, path.c_str(), nullptr, 0) != 0) {
    return FileError(path, "cannot be touched", errno);
  }
  return Status();
}

Status SyncFile(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const Descriptor file, OpenFile(path, O_RDONLY));
  return SyncDescriptor(file, path);
}

Status SyncFolder(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const Descriptor folder, OpenFile(path, O_RDONLY | O_DIRECTORY));
  // Some file systems cannot sync a folder (EINVAL): they order renames themselves.
  if (fsync(folder.get()) != 0 && errno != EINVAL) {
    return WriteError(path, "cannot be synced", errno);
  }
  return Status();
}

Status RemoveAll(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error && error.value() != ENOENT) {
    return FileError(path, "cannot be removed", error.value());
  }
  return Status();
}

bool FileExists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

bool IsFolder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

Result<int64_t> FileSize(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return FileError(path, "cannot be examined", errno);
  return int64_t{info.st_size};
}

Result<int64_t> FileModifiedMicros(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return FileError(path, "cannot be examined", errno);
  return int64_t{info.st_mtim.tv_sec} * 1'000'000 + info.st_mtim.tv_nsec / 1000;
}

Result<Digest> FileDigest(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const Descriptor input, OpenFile(path, O_RDONLY));
  Sha256 sha;
  std::string buffer(size_t{1} << 20, '\0');
  while (true) {
    const ssize_t count = read(input.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return FileError(path, "cannot be read", errno);
    if (count == 0) return sha.Finish();
    sha.Update(std::string_view(buffer).substr(0, static_cast<size_t>(count)));
  }
}

Result<std::vector<std::string>> ListFolder(const std::string& path) {
  std::error_code error;
  fs::directory_iterator entries(path, error);
  if (error) return FileError(path, "cannot be listed", error.value());
  std::vector<std::string> names;
  while (entries != fs::directory_iterator()) {
    names.push_back(entries->path().filename().string());
    entries.increment(error);
    if (error) return FileError(path, "cannot be listed", error.value());
  }
  std::ranges::sort(names);
  return names;
}

std::string JoinPath(std::string_view folder, std::string_view name) {
  if (folder.empty() || name.starts_with('/')) return std::string(name);
  if (name.empty()) return std::string(folder);
  std::string path(folder);
  if (!path.ends_with('/')) path += '/';
  return path.append(name);
}

std::string BaseName(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || path == "/") return std::string(path);
  return std::string(path.substr(slash + 1));
}

std::string FolderName(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

std::string AbsolutePath(const std::string& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  std::string text = (error ? fs::path(path) : absolute).lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

Result<TemporaryFolder> TemporaryFolder::Make() {
  const char* chosen = std::getenv("TMPDIR");
  const std::string parent = chosen != nullptr && *chosen != '\0' ? chosen : "/tmp";
  std::string pattern = JoinPath(parent, "millrace-XXXXXX");
  if (mkdtemp(pattern.data()) == nullptr) {
    return WriteError(parent, "temporary folder cannot be made", errno);
  }
  return TemporaryFolder(std::move(pattern));
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  // Nothing to be done about a folder that cannot be removed in a destructor.
  static_cast<void>(RemoveAll(path_));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryFolder& TemporaryFolder::operator=(TemporaryFolder&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

Result<MappedFile> MappedFile::Open(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(const Descriptor file, OpenFile(path, O_RDONLY));
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return FileError(path, "cannot be read", errno);
  if (!S_ISREG(info.st_mode)) return IoError(Format("{}: is not a file", path));
  const auto size = static_cast<size_t>(info.st_size);
  if (size == 0) return MappedFile(nullptr, 0);
  void* mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapped == MAP_FAILED) return FileError(path, "cannot be mapped", errno);
  return MappedFile(static_cast<const char*>(mapped), size);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

Result<std::optional<FileLock>> FileLock::TryLock(const std::string& path) {
  MILLRACE_ASSIGN_OR_RETURN(Descriptor file, OpenFile(path, O_RDWR | O_CREAT));
  while (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) return std::optional<FileLock>();
    return WriteError(path, "cannot be locked", errno);
  }
  return std::optional<FileLock>(FileLock(file.Release()));
}

Result<FileLock> FileLock::Wait(const std::string& path, LockKind kind) {
  MILLRACE_ASSIGN_OR_RETURN(Descriptor file, OpenFile(path, O_RDWR | O_CREAT));
  while (flock(file.get(), kind == LockKind::kShared ? LOCK_SH : LOCK_EX) != 0) {
    if (errno != EINTR) return WriteError(path, "cannot be locked", errno);
  }
  return FileLock(file.Release());
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace millrace
