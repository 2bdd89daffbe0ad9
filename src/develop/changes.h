// Changes: what the fitted graph and the outlier policy do to the values of the data, counted for
// every column and part, for the report: nothing is changed silently.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/data_phase.h"
#include "engine/engine.h"
#include "fit/fit_graph.h"
#include "report/document.h"
#include "store/object_store.h"

namespace millrace::develop {

struct ColumnChanges {
  std::string column;
  std::string policy;         // of missing values; "native": they stay
  std::string fill;           // what they become, in words; may be empty
  int64_t filled_train = 0;   // values put in, training rows
  int64_t filled_test = 0;    //
  std::string outliers;       // "clip", "set_aside"; empty: keep
  double low = 0.0;           // fences, where `outliers` is set
  double high = 0.0;          //
  int64_t clipped_train = 0;  // values moved to a fence
  int64_t clipped_test = 0;   //
  int64_t set_aside = 0;      // values of training rows that sent their row aside
};

/// Counts over the stored rows, in the order of the schema. Columns where nothing is done are left
/// out. Errors of the engine.
Result<std::vector<ColumnChanges>> CountChanges(const data::DataRecord& data,
                                                const store::ObjectStore& objects,
                                                engine::Engine& engine,
                                                const fit::FittedGraph& fitted);

/// Draws the changes under the title "What was changed"; a paragraph where there is none.
report::Block ChangesBlock(const data::DataRecord& data, const std::vector<ColumnChanges>& changes);

}  // namespace millrace::develop
