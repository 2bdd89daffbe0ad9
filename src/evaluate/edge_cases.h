// Edge cases: rows made from the schema that no training row looks like, and what the model says
// to them. The answer must stay a finite number, or probabilities that sum to 1.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/scorer.h"
#include "report/checkpoint.h"
#include "report/document.h"
#include "table/table.h"

namespace millrace::evaluate {

/// What one kind of row did.
struct EdgeCase {
  std::string id;    // "all_missing"
  std::string text;  // "every value missing"
  int64_t num_rows = 0;
  int64_t num_failed = 0;
  double lowest = 0.0;  // first output, over the rows
  double highest = 0.0;
  std::string failure;  // of the first failed row; empty when none
};

/// Makes and scores the cases that the schema allows (no "unseen category" without a category).
/// `typical` holds rows that single columns are changed in; at most a few are used. kInvalidData
/// when the scorer refuses a row altogether.
Result<std::vector<EdgeCase>> RunEdgeCases(const bundle::Scorer& scorer,
                                           const table::Table& typical);

/// Returns a blocking check a case: "edge.all_missing".
std::vector<report::Check> CheckEdgeCases(const std::vector<EdgeCase>& cases);

}  // namespace millrace::evaluate
