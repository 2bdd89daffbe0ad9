// ML Test Score of a project (Breck et al. 2017, "The ML Test Score: A Rubric for ML Production
// Readiness", IEEE Big Data): 28 tests in four sections, scored from what the catalog holds.
//
// 1: measured by the program itself, each time; 0.5: measured in part, or once by hand; 0: measured
// and not met. A test that nothing in the catalog proves is "not measured" and counts 0: nobody is
// asked, nothing is assumed. The score is the smallest of the four sums.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/catalog.h"
#include "store/object_store.h"
#include "store/project.h"

namespace millrace::operate {

struct AuditTest {
  std::string id;               // "data.1" ... "monitor.7"
  std::string text;             // the test, in its authors' words, shortened
  std::optional<double> score;  // 0, 0.5 or 1; nothing: not measured
  std::string evidence;         // figures; empty when not measured
  std::string fix;              // how to measure or improve it; empty at 1
};

struct AuditSection {
  std::string name;  // "data", "model", "infrastructure", "monitor"
  double sum = 0.0;
  int64_t num_measured = 0;
  int64_t num_tests = 0;
};

struct AuditScore {
  std::vector<AuditTest> tests;        // 28, in the order of the paper
  std::vector<AuditSection> sections;  // four
  double score = 0.0;                  // the smallest sum
  std::string band;                    // the paper's words for it
};

struct AuditInputs {
  const spec::Spec& spec;
  const store::Project& project;
  const store::ObjectStore& objects;
  const store::Catalog& catalog;
  const Clock& clock;
};

/// Scores the newest finished record of each phase, the audit chain and the windows of monitoring.
/// A project without runs scores 0. Errors of the catalog; records that cannot be read count as
/// absent.
Result<AuditScore> ScoreAudit(const AuditInputs& inputs);

json::Json ToJson(const AuditScore& score);
/// Returns the tests as a table: test, score, evidence, what to do.
report::DataTable AuditTable(const AuditScore& score);

}  // namespace millrace::operate
