// Model card (Mitchell et al. 2019): what the model is for, what it was trained and measured on,
// how well it does, for whom, and where it is weak. Markdown with YAML front matter; every
// sentence comes from a measurement or the specification, and none from the clock.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/data_phase.h"
#include "develop/develop_phase.h"
#include "evaluate/edge_cases.h"
#include "evaluate/evaluate_phase.h"
#include "evaluate/fairness.h"
#include "report/checkpoint.h"
#include "spec/spec.h"

namespace millrace::evaluate {

/// What a card speaks of; empty parts are left out.
struct CardContents {
  const spec::Spec& spec;
  const data::DataRecord& data;
  const develop::DevelopRecord& develop;
  /// 0: no row was held out, and `metrics` is empty.
  int64_t num_test = 0;
  std::vector<MeasuredMetric> metrics;
  std::optional<metric::Interval> over_baseline;
  std::string constant_answer;
  std::vector<ColumnFairness> fairness;
  /// Verdicts that do not depend on the clock or on the sealed file.
  std::vector<report::Check> verdicts;
  std::vector<EdgeCase> edge_cases;
  /// One sentence each: weak slices, calibration, and so on.
  std::vector<std::string> weak_spots;
  /// Most important columns, first the most important.
  std::vector<std::string> important_columns;
};

/// Returns the card. Pure; equal contents give equal bytes.
std::string WriteCard(const CardContents& contents);

}  // namespace millrace::evaluate
