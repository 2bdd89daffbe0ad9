// Nodes of the features that the user adds by expression. Internal to fit/.

#pragma once

#include <vector>

#include "base/result.h"
#include "feature/node.h"
#include "fit/fit_graph.h"

namespace millrace::fit {

struct AddedNodes {
  std::vector<feature::Node> nodes;
  std::vector<FeatureReason> reasons;  // one per added feature
};

/// Checks and counts inputs.added over the training rows, in one scan. Errors: see FitGraph.
Result<AddedNodes> MakeAddedNodes(const FitInputs& inputs);

}  // namespace millrace::fit
