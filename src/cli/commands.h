// The functions of the commands, one file per command or group.

#pragma once

#include "cli/command.h"

namespace millrace::cli {

Status RunAudit(CommandContext& context);
Status RunBundleDiff(CommandContext& context);
Status RunBundleShow(CommandContext& context);
Status RunBundleVerify(CommandContext& context);
Status RunCard(CommandContext& context);
Status RunCompletion(CommandContext& context);
Status RunDataProfile(CommandContext& context);
Status RunDataQuality(CommandContext& context);
Status RunDataQuarantine(CommandContext& context);
Status RunDataFollow(CommandContext& context);
Status RunDataValidate(CommandContext& context);
Status RunDataSuggest(CommandContext& context);
Status RunDataAdd(CommandContext& context);
Status RunDataStatus(CommandContext& context);
Status RunDataDiff(CommandContext& context);
Status RunDataCheckout(CommandContext& context);
Status RunDataTag(CommandContext& context);
Status RunDataVersions(CommandContext& context);
Status RunDeploy(CommandContext& context);
Status RunDown(CommandContext& context);
Status RunEvaluate(CommandContext& context);
Status RunExample(CommandContext& context);
Status RunExperimentStart(CommandContext& context);
Status RunExperimentStatus(CommandContext& context);
Status RunExperimentStop(CommandContext& context);
Status RunExportGithub(CommandContext& context);
Status RunExportGitlab(CommandContext& context);
Status RunExportKubernetes(CommandContext& context);
Status RunExportOci(CommandContext& context);
Status RunGc(CommandContext& context);
Status RunGuide(CommandContext& context);
Status RunMonitor(CommandContext& context);
Status RunNew(CommandContext& context);
Status RunPlan(CommandContext& context);
Status RunPredict(CommandContext& context);
Status RunPromote(CommandContext& context);
Status RunReplay(CommandContext& context);
Status RunReport(CommandContext& context);
Status RunRetrain(CommandContext& context);
Status RunRollback(CommandContext& context);
Status RunRun(CommandContext& context);
Status RunServe(CommandContext& context);
Status RunSpecCheck(CommandContext& context);
Status RunSpecReference(CommandContext& context);
Status RunSpecSchema(CommandContext& context);
Status RunStatus(CommandContext& context);
Status RunTrain(CommandContext& context);
Status RunTrainProject(CommandContext& context);
Status RunUp(CommandContext& context);
Status RunVersion(CommandContext& context);

}  // namespace millrace::cli
