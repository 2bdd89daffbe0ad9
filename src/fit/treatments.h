// Fits the treatments of a graph: what stands for missing values, from the policies of the columns
// and the statistics of training rows. Internal to fit/.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "feature/treatment.h"
#include "fit/column_nodes.h"
#include "fit/fit_graph.h"

namespace millrace::fit {

struct FittedTreatments {
  std::vector<feature::Treatment> treatments;  // in the order of plans
  std::vector<TreatmentReason> reasons;        // [treatments]
};

/// Fits the treatments that `plans` and `inputs.clips` ask for: bounds as they are given; medians
/// and most frequent values by SQL; means and models by one pass in row order. Nothing is read
/// where no column has a policy that needs it. A column without a training value has none. Errors:
/// those of the engine; kInvalidSpec "file:line: features.columns.NAME.fill: what" for a constant
/// that the column cannot hold.
Result<FittedTreatments> FitTreatments(const FitInputs& inputs,
                                       const std::vector<ColumnPlan>& plans);

/// Returns the relation with its bounded columns within their bounds and its filled texts filled,
/// as it stands after FROM; `relation` itself where there is nothing to do. Filled numbers stay
/// missing: a value that was put in is no measurement.
std::string TreatedRelation(const std::string& relation, const table::Schema& schema,
                            const std::vector<feature::Treatment>& treatments);

}  // namespace millrace::fit
