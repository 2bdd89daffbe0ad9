// What phase 3 puts on the report page, and its checkpoint.

#pragma once

#include <cstdint>
#include <optional>

#include "develop/develop_phase.h"
#include "develop/folds.h"
#include "develop/recalibration.h"
#include "develop/search.h"
#include "fit/fit_graph.h"
#include "metric/metric.h"
#include "report/document.h"

namespace millrace::develop {

/// What the section is drawn from; all borrowed.
struct SectionInputs {
  const DevelopRecord& record;
  const SearchResult& search;
  const fit::FittedGraph& graph;
  const Folds& folds;
  const metric::Scored& scored;                  // out of fold, of the final mixture
  const Recalibration* recalibration = nullptr;  // classes only
  int64_t model_bytes = 0;
  double seconds = 0.0;  // that the phase took
  /// Seconds it had; nothing for a replay, which has no limit.
  std::optional<double> budget_seconds;
};

report::Section MakeDevelopSection(const SectionInputs& inputs);

}  // namespace millrace::develop
