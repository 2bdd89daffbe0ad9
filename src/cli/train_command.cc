#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "pipeline/run.h"

namespace millrace::cli {
namespace {

constexpr double kDefaultBudgetSeconds = 60.0;

Result<pipeline::TrainOnceInputs> InputsOf(const CommandContext& context) {
  const Arguments& arguments = context.arguments;
  for (const std::string_view name : {"--target", "--out"}) {
    if (arguments.Has(name)) continue;
    return InvalidSpec(Format("train: {} is missing", name))
        .WithHint("millrace train --help shows an example");
  }
  pipeline::TrainOnceInputs inputs;
  for (const std::string& path : arguments.List("--data")) {
    inputs.data.push_back(context.Resolve(path));
  }
  inputs.target = arguments.Text("--target");
  if (arguments.Has("--task")) inputs.task = table::TaskFromName(arguments.Text("--task"));
  inputs.description = arguments.Text("--description");
  inputs.out = context.Resolve(arguments.Text("--out"));
  MILLRACE_ASSIGN_OR_RETURN(const auto budget, arguments.Duration("--budget"));
  inputs.budget_seconds = budget.value_or(kDefaultBudgetSeconds);
  MILLRACE_ASSIGN_OR_RETURN(inputs.memory_bytes, arguments.Bytes("--memory"));
  MILLRACE_ASSIGN_OR_RETURN(const auto threads, arguments.Integer("--threads", 1, 1024));
  if (threads) inputs.num_threads = static_cast<int>(*threads);
  MILLRACE_ASSIGN_OR_RETURN(const auto seed,
                            arguments.Integer("--seed", 0, int64_t{9'007'199'254'740'992}));
  if (seed) inputs.seed = static_cast<uint64_t>(*seed);
  return inputs;
}

}  // namespace

Status RunTrain(CommandContext& context) {
  if (!context.arguments.Has("--data")) {
    if (!FileExists(SpecPath(context, ""))) {
      return InvalidSpec("train: --data is missing, and this is no project folder")
          .WithHint("millrace train --data FILE --target COLUMN --out MODEL.mill");
    }
    return RunTrainProject(context);
  }
  MILLRACE_ASSIGN_OR_RETURN(const pipeline::TrainOnceInputs inputs, InputsOf(context));
  ProgressView view(context.output.form(), context.clock);
  view.PhaseStarted(3, "develop");
  const Result<pipeline::TrainOnceOutcome> trained =
      pipeline::TrainOnce(inputs, context.clock, view);
  if (!trained.ok()) return trained.status();
  view.PhaseEnded(trained->section, false);
  context.output.Text(
      Format("{} {} [{}, {}], out of fold\n{}, bundle {}, written to {}\n", trained->metric,
             FormatSignificant(trained->estimate, 4), FormatSignificant(trained->low, 4),
             FormatSignificant(trained->high, 4), FormatBytes(trained->bundle_bytes),
             trained->bundle.Short(), inputs.out));
  context.output.Document(json::Json::Of({{"metric", trained->metric},
                                          {"estimate", trained->estimate},
                                          {"low", trained->low},
                                          {"high", trained->high},
                                          {"bundle", trained->bundle.ToHex()},
                                          {"size_bytes", trained->bundle_bytes},
                                          {"out", inputs.out}}));
  return {};
}

}  // namespace millrace::cli
