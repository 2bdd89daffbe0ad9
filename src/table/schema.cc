#include "table/schema.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/format.h"
#include "base/text.h"

namespace millrace::table {
namespace {

using json::Json;

Json RulesToJson(const ReadingRules& rules) {
  Json document = Json::Of({{"missing", Json::ArrayOf(rules.missing_texts)},
                            {"decimal", std::string(1, rules.decimal)},
                            {"prefix", rules.prefix},
                            {"suffix", rules.suffix},
                            {"date_order", rules.date_order}});
  if (rules.magnitudes) document.Set("magnitudes", true);
  return document;
}

Result<ReadingRules> RulesFromJson(const Json& document, std::string_view where) {
  ReadingRules rules;
  if (!document.is_object()) return Corrupt(Format("{}: reading rules: no object", where));
  for (const Json& text : document["missing"].AsArray()) {
    rules.missing_texts.push_back(text.AsString());
  }
  const std::string& decimal = document["decimal"].AsString();
  if (decimal != "." && decimal != ",") {
    return Corrupt(Format("{}: decimal sign must be '.' or ',': \"{}\"", where, decimal));
  }
  rules.decimal = decimal[0];
  rules.prefix = document["prefix"].AsString();
  rules.suffix = document["suffix"].AsString();
  rules.date_order = document["date_order"].AsString();
  rules.magnitudes = document["magnitudes"].AsBool();
  const std::string& order = rules.date_order;
  if (order != "ymd" && order != "dmy" && order != "mdy" && order != "seconds" &&
      order != "milliseconds") {
    return Corrupt(Format("{}: unknown date order: \"{}\"", where, rules.date_order));
  }
  return rules;
}

Result<ColumnSchema> ColumnFromJson(const Json& document, std::string_view where) {
  ColumnSchema column;
  MILLRACE_ASSIGN_OR_RETURN(column.name, document.RequireString(where, "name"));
  MILLRACE_ASSIGN_OR_RETURN(const std::string type, document.RequireString(where, "type"));
  const auto known = ColumnTypeFromName(type);
  if (!known) return Corrupt(Format("{}: unknown column type: \"{}\"", where, type));
  column.type = *known;
  MILLRACE_ASSIGN_OR_RETURN(column.rules, RulesFromJson(document["rules"], where));
  column.nullable = document["nullable"].AsBool(true);
  if (document["minimum"].is_number() && document["maximum"].is_number()) {
    column.minimum = document["minimum"].AsNumber();
    column.maximum = document["maximum"].AsNumber();
  }
  for (const Json& value : document["values"].AsArray()) {
    column.values.push_back(value.AsString());
  }
  column.derived = document["derived"].AsString();
  return column;
}

}  // namespace

Result<Schema> Schema::Make(std::vector<ColumnSchema> columns) {
  std::set<std::string_view> names;
  for (const ColumnSchema& column : columns) {
    if (column.name.empty()) return InvalidData("schema: a column without a name");
    if (!names.insert(column.name).second) {
      return InvalidData(Format("schema: two columns share a name: \"{}\"", column.name));
    }
  }
  Schema schema;
  schema.columns_ = std::move(columns);
  return schema;
}

std::optional<int64_t> Schema::Find(std::string_view name) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == name) return static_cast<int64_t>(i);
  }
  return std::nullopt;
}

std::vector<std::string> Schema::names() const {
  std::vector<std::string> names;
  for (const ColumnSchema& column : columns_) names.push_back(column.name);
  return names;
}

Result<Schema> Schema::Select(const std::vector<std::string>& wanted) const {
  std::vector<ColumnSchema> columns;
  for (const std::string& name : wanted) {
    const auto index = Find(name);
    if (!index) {
      return NotFound(Format("schema: no such column: \"{}\"", name))
          .WithHint(DidYouMean(name, names()));
    }
    columns.push_back(column(*index));
  }
  return Make(std::move(columns));
}

Json Schema::ToJson() const {
  Json columns = Json::MakeArray();
  for (const ColumnSchema& column : columns_) {
    Json item = Json::Of({{"name", column.name},
                          {"type", ColumnTypeName(column.type)},
                          {"nullable", column.nullable},
                          {"rules", RulesToJson(column.rules)}});
    if (column.minimum && column.maximum) {
      item.Set("minimum", *column.minimum);
      item.Set("maximum", *column.maximum);
    }
    if (!column.values.empty()) item.Set("values", Json::ArrayOf(column.values));
    if (!column.derived.empty()) item.Set("derived", column.derived);
    columns.Append(std::move(item));
  }
  return Json::Of({{"columns", std::move(columns)}});
}

Result<Schema> Schema::FromJson(const Json& document, std::string_view where) {
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* items, document.RequireArray(where, "columns"));
  std::vector<ColumnSchema> columns;
  for (const Json& item : *items) {
    MILLRACE_ASSIGN_OR_RETURN(ColumnSchema column, ColumnFromJson(item, where));
    columns.push_back(std::move(column));
  }
  Result<Schema> schema = Make(std::move(columns));
  if (!schema.ok()) return Corrupt(Format("{}: {}", where, schema.status().message()));
  return schema;
}

}  // namespace millrace::table
