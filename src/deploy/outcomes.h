// Outcomes: what became of the predictions of each route: the prediction log joined with feedback.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/bundle.h"
#include "journal/cursor.h"
#include "metric/metric.h"

namespace millrace::deploy {

/// Labelled rows of one route.
struct RouteRows {
  int64_t num_predictions = 0;
  std::vector<double> labels;   // [n] class index, or value
  std::vector<double> outputs;  // [n, outputs], as Scored wants them

  int64_t num_labelled() const { return static_cast<int64_t>(labels.size()); }
  /// Returns the rows for metrics; borrowed from this object and `bundle`.
  metric::Scored Scored(const bundle::Bundle& bundle) const;
};

struct OutcomeInputs {
  std::string journal;       // folder
  journal::Cursor from;      // records before it belong to earlier times
  int64_t since_micros = 0;  // predictions before are left out
  const bundle::Bundle& champion;
  const bundle::Bundle& challenger;
  int64_t max_rows = 1'000'000;  // predictions that are looked at, oldest first
};

struct Outcomes {
  RouteRows champion;
  RouteRows challenger;
  int64_t num_unknown_labels = 0;  // feedback whose label is no class and no number
  int64_t num_unmatched = 0;       // feedback without a prediction of these two bundles
  bool truncated = false;          // there were more predictions than max_rows
};

/// Reads the log. A label belongs to the prediction with its request id and row, else to the newest
/// earlier one with its row key; a later label for the same row replaces an earlier one. Rows count
/// by the bundle that answered them. Memory grows with the predictions read. kIoError.
Result<Outcomes> CollectOutcomes(const OutcomeInputs& inputs);

/// Returns the cursor behind everything that is in the log now. kIoError.
Result<journal::Cursor> EndOfJournal(const std::string& folder);

}  // namespace millrace::deploy
