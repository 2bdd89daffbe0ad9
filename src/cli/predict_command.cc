#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/batch_prediction.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "json/text.h"

namespace millrace::cli {
namespace {

// A file that appears whole or not at all; a device takes the text as it comes.
class AnswerFile {
 public:
  explicit AnswerFile(std::string path)
      : path_(std::move(path)),
        is_device_(path_.substr(0, 5) == "/dev/"),
        written_(is_device_ ? path_ : path_ + ".part") {}
  ~AnswerFile() {
    if (!is_device_ && !done_) (void)RemoveAll(written_).ok();
  }

  Status Start() {
    if (is_device_) return {};
    MILLRACE_RETURN_IF_ERROR(RemoveAll(written_));
    return AppendFile(written_, "");
  }
  Status Add(std::string_view text) { return AppendFile(written_, text); }
  Status Finish() {
    if (is_device_) return {};
    MILLRACE_RETURN_IF_ERROR(SyncFile(written_));
    MILLRACE_RETURN_IF_ERROR(RenameFile(written_, path_));
    done_ = true;
    return {};
  }

 private:
  std::string path_;
  bool is_device_;
  std::string written_;
  bool done_ = false;
};

// What the person should know about rows and cells, on standard error.
std::string Remarks(const BatchOutcome& outcome) {
  std::string text;
  for (const UnreadableCells& cells : outcome.unreadable) {
    text += Format(
        "column \"{}\": {} value{} unreadable, taken as missing; the first is \"{}\" in "
        "row {}\n",
        cells.column, FormatCount(cells.count), cells.count == 1 ? "" : "s", cells.first_value,
        cells.first_row);
  }
  if (!outcome.rejected.empty()) {
    const engine::RejectedRow& first = outcome.rejected[0];
    text += Format("{} row{} without an answer: {}; the first is {}:{}\n",
                   FormatCount(static_cast<int64_t>(outcome.rejected.size())),
                   outcome.rejected.size() == 1 ? "" : "s", first.rule, first.file, first.line);
  }
  return text;
}

json::Json ToJson(const BatchOutcome& outcome, const bundle::Bundle& bundle,
                  const std::string& out) {
  json::Json unreadable = json::Json::MakeArray();
  for (const UnreadableCells& cells : outcome.unreadable) {
    unreadable.Append(json::Json::Of({{"column", cells.column},
                                      {"count", cells.count},
                                      {"first_row", cells.first_row},
                                      {"first_value", cells.first_value}}));
  }
  json::Json rejected = json::Json::MakeArray();
  for (const engine::RejectedRow& row : outcome.rejected) {
    rejected.Append(json::Json::Of({{"file", row.file}, {"line", row.line}, {"rule", row.rule}}));
  }
  return json::Json::Of({{"rows", outcome.num_rows},
                         {"out", out},
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

}  // namespace

Status RunPredict(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const std::vector<std::string> data, DataOf(context));
  MILLRACE_ASSIGN_OR_RETURN(const FoundBundle found,
                            FindBundle(context, context.arguments.Text("--model")));
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  Output& output = context.output;
  const std::string out = context.Resolve(context.arguments.Text("--out"));
  std::string id = context.arguments.Text("--id");
  if (id.empty()) id = found.id;
  const BatchInputs inputs{
      .bundle = *found.bundle,
      .engine = *engine,
      .folder = context.in_current_folder ? "." : context.folder,
      .data = data,
      .source = {.delimiter = context.arguments.Text("--delimiter"), .encoding = ""},
      .id = id,
      .form = output.json() && out.empty() ? BatchForm::kJsonLines : BatchForm::kCsv};
  if (out.empty()) {
    const Result<BatchOutcome> outcome = PredictBatch(inputs, [&output](std::string_view text) {
      output.Raw(text);
      return output.closed() ? Cancelled("the reader has gone") : Status();
    });
    if (output.closed()) return {};
    if (outcome.ok()) Note(Remarks(*outcome));
    return outcome.status();
  }
  AnswerFile file(out);
  MILLRACE_RETURN_IF_ERROR(file.Start());
  MILLRACE_ASSIGN_OR_RETURN(
      const BatchOutcome outcome,
      PredictBatch(inputs, [&file](std::string_view text) { return file.Add(text); }));
  MILLRACE_RETURN_IF_ERROR(file.Finish());
  if (!output.json()) Note(Remarks(outcome));
  output.Text(Format("{} rows answered by {}, written to {}\n", FormatCount(outcome.num_rows),
                     found.origin, out));
  output.Document(ToJson(outcome, *found.bundle, out));
  return {};
}

}  // namespace millrace::cli
