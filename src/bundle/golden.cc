#include "bundle/golden.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "json/text.h"
#include "table/value_parser.h"

namespace millrace::bundle {
namespace {

using table::ColumnSchema;
using table::ColumnType;

constexpr uint64_t kGoldenSeed = 20240131;

json::Json DrawNumber(const ColumnSchema& column, Rng& rng) {
  const double low = column.minimum.value_or(0.0);
  const double high = column.maximum.value_or(low + 1.0);
  const double value = low + (high - low) * rng.Uniform();
  if (column.type == ColumnType::kNumber) return value;
  const double whole = std::floor(value);
  if (std::abs(whole) < 9e15) return static_cast<int64_t>(whole);
  return whole;
}

json::Json DrawValue(const ColumnSchema& column, Rng& rng) {
  const double kind = rng.Uniform();
  if (kind < 0.1) return nullptr;
  switch (column.type) {
    case ColumnType::kBoolean:
      return rng.Uniform() < 0.5;
    case ColumnType::kCategory:
    case ColumnType::kText:
      if (column.values.empty() || kind < 0.15) return "golden-unseen";
      return column.values[rng.Below(column.values.size())];
    case ColumnType::kInteger:
    case ColumnType::kNumber:
    case ColumnType::kDate:
      return DrawNumber(column, rng);
  }
  return nullptr;
}

table::Cell ReadCell(const table::ValueParser& parser, const ColumnSchema& column,
                     const json::Json& value, std::string& text) {
  if (value.is_null()) return {};
  if (value.is_string()) {
    text = value.AsString();
    return parser.Parse(text);
  }
  if (table::IsNumeric(column.type)) {
    if (value.is_bool()) return parser.FromNumber(value.AsBool() ? 1.0 : 0.0);
    if (value.is_number()) return parser.FromNumber(value.AsNumber());
  } else if (value.is_bool() || value.is_number()) {
    text = value.is_bool()      ? (value.AsBool() ? "true" : "false")
           : value.is_integer() ? Format("{}", value.AsInteger())
                                : FormatDouble(value.AsNumber());
    return parser.Parse(text);
  }
  return {table::CellState::kInvalid, 0.0, {}};
}

}  // namespace

json::Json SynthesiseGoldenRows(const table::Schema& schema, int64_t num_rows) {
  Rng rng(kGoldenSeed);
  json::Json rows = json::Json::MakeArray();
  for (int64_t row = 0; row < num_rows; ++row) {
    json::Json object = json::Json::MakeObject();
    for (const ColumnSchema& column : schema.columns()) {
      object.AppendMember(column.name, row == 0 ? json::Json() : DrawValue(column, rng));
    }
    rows.Append(std::move(object));
  }
  return rows;
}

Result<table::Table> RowsFromJson(const std::shared_ptr<const table::Schema>& schema,
                                  const json::Json& rows) {
  if (!rows.is_array()) return InvalidData("rows: not an array");
  table::Table out(schema);
  std::string text;
  for (int64_t c = 0; c < schema->num_columns(); ++c) {
    const ColumnSchema& column = schema->column(c);
    const table::ValueParser parser(column);
    table::Column& values = out.mutable_column(c);
    for (size_t r = 0; r < rows.size(); ++r) {
      if (!rows[r].is_object()) return InvalidData(Format("rows[{}]: not an object", r));
      const json::Json& value = rows[r][column.name];
      const table::Cell cell = ReadCell(parser, column, value, text);
      if (cell.state == table::CellState::kInvalid) {
        return InvalidData(
            Format("rows[{}].{}: not {}: {}", r, column.name,
                   WithArticle(table::ColumnTypeName(column.type)),
                   value.is_string() ? json::Quote(value.AsString()) : json::Write(value)));
      }
      if (cell.state == table::CellState::kMissing) {
        values.AppendMissing();
      } else if (table::IsNumeric(column.type)) {
        values.AppendNumber(cell.number);
      } else {
        values.AppendText(cell.text);
      }
    }
  }
  return out;
}

bool NearlyEqual(double a, double b, int64_t ulps) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  if (!std::isfinite(a) || !std::isfinite(b)) return false;
  const double size = std::max(std::abs(a), std::abs(b));
  if (size < 1e-15) return true;
  const double unit = std::nextafter(size, HUGE_VAL) - size;
  return std::abs(a - b) <= static_cast<double>(ulps) * unit;
}

}  // namespace millrace::bundle
