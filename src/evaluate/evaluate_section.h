// The report section of phase 4: its checkpoint and the pictures that stand under it.

#pragma once

#include <string>
#include <vector>

#include "evaluate/edge_cases.h"
#include "evaluate/evaluate_phase.h"
#include "evaluate/fairness.h"
#include "evaluate/held_out.h"
#include "report/document.h"

namespace millrace::evaluate {

/// Returns the table of metrics with their meaning.
report::DataTable MetricsTable(table::Task task, const std::vector<MeasuredMetric>& metrics);

/// Returns ROC, precision-recall and calibration curves (binary), or what the task has instead.
std::vector<report::Block> PerformanceCharts(const HeldOut& held_out, const std::string& positive);

/// Returns the figures of each group as dots with intervals, a chart for each figure.
std::vector<report::Block> FairnessCharts(const std::vector<ColumnFairness>& columns);

/// Returns what each edge case did.
report::DataTable EdgeCaseTable(const std::vector<EdgeCase>& cases);

}  // namespace millrace::evaluate
