// Outlier policy: what data.outliers asks for is measured and done: fences of number columns from
// training rows, rows that leave training, bounds that the feature graph will clip to.
//
// Fences are those of quality/outliers.h, which no usual shape of a column crosses. They are taken
// from training rows alone; rows of other parts are counted, and never moved. Same rows, same
// outcome.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/data_phase.h"
#include "report/checkpoint.h"
#include "report/document.h"

namespace millrace::data {

struct OutlierChanges {
  std::vector<OutlierTreatment> columns;
  /// Places of the training rows that leave training, ascending.
  std::vector<int64_t> rows;
  /// One line for each value that sent a row aside, at most kMostListedValues: row, column, value,
  /// rule.
  report::DataTable listed;
};

inline constexpr int64_t kMostListedValues = 1'000;

/// Measures the number columns of `record.features` whose policy is not keep, over the rows object
/// of `record`. Columns without fences, and those with more far values than kRareValues, are left
/// as they are, with the reason. kInvalidSpec for a policy of a column that does not exist, is the
/// target or is no number.
Result<OutlierChanges> MeasureOutlierPolicy(const DataInputs& inputs, const DataRecord& record);

/// Returns the check and the table of the report: a line for each column that has a policy.
report::Check OutlierPolicyCheck(const DataRecord& record);
report::DataTable OutlierPolicyTable(const DataRecord& record);

}  // namespace millrace::data
