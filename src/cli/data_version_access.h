// How the commands on data versions open a project. Internal to the folder.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"
#include "pipeline/run.h"
#include "version/data_versions.h"

namespace millrace::cli {

/// Returns what the functions of version/ work on. The workspace is borrowed.
Result<version::VersionStore> VersionsOf(const CommandContext& context,
                                         const pipeline::Workspace& workspace);

/// Returns the list of files of a version.
Result<version::FileTree> TreeOf(const version::VersionStore& versions,
                                 const version::DataVersion& named);

/// Returns how a version is named in a sentence: "version 3 (3f9c21ab)".
std::string NameOfVersion(const version::DataVersion& named);

}  // namespace millrace::cli
