// Phases 5 and 6 as steps.

#include <utility>

#include "pipeline/phase_step.h"

namespace millrace::pipeline {
namespace {

using json::Json;

class DeployStep final : public PhaseStep {
 public:
  DeployStep(Workspace& workspace, const RunOptions& options)
      : workspace_(workspace), actor_(options.actor), server_program_(options.server_program) {}

  int number() const override { return 5; }
  std::string_view name() const override { return "deploy"; }
  Result<std::optional<Digest>> Key(const PhaseContext&) const override {
    return std::optional<Digest>();
  }
  Result<Json> Run(const PhaseContext& context) override {
    MILLRACE_ASSIGN_OR_RETURN(const deploy::DeployRecord record,
                              deploy::RunDeploy({.spec = context.spec,
                                                 .project = workspace_.project,
                                                 .objects = workspace_.objects,
                                                 .catalog = *workspace_.catalog,
                                                 .clock = context.clock,
                                                 .progress = context.progress,
                                                 .bundle_object = context.evaluate->bundle_object,
                                                 .server_program = server_program_,
                                                 .actor = actor_}));
    new_token_ = record.new_token;
    return ToJson(record);
  }
  Result<PhaseTraces> Accept(PhaseContext& context, const Json& record) const override {
    MILLRACE_ASSIGN_OR_RETURN(context.deploy, deploy::DeployRecordFromJson(record));
    context.deploy->new_token = new_token_;
    PhaseTraces traces;
    traces.section = context.deploy->section;
    traces.metrics = {{.run = "",
                       .name = "staging.latency_p50_ms",
                       .value = context.deploy->validation.latency_p50_ms},
                      {.run = "",
                       .name = "staging.latency_p99_ms",
                       .value = context.deploy->validation.latency_p99_ms}};
    return traces;
  }

 private:
  Workspace& workspace_;
  std::string actor_;
  std::string server_program_;
  std::string new_token_;  // in memory only: a record never holds it
};

class OperateStep final : public PhaseStep {
 public:
  explicit OperateStep(Workspace& workspace) : workspace_(workspace) {}

  int number() const override { return 6; }
  std::string_view name() const override { return "operate"; }
  Result<std::optional<Digest>> Key(const PhaseContext&) const override {
    return std::optional<Digest>();
  }
  Result<Json> Run(const PhaseContext& context) override {
    MILLRACE_ASSIGN_OR_RETURN(const operate::OperateRecord record,
                              operate::RunOperate({.spec = context.spec,
                                                   .project = workspace_.project,
                                                   .objects = workspace_.objects,
                                                   .catalog = *workspace_.catalog,
                                                   .clock = context.clock,
                                                   .progress = context.progress}));
    return ToJson(record);
  }
  Result<PhaseTraces> Accept(PhaseContext& context, const Json& record) const override {
    MILLRACE_ASSIGN_OR_RETURN(context.operate, operate::OperateRecordFromJson(record));
    PhaseTraces traces;
    traces.section = context.operate->section;
    return traces;
  }

 private:
  Workspace& workspace_;
};

}  // namespace

std::vector<std::unique_ptr<PhaseStep>> ReconcilingSteps(Workspace& workspace,
                                                         const RunOptions& options) {
  std::vector<std::unique_ptr<PhaseStep>> steps;
  steps.push_back(std::make_unique<DeployStep>(workspace, options));
  steps.push_back(std::make_unique<OperateStep>(workspace));
  return steps;
}

}  // namespace millrace::pipeline
