// Outliers: values far from the rest of their column, and rows far from the rest of the table.
// Measured on training rows; nothing is changed here.
//
// One column, three rules: Tukey's inner fences (1.5 interquartile ranges; Tukey 1977), the
// modified z-score |0.6745 (x - median) / MAD| > 3.5 (Iglewicz and Hoaglin 1993), and far out:
// beyond every one of three fences, so that no usual shape of a column is taken for a fault: 10
// interquartile ranges, 20 half ranges on each side of the median by itself (a skew), and, where no
// value is negative, Tukey's outer fences (3 ranges) of the logarithms of the positive ones. Only
// far out values, where they are rare, are worth a warning: mixed units, typing errors.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/quality/quality_rows.h"

namespace millrace::data {

struct Fences {
  double low = 0.0;
  double high = 0.0;
};

/// Returns the fences beyond which a value is far out; nothing when the middle half is one value,
/// or there are fewer than 20. Cost: a sort.
std::optional<Fences> FarFences(std::vector<double> values);

/// Far out values are no outliers where more than this share of a column is.
inline constexpr double kRareValues = 0.02;

struct OutlierValue {
  int64_t place = 0;  // in the source
  double value = 0.0;
};

struct ColumnOutliers {
  std::string column;
  Fences fences;
  int64_t num_values = 0;
  int64_t num_inner = 0;               // beyond 1.5 interquartile ranges
  int64_t num_robust_z = 0;            // beyond 3.5
  int64_t num_far = 0;                 // beyond `fences`
  std::vector<OutlierValue> examples;  // far ones, at most 100, in row order
};

struct OutlierRow {
  int64_t place = 0;
  double score = 0.0;
  std::string column;  // the one that lies furthest from its middle, in median deviations
  double value = 0.0;
};

struct RowOutliers {
  int64_t num_rows = 0;  // scored
  double threshold = 0.0;
  double expected = 0.0;  // rows beyond it if the tail went on as the bulk begins it
  int64_t num_beyond = 0;
  std::vector<OutlierRow> rows;  // beyond it, greatest score first, at most 100
};

struct Outliers {
  std::vector<ColumnOutliers> columns;  // with rare far values, most first
  RowOutliers rows;
};

/// Looks at integer and number columns of `features` on all training rows of the sample, and at
/// 10,000 rows together (missing values stand at the median).
Outliers FindOutliers(const QualityRows& rows, const std::vector<std::string>& features,
                      uint64_t seed);

}  // namespace millrace::data
