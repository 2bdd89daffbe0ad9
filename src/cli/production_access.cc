#include "cli/production_access.h"

#include "base/format.h"
#include "cli/example_request.h"
#include "cli/project_access.h"

namespace millrace::cli {

Result<OpenProduction> OpenProduction::Open(const CommandContext& context, std::string actor) {
  MILLRACE_ASSIGN_OR_RETURN(spec::Spec spec, ReadProjectSpec(context));
  MILLRACE_ASSIGN_OR_RETURN(pipeline::Workspace workspace,
                            pipeline::OpenWorkspace(context.folder, context.clock));
  OpenProduction open(std::move(spec), std::move(workspace), context.clock, std::move(actor));
  MILLRACE_RETURN_IF_ERROR(open.Lock());
  return open;
}

Status OpenProduction::Lock() {
  MILLRACE_ASSIGN_OR_RETURN(lock_, store::ProjectLock::Take(workspace_.project, actor_));
  return {};
}

deploy::DeployInputs OpenProduction::Inputs(const Digest& bundle_object, ProgressSink& progress) {
  return {.spec = spec_,
          .project = workspace_.project,
          .objects = workspace_.objects,
          .catalog = *workspace_.catalog,
          .clock = *clock_,
          .progress = progress,
          .bundle_object = bundle_object,
          .server_program = "",
          .actor = actor_};
}

Result<Digest> BundleObject(const pipeline::Workspace& workspace, const std::string& named) {
  MILLRACE_ASSIGN_OR_RETURN(const auto versions, workspace.catalog->ListVersions("bundle"));
  if (versions.empty()) {
    return NotFound("this project has no bundle yet").WithHint("millrace run makes one");
  }
  if (named.empty()) return Digest::FromHex(versions.front().detail["object"].AsString());
  MILLRACE_ASSIGN_OR_RETURN(const store::VersionRow* version, ChooseVersion(versions, named));
  return Digest::FromHex(version->detail["object"].AsString());
}

void PrintProduction(const deploy::ProductionState& state, CommandContext& context) {
  json::Json document = json::Json::Of({{"running", state.running}, {"url", state.url}});
  if (state.bundle) document.Set("bundle", state.bundle->ToHex());
  document.Set("routes", state.routes);
  context.output.Text(Format("bundle   {}\nservice  {}\n",
                             state.bundle ? state.bundle->Short() : "none", state.url));
  if (!state.new_token.empty()) {
    context.output.Text(
        Format("token    {}   shown once; clients send it as Authorization: "
               "Bearer\n",
               state.new_token));
    document.Set("token", state.new_token);
  }
  const Result<FoundBundle> found = FindBundle(context, "");
  if (state.running && found.ok()) {
    const std::string curl =
        ExampleCurl(state.url, found->bundle->request_schema(), state.new_token);
    context.output.Text(Format("\n  {}\n", curl));
    document.Set("curl", curl);
  }
  context.output.Document(std::move(document));
}

}  // namespace millrace::cli
