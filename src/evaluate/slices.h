// Slices: parts of the rows, given by one or two conditions, where the model does worse than
// elsewhere. Every slice of enough rows is tested (Welch's one-sided t-test of its mean loss
// against that of all other rows) and the tests are corrected together (Benjamini & Hochberg 1995),
// so that data without weak spots show none in 99 of 100 cases.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evaluate/binning.h"
#include "metric/bootstrap.h"

namespace millrace::evaluate {

struct SliceOptions {
  int64_t min_rows = 30;  // and at least min_share of the rows
  double min_share = 0.01;
  double level = 0.01;            // false discovery rate
  int64_t max_slices = 8;         // reported
  int64_t max_pair_columns = 24;  // two conditions: columns with the clearest single slices
  int num_threads = 1;
};

struct Slice {
  std::string text;  // "Contract = Month-to-month and tenure below 5"
  int64_t num_rows = 0;
  metric::Interval loss;   // mean over its rows, 95 % interval (Student's t)
  double rest_loss = 0.0;  // mean over all other rows
  double p_value = 1.0;    // corrected
};

struct SliceSearch {
  std::vector<Slice> worst;  // widest sure difference first; none overlaps another mostly
  int64_t num_tested = 0;
  double mean_loss = 0.0;  // of all rows
};

/// Searches the slices that `columns` span. `losses` [num_rows] are finite, greater is worse.
/// Deterministic for any number of threads.
SliceSearch FindWorstSlices(std::span<const double> losses, const std::vector<Binning>& columns,
                            const SliceOptions& options = {});

}  // namespace millrace::evaluate
