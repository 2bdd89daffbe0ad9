// Fairness: what the model does to groups of people, and the gaps between groups.
//
// A gap is the largest difference (or smallest ratio) between two groups of enough rows. Its
// interval is simultaneous over all pairs that could have been the largest one (Bonferroni), so
// that a gap picked from many pairs does not look certain: with equal groups it reaches 0 in at
// least 95 of 100 cases. Rates: Wilson 1927 intervals of single rates; variance of a difference as
// Agresti & Caffo 2000 (one success and one failure added to each group); ratios on the log scale
// (Katz et al. 1978).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/binning.h"
#include "evaluate/evaluate_phase.h"
#include "metric/bootstrap.h"
#include "metric/metric.h"

namespace millrace::evaluate {

/// Groups with fewer rows are shown, but stand in no gap.
inline constexpr int64_t kMinGroupRows = 30;
/// A rate over fewer rows (positives of a group, say) stands in no gap.
inline constexpr int64_t kMinRateRows = 10;

/// One figure of one group; all NaN where there is no row to measure it on.
struct GroupFigure {
  std::string name;  // "selection_rate", "true_positive_rate", "false_positive_rate",
                     // "accuracy"; "mae", "mean_error"
  metric::Interval value;
  int64_t num_rows = 0;  // that it is measured on
};

struct GroupFigures {
  std::string group;  // "F"
  int64_t num_rows = 0;
  bool in_gaps = false;  // has kMinGroupRows
  std::vector<GroupFigure> figures;
};

struct ColumnFairness {
  std::string column;
  std::vector<GroupFigures> groups;
  /// Every fairness metric of the task that two groups at least can give.
  std::vector<MeasuredGap> gaps;

  const MeasuredGap* FindGap(std::string_view name) const;
};

/// Measures the groups of one column. `positive` names the class whose rates are shown (binary);
/// with more classes the gaps are over all classes and groups show accuracy alone.
ColumnFairness MeasureFairness(const metric::Scored& held_out, const Binning& groups,
                               const std::vector<std::string>& class_labels);

}  // namespace millrace::evaluate
