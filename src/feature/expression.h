// Expressions over the raw columns of a row: what features.add computes, the same way in training,
// batch scoring and serving.
//
// Language (docs/formats/graph.md has the grammar): numbers, 'texts', true, false, columns (bare or
// in double quotes), + - * / %, = <> != < <= > >=, and or not, is [not] null, and the functions
// abs, sign, floor, ceil, round, ln, log10, exp, sqrt, pow, least, greatest, nullif, coalesce, if,
// case when ... then ... else ... end, lower, upper, trim, length, contains, starts_with,
// ends_with, substring, replace, year, quarter, month, week, day, weekday, day_of_year, hour,
// minute, is_weekend, date_diff. Words and functions in any case; columns exactly, else in any case
// where that is unique. A constant text beside a date or yes-or-no column is read by that column's
// rules. Missing as in SQL: an operation on a missing value is missing, except `coalesce`, `is
// null`, `least`/`greatest` (skip missing), `and`/`or` (three values). Division by 0, ln of a
// number <= 0, sqrt of a number < 0 and results that are not finite are missing, never an error.
// Booleans are 0 and 1; dates are seconds since 1970-01-01 UTC.
//
// Thread safety: immutable; Evaluate from many threads. Evaluate allocates nothing, but for texts
// above a kilobyte that lower, upper or replace make.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "feature/raw_value.h"
#include "table/schema.h"

namespace millrace::feature {

struct OperationShape;  // expression_operations.h

inline constexpr int64_t kMaxExpressionBytes = 10'000;
inline constexpr int kMaxExpressionDepth = 32;

class Expression {
 public:
  /// Reads and checks `text` against the columns of `schema`. kInvalidSpec
  /// "where:line:column: what: value" (line and column inside `text`, from 1) with a hint: unknown
  /// columns and functions with the nearest, wrong numbers of arguments, texts where numbers
  /// belong, too long, too deep, too many branches. The result of an expression is a number.
  static Result<Expression> Parse(std::string_view text, const table::Schema& schema,
                                  std::string_view where);

  const std::string& text() const { return text_; }
  /// Returns the columns it reads, each once, in schema order.
  const std::vector<std::string>& columns() const { return columns_; }

  /// Returns the same expression reading rows of `columns`, which hold all of columns(), in that
  /// order: for many expressions over one row.
  Expression Over(const std::vector<std::string>& columns) const;

  /// Returns the value; NaN when missing. `values` [columns().size()] in the order of columns().
  double Evaluate(std::span<const RawValue> values) const;

 private:
  // One step of the postfix program (expression_operations.h). Texts of constants live in
  // `constants_`.
  enum class Operation : uint8_t;
  struct Step {
    Operation operation;
    int32_t argument = 0;  // column slot, constant, decimals
    double number = 0.0;
  };
  struct Machine;
  friend class ExpressionParser;

  Expression() = default;
  static OperationShape ShapeOf(Operation operation);
  static double Unary(const Step& step, double a);
  static double Binary(const Step& step, double a, double b);
  static double CompareTexts(Operation operation, std::string_view a, std::string_view b);
  static void RunText(const Step& step, Machine& machine);
  static void RunTexts(const Step& step, Machine& machine);
  void Run(const Step& step, std::span<const RawValue> values, Machine& machine) const;

  std::string text_;
  std::vector<std::string> columns_;
  std::vector<std::string> constants_;
  std::vector<Step> steps_;
};

}  // namespace millrace::feature
