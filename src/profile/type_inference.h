// Type inference: from the texts of a column to its type and the rules that read it, with the
// reason in words. Pure functions: the same evidence gives the same decision.
//
// Order of the questions: nothing there? yes and no? a code with leading zeros or a name of codes?
// numbers (plain, then with sign of currency, unit, decimal comma)? points in time? else text, free
// or of a set. A column is of a type when 95 % of its cells read as that type, or when all that
// does not read is at most three words without a digit, which then stand for missing.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "table/schema.h"

namespace millrace::profile {

/// A trimmed, non-empty text and how many cells hold it.
struct WeightedText {
  std::string_view text;
  int64_t count = 0;
};

/// What is known of a column before its type is.
struct TypeEvidence {
  std::string_view name;
  int64_t num_rows = 0;
  int64_t num_empty = 0;
  /// All distinct texts in order of first appearance when `complete`; else the texts of a sample of
  /// rows in row order (each counts 1), followed by the words for missing that were seen.
  std::vector<WeightedText> values;
  bool complete = true;
  int64_t num_distinct = 0;  // at least; of texts
  double mean_words = 0.0;   // per non-empty cell
};

struct TypeDecision {
  table::ColumnType type = table::ColumnType::kCategory;
  table::ReadingRules rules;
  std::string reason;
  /// The values do not show it at a glance: a person should see the decision, so the specification
  /// spells it out.
  bool is_notable = false;
};

TypeDecision DecideType(const TypeEvidence& evidence);

/// The words among the evidence that mean missing in a column of texts (`for_text`), where "None"
/// and "-" are categories, or in one of numbers; sorted.
enum class MissingIn { kNumbers, kText };
std::vector<std::string> WordsThatMeanMissing(const TypeEvidence& evidence, MissingIn where);

}  // namespace millrace::profile
