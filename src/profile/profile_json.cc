#include <utility>

#include "base/format.h"
#include "profile/column_profile.h"
#include "profile/source_profile.h"

namespace millrace::profile {
namespace {

using json::Json;

Json CountsToJson(const std::vector<ValueCount>& counts) {
  Json array = Json::MakeArray();
  for (const ValueCount& item : counts) {
    array.Append(Json::Of({{"value", item.value}, {"count", item.count}}));
  }
  return array;
}

std::vector<ValueCount> CountsFromJson(const Json& document) {
  std::vector<ValueCount> counts;
  for (const Json& item : document.AsArray()) {
    counts.push_back({item["value"].AsString(), item["count"].AsInteger()});
  }
  return counts;
}

Json Optional(const std::optional<double>& value) { return value ? Json(*value) : Json(); }
std::optional<double> OptionalNumber(const Json& value) {
  if (!value.is_number()) return std::nullopt;
  return value.AsNumber();
}

}  // namespace

Json ToJson(const ColumnProfile& p) {
  // The schema's own form carries type and rules.
  const auto schema = table::Schema::Make({{.name = p.name, .type = p.type, .rules = p.rules}});
  Json document = Json::MakeObject();
  document.Set("name", p.name);
  document.Set("type", table::ColumnTypeName(p.type));
  document.Set("reason", p.reason);
  document.Set("notable", p.is_notable);
  document.Set("rows", p.num_rows);
  document.Set("missing", p.num_missing);
  document.Set("invalid", p.num_invalid);
  document.Set("distinct", p.num_distinct);
  document.Set("distinct_is_exact", p.distinct_is_exact);
  document.Set("constant", p.is_constant);
  document.Set("unique", p.is_unique);
  document.Set("sequence", p.is_sequence);
  document.Set("minimum", Optional(p.minimum));
  document.Set("maximum", Optional(p.maximum));
  document.Set("mean", Optional(p.mean));
  document.Set("standard_deviation", Optional(p.standard_deviation));
  document.Set("skewness", Optional(p.skewness));
  document.Set("kurtosis", Optional(p.kurtosis));
  document.Set("quantiles_are_exact", p.quantiles_are_exact);
  document.Set("quantiles", Json::ArrayOf(p.quantiles));
  document.Set("histogram_edges", Json::ArrayOf(p.histogram_edges));
  document.Set("histogram_counts", Json::ArrayOf(p.histogram_counts));
  document.Set("missing_words", CountsToJson(p.missing_words));
  document.Set("top_values", CountsToJson(p.top_values));
  document.Set("mean_length", p.mean_length);
  document.Set("max_length", p.max_length);
  document.Set("mean_words", p.mean_words);
  if (schema.ok()) document.Set("schema", schema->ToJson());
  return document;
}

Result<ColumnProfile> ColumnProfileFromJson(const Json& document) {
  ColumnProfile p;
  MILLRACE_ASSIGN_OR_RETURN(p.name, document.RequireString("column profile", "name"));
  MILLRACE_ASSIGN_OR_RETURN(const table::Schema schema,
                            table::Schema::FromJson(document["schema"], "column profile"));
  if (schema.num_columns() != 1) return Corrupt("column profile: schema of one column expected");
  p.type = schema.column(0).type;
  p.rules = schema.column(0).rules;
  p.reason = document["reason"].AsString();
  p.is_notable = document["notable"].AsBool();
  p.num_rows = document["rows"].AsInteger();
  p.num_missing = document["missing"].AsInteger();
  p.num_invalid = document["invalid"].AsInteger();
  p.num_distinct = document["distinct"].AsInteger();
  p.distinct_is_exact = document["distinct_is_exact"].AsBool();
  p.is_constant = document["constant"].AsBool();
  p.is_unique = document["unique"].AsBool();
  p.is_sequence = document["sequence"].AsBool();
  p.minimum = OptionalNumber(document["minimum"]);
  p.maximum = OptionalNumber(document["maximum"]);
  p.mean = OptionalNumber(document["mean"]);
  p.standard_deviation = OptionalNumber(document["standard_deviation"]);
  p.skewness = OptionalNumber(document["skewness"]);
  p.kurtosis = OptionalNumber(document["kurtosis"]);
  p.quantiles_are_exact = document["quantiles_are_exact"].AsBool();
  for (const Json& item : document["quantiles"].AsArray()) p.quantiles.push_back(item.AsNumber());
  for (const Json& item : document["histogram_edges"].AsArray()) {
    p.histogram_edges.push_back(item.AsNumber());
  }
  for (const Json& item : document["histogram_counts"].AsArray()) {
    p.histogram_counts.push_back(item.AsInteger());
  }
  p.missing_words = CountsFromJson(document["missing_words"]);
  p.top_values = CountsFromJson(document["top_values"]);
  p.mean_length = document["mean_length"].AsNumber();
  p.max_length = document["max_length"].AsInteger();
  p.mean_words = document["mean_words"].AsNumber();
  return p;
}

Json ToJson(const SourceProfile& profile) {
  Json columns = Json::MakeArray();
  for (const ColumnProfile& column : profile.columns) columns.Append(ToJson(column));
  Json associations = Json::MakeArray();
  for (const Association& each : profile.associations) associations.Append(ToJson(each));
  return Json::Of({{"rows", profile.num_rows},
                   {"duplicate_rows", profile.num_duplicate_rows},
                   {"sampled_rows", profile.num_sampled},
                   {"content_digest", profile.content_digest.ToHex()},
                   {"columns", std::move(columns)},
                   {"associations", std::move(associations)}});
}

Result<SourceProfile> SourceProfileFromJson(const Json& document) {
  SourceProfile profile;
  MILLRACE_ASSIGN_OR_RETURN(profile.num_rows, document.RequireInteger("profile", "rows"));
  profile.num_duplicate_rows = document["duplicate_rows"].AsInteger();
  // Profiles of earlier versions have neither sample nor digest.
  profile.num_sampled = document["sampled_rows"].AsInteger();
  if (const auto digest = Digest::FromHex(document["content_digest"].AsString()); digest.ok()) {
    profile.content_digest = *digest;
  }
  MILLRACE_ASSIGN_OR_RETURN(const json::Array* columns,
                            document.RequireArray("profile", "columns"));
  for (const Json& item : *columns) {
    MILLRACE_ASSIGN_OR_RETURN(ColumnProfile column, ColumnProfileFromJson(item));
    profile.columns.push_back(std::move(column));
  }
  for (const Json& item : document["associations"].AsArray()) {
    MILLRACE_ASSIGN_OR_RETURN(const Association association, AssociationFromJson(item));
    const auto num_columns = static_cast<int64_t>(profile.columns.size());
    if (association.first < 0 || association.second < 0 || association.first >= num_columns ||
        association.second >= num_columns) {
      return Corrupt("profile: an association names a column that is not there");
    }
    profile.associations.push_back(association);
  }
  return profile;
}

}  // namespace millrace::profile
