// Nodes of the features that the user adds by expression. Internal to fit/.

#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "feature/expression.h"
#include "feature/node.h"
#include "fit/fit_graph.h"
#include "fit/row_pass.h"

namespace millrace::fit {

struct AddedNodes {
  std::vector<feature::Node> nodes;
  std::vector<FeatureReason> reasons;  // one per added feature
};

/// Parse, then ListenTo a pass, which it must outlive, then MakeNodes.
class AddedFeatures {
 public:
  AddedFeatures() = default;
  AddedFeatures(const AddedFeatures&) = delete;
  AddedFeatures& operator=(const AddedFeatures&) = delete;

  /// Checks inputs.added; `inputs` must outlive it. Errors: see FitGraph.
  Status Parse(const FitInputs& inputs);
  void ListenTo(RowPass& pass);
  AddedNodes MakeNodes() const;

 private:
  void Count(const table::Table& batch, const std::vector<int64_t>& places);

  const FitInputs* inputs_ = nullptr;
  std::vector<feature::Expression> expressions_;
  std::vector<feature::Expression> over_row_;  // the same over the columns that all read
  std::vector<int64_t> missing_;               // training rows, per expression
  int64_t num_rows_ = 0;
};

}  // namespace millrace::fit
