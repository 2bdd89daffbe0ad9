// Importance: how much worse the model answers when one column is shuffled among the rows
// (permutation importance, Breiman 2001; Fisher et al. 2019), with an interval over rows.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/rng.h"
#include "evaluate/held_out.h"
#include "metric/bootstrap.h"
#include "metric/metric.h"

namespace millrace::evaluate {

struct ColumnImportance {
  std::string column;     // raw column; all its features are shuffled together
  metric::Interval loss;  // how much worse the metric gets, >= 0 when the column helps
};

struct ImportanceOptions {
  int64_t max_rows = 5'000;
  /// Work is bounded by rows x columns x tree visits: fewer rows where the model is large, so that
  /// the time is bounded without a look at the clock.
  double max_visits = 4e8;
  int num_threads = 1;
};

struct Importance {
  std::vector<ColumnImportance> columns;  // most important first
  std::string metric;
  int64_t num_rows = 0;  // it is measured on
};

/// Measures the importance of each raw column for `metric` on held-out rows.
Importance MeasureImportance(const TrainedModel& trained, const HeldOut& held_out,
                             const metric::MetricInfo& metric, const Rng& rng,
                             const ImportanceOptions& options = {});

}  // namespace millrace::evaluate
