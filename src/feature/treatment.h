// Treatments: what a graph does to the raw value of a column before nodes read it: a number beyond
// its bounds is moved to the bound (clipped), a missing value is filled. Plain data, fitted by fit/
// and applied by graph.h; docs/formats/graph.md gives the stored form.
//
// Nodes of the kinds `missing` and `group` and expressions read the value as it came: what was
// missing can still be told, and what users compute follows SQL.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "table/schema.h"

namespace millrace::feature {

/// What stands for a missing value. Do not renumber: stored by name.
enum class FillKind {
  kNone,    // it stays missing
  kNumber,  // `number`
  kText,    // `text`
  kModel,   // a linear model of other columns, see FillModel
};

std::string_view FillKindName(FillKind kind);  // "none", "number", "text", "model"
std::optional<FillKind> FillKindFromName(std::string_view name);

/// One summand of a model: `weight` times the number of the column, or times 1 where the text of
/// the column equals `value` and 0 elsewhere.
struct FillTerm {
  std::string column;                // not the treated one
  std::optional<std::string> value;  // category and text columns; nothing: a number
  double weight = 0.0;               // finite
  /// What stands for a missing number of a column that has no fill of its own; finite.
  double center = 0.0;

  friend bool operator==(const FillTerm&, const FillTerm&) = default;
};

/// The value is intercept + the sum of the terms, in their order, clamped to [least, greatest];
/// Treatment::number where the sum is not a number. Terms read treated values. Where several
/// modelled columns of a row are missing, each begins at its `number`, and kFillRounds rounds
/// predict them in the order of the treatments, each from the latest values of the others (chained
/// equations; van Buuren and Groothuis-Oudshoorn 2011, section 2.3, without the random draws).
struct FillModel {
  double intercept = 0.0;
  double least = 0.0;  // of training; <= greatest, finite
  double greatest = 0.0;
  std::vector<FillTerm> terms;

  friend bool operator==(const FillModel&, const FillModel&) = default;
};

inline constexpr int kFillRounds = 3;
/// Columns of a graph that may have a model: their estimates stand on the stack while a row runs.
inline constexpr size_t kMaxFillModels = 32;

struct Treatment {
  std::string column;
  std::optional<double> low;  // integer and number columns; finite, low <= high
  std::optional<double> high;
  FillKind fill = FillKind::kNone;
  double number = 0.0;  // kNumber; kModel: where the rounds begin. Finite
  std::string text;     // kText
  FillModel model;      // kModel: integer and number columns

  friend bool operator==(const Treatment&, const Treatment&) = default;
};

/// Returns `number` within the bounds of the treatment.
double Clip(const Treatment& treatment, double number);

/// Checks what treatments say by themselves and of their columns: every column once, types that
/// fit, finite numbers. kInvalidSpec naming the column.
Status CheckTreatments(const table::Schema& schema, const std::vector<Treatment>& treatments);

json::Json TreatmentToJson(const Treatment& treatment);
/// kCorrupt when a member is absent or of another kind.
Result<Treatment> TreatmentFromJson(const json::Json& document);

}  // namespace millrace::feature
