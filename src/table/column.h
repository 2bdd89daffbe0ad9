// Columns in memory: what flows between the engine, the transform graph and the server.
//
// A value is physically a double (numbers, booleans as 0/1, dates as seconds since 1970-01-01 UTC)
// or a text. Missing is a validity flag, never a magic value. Thread safety: values; const access
// from many threads is safe.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::table {

/// What the values of a column mean. Do not renumber: stored by name in schemas.
enum class ColumnType {
  kInteger,   // whole numbers; missing allowed
  kNumber,    // real numbers
  kBoolean,   // 0 or 1
  kCategory,  // text from a set
  kText,      // free text
  kDate,      // a point in time, seconds since 1970-01-01 UTC
};

std::string_view ColumnTypeName(ColumnType type);  // "integer", "number", ...
std::optional<ColumnType> ColumnTypeFromName(std::string_view name);
/// Returns true for the types stored as doubles.
constexpr bool IsNumeric(ColumnType type) {
  return type != ColumnType::kCategory && type != ColumnType::kText;
}

/// One column of values. Exactly one of `numbers` and `texts` is used, by `IsNumeric(type)`.
class Column {
 public:
  explicit Column(ColumnType type) : type_(type) {}

  ColumnType type() const { return type_; }
  int64_t size() const { return static_cast<int64_t>(valid_.size()); }
  bool valid(int64_t row) const { return valid_[static_cast<size_t>(row)] != 0; }
  /// Returns the number; 0.0 when missing. Numeric types only.
  double number(int64_t row) const { return numbers_[static_cast<size_t>(row)]; }
  /// Returns the text; empty when missing. kCategory and kText only. Valid until the next append.
  std::string_view text(int64_t row) const {
    const auto i = static_cast<size_t>(row);
    return std::string_view(bytes_).substr(ends_[i], ends_[i + 1] - ends_[i]);
  }
  int64_t num_missing() const;

  void AppendMissing();
  /// Appends a number to a numeric column; it must be finite.
  void AppendNumber(double value);
  /// Appends a text to a kCategory or kText column.
  void AppendText(std::string_view value);
  /// Removes all values and keeps the memory: for steady-state reuse.
  void Clear();
  void Reserve(int64_t num_rows);

  /// Returns the rows given by `rows`, in that order.
  Column Take(std::span<const int64_t> rows) const;

 private:
  ColumnType type_;
  std::vector<uint8_t> valid_;
  std::vector<double> numbers_;
  std::string bytes_;
  std::vector<size_t> ends_{0};  // ends_[i]..ends_[i + 1] delimit text i
};

}  // namespace millrace::table
