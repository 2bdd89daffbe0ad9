#include "base/files.h"
#include "base/format.h"
#include "cli/commands.h"
#include "json/text.h"
#include "learner/registry.h"
#include "spec/json_schema.h"
#include "spec/parse.h"
#include "spec/spec_json.h"

namespace millrace::cli {

Status RunSpecCheck(CommandContext& context) {
  const std::string path = context.arguments.Has("FILE")
                               ? context.arguments.Text("FILE")
                               : JoinPath(context.folder, "millrace.yaml");
  const learner::Registry registry = learner::RegisterLearners();
  std::vector<spec::LearnerDescriptor> learners;
  for (const auto& learner : registry.all()) {
    learners.push_back({.name = learner->name(), .options = learner->options()});
  }
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, spec::ReadSpec(path, {.learners = learners}));
  context.output.Text(Format("{}: in order. Target {}, {} gate{}.\n", BaseName(path),
                             spec.problem.target, spec.require.gates.size(),
                             spec.require.gates.size() == 1 ? "" : "s"));
  context.output.Document(json::Json::Of({{"ok", true}, {"target", spec.problem.target}}));
  return {};
}

Status RunSpecSchema(CommandContext& context) {
  const json::Json schema = spec::JsonSchema();
  context.output.Text(json::WritePretty(schema));
  context.output.Document(schema);
  return {};
}

}  // namespace millrace::cli
