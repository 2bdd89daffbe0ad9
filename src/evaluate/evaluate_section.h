// The report section of phase 4: its checkpoint and the pictures that stand under it.

#pragma once

#include <string>
#include <vector>

#include "evaluate/calibration.h"
#include "evaluate/edge_cases.h"
#include "evaluate/evaluate_phase.h"
#include "evaluate/fairness.h"
#include "evaluate/held_out.h"
#include "evaluate/importance.h"
#include "evaluate/performance.h"
#include "evaluate/slices.h"
#include "report/document.h"

namespace millrace::evaluate {

/// All that phase 4 measures on held-out rows.
struct Measurements {
  std::vector<MeasuredMetric> metrics;
  metric::Interval over_baseline;
  ConstantAnswer constant;
  Calibration calibration;               // classes only
  std::vector<ColumnFairness> fairness;  // one for each sensitive column
  std::vector<ColumnFairness> crossed;   // pairs of sensitive columns
  SliceSearch slices;
  Importance importance;
  std::vector<EdgeCase> edge_cases;
};

/// Returns the section of phase 4.
report::Section MakeEvaluateSection(const data::DataRecord& data, const HeldOut& held_out,
                                    const Measurements& found, std::vector<report::Check> checks);

/// Returns what the loss of single rows is called: "log loss", "absolute error".
std::string LossName(table::Task task);

/// Returns one sentence for each weak spot that was measured; for the card.
std::vector<std::string> WeakSpots(table::Task task, const Measurements& found);

}  // namespace millrace::evaluate
