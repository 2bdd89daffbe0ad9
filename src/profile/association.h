// How strongly two columns go together, on a sample of rows: Pearson's correlation of two numbers,
// Cramer's V of two categories (with the bias correction of Bergsma 2013), the correlation ratio
// (eta) of a category and a number (Fisher 1925; corrected as Kelley's epsilon, 1935).
//
// Thread safety: pure functions. Deterministic for any number of threads.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "table/column.h"

namespace millrace::profile {

enum class AssociationKind { kPearson, kCramersV, kCorrelationRatio };
std::string_view AssociationKindName(AssociationKind kind);  // "pearson", "cramers_v", "eta"

/// Two columns of a profile, `first` before `second`.
struct Association {
  int64_t first = 0;  // index of the column
  int64_t second = 0;
  AssociationKind kind = AssociationKind::kPearson;
  double value = 0.0;    // [-1, 1] for Pearson, else [0, 1]
  int64_t num_rows = 0;  // of the sample, where both are present
};

/// Columns that are compared at most, and the sampled rows that are looked at.
inline constexpr int64_t kMaxAssociated = 100;
inline constexpr int64_t kAssociationRows = 5'000;
/// Categories with more values than this name things rather than group them: not compared.
inline constexpr int64_t kMaxAssociatedValues = 50;

/// Returns the associations of all pairs of the first kMaxAssociated columns that can be compared
/// (numbers, booleans, dates, categories with few values; not constant, at least 30 rows with
/// both), strongest first, ties by place. `columns` [num_columns] hold the values of the same
/// sampled rows.
std::vector<Association> Associate(const std::vector<table::Column>& columns, int num_threads);

json::Json ToJson(const Association& association);
Result<Association> AssociationFromJson(const json::Json& document);

}  // namespace millrace::profile
