// Document: the page of a run, made from the records of its phases, and its files under
// reports/<run>/. Internal to the folder.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "pipeline/criteria.h"
#include "pipeline/phase_step.h"
#include "report/document.h"
#include "store/catalog.h"
#include "store/project.h"

namespace millrace::pipeline {

struct DocumentInputs {
  const PhaseContext& context;
  std::string run_id;
  std::string project;  // name
  std::string created;  // UTC
  store::RunStatus status = store::RunStatus::kDone;
  std::vector<report::Section> sections;
  std::optional<PhaseFailure> failure;
};

/// Returns the document: question, answer in one sentence of measured figures, criteria, sections.
report::Document MakeDocument(const DocumentInputs& inputs);

/// Returns the section of a phase that failed: one check that is not met, with the reason.
report::Section FailedSection(const PhaseFailure& failure);

/// Writes index.html, report.json, design.md and, where there is one, model_card.md, each
/// atomically. Returns the absolute path of index.html. kIoError, kResourceExhausted.
Result<std::string> WriteReport(const store::Project& project, const report::Document& document,
                                const std::string& card);

}  // namespace millrace::pipeline
