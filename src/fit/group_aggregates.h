// Nodes of features.aggregates: statistics of groups of training rows. Internal to fit/.
//
// Every statistic is taken in the one pass in row order: sums in row order, the others of sorted
// values, so results do not depend on threads. Memory grows with the groups, and with the rows for
// medians and numbers of distinct values (16 bytes each).

#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "fit/added_features.h"
#include "fit/fit_graph.h"
#include "fit/row_pass.h"

namespace millrace::fit {

class Grouping;
class GroupMeasure;

/// Parse, then ListenTo a pass, which it must outlive, then MakeNodes.
class GroupAggregates {
 public:
  GroupAggregates();
  ~GroupAggregates();
  GroupAggregates(const GroupAggregates&) = delete;
  GroupAggregates& operator=(const GroupAggregates&) = delete;

  /// Checks inputs.aggregates; `inputs` must outlive it. Errors: see FitGraph.
  Status Parse(const FitInputs& inputs);
  void ListenTo(RowPass& pass);
  /// An aggregate without a value in any training row is left out, with the reason.
  AddedNodes MakeNodes(const FitOptions& options) const;

 private:
  const FitInputs* inputs_ = nullptr;
  std::vector<std::unique_ptr<Grouping>> groupings_;     // distinct lists of columns
  std::vector<std::unique_ptr<GroupMeasure>> measures_;  // [inputs.aggregates]
  std::vector<size_t> grouping_of_;                      // [inputs.aggregates]
};

}  // namespace millrace::fit
