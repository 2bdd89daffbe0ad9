// Run result: what a run measured, in the words of its report, for a terminal and as JSON.

#pragma once

#include <string>

#include "cli/command.h"
#include "json/value.h"
#include "pipeline/run.h"

namespace millrace::cli {

/// Writes the end of a run: the checkpoint of the last phase and every check elsewhere that is not
/// met, the success criteria, the report's path, and for a served model its URL with a curl command
/// that works when pasted.
void PrintRun(const pipeline::RunOutcome& outcome, CommandContext& context);

/// Returns the same for --json.
json::Json RunJson(const pipeline::RunOutcome& outcome, const CommandContext& context);

/// Returns kGateNotMet naming the checks when the run ended at one, else ok.
Status RunVerdict(const pipeline::RunOutcome& outcome);

/// Returns the command that asks the served model one question; empty when nothing is served.
std::string CurlOf(const pipeline::RunOutcome& outcome, const CommandContext& context);

}  // namespace millrace::cli
