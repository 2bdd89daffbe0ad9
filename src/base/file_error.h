// What a failed call to the operating system about a file means: one table of codes and hints for
// all of base. Internal to base.

#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace millrace {

/// Returns "path: what: the system's words" for an `errno`: kNotFound (ENOENT), kResourceExhausted
/// (disk, quota, size of a file, open files), kIoError otherwise, with what to do where it is
/// known.
Status FileError(const std::string& path, std::string_view what, int error);
/// As FileError; for writing, where a missing folder is kIoError: not a name that does not exist.
Status WriteError(const std::string& path, std::string_view what, int error);

}  // namespace millrace
