#include "base/file_error.h"

#include <cerrno>
#include <cstring>

#include "base/format.h"

namespace millrace {

Status FileError(const std::string& path, std::string_view what, int error) {
  const std::string message = Format("{}: {}: {}", path, what, std::strerror(error));
  switch (error) {
    case ENOENT:
      return NotFound(message);
    case ENOSPC:
    case EDQUOT:
      return ResourceExhausted(message).WithHint("free some disk space and run the command again");
    case EFBIG:
      return ResourceExhausted(message).WithHint("raise the limit on the size of files");
    case EMFILE:
    case ENFILE:
      return ResourceExhausted(message).WithHint("raise the limit on open files");
    case EACCES:
    case EPERM:
    case EROFS:
      return IoError(message).WithHint("check the owner and permissions of this path");
    default:
      return IoError(message);
  }
}

Status WriteError(const std::string& path, std::string_view what, int error) {
  if (error == ENOENT || error == ENOTDIR) {
    return IoError(Format("{}: {}: {}", path, what, std::strerror(error)))
        .WithHint("the folder must exist");
  }
  return FileError(path, what, error);
}

}  // namespace millrace
