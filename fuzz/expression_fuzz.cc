// Any bytes as an expression: an error with a place, or a program whose value is finite or missing
// for any row, and the same over a wider row.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "feature/expression.h"

namespace {

using millrace::feature::Expression;
using millrace::feature::RawValue;
using millrace::table::ColumnType;

RawValue ValueOf(const std::string& column, double number, std::string_view text) {
  if (column == "c" || column == "t") return {.missing = false, .text = text};
  return {.missing = false, .number = number};
}

bool SameValue(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || std::memcmp(&a, &b, sizeof(double)) == 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto schema = *millrace::table::Schema::Make({{.name = "x", .type = ColumnType::kNumber},
                                                      {.name = "y z", .type = ColumnType::kInteger},
                                                      {.name = "b", .type = ColumnType::kBoolean},
                                                      {.name = "d", .type = ColumnType::kDate},
                                                      {.name = "c", .type = ColumnType::kCategory},
                                                      {.name = "t", .type = ColumnType::kText}});
  const auto expression = Expression::Parse(input, schema, "fuzz");
  if (!expression.ok()) {
    MILLRACE_CHECK(expression.status().message().starts_with("fuzz:"), "a mistake has a place");
    return 0;
  }
  const Expression wide = expression->Over(schema.names());
  for (const double number : {0.0, 1.0, -2.5, 1e308, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN()}) {
    std::vector<RawValue> narrow_row;
    std::vector<RawValue> wide_row;
    for (const std::string& column : expression->columns()) {
      narrow_row.push_back(ValueOf(column, number, input));
    }
    for (const std::string& column : schema.names()) {
      wide_row.push_back(ValueOf(column, number, input));
    }
    const double value = expression->Evaluate(narrow_row);
    MILLRACE_CHECK(!std::isinf(value), "a value is finite or missing");
    MILLRACE_CHECK(SameValue(value, wide.Evaluate(wide_row)), "a wider row changes nothing");
  }
  const std::vector<RawValue> missing(expression->columns().size());
  MILLRACE_CHECK(!std::isinf(expression->Evaluate(missing)), "a value is finite or missing");
  return 0;
}
