// Error analysis: where the model is sure and wrong, which classes it mixes up, and how errors of a
// number depend on the answer.

#pragma once

#include <string>
#include <vector>

#include "evaluate/held_out.h"
#include "report/document.h"

namespace millrace::evaluate {

/// Returns the rows with the greatest loss: place in the source (from 1), truth, answer and the
/// values of `columns` (those that matter most, at most five are shown). Rows are named by their
/// place alone. For classes only rows that were decided wrongly.
report::DataTable WorstRows(const HeldOut& held_out, const std::vector<std::string>& columns);

/// Returns precision, recall, F1 and rows of each class.
report::DataTable ClassTable(const HeldOut& held_out);

/// Returns the pictures of a numeric answer: predicted against actual means by tenths of the
/// answers, the distribution of errors, and their spread along the answers.
std::vector<report::Block> ResidualCharts(const HeldOut& held_out, const std::string& target);

}  // namespace millrace::evaluate
