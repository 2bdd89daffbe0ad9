#include <optional>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "base/threads.h"
#include "cli/commands.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "json/text.h"
#include "pipeline/predict_file.h"

namespace millrace::cli {
namespace {

// What the person should know about rows and cells, on standard error.
std::string Remarks(const pipeline::PredictFileOutcome& outcome) {
  std::string text;
  for (const pipeline::UnreadableCells& cells : outcome.unreadable) {
    text += Format(
        "column \"{}\": {} value{} unreadable, taken as missing; the first is \"{}\" in "
        "row {}\n",
        cells.column, FormatCount(cells.count), cells.count == 1 ? "" : "s", cells.example,
        cells.first_row);
  }
  if (!outcome.rejected.empty()) {
    const engine::RejectedRow& first = outcome.rejected[0];
    text += Format("{} row{} without an answer; the first is {}:{}: {}\n",
                   FormatCount(static_cast<int64_t>(outcome.rejected.size())),
                   outcome.rejected.size() == 1 ? "" : "s", first.file, first.line, first.rule);
  }
  return text;
}

json::Json ToJson(const pipeline::PredictFileOutcome& outcome, const bundle::Bundle& bundle,
                  const std::string& out) {
  json::Json unreadable = json::Json::MakeArray();
  for (const pipeline::UnreadableCells& cells : outcome.unreadable) {
    unreadable.Append(json::Json::Of({{"column", cells.column},
                                      {"count", cells.count},
                                      {"first_row", cells.first_row},
                                      {"example", cells.example}}));
  }
  json::Json rejected = json::Json::MakeArray();
  for (const engine::RejectedRow& row : outcome.rejected) {
    rejected.Append(json::Json::Of({{"file", row.file}, {"line", row.line}, {"rule", row.rule}}));
  }
  return json::Json::Of({{"rows", outcome.num_rows},
                         {"out", out},
                         {"id", outcome.id},
                         {"bundle", bundle.digest().ToHex()},
                         {"unreadable", std::move(unreadable)},
                         {"rejected", std::move(rejected)}});
}

Result<std::vector<std::string>> DataOf(const CommandContext& context) {
  std::vector<std::string> data = context.arguments.List("--data");
  if (context.arguments.Has("FILE")) data.push_back(context.arguments.Text("FILE"));
  if (data.empty()) {
    return InvalidSpec("predict: FILE is missing")
        .WithHint("millrace predict --help shows an example");
  }
  return data;
}

// To standard output: CSV, or with --json an object a line.
Status PredictToOutput(const pipeline::PredictFileInputs& inputs, Output& output) {
  const auto format =
      output.json() ? pipeline::PredictionFormat::kJsonLines : pipeline::PredictionFormat::kCsv;
  const auto outcome = pipeline::PredictTo(
      inputs,
      [&output](std::string_view text) {
        output.Raw(text);
        return output.closed() ? Cancelled("the reader has gone") : Status();
      },
      format);
  if (output.closed()) return {};
  if (outcome.ok()) Note(Remarks(*outcome));
  return outcome.status();
}

}  // namespace

Status RunPredict(CommandContext& context) {
  const Arguments& arguments = context.arguments;
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> data, DataOf(context));
  MILLRACE_ASSIGN_OR_RETURN(const auto threads, arguments.Integer("--threads", 1, 1024));
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle found,
                            FindBundle(context, arguments.Text("--model")));
  ProgressView view(context.output.form(), context.clock);
  const pipeline::PredictFileInputs inputs{
      .bundle = *found.bundle,
      .data = data,
      .folder = context.in_current_folder ? "." : context.folder,
      .source = SourceOptionsOf(context),
      .id = arguments.Has("--id") ? std::optional(arguments.Text("--id")) : std::nullopt,
      .num_threads = static_cast<int>(threads.value_or(NumProcessors())),
      .progress = view};
  const std::string out = context.Resolve(arguments.Text("--out"));
  if (out.empty() || out == "-") return PredictToOutput(inputs, context.output);
  MILLRACE_ASSIGN_OR_RETURN(const auto format, pipeline::PredictionFormatOf(out));
  MILLRACE_ASSIGN_OR_RETURN(const auto outcome, pipeline::PredictFile(inputs, out, format));
  view.Finish();
  if (!context.output.json()) Note(Remarks(outcome));
  context.output.Text(Format("{} rows answered by {}, written to {}\n",
                             FormatCount(outcome.num_rows), found.origin, out));
  context.output.Document(ToJson(outcome, *found.bundle, out));
  return {};
}

}  // namespace millrace::cli
