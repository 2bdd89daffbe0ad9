// Windows: columns of lags and of statistics of earlier rows (spec.features.windows).
//
// Point in time: a row sees only rows with an earlier time, at least the delay old; rows of one
// time never see each other, and a later row never changes an earlier one. Within one time, rows
// stand in the order of the source. Statistics are taken afresh for each row, in the order of time:
// the same bits for any number of threads, and whatever rows come later.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/ingest.h"
#include "data/split.h"
#include "engine/engine.h"
#include "report/document.h"
#include "spec/spec.h"
#include "table/schema.h"
#include "table/task.h"

namespace millrace::data {

/// One series of values; all borrowed, [num_rows].
struct WindowSeries {
  std::span<const double> times;    // seconds
  std::span<const int32_t> groups;  // which series a row belongs to; -1: none
  std::span<const double> values;   // NaN: missing
};

/// Returns [num_rows] what the window gives each row, NaN where there is none: the row is in no
/// series, no row is old enough, or all their values are missing (a count is then 0). Time grows
/// with rows times the length of the window.
std::vector<double> ComputeWindow(const spec::WindowFeature& window, double delay_seconds,
                                  const WindowSeries& series);

struct WindowColumns {
  std::vector<table::ColumnSchema> columns;  // numbers; `derived` says what they hold
  std::vector<std::vector<double>> values;   // [columns][kept rows], NaN: missing
  std::vector<int64_t> num_missing;          // [columns] among training rows
};

struct WindowInputs {
  const spec::Spec& spec;
  engine::Engine& engine;
  const Ingested& rows;
  const table::Schema& schema;             // of the source
  const std::vector<std::string>& labels;  // [negative, positive] of a binary task; else unread
  table::Task task = table::Task::kBinary;
  std::span<const SplitPart> parts;  // [kept rows]
};

/// Computes spec.features.windows over the kept rows. The target of a binary task counts as 1 for
/// the positive class. kInvalidSpec "file:line: features.windows "name": what" for a column that
/// does not exist or is no number, a name that is taken, a target of several classes, and a window
/// that has no value in any training row.
Result<WindowColumns> ComputeWindows(const WindowInputs& inputs);

/// Returns the table of the report.
report::DataTable WindowTable(const WindowColumns& windows, int64_t num_train);

}  // namespace millrace::data
