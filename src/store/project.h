// Project: the folder that a user works in, and where everything lies in it.
//
//     churn/millrace.yaml  reports/<run>/  .millrace/{objects,catalog.sqlite,logs,deployment.json}

#pragma once

#include <string>
#include <string_view>

#include "base/files.h"
#include "base/result.h"

namespace millrace::store {

class Project {
 public:
  /// Opens a project folder: one that holds millrace.yaml or .millrace. kNotFound with a hint
  /// otherwise. Makes nothing but the .millrace folder.
  static Result<Project> Open(const std::string& folder);
  /// Makes the folder where needed, and .millrace in it. An existing project is no error.
  static Result<Project> Create(const std::string& folder);

  /// All paths are absolute.
  const std::string& folder() const { return folder_; }
  std::string spec_path() const { return JoinPath(folder_, "millrace.yaml"); }
  std::string state_folder() const { return JoinPath(folder_, ".millrace"); }
  std::string objects_folder() const { return JoinPath(state_folder(), "objects"); }
  std::string catalog_path() const { return JoinPath(state_folder(), "catalog.sqlite"); }
  std::string logs_folder() const { return JoinPath(state_folder(), "logs"); }
  std::string deployment_path() const { return JoinPath(state_folder(), "deployment.json"); }
  std::string lock_path() const { return JoinPath(state_folder(), "lock"); }
  std::string reports_folder() const { return JoinPath(folder_, "reports"); }
  std::string ReportFolder(std::string_view run) const { return JoinPath(reports_folder(), run); }
  /// Returns a path as given by the user, relative to the project folder unless absolute.
  std::string Resolve(std::string_view path) const { return JoinPath(folder_, path); }

 private:
  explicit Project(std::string folder) : folder_(std::move(folder)) {}
  std::string folder_;
};

/// The right to write to a project: one command at a time. Given up when this object dies or the
/// process ends, however it ends.
class ProjectLock {
 public:
  /// Takes the lock without waiting. kUnavailable naming command and process of the holder when it
  /// is taken. `command` is what the next one is told: "millrace run".
  static Result<ProjectLock> Take(const Project& project, std::string_view command);

 private:
  explicit ProjectLock(FileLock lock) : lock_(std::move(lock)) {}
  FileLock lock_;
};

}  // namespace millrace::store
