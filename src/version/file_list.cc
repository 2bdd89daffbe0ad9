#include "version/file_list.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/files.h"
#include "base/folder_walk.h"
#include "base/format.h"
#include "version/file_tree.h"

namespace millrace::version {
namespace {

const std::vector<std::string>& ExcludedNames() {
  static const std::vector<std::string> names = {".git", ".millrace"};
  return names;
}

// Returns the path below the folder, "" for the folder itself; nothing when it lies outside.
std::optional<std::string> Below(const std::string& folder, const std::string& path) {
  if (path == folder) return "";
  const std::string start = folder == "/" ? folder : folder + "/";
  if (!path.starts_with(start)) return std::nullopt;
  return path.substr(start.size());
}

std::string DiskPlace(const std::string& project_folder, const Root& root) {
  if (root.outside) return root.location;
  return root.location.empty() ? project_folder : JoinPath(project_folder, root.location);
}

Status AddRoot(const std::string& disk, const Root& root, FileList& list) {
  MILLRACE_ASSIGN_OR_RETURN(FolderWalk walk, WalkFolder(disk, ExcludedNames()));
  for (WalkedFile& file : walk.files) {
    const std::string rest = file.path.size() > disk.size() ? file.path.substr(disk.size()) : "";
    std::string path = root.name + rest;
    if (path.starts_with('/')) path = path.substr(1);
    if (!IsSafePath(path)) {
      return InvalidData(Format("{}: a name that cannot be kept", file.path))
          .WithHint("rename it: no control characters, UTF-8, at most 4,096 bytes");
    }
    list.files.push_back({std::move(path), std::move(file.path), file.state});
  }
  list.skipped.insert(list.skipped.end(), walk.skipped.begin(), walk.skipped.end());
  return {};
}

// One file may be reached through several roots.
void Settle(FileList& list) {
  std::ranges::stable_sort(list.files, {}, &ListedFile::path);
  const auto same = [](const ListedFile& a, const ListedFile& b) { return a.path == b.path; };
  list.files.erase(std::unique(list.files.begin(), list.files.end(), same), list.files.end());
}

}  // namespace

Result<FileList> ListFiles(const std::string& project_folder, std::span<const std::string> paths) {
  FileList list;
  std::set<std::string> taken;
  std::set<std::pair<bool, std::string>> named;  // outside, location
  for (const std::string& path : paths) {
    const std::string disk = AbsolutePath(JoinPath(project_folder, path));
    Root root;
    if (const auto below = Below(project_folder, disk)) {
      root.name = *below;
      root.location = *below;
    } else {
      root.outside = true;
      root.location = disk;
      root.name = BaseName(disk);
    }
    if (!named.emplace(root.outside, root.location).second) continue;
    if (root.outside && (taken.contains(root.name) || !IsSafePath(root.name))) {
      root.name = disk.substr(1);
    }
    taken.insert(root.name);
    MILLRACE_RETURN_IF_ERROR(AddRoot(disk, root, list));
    list.roots.push_back(std::move(root));
  }
  Settle(list);
  if (list.files.empty()) {
    return InvalidData(Format("{}: holds no file", paths.empty() ? "data" : paths[0]))
        .WithHint("name a file, or a folder with files in it");
  }
  return list;
}

Result<FileList> ListRoots(const std::string& project_folder, const std::vector<Root>& roots) {
  FileList list;
  list.roots = roots;
  for (const Root& root : roots) {
    const Status added = AddRoot(DiskPlace(project_folder, root), root, list);
    if (!added.ok() && added.code() != Code::kNotFound) return added;
  }
  Settle(list);
  return list;
}

ProjectPlaces::ProjectPlaces(std::string project_folder, const std::vector<Root>& roots)
    : project_folder_(std::move(project_folder)) {
  for (const Root& root : roots) {
    if (!root.outside) inside_.insert(root.name);
  }
}

std::string ProjectPlaces::Of(std::string_view path) const {
  // A root holds the file of its name and what lies in the folder of its name; "" holds all.
  std::string_view root = path;
  while (!inside_.contains(root)) {
    if (root.empty()) return "";
    const size_t slash = root.rfind('/');
    root = root.substr(0, slash == root.npos ? 0 : slash);
  }
  return JoinPath(project_folder_, path);
}

}  // namespace millrace::version
