// Quality: the measured checks of leaks, splits, labels, columns, personal data and outliers, over
// the stored rows of a data version.
//
// What decides features (leaks of columns, copies of columns) is measured on training rows only;
// held-out rows enter checks of the split and of personal data, which decide a verdict and nothing
// else. Samples are drawn by row key. One thread; same rows and seed, same findings.

#pragma once

#include <vector>

#include "base/result.h"
#include "data/data_phase.h"
#include "engine/engine.h"
#include "report/checkpoint.h"
#include "report/document.h"
#include "spec/spec.h"
#include "store/object_store.h"

namespace millrace::data {

struct QualityInputs {
  const spec::Spec& spec;
  /// Rows are stored, parts are drawn, and features are those that would be used.
  const DataRecord& record;
  const store::ObjectStore& objects;
  engine::Engine& engine;
};

struct QualityFindings {
  std::vector<report::Check> checks;
  /// What was found row by row and column by column, for the page; up to 1,000 rows each.
  std::vector<report::DataTable> tables;
  /// Features to leave out, each with its reason. Never all of them.
  std::vector<ExcludedColumn> excluded;
};

/// Measures all of it. Errors: those of loading rows; a check that cannot be measured says so and
/// is no error.
Result<QualityFindings> MeasureQuality(const QualityInputs& inputs);

}  // namespace millrace::data
