#include "cli/example_request.h"

#include <algorithm>
#include <cmath>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"
#include "json/text.h"

namespace millrace::cli {
namespace {

using table::ColumnSchema;
using table::ColumnType;

double Middle(const ColumnSchema& column) {
  if (!column.minimum || !column.maximum) return 1.0;
  return *column.minimum + (*column.maximum - *column.minimum) / 2;
}

// Three digits are enough for an example, as long as they stay in the range.
double Rounded(const ColumnSchema& column, double value) {
  const auto rounded = ParseDouble(FormatSignificant(value, 3));
  if (!rounded || (column.minimum && *rounded < *column.minimum) ||
      (column.maximum && *rounded > *column.maximum)) {
    return value;
  }
  return *rounded;
}

json::Json ExampleValue(const ColumnSchema& column) {
  switch (column.type) {
    case ColumnType::kBoolean:
      return true;
    case ColumnType::kInteger:
      return static_cast<int64_t>(std::floor(std::clamp(Middle(column), -9e15, 9e15)));
    case ColumnType::kNumber:
      return Rounded(column, Middle(column));
    case ColumnType::kDate: {
      const double seconds = std::clamp(Middle(column), -6e10, 2.5e11);
      return FormatUtc(static_cast<int64_t>(std::floor(seconds / 86400) * 86400) * 1'000'000)
          .substr(0, 10);
    }
    case ColumnType::kCategory:
    case ColumnType::kText:
      return column.values.empty() ? std::string("text") : column.values.front();
  }
  return nullptr;
}

}  // namespace

json::Json ExampleRequest(const table::Schema& schema) {
  json::Json row = json::Json::MakeObject();
  for (const ColumnSchema& column : schema.columns()) {
    row.AppendMember(column.name, ExampleValue(column));
  }
  json::Json rows = json::Json::MakeArray();
  rows.Append(std::move(row));
  return json::Json::Of({{"rows", std::move(rows)}});
}

std::string ShellWord(std::string_view text) { return "'" + ReplaceAll(text, "'", "'\\''") + "'"; }

std::string ExampleCurl(std::string_view url, const table::Schema& schema, std::string_view token) {
  const std::string header =
      token.empty() ? std::string() : Format(" -H 'Authorization: Bearer {}'", token);
  return Format("curl -s {}/v1/predict{} -H 'Content-Type: application/json' -d {}", url, header,
                ShellWord(json::Write(ExampleRequest(schema))));
}

}  // namespace millrace::cli
