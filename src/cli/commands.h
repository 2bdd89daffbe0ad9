// The functions of the commands, one file each.

#pragma once

#include "cli/command.h"

namespace millrace::cli {

Status RunBundleDiff(CommandContext& context);
Status RunBundleShow(CommandContext& context);
Status RunBundleVerify(CommandContext& context);
Status RunCompletion(CommandContext& context);
Status RunDataProfile(CommandContext& context);
Status RunSpecCheck(CommandContext& context);
Status RunSpecSchema(CommandContext& context);
Status RunVersion(CommandContext& context);

}  // namespace millrace::cli
