#include "cli/run_result.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "base/text.h"
#include "bundle/bundle.h"
#include "cli/example_request.h"
#include "cli/fold.h"
#include "cli/project_access.h"
#include "report/terminal.h"

namespace millrace::cli {
namespace {

using report::CheckState;

constexpr int kEvaluatePhase = 4;

bool IsWorrying(const report::Check& check) {
  return check.state == CheckState::kNotMet || check.state == CheckState::kWarning ||
         (check.state == CheckState::kNotMeasured && check.blocks);
}

// Phase 4 answers what the person required, and whether the model is worth having: shown whether
// met or not.
bool IsWorthShowing(const report::Check& check, int phase) {
  if (IsWorrying(check)) return true;
  return phase == kEvaluatePhase &&
         (!check.requirement.empty() || check.id == "evaluate.better_than_baseline");
}

std::vector<std::string> UnmetGates(const report::Document& document) {
  std::vector<std::string> names;
  for (const report::Section& section : document.sections) {
    for (const report::Check& check : section.checkpoint.checks) {
      if (check.blocks && check.state == CheckState::kNotMet) names.push_back(check.label);
    }
  }
  return names;
}

void PrintCheckpoints(const report::Document& document, Output& output) {
  for (const report::Section& section : document.sections) {
    report::Checkpoint shown = section.checkpoint;
    std::erase_if(shown.checks, [&section](const report::Check& check) {
      return !IsWorthShowing(check, section.phase);
    });
    if (shown.checks.empty()) continue;
    output.Text("\n" + report::RenderCheckpoint(shown, OutputStyle()));
    const auto others = section.checkpoint.checks.size() - shown.checks.size();
    if (others > 0) output.Text(Format("  and {} more in the report\n", others));
  }
}

void PrintCriteria(const report::Document& document, Output& output) {
  if (document.criteria.empty()) return;
  const auto met = std::count_if(
      document.criteria.begin(), document.criteria.end(),
      [](const report::Criterion& criterion) { return criterion.state == CheckState::kMet; });
  output.Text(Format("\n{} of {} success criteria are met\n", met, document.criteria.size()));
  report::Checkpoint open;
  for (const report::Criterion& criterion : document.criteria) {
    if (criterion.state == CheckState::kMet) continue;
    open.checks.push_back({.id = Format("criterion.{}", criterion.number),
                           .label = Format("{:>2} {}", criterion.number, criterion.title),
                           .state = criterion.state,
                           .evidence = criterion.evidence,
                           .fix = criterion.fix});
  }
  if (open.checks.empty()) return;
  // The heading of a checkpoint is of no use here.
  const std::string text = report::RenderCheckpoint(open, OutputStyle());
  output.Text(text.substr(text.find('\n') + 1));
}

}  // namespace

std::string CurlOf(const pipeline::RunOutcome& outcome, const CommandContext& context) {
  if (outcome.url.empty()) return "";
  const Result<FoundBundle> found = FindBundle(context, "");
  if (!found.ok()) return "";
  return ExampleCurl(outcome.url, found->bundle->request_schema(), outcome.new_token);
}

void PrintRun(const pipeline::RunOutcome& outcome, CommandContext& context) {
  Output& output = context.output;
  PrintCheckpoints(outcome.document, output);
  PrintCriteria(outcome.document, output);
  output.Text(Format("\n{}\n\n", Join(Fold(outcome.document.answer, TextWidth()), "\n")));
  if (!outcome.report_path.empty()) output.Text(Format("report   {}\n", outcome.report_path));
  if (!outcome.url.empty()) {
    output.Text(Format("service  {}\n", outcome.url));
    if (!outcome.new_token.empty()) {
      output.Text(Format("token    {}   (shown once)\n", outcome.new_token));
    }
    output.Text(Format("\n  {}\n", CurlOf(outcome, context)));
  }
}

json::Json RunJson(const pipeline::RunOutcome& outcome, const CommandContext& context) {
  json::Json phases = json::Json::MakeArray();
  for (const report::Section& section : outcome.document.sections) {
    phases.Append(json::Json::Of({{"phase", section.phase},
                                  {"title", section.title},
                                  {"seconds", section.seconds},
                                  {"checkpoint", report::ToJson(section.checkpoint)}}));
  }
  json::Json criteria = json::Json::MakeArray();
  for (const report::Criterion& criterion : outcome.document.criteria) {
    criteria.Append(report::ToJson(criterion));
  }
  return json::Json::Of(
      {{"run", outcome.run_id},
       {"status", store::RunStatusName(outcome.status)},
       {"answer", outcome.document.answer},
       {"phases", std::move(phases)},
       {"criteria", std::move(criteria)},
       {"report", outcome.report_path},
       {"bundle", outcome.bundle ? json::Json(outcome.bundle->ToHex()) : json::Json()},
       {"url", outcome.url.empty() ? json::Json() : json::Json(outcome.url)},
       {"curl", outcome.url.empty() ? json::Json() : json::Json(CurlOf(outcome, context))}});
}

Status RunVerdict(const pipeline::RunOutcome& outcome) {
  if (outcome.status != store::RunStatus::kNotMet) return {};
  const std::vector<std::string> names = UnmetGates(outcome.document);
  return GateNotMet(Format("not met: {}", names.empty() ? "a check" : Join(names, ", ")))
      .WithHint("the lines above and the report say by how much, and what to do");
}

}  // namespace millrace::cli
