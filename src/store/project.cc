#include "store/project.h"

#include <utility>

#include "base/format.h"
#include "base/process.h"
#include "json/text.h"

namespace millrace::store {
namespace {

Status MakeState(const std::string& folder) {
  const std::string state = JoinPath(folder, ".millrace");
  if (IsFolder(state)) return Status();
  MILLRACE_RETURN_IF_ERROR(MakeFolders(state));
  return SyncFolder(folder);
}

Status Taken(const Project& project) {
  // The holder may be writing its line just now: say what can be read.
  std::string holder = "another command";
  const auto text = ReadFile(project.lock_path());
  const auto document =
      text.ok() ? json::Parse(*text, "lock") : Result<json::Json>(NotFound("lock"));
  if (document.ok()) {
    holder = Format("`{}`, process {}", (*document)["command"].AsString(),
                    (*document)["process"].AsInteger());
  }
  return Unavailable(Format("{}: is in use by {}", project.folder(), holder))
      .WithHint("wait for it to finish, or stop it");
}

}  // namespace

Result<Project> Project::Open(const std::string& folder) {
  const std::string absolute = AbsolutePath(folder);
  if (!IsFolder(absolute)) {
    return NotFound(Format("{}: there is no such folder", absolute))
        .WithHint("`millrace new` makes a project");
  }
  const bool spec = FileExists(JoinPath(absolute, "millrace.yaml"));
  const bool state = IsFolder(JoinPath(absolute, ".millrace"));
  if (!spec && !state) {
    return NotFound(Format("{}: is no project: there is no millrace.yaml", absolute))
        .WithHint("`millrace new` makes one; -C names another folder");
  }
  MILLRACE_RETURN_IF_ERROR(MakeState(absolute));
  return Project(absolute);
}

Result<Project> Project::Create(const std::string& folder) {
  const std::string absolute = AbsolutePath(folder);
  MILLRACE_RETURN_IF_ERROR(MakeFolders(absolute));
  MILLRACE_RETURN_IF_ERROR(MakeState(absolute));
  return Project(absolute);
}

Result<ProjectLock> ProjectLock::Take(const Project& project, std::string_view command) {
  MILLRACE_ASSIGN_OR_RETURN(std::optional<FileLock> lock, FileLock::TryLock(project.lock_path()));
  if (!lock) return Taken(project);
  // Written in place: a rename would leave the lock on a file that nobody sees.
  const json::Json holder = json::Json::Of({{"process", CurrentProcessId()}, {"command", command}});
  MILLRACE_RETURN_IF_ERROR(WriteFile(project.lock_path(), json::Write(holder) + "\n"));
  return ProjectLock(std::move(*lock));
}

}  // namespace millrace::store
