#include "base/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/format.h"

namespace millrace {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// One folder; names of folders in it are added to `open`.
Status WalkOne(const std::string& folder, const std::vector<std::string>& excluded_names,
               std::vector<std::string>& open, FolderWalk& walk) {
  const std::unique_ptr<DIR, CloseFolder> entries(opendir(folder.c_str()));
  if (!entries) {
    return IoError(Format("{}: cannot be listed: {}", folder, std::strerror(errno)))
        .WithHint("check the owner and permissions of this folder");
  }
  while (true) {
    errno = 0;
    const dirent* entry = readdir(entries.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    std::string path = JoinPath(folder, name);
    struct stat info {};
    // By the open folder: the system does not look up the whole path for each entry.
    const int at = dirfd(entries.get());
    if (fstatat(at, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;  // gone meanwhile
    if (S_ISDIR(info.st_mode)) {
      if (std::ranges::find(excluded_names, name) == excluded_names.end()) open.push_back(path);
      continue;
    }
    const bool there = !S_ISLNK(info.st_mode) || fstatat(at, entry->d_name, &info, 0) == 0;
    if (there && S_ISREG(info.st_mode)) {
      walk.files.push_back({std::move(path), FileStateFrom(info)});
    } else {
      walk.skipped.push_back(std::move(path));
    }
  }
  if (errno != 0) {
    return IoError(Format("{}: cannot be listed: {}", folder, std::strerror(errno)));
  }
  return {};
}

}  // namespace

Result<FolderWalk> WalkFolder(const std::string& root,
                              const std::vector<std::string>& excluded_names) {
  FolderWalk walk;
  if (!IsFolder(root)) {
    MILLRACE_ASSIGN_OR_RETURN(const FileState state, FileStateOf(root));
    walk.files.push_back({root, state});
    return walk;
  }
  std::vector<std::string> open = {root};
  while (!open.empty()) {
    const std::string folder = std::move(open.back());
    open.pop_back();
    MILLRACE_RETURN_IF_ERROR(WalkOne(folder, excluded_names, open, walk));
  }
  std::ranges::sort(walk.files, {}, &WalkedFile::path);
  std::ranges::sort(walk.skipped);
  return walk;
}

}  // namespace millrace
