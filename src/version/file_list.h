// FileList: the files that a version is made of, as they lie on disk now.

#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_stream.h"
#include "base/result.h"
#include "version/manifest.h"

namespace millrace::version {

struct ListedFile {
  std::string path;  // in the list of files of a version
  std::string disk;  // absolute
  FileState state;
};

struct FileList {
  std::vector<Root> roots;
  std::vector<ListedFile> files;     // sorted by path, no path twice
  std::vector<std::string> skipped;  // links to folders, pipes, ...: left out
};

/// Lists files and folders named by the user, relative to `project_folder` (absolute) or absolute.
/// Folders are entered but for .git and .millrace. A path outside of the project goes by its last
/// name, by all of it when that is taken. kNotFound for a missing path; kInvalidData for a name
/// that no other system could take (control characters, no UTF-8) and for no file at all.
Result<FileList> ListFiles(const std::string& project_folder, std::span<const std::string> paths);

/// Lists the roots of a version again; what is missing is left out, however much.
Result<FileList> ListRoots(const std::string& project_folder, const std::vector<Root>& roots);

/// Where files of a version belong on disk. A value.
class ProjectPlaces {
 public:
  ProjectPlaces(std::string project_folder, const std::vector<Root>& roots);
  /// Returns the place of a file, or "" when no root of the project holds it: files from outside
  /// are only ever restored elsewhere.
  std::string Of(std::string_view path) const;

 private:
  std::string project_folder_;
  std::set<std::string, std::less<>> inside_;  // names of roots; inside, they are places too
};

}  // namespace millrace::version
