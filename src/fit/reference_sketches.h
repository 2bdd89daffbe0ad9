// Fits the reference of a bundle: what columns and predictions looked like when the model was
// made, for drift to be measured against.
//
// Deterministic and independent of the order of rows: bins are quantiles of sorted values, counts
// are whole numbers. A text value is named only when enough rows hold it; all others are "other".

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "sketch/column_sketch.h"
#include "table/schema.h"
#include "table/table.h"

namespace millrace::fit {

/// Predictions of rows that the model was not trained on, as those of production will be. All
/// borrowed. The members of bundle::Predictions fit as they stand.
struct ReferencePredictions {
  int64_t num_rows = 0;
  int64_t num_outputs = 0;
  std::span<const double> outputs;      // [num_rows, num_outputs], row-major
  std::span<const int32_t> decisions;   // [num_rows] indexes of labels; empty for numbers
  std::span<const std::string> labels;  // binary: [negative, positive]; empty for numbers
};

struct ReferenceOptions {
  int64_t max_bins = 10;    // of a numeric column and of an output
  int64_t max_values = 20;  // of a category or text column, besides "other"
  /// Rows that must hold a text for it to be named. The bundle travels: no single person's value.
  int64_t min_value_rows = 5;
};

/// Sketches the named columns of `relation` (SQL as after FROM: a table name or a query in
/// brackets; columns typed as in `schema`), one column in memory at a time, and the predictions.
/// Outputs are named by label ("prediction" for a number; the positive label for a binary task),
/// decisions "decision"; an output that is not finite counts as missing; sketches of columns stand
/// in the order of `columns`. kNotFound for an unknown column; kInternal when sizes of
/// `predictions` do not fit together.
Result<sketch::ReferenceSketches> FitReferenceSketches(engine::Engine& engine,
                                                       const std::string& relation,
                                                       const table::Schema& schema,
                                                       const std::vector<std::string>& columns,
                                                       const ReferencePredictions& predictions,
                                                       const ReferenceOptions& options = {});

/// The same from rows in memory.
Result<sketch::ReferenceSketches> FitReferenceSketches(const table::Table& rows,
                                                       const std::vector<std::string>& columns,
                                                       const ReferencePredictions& predictions,
                                                       const ReferenceOptions& options = {});

}  // namespace millrace::fit
