// Schema: names, types and reading rules of the columns of a table. Part of every bundle: the
// server reads requests with the same rules that read the training file.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "table/column.h"

namespace millrace::table {

/// How text becomes a value of one column. The rules are data: stored in the schema.
struct ReadingRules {
  /// Texts (trimmed, case kept) that mean missing besides the empty text: "NA", "?", "-200".
  std::vector<std::string> missing_texts;
  /// Decimal sign '.' or ','; the other one, a space or an apostrophe may group thousands.
  char decimal = '.';
  /// Text taken off before and after a number: "$", "%", "kmpl".
  std::string prefix;
  std::string suffix;
  /// Order of date fields where digits are ambiguous: "ymd", "dmy" or "mdy"; or what digits count
  /// since 1970: "seconds" or "milliseconds".
  std::string date_order = "ymd";
  /// A letter behind a number multiplies it: k by a thousand, M by a million, B (bn) by a thousand
  /// million, in any case; it stands before the suffix.
  bool magnitudes = false;

  friend bool operator==(const ReadingRules&, const ReadingRules&) = default;
};

/// One column as the user names it.
struct ColumnSchema {
  std::string name;
  ColumnType type = ColumnType::kText;
  ReadingRules rules;
  bool nullable = true;
  /// Observed range of numeric columns in the training data; both or neither.
  std::optional<double> minimum;
  std::optional<double> maximum;
  /// Values of a category with at least the minimum count of the data policy, most frequent first.
  std::vector<std::string> values;
  /// What the column holds where it is computed from earlier rows: "sales 7 rows earlier, by
  /// store". Only who keeps the history knows it, so a row must bring it. Empty: a plain column.
  std::string derived;

  friend bool operator==(const ColumnSchema&, const ColumnSchema&) = default;
};

class Schema {
 public:
  Schema() = default;
  /// kInvalidData when two columns share a name or a name is empty.
  static Result<Schema> Make(std::vector<ColumnSchema> columns);

  int64_t num_columns() const { return static_cast<int64_t>(columns_.size()); }
  const ColumnSchema& column(int64_t index) const { return columns_[static_cast<size_t>(index)]; }
  const std::vector<ColumnSchema>& columns() const { return columns_; }
  /// Returns the index of a column, or nothing. Names are compared exactly.
  std::optional<int64_t> Find(std::string_view name) const;
  std::vector<std::string> names() const;
  /// Returns the schema of the named columns, in that order. kNotFound naming the nearest.
  Result<Schema> Select(const std::vector<std::string>& names) const;

  json::Json ToJson() const;
  /// kCorrupt when the document is not a schema.
  static Result<Schema> FromJson(const json::Json& document, std::string_view where);

  friend bool operator==(const Schema&, const Schema&) = default;

 private:
  std::vector<ColumnSchema> columns_;
};

}  // namespace millrace::table
