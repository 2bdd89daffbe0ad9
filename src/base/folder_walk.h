// Folder walk: every regular file below a folder, with what the system says of it.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file_stream.h"
#include "base/result.h"

namespace millrace {

struct WalkedFile {
  std::string path;  // as `root` was given, joined with the names below it
  FileState state;
};

struct FolderWalk {
  std::vector<WalkedFile> files;  // sorted by path, byte by byte
  /// Left out: links to folders (they may lead in circles), links that lead nowhere, pipes,
  /// sockets, devices.
  std::vector<std::string> skipped;
};

/// Walks over `root`: a folder, or one file. Folders with one of `excluded_names` are not entered;
/// links to files are followed. kNotFound when `root` is missing; kIoError when a folder cannot be
/// listed. Cost: one call to the system per entry, two per
/// link.
Result<FolderWalk> WalkFolder(const std::string& root,
                              const std::vector<std::string>& excluded_names);

}  // namespace millrace
