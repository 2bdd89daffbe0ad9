// Newest artefact: what the newest run with a data version left under a name.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "pipeline/run.h"

namespace millrace::cli {

/// Returns the content of an artefact of the newest run with a data version; empty where that run
/// has none of this name. kNotFound when no run has come so far.
Result<std::string> NewestArtefact(const pipeline::Workspace& workspace, std::string_view wanted);

}  // namespace millrace::cli
