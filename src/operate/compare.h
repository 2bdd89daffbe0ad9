// Compare: champion against challenger on the same rows, paired.
//
// Pure and deterministic: the same bundles, rows and seed give the same figures for any number of
// threads. The rows must be ones that neither model was trained on; the caller answers for that.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bundle/bundle.h"
#include "metric/bootstrap.h"
#include "table/table.h"

namespace millrace::operate {

enum class Verdict {
  kBetter,     // the whole interval of the difference lies above 0
  kNoWorse,    // the whole interval lies above -margin
  kUndecided,  // too few rows to tell
  kWorse,      // the whole interval lies below 0, and reaches below -margin
};
std::string_view VerdictName(Verdict verdict);  // "better", "no_worse", "undecided", "worse"

struct CompareInputs {
  const bundle::Bundle& champion;
  const bundle::Bundle& challenger;
  /// Columns of both request schemas and the target (a text column for classes). Rows without a
  /// label are left out and counted.
  const table::Table& rows;
  std::string metric;          // empty: the challenger's primary metric
  double margin_share = 0.01;  // margin = this share of the champion's metric (absolute value)
  uint64_t seed = 7;
  int num_threads = 1;
};

struct Comparison {
  std::string metric;
  int64_t num_rows = 0;  // compared
  int64_t num_unlabelled = 0;
  metric::Interval champion;
  metric::Interval challenger;
  /// Oriented so that greater means that the challenger is better (for rmse: champion minus
  /// challenger). Paired bootstrap, 95 %.
  metric::Interval difference;
  double margin = 0.0;
  Verdict verdict = Verdict::kUndecided;
  std::string reason;  // one sentence with the figures

  /// Returns true when the challenger may take over: better or no worse.
  bool acceptable() const { return verdict == Verdict::kBetter || verdict == Verdict::kNoWorse; }
};

/// Errors: kInvalidData when tasks, targets or positive classes differ, when a column of a request
/// schema is absent, or no row has a label; kInvalidSpec for a metric that the task does not have.
/// Classes that only one of two multiclass models knows count as probability 0 for the other.
Result<Comparison> Compare(const CompareInputs& inputs);

}  // namespace millrace::operate
