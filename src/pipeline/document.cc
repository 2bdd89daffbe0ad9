#include "pipeline/document.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/build_info.h"
#include "base/files.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"
#include "report/html.h"
#include "report/markdown.h"

namespace millrace::pipeline {
namespace {

using report::Check;
using report::CheckState;
using store::RunStatus;

constexpr std::string_view kSectionTitles[] = {"Requirements and design", "Data pipeline",
                                               "Model development",       "Evaluation and testing",
                                               "Production deployment",   "MLOps and monitoring"};
constexpr int kPercents[] = {20, 40, 60, 75, 90, 100};

// Returns a measured value of phase 4, or nothing.
std::optional<metric::Interval> Measured(const evaluate::EvaluateRecord& record,
                                         std::string_view name) {
  const evaluate::MeasuredMetric* found = record.FindMetric(name);
  if (found == nullptr || !std::isfinite(found->value.value)) return std::nullopt;
  return found->value;
}

// What the model does, in the words of its task.
std::string Performance(const PhaseContext& context) {
  const evaluate::EvaluateRecord& record = *context.evaluate;
  std::string text;
  if (context.data->task == table::Task::kBinary) {
    const auto recall = Measured(record, "recall");
    const auto precision = Measured(record, "precision");
    if (recall && precision) {
      text = Format("finds {} of the rows with {} = {}, {} of its alarms are right",
                    FormatShare(recall->value, 1.0), context.data->target, context.data->labels[1],
                    FormatShare(precision->value, 1.0));
    }
  } else if (context.data->task == table::Task::kMulticlass) {
    const auto accuracy = Measured(record, "accuracy");
    if (accuracy) text = Format("right on {} of the rows", FormatShare(accuracy->value, 1.0));
  } else {
    const auto mae = Measured(record, "mae");
    if (mae) {
      text = Format("off by {} on average in {}", FormatSignificant(mae->value, 3),
                    context.data->target);
    }
  }
  const auto primary = Measured(record, record.primary_metric);
  if (primary) {
    text += Format("{}{} {}", text.empty() ? "" : "; ", record.primary_metric,
                   IntervalText(primary->value, primary->low, primary->high));
  }
  return Format("{} on {} held-out rows", text, FormatCount(record.num_test));
}

std::string Requirements(const PhaseContext& context) {
  const std::vector<Check> gates = RequirementsOf(context);
  if (gates.empty()) return "no requirement is set";
  const auto unmet = std::count_if(gates.begin(), gates.end(), [](const Check& gate) {
    return gate.state == CheckState::kNotMet;
  });
  const auto unmeasured = std::count_if(gates.begin(), gates.end(), [](const Check& gate) {
    return gate.state == CheckState::kNotMeasured;
  });
  if (unmet == 0 && unmeasured == 0) {
    return gates.size() == 1 ? "the requirement is met"
                             : Format("all {} requirements met", gates.size());
  }
  std::string text;
  if (unmet > 0) text = Format("{} of {} requirements not met", unmet, gates.size());
  if (unmeasured > 0) {
    text += Format("{}{} of {} not measured", text.empty() ? "" : ", ", unmeasured, gates.size());
  }
  return text;
}

// Returns the first blocking check that is not met.
const Check* Blocker(const std::vector<report::Section>& sections) {
  for (const report::Section& section : sections) {
    for (const Check& check : section.checkpoint.checks) {
      if (check.blocks && check.state == CheckState::kNotMet) return &check;
    }
  }
  return nullptr;
}

std::string Stopped(const DocumentInputs& inputs) {
  const int phase = inputs.failure ? inputs.failure->phase : 0;
  if (inputs.status == RunStatus::kInterrupted) {
    return Format("Interrupted in phase {}, {}; the next `millrace run` continues.", phase,
                  phase > 0 ? PhaseName(phase) : "");
  }
  return Format("Stopped in phase {}, {}: {}", phase, phase > 0 ? PhaseName(phase) : "",
                inputs.failure ? inputs.failure->status.message() : "");
}

std::string Answer(const DocumentInputs& inputs) {
  const PhaseContext& context = inputs.context;
  if (inputs.status == RunStatus::kFailed || inputs.status == RunStatus::kInterrupted) {
    return Stopped(inputs);
  }
  if (inputs.status == RunStatus::kNotMet) {
    const Check* blocker = Blocker(inputs.sections);
    const std::string reason =
        blocker == nullptr
            ? std::string("a check is not met")
            : Format("{}{}", FigureOf(*blocker),
                     blocker->requirement.empty() ? ": " + blocker->evidence
                                                  : ", required " + blocker->requirement);
    return context.evaluate
               ? Format("Not deployed: {}. The model {}.", reason, Performance(context))
               : Format("Stopped by a check: {}.", reason);
  }
  if (context.deploy && !context.deploy->url.empty()) {
    return Format("In production at {}: {}; {}.", context.deploy->url, Performance(context),
                  Requirements(context));
  }
  if (context.evaluate) {
    return Format("Trained and evaluated, not deployed: {}; {}.", Performance(context),
                  Requirements(context));
  }
  if (context.develop) {
    return Format("Trained, not evaluated: {} {} on validation rows.",
                  context.develop->primary_metric,
                  IntervalText(context.develop->estimate.value, context.develop->estimate.low,
                               context.develop->estimate.high));
  }
  if (context.data) {
    return Format("Data ready, no model yet: {} rows, version {}.",
                  FormatCount(context.data->num_rows), context.data->version.Short());
  }
  return "Designed, no data read yet.";
}

}  // namespace

report::Section FailedSection(const PhaseFailure& failure) {
  report::Section section;
  section.phase = failure.phase;
  section.title = std::string(kSectionTitles[failure.phase - 1]);
  section.checkpoint.phase = failure.phase;
  section.checkpoint.percent = kPercents[failure.phase - 1];
  section.checkpoint.title = "not reached";
  section.checkpoint.checks.push_back({.id = Format("{}.completed", PhaseName(failure.phase)),
                                       .label = "phase completed",
                                       .state = failure.status.code() == Code::kCancelled
                                                    ? CheckState::kNotMeasured
                                                    : CheckState::kNotMet,
                                       .blocks = true,
                                       .unit = "",
                                       .requirement = "",
                                       .evidence = failure.status.message(),
                                       .fix = failure.status.hint(),
                                       .source = ""});
  return section;
}

report::Document MakeDocument(const DocumentInputs& inputs) {
  report::Document document;
  document.run_id = inputs.run_id;
  document.project = inputs.project;
  const spec::Problem& problem = inputs.context.spec.problem;
  document.question =
      problem.description.empty() ? Format("Predict {}", problem.target) : problem.description;
  document.sections = inputs.sections;
  document.answer = Answer(inputs);
  document.program = Format("Millrace {}", ProgramVersion());
  document.created = inputs.created;
  document.criteria = AssessCriteria(inputs.context, inputs.sections, inputs.failure);
  return document;
}

Result<std::string> WriteReport(const store::Project& project, const report::Document& document,
                                const std::string& card) {
  const std::string folder = project.ReportFolder(document.run_id);
  MILLRACE_RETURN_IF_ERROR(MakeFolders(folder));
  report::Document design = document;
  std::erase_if(design.sections, [](const report::Section& section) { return section.phase != 1; });
  design.criteria.clear();
  MILLRACE_RETURN_IF_ERROR(
      WriteFileAtomic(JoinPath(folder, "design.md"), report::RenderMarkdown(design)));
  if (!card.empty()) {
    MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(JoinPath(folder, "model_card.md"), card));
  }
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(JoinPath(folder, "report.json"),
                                           json::WritePretty(report::ToJson(document))));
  std::string page = JoinPath(folder, "index.html");
  MILLRACE_RETURN_IF_ERROR(WriteFileAtomic(page, report::RenderHtml(document)));
  return page;
}

}  // namespace millrace::pipeline
