#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "json/text.h"
#include "spec/json_schema.h"
#include "spec/reference.h"
#include "spec/spec_json.h"
#include "table/task.h"

namespace millrace::cli {

Status RunSpecCheck(CommandContext& context) {
  const std::string path = SpecPath(context, context.arguments.Text("FILE"));
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadSpecOf(path));
  const size_t gates = spec.require.gates.size() + spec.require.fairness.size();
  context.output.Text(Format("{}: in order. Target {}, task {}, data {}, {} requirement{}.\n", path,
                             spec.problem.target,
                             spec.problem.task ? table::TaskName(*spec.problem.task) : "auto",
                             Join(spec.data.paths, ", "), gates, gates == 1 ? "" : "s"));
  context.output.Document(json::Json::Of({{"ok", true}, {"spec", spec::ToJson(spec)}}));
  return {};
}

Status RunSpecSchema(CommandContext& context) {
  const KnownLearners learners;
  const json::Json schema = spec::JsonSchema({.learners = learners.descriptors()});
  context.output.Text(json::WritePretty(schema));
  context.output.Document(schema);
  return {};
}

Status RunSpecReference(CommandContext& context) {
  const std::string page = spec::ReferenceMarkdown();
  context.output.Text(page);
  context.output.Document(json::Json::Of({{"markdown", page}}));
  return {};
}

}  // namespace millrace::cli
