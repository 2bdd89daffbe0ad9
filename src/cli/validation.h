// Validation: what `data validate` does the same way with a project and without one.

#pragma once

#include <string>

#include "base/result.h"
#include "cli/command.h"
#include "report/document.h"

namespace millrace::cli {

/// Checks the files that the command names against the checks of a file (--checks): no project is
/// needed, and none is looked at. Errors of spec::ReadChecks and data::CheckFile; kGateNotMet.
Status ValidateAlone(CommandContext& context);

/// Writes what CI systems and people read of a validation, where the flags ask for it, and returns
/// kGateNotMet naming the blocking checks that are not met. `question`: for the page.
Status EndValidation(const CommandContext& context, const std::string& question,
                     const report::Section& section);

}  // namespace millrace::cli
