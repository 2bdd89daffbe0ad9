#include <string>
#include <utility>

#include "base/format.h"
#include "base/process.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/project_access.h"
#include "data/batch_check.h"
#include "data/data_phase.h"
#include "json/text.h"
#include "pipeline/appended.h"
#include "pipeline/run.h"
#include "stream/follow.h"

namespace millrace::cli {
namespace {

// The schema of the newest data version; nothing before the first run.
Result<std::optional<table::Schema>> NewestSchema(const pipeline::Workspace& workspace) {
  MILLRACE_ASSIGN_OR_RETURN(const auto runs, workspace.catalog->ListRuns());
  for (const store::RunRow& run : runs) {
    MILLRACE_ASSIGN_OR_RETURN(const auto phases, workspace.catalog->ListPhases(run.id));
    for (const store::PhaseRow& phase : phases) {
      if (phase.phase != "data" || !phase.record) continue;
      MILLRACE_ASSIGN_OR_RETURN(const std::string text, workspace.objects.Get(*phase.record));
      MILLRACE_ASSIGN_OR_RETURN(const json::Json document, json::Parse(text, "record"));
      MILLRACE_ASSIGN_OR_RETURN(const data::DataRecord record, data::DataRecordFromJson(document));
      return std::optional<table::Schema>(data::SourceSchema(record));
    }
  }
  return std::optional<table::Schema>();
}

// Checks each batch and writes a line about it.
class BatchPrinter final : public stream::FollowObserver {
 public:
  BatchPrinter(CommandContext& context, data::BatchCheck check)
      : context_(context), check_(std::move(check)) {}

  Result<std::vector<std::string>> Examine(engine::Engine& engine,
                                           const stream::PendingBatch& batch) override {
    if (batch.table_name.empty()) return std::vector<std::string>();
    return check_.Examine(engine, batch.table_name, batch.columns);
  }

  void Committed(const stream::CommittedBatch& batch) override {
    if (context_.output.json()) {
      const json::Json line = json::Json::Of({{"event", "batch"},
                                              {"part", batch.part},
                                              {"begin", batch.begin},
                                              {"end", batch.end},
                                              {"rows", batch.rows},
                                              {"rejected", batch.num_rejected},
                                              {"remarks", json::Json::ArrayOf(batch.remarks)},
                                              {"seconds", batch.seconds}});
      context_.output.Raw(json::Write(line) + "\n");
      return;
    }
    std::string line = Format("{}: {} rows", batch.part, FormatCount(batch.rows));
    if (batch.num_rejected > 0) {
      line += Format(", {} set aside", FormatCount(batch.num_rejected));
    }
    line += Format("  (to byte {}, {})\n", FormatCount(batch.end), FormatDuration(batch.seconds));
    context_.output.Text(line);
    for (const std::string& remark : batch.remarks) context_.output.Text("  ! " + remark + "\n");
  }

 private:
  CommandContext& context_;
  data::BatchCheck check_;
};

Result<stream::FollowOptions> OptionsOf(const CommandContext& context) {
  stream::FollowOptions options;
  MILLRACE_ASSIGN_OR_RETURN(const auto every, context.arguments.Duration("--every"));
  options.every_seconds = every.value_or(options.every_seconds);
  MILLRACE_ASSIGN_OR_RETURN(const auto rows,
                            context.arguments.Integer("--max-rows", 1, 10'000'000));
  options.limit.max_rows = rows.value_or(options.limit.max_rows);
  options.until_idle = context.arguments.Has("--until-idle");
  return options;
}

Status Forget(CommandContext& context, pipeline::Workspace& workspace,
              stream::StreamStore& stream) {
  MILLRACE_ASSIGN_OR_RETURN(const stream::StreamState state, stream.Load());
  MILLRACE_RETURN_IF_ERROR(stream.Forget());
  context.output.Text(Format("forgot {} rows; reading all anew\n", FormatCount(state.rows)));
  return workspace.catalog
      ->AppendAudit("millrace data follow", "stream.reingest",
                    json::Json::Of({{"rows", state.rows}, {"batches", state.num_batches}}))
      .status();
}

void PrintEnd(CommandContext& context, const stream::FollowSummary& summary,
              const stream::StreamState& state) {
  if (context.output.json()) {
    const json::Json line = json::Json::Of({{"event", "end"},
                                            {"batches", summary.num_batches},
                                            {"rows", summary.rows},
                                            {"rejected", summary.num_rejected},
                                            {"bytes", summary.bytes},
                                            {"waiting_bytes", summary.waiting_bytes},
                                            {"total_rows", state.rows}});
    context.output.Raw(json::Write(line) + "\n");
    return;
  }
  context.output.Text(Format("{} rows in {} batches; {} rows in all\n", FormatCount(summary.rows),
                             FormatCount(summary.num_batches), FormatCount(state.rows)));
  if (summary.waiting_bytes > 0) {
    context.output.Text(
        Format("{} bytes {}\n", FormatCount(summary.waiting_bytes),
               Interrupted() ? "are not read yet" : "wait for the rest of their record"));
  }
}

}  // namespace

Status RunDataFollow(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  if (!spec.data.append_only) {
    return InvalidSpec("data.append_only: is false, and only a source that grows can be followed")
        .WithHint("set data.append_only: true in millrace.yaml");
  }
  MILLRACE_ASSIGN_OR_RETURN(const stream::FollowOptions options, OptionsOf(context));
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const std::optional<FileLock> lock,
                            pipeline::TryStreamLock(workspace.project));
  if (!lock) {
    return Unavailable("another process reads this project's source")
        .WithHint("end the other `millrace data follow`, or wait for the run");
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  stream::FileSource source =
      pipeline::AppendedSource(spec, workspace.project.folder(), engine.get());
  stream::StreamStore store(*workspace.catalog, workspace.objects);
  if (context.arguments.Has("--reingest")) {
    MILLRACE_RETURN_IF_ERROR(Forget(context, workspace, store));
  }
  MILLRACE_ASSIGN_OR_RETURN(std::optional<table::Schema> schema, NewestSchema(workspace));
  BatchPrinter printer(context, data::BatchCheck(spec, std::move(schema)));
  const Output& output = context.output;
  MILLRACE_ASSIGN_OR_RETURN(
      const stream::FollowSummary summary,
      stream::Follow({.source = source,
                      .store = store,
                      .engine = *engine,
                      .clock = context.clock,
                      .observer = printer,
                      .stop = [&output] { return Interrupted() || output.closed(); }},
                     options));
  MILLRACE_ASSIGN_OR_RETURN(const stream::StreamState state, store.Load());
  PrintEnd(context, summary, state);
  // Following ends by an interrupt; reading until nothing is new is cut short by one.
  return options.until_idle ? CheckInterrupted() : Status();
}

}  // namespace millrace::cli
