// SplitDifference: whether training and held-out rows can be told apart, by a domain classifier: a
// model that is asked "from which part?", scored out of fold by its AUC (Lopez-Paz and Oquab 2017,
// classifier two-sample test). 0.5: it cannot tell. Labels of the task take no part.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "data/quality/quality_rows.h"
#include "engine/engine.h"
#include "metric/bootstrap.h"

namespace millrace::data {

/// A column that differs between the parts by itself.
struct DifferingColumn {
  std::string column;
  double distance = 0.0;  // Jensen-Shannon over quantiles or values, [0, 1]
  double p_value = 1.0;
};

struct SplitDifference {
  metric::Interval auc;   // 99 % interval
  double p_value = 1.0;   // of "cannot be told apart", one-sided (Mann and Whitney 1947)
  int64_t num_train = 0;  // rows looked at
  int64_t num_test = 0;
  std::vector<DifferingColumn> columns;  // significant among all, the most different first
};

/// Compares at most 4,000 rows of each part by `features`; dates are left out, which differ by
/// nature where a split follows time. Rows with an equal value of `group` ("": with an equal key)
/// stay in one fold. kUnsupported, with the reason, for fewer than 50 rows of a part.
Result<SplitDifference> CompareParts(engine::Engine& engine, const QualityRows& rows,
                                     const std::vector<std::string>& features,
                                     const std::string& group, uint64_t seed);

}  // namespace millrace::data
