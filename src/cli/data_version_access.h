// How the commands on data versions open a project. Internal to the folder.

#pragma once

#include <string>
#include <string_view>

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

/// Returns the list of files as they are now; the index of file states is read and written.
Result<version::FileTree> TreeOnDisk(const CommandContext& context,
                                     const version::VersionStore& versions,
                                     const version::FileList& files);

/// Returns "added", "removed" or "changed".
std::string_view SignOf(version::ChangeKind kind);

/// Returns how a version is named in a sentence: "version 3 (3f9c21ab)".
std::string NameOfVersion(const version::DataVersion& named);

}  // namespace millrace::cli
