#include "base/file_range.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/file_error.h"
#include "base/format.h"

namespace millrace {
namespace {

Status RangeError(const std::string& path, int error) {
  if (error == ENOENT || error == ENOTDIR) return NotFound(Format("{}: no such file", path));
  return FileError(path, "cannot be read", error);
}

}  // namespace

Result<std::string> ReadFileRange(const std::string& path, int64_t offset, int64_t max_bytes) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return RangeError(path, errno);
  struct stat info {};
  int error = fstat(descriptor, &info) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(info.st_mode)) error = EISDIR;
  std::string bytes;
  if (error == 0) {
    const int64_t there = std::max<int64_t>(0, info.st_size - offset);
    bytes.resize(static_cast<size_t>(std::min(there, max_bytes)));
  }
  size_t filled = 0;
  while (error == 0 && filled < bytes.size()) {
    const ssize_t got = pread(descriptor, bytes.data() + filled, bytes.size() - filled,
                              static_cast<off_t>(offset) + static_cast<off_t>(filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    filled += static_cast<size_t>(got);
  }
  close(descriptor);
  if (error != 0) return RangeError(path, error);
  bytes.resize(filled);
  return bytes;
}

}  // namespace millrace
