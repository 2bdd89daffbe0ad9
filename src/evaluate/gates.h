// Gates: the requirements of the specification against what was measured. A gate is met when the
// measured value meets it; where the interval reaches over the bound, the check says so.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bundle/scorer.h"
#include "evaluate/evaluate_phase.h"
#include "evaluate/fairness.h"
#include "metric/metric.h"
#include "report/checkpoint.h"
#include "spec/spec.h"
#include "table/table.h"

namespace millrace::evaluate {

/// Returns one check for each quality gate: "gate.auc". A gate on precision is not met on fewer
/// than spec::MinDecisions, whatever their share.
std::vector<report::Check> CheckMetricGates(const spec::Spec& spec,
                                            const std::vector<MeasuredMetric>& metrics,
                                            const metric::Scored& held_out);

/// Returns one check for each fairness gate and column, and where no gate asks a column, one that
/// warns of a gap that is surely wider than kNoticeableGap: "fairness.<metric>.<column>".
std::vector<report::Check> CheckFairness(const spec::Spec& spec, table::Task task,
                                         const std::vector<ColumnFairness>& columns);

/// A difference of rates beyond this (or a ratio of errors below one minus twice this) is worth a
/// word even when nobody set a gate.
inline constexpr double kNoticeableGap = 0.10;

/// Returns checks for latency gates: times of scoring single rows, which a request cannot undercut.
/// Empty without such a gate; nothing is timed then. Throughput is left to staging.
std::vector<report::Check> CheckLatencyGates(const spec::Spec& spec, const bundle::Scorer& scorer,
                                             const table::Table& rows, Clock& clock);

/// Returns checks for gates on the size of the bundle.
std::vector<report::Check> CheckSizeGates(const spec::Spec& spec, int64_t bundle_bytes);

}  // namespace millrace::evaluate
