// RowChecks: the checks of data.checks that one row can break, compiled to a table that judges the
// cells of a row as the reader of their column gave them. The verdicts are those of the query that
// phase 2 runs over a whole table (data/user_checks.h); a property test compares both.
//
// Immutable, const use from many threads. A cell that holds is judged without allocation.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expect/column_check.h"
#include "expect/pattern.h"
#include "json/value.h"
#include "table/schema.h"
#include "table/value_parser.h"

namespace millrace::expect {

/// What one rule asks of a value. Named as the key of the check: "min", ...
enum class RuleKind { kMinimum, kMaximum, kValues, kPattern, kMinLength, kMaxLength, kPresent };
std::string_view RuleName(RuleKind kind);

/// One rule of one column.
struct Rule {
  int32_t column = 0;  // of the schema
  RuleKind kind = RuleKind::kPresent;
  Action action = Action::kPolicy;
  double bound = 0.0;               // kMinimum, kMaximum
  int64_t length = 0;               // kMinLength, kMaxLength
  std::vector<double> numbers;      // kValues of a numeric column, ascending
  std::vector<std::string> texts;   // kValues of a text column, ascending
  std::vector<std::string> listed;  // kValues: as they were written, for messages
  std::optional<Pattern> pattern;   // kPattern
};

class RowChecks {
 public:
  /// No rules.
  RowChecks() = default;
  /// Compiles the checks for rows of the schema. kInvalidData naming the column: there is none of
  /// this name, its type cannot have such a bound, a value that it cannot hold, a bad pattern.
  static Result<RowChecks> Compile(std::vector<ColumnCheck> checks, const table::Schema& schema);

  bool empty() const { return rules_.empty(); }
  const std::vector<Rule>& rules() const { return rules_; }
  /// Returns the indexes of the rules of a column of the schema, in the order of the checks. Valid
  /// for columns of the schema that the checks were compiled for; empty without rules.
  std::span<const int32_t> RulesOf(size_t column) const;
  /// Returns whether a cell keeps a rule of its column. A missing cell breaks kPresent only; one
  /// that could not be read breaks kPresent too: the engine reads it as missing.
  bool Holds(int32_t rule, const table::Cell& cell) const;
  /// Returns what is wrong, with the value: `230 is above 120`, `"x" is none of a, b`. For a cell
  /// that breaks the rule.
  std::string Describe(int32_t rule, const table::Cell& cell) const;
  /// Returns "age max": the name of a rule in messages.
  std::string NameOf(int32_t rule) const;
  const std::string& ColumnOf(int32_t rule) const;

  /// {"version": 1, "checks": [...]} (docs/formats/bundle.md).
  json::Json ToJson() const;
  /// kCorrupt when the document is none, or does not fit the schema.
  static Result<RowChecks> FromJson(const json::Json& document, const table::Schema& schema,
                                    std::string_view where);

  const std::vector<ColumnCheck>& checks() const { return checks_; }

 private:
  Status Add(const ColumnCheck& check, int32_t column, const table::ColumnSchema& schema);
  void Index(size_t num_columns);

  std::vector<ColumnCheck> checks_;
  std::vector<Rule> rules_;
  std::vector<std::string> columns_;  // names of the schema
  std::vector<int32_t> order_;        // rules, grouped by column
  std::vector<int32_t> begins_;       // [columns + 1] of order_
};

}  // namespace millrace::expect
