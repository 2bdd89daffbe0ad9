#include <algorithm>
#include <string>

#include "base/format.h"
#include "base/text.h"
#include "base/threads.h"
#include "cli/commands.h"
#include "cli/progress_view.h"
#include "cli/project_access.h"
#include "operate/audit_score.h"
#include "pipeline/run.h"
#include "report/terminal.h"
#include "store/gc.h"
#include "version/data_versions.h"

namespace millrace::cli {
namespace {

constexpr int64_t kShownEntries = 10;

json::Json ToJson(const store::AuditEntry& entry) {
  return json::Json::Of({{"sequence", entry.sequence},
                         {"time", FormatUtc(entry.time_micros)},
                         {"actor", entry.actor},
                         {"action", entry.action},
                         {"detail", entry.detail},
                         {"hash", entry.hash.ToHex()}});
}

// The score, its sections, and the tests that have something left to do.
void PrintScore(const operate::AuditScore& score, Output& output) {
  report::Facts facts{
      .title = Format("ML test score {}: {}", FormatSignificant(score.score, 3), score.band),
      .facts = {}};
  for (const operate::AuditSection& section : score.sections) {
    facts.facts.push_back(
        {section.name, FormatSignificant(section.sum, 3),
         Format("{} of {} tests are measured", section.num_measured, section.num_tests)});
  }
  for (const operate::AuditTest& test : score.tests) {
    if (test.fix.empty()) continue;
    facts.facts.push_back({test.id, test.score ? FormatSignificant(*test.score, 2) : "not measured",
                           Format("{}: {}", test.text, test.fix)});
  }
  output.Text(report::RenderFacts(facts, OutputStyle()) + "\n");
}

// Returns how many data versions neither a tag nor a run needs; forgets them when removing.
Result<int64_t> ForgetUnneeded(CommandContext& context, const pipeline::Workspace& workspace,
                               bool remove) {
  if (!context.arguments.Has("--versions")) return int64_t{0};
  MILLRACE_ASSIGN_OR_RETURN(const auto lock,
                            store::ProjectLock::Take(workspace.project, "millrace gc"));
  const version::VersionStore versions{.project = workspace.project,
                                       .objects = workspace.objects,
                                       .catalog = *workspace.catalog,
                                       .clock = context.clock};
  MILLRACE_ASSIGN_OR_RETURN(const auto unneeded, version::UnneededVersions(versions));
  if (remove) MILLRACE_RETURN_IF_ERROR(version::ForgetVersions(versions, unneeded));
  const auto count = static_cast<int64_t>(unneeded.size());
  context.output.Text(Format("{} data version{} {} by no tag and no run{}\n", count,
                             count == 1 ? "" : "s", count == 1 ? "is needed" : "are needed",
                             remove ? ": forgotten" : ""));
  return count;
}

}  // namespace

Status RunAudit(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  MILLRACE_ASSIGN_OR_RETURN(const auto limit,
                            context.arguments.Integer("--limit", 1, int64_t{1} << 40));
  MILLRACE_ASSIGN_OR_RETURN(const auto entries, workspace.catalog->ListAudit());
  MILLRACE_ASSIGN_OR_RETURN(const Digest head, workspace.catalog->VerifyAudit());
  const std::string expected = context.arguments.Text("--head");
  const auto count = static_cast<int64_t>(entries.size());
  MILLRACE_ASSIGN_OR_RETURN(const spec::Spec spec, ReadProjectSpec(context));
  MILLRACE_ASSIGN_OR_RETURN(const operate::AuditScore score,
                            operate::ScoreAudit({.spec = spec,
                                                 .project = workspace.project,
                                                 .objects = workspace.objects,
                                                 .catalog = *workspace.catalog,
                                                 .clock = context.clock}));
  PrintScore(score, context.output);
  json::Json list = json::Json::MakeArray();
  for (int64_t i = std::max<int64_t>(0, count - limit.value_or(kShownEntries)); i < count; ++i) {
    const store::AuditEntry& entry = entries[static_cast<size_t>(i)];
    context.output.Text(Format("  {:>5}  {}  {}  {}  {}\n", entry.sequence,
                               FormatUtc(entry.time_micros).substr(0, 19), entry.actor,
                               entry.action, Ellipsize(entry.detail, 120)));
    list.Append(ToJson(entry));
  }
  context.output.Text(
      Format("{} audit entries, the chain is whole; head {}\n", FormatCount(count), head.ToHex()));
  context.output.Document(json::Json::Of({{"ok", true},
                                          {"count", count},
                                          {"head", head.ToHex()},
                                          {"score", operate::ToJson(score)},
                                          {"entries", std::move(list)}}));
  if (expected.empty()) return {};
  const bool known = std::any_of(entries.begin(), entries.end(), [&](const store::AuditEntry& e) {
    return e.hash.ToHex() == expected;
  });
  if (known) return {};
  return Corrupt(Format("the head {} is not in the chain: its end was cut off", expected));
}

Status RunReplay(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(const auto threads, context.arguments.Integer("--threads", 1, 1024));
  ProgressView view(context.output.form(), context.clock);
  MILLRACE_ASSIGN_OR_RETURN(
      const pipeline::ReplayOutcome outcome,
      pipeline::Replay(context.folder, context.arguments.Text("RUN"),
                       static_cast<int>(threads.value_or(NumProcessors())), context.clock, view));
  view.Finish();
  for (const std::string& note : outcome.notes) context.output.Text(note + "\n");
  context.output.Text(
      Format("recorded  {}\nreplayed  {}\n", outcome.recorded.ToHex(), outcome.replayed.ToHex()));
  context.output.Document(
      json::Json::Of({{"equal", outcome.equal},
                      {"recorded", outcome.recorded.ToHex()},
                      {"replayed", outcome.replayed.ToHex()},
                      {"first_phase", outcome.first_phase},
                      {"notes", json::Json::ArrayOf(outcome.notes)},
                      {"differences", json::Json::ArrayOf(outcome.differences)}}));
  if (outcome.equal) {
    context.output.Text("equal, byte for byte\n");
    return {};
  }
  return GateNotMet(Format("the replayed bundle differs: {}", Join(outcome.differences, ", ")))
      .WithHint("another program version or data file makes other bytes; millrace version tells");
}

Status RunGc(CommandContext& context) {
  MILLRACE_ASSIGN_OR_RETURN(auto workspace, pipeline::OpenWorkspace(context.folder, context.clock));
  const bool remove = context.arguments.Has("--remove");
  MILLRACE_ASSIGN_OR_RETURN(const int64_t forgotten, ForgetUnneeded(context, workspace, remove));
  MILLRACE_ASSIGN_OR_RETURN(
      const store::GcOutcome outcome,
      store::CollectGarbage(*workspace.catalog, workspace.objects, context.clock,
                            {.mode = remove ? store::GcMode::kRemove : store::GcMode::kDryRun}));
  context.output.Text(Format("{} objects are needed; {} {} ({}), {} left-over temporary files\n",
                             FormatCount(outcome.num_kept), FormatCount(outcome.num_removed),
                             remove ? "removed" : "could go", FormatBytes(outcome.bytes_removed),
                             outcome.num_temporary));
  if (!remove && outcome.num_removed + outcome.num_temporary > 0) {
    context.output.Text("Next: millrace gc --remove\n");
  }
  context.output.Document(json::Json::Of({{"removed", remove},
                                          {"kept", outcome.num_kept},
                                          {"objects", outcome.num_removed},
                                          {"bytes", outcome.bytes_removed},
                                          {"temporary", outcome.num_temporary},
                                          {"versions", forgotten}}));
  return {};
}

}  // namespace millrace::cli
