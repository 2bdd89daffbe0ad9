#include "cli/validation.h"

#include <vector>

#include "base/build_info.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/project_access.h"
#include "data/column_checks.h"
#include "data/file_check.h"
#include "report/html.h"
#include "report/junit.h"
#include "report/terminal.h"
#include "spec/checks_file.h"
#include "spec/locator.h"

namespace millrace::cli {
namespace {

std::string UnmetOf(const report::Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const report::Check& check : checkpoint.checks) {
    if (check.blocks && check.state == report::CheckState::kNotMet) names.push_back(check.label);
  }
  return Join(names, ", ");
}

// What CI systems and people read of a validation, where the flags ask for it.
Status WriteReports(const CommandContext& context, const std::string& question,
                    const report::Section& section) {
  if (context.arguments.Has("--junit")) {
    MILLRACE_RETURN_IF_ERROR(
        WriteFileAtomic(context.Resolve(context.arguments.Text("--junit")),
                        report::RenderJUnit(section.checkpoint, "millrace data validate")));
  }
  if (!context.arguments.Has("--html")) return {};
  report::Document page;
  page.run_id = "data validate";
  page.project = BaseName(AbsolutePath(context.folder));
  page.question = question;
  page.answer = section.checkpoint.passed() ? "The data meets every check that blocks."
                                            : Format("Not met: {}.", UnmetOf(section.checkpoint));
  page.program = Format("millrace {}", ProgramVersion());
  page.created = FormatUtc(context.clock.NowMicros());
  page.sections = {section};
  return WriteFileAtomic(context.Resolve(context.arguments.Text("--html")),
                         report::RenderHtml(page));
}

}  // namespace

Status EndValidation(const CommandContext& context, const std::string& question,
                     const report::Section& section) {
  MILLRACE_RETURN_IF_ERROR(WriteReports(context, question, section));
  if (section.checkpoint.passed()) return {};
  return GateNotMet(Format("not met: {}", UnmetOf(section.checkpoint)));
}

Status ValidateAlone(CommandContext& context) {
  std::vector<std::string> named = context.arguments.List("--data");
  if (context.arguments.Has("FILE")) named.push_back(context.arguments.Text("FILE"));
  if (named.empty()) {
    return InvalidSpec("--checks: no file is named that they are of")
        .WithHint("millrace data validate FILE --checks checks.yaml");
  }
  MILLRACE_ASSIGN_OR_RETURN(spec::Spec spec,
                            spec::ReadChecks(context.Resolve(context.arguments.Text("--checks"))));
  for (const std::string& path : named) {
    spec.data.paths.push_back(spec::LocatorFrom(context.folder, path));
  }
  MILLRACE_ASSIGN_OR_RETURN(const auto engine, MakeEngine(context));
  MILLRACE_ASSIGN_OR_RETURN(
      data::FileCheckRecord record,
      data::CheckFile({.spec = spec, .folder = context.folder, .engine = *engine}));
  data::JudgeAges(spec, context.clock.NowMicros(), record.section.checkpoint.checks);
  const report::Checkpoint& checkpoint = record.section.checkpoint;
  context.output.Text(Format("{} rows, {} columns\n\n", FormatCount(record.num_rows),
                             record.profile.columns.size()));
  context.output.Text(report::RenderCheckpoint(checkpoint, OutputStyle()));
  context.output.Document(json::Json::Of({{"rows", record.num_rows},
                                          {"rejected", record.num_rejected},
                                          {"content_digest", record.profile.content_digest.ToHex()},
                                          {"checkpoint", report::ToJson(checkpoint)}}));
  return EndValidation(context, Join(named, ", "), record.section);
}

}  // namespace millrace::cli
