// The functions of the commands, one file per command or group.

#pragma once

#include "cli/command.h"

namespace millrace::cli {

Status RunBundleDiff(CommandContext& context);
Status RunBundleShow(CommandContext& context);
Status RunBundleVerify(CommandContext& context);
Status RunCard(CommandContext& context);
Status RunCompletion(CommandContext& context);
Status RunDataProfile(CommandContext& context);
Status RunPredict(CommandContext& context);
Status RunServe(CommandContext& context);
Status RunSpecCheck(CommandContext& context);
Status RunSpecReference(CommandContext& context);
Status RunSpecSchema(CommandContext& context);
Status RunVersion(CommandContext& context);

}  // namespace millrace::cli
