// CI/CD for a project: the workflow that checks its data, trains, gates and keeps report and
// bundle, as a file for GitHub Actions or GitLab CI. Pure text from the specification; the same
// specification gives the same bytes.

#pragma once

#include <string>

#include "base/result.h"
#include "spec/spec.h"
#include "store/project.h"

namespace millrace::operate {

struct WorkflowOptions {
  /// The project's folder within the repository: ".", "models/churn".
  std::string folder = ".";
};

/// Returns the text of .github/workflows/millrace.yml.
std::string GithubWorkflow(const spec::Spec& spec, const WorkflowOptions& options);
/// Returns the text of .gitlab-ci.yml.
std::string GitlabPipeline(const spec::Spec& spec, const WorkflowOptions& options);

enum class WorkflowKind { kGithub, kGitlab };
enum class Overwrite { kRefuse, kReplace };

/// Writes the file to its place in the repository that holds the project (the nearest folder upward
/// with .git, else the project's own) and returns its path. A file that is there with other content
/// is kInvalidSpec unless it may be replaced. kIoError.
Result<std::string> ExportWorkflow(const spec::Spec& spec, const store::Project& project,
                                   WorkflowKind kind, Overwrite overwrite);

}  // namespace millrace::operate
