// PlainColumns: columns that add little: nearly one value, copies of another, the same classes
// under other names, numbers on one line. Measured on training rows.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/quality/quality_rows.h"

namespace millrace::data {

struct NearConstant {
  std::string column;
  double share = 0.0;  // of rows with the most frequent value (missing is one)
};

enum class Redundancy {
  kCopy,       // equal in every row
  kRenamed,    // one value of the one for each value of the other
  kCorrelated  // |Pearson's r| > 0.995
};

struct RedundantPair {
  std::string kept;  // the earlier column
  std::string other;
  Redundancy kind = Redundancy::kCopy;
  double correlation = 1.0;  // kCorrelated
};

struct PlainColumns {
  std::vector<NearConstant> near_constant;  // 99.5 % of rows and more
  std::vector<RedundantPair> redundant;
};

inline constexpr double kNearConstant = 0.995;
inline constexpr double kCorrelated = 0.995;

/// Looks at `features` on all training rows of the sample; correlations on 20,000 of them.
PlainColumns FindPlainColumns(const QualityRows& rows, const std::vector<std::string>& features);

}  // namespace millrace::data
