#include <cmath>
#include <limits>
#include <utility>

#include "evaluate/evaluate_phase.h"

namespace millrace::evaluate {
namespace {

using json::Json;

constexpr std::string_view kWhere = "evaluate record";

// A value that is not defined is written as null.
Json IntervalToJson(const metric::Interval& interval) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  return Json::Of({{"value", number(interval.value)},
                   {"low", number(interval.low)},
                   {"high", number(interval.high)}});
}

metric::Interval IntervalFromJson(const Json& document) {
  constexpr double kNotDefined = std::numeric_limits<double>::quiet_NaN();
  return {document["value"].AsNumber(kNotDefined), document["low"].AsNumber(kNotDefined),
          document["high"].AsNumber(kNotDefined)};
}

Result<Digest> DigestFrom(const Json& document, std::string_view key) {
  MILLRACE_ASSIGN_OR_RETURN(const std::string hex, document.RequireString(kWhere, key));
  return Digest::FromHex(hex);
}

}  // namespace

const MeasuredMetric* EvaluateRecord::FindMetric(std::string_view name) const {
  for (const MeasuredMetric& metric : metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

Json ToJson(const EvaluateRecord& record) {
  Json metrics = Json::MakeArray();
  for (const MeasuredMetric& metric : record.metrics) {
    metrics.Append(Json::Of({{"name", metric.name}, {"interval", IntervalToJson(metric.value)}}));
  }
  Json gaps = Json::MakeArray();
  for (const MeasuredGap& gap : record.gaps) {
    gaps.Append(Json::Of({{"column", gap.column},
                          {"name", gap.name},
                          {"interval", IntervalToJson(gap.value)},
                          {"evidence", gap.evidence}}));
  }
  return Json::Of({{"bundle", record.bundle.ToHex()},
                   {"bundle_object", record.bundle_object.ToHex()},
                   {"bundle_bytes", record.bundle_bytes},
                   {"test_rows", record.num_test},
                   {"primary_metric", record.primary_metric},
                   {"metrics", std::move(metrics)},
                   {"over_baseline", IntervalToJson(record.over_baseline)},
                   {"gaps", std::move(gaps)},
                   {"card", record.card},
                   {"section", report::ToJson(record.section)}});
}

Result<EvaluateRecord> EvaluateRecordFromJson(const Json& document) {
  EvaluateRecord record;
  MILLRACE_ASSIGN_OR_RETURN(record.bundle, DigestFrom(document, "bundle"));
  MILLRACE_ASSIGN_OR_RETURN(record.bundle_object, DigestFrom(document, "bundle_object"));
  MILLRACE_ASSIGN_OR_RETURN(record.bundle_bytes, document.RequireInteger(kWhere, "bundle_bytes"));
  MILLRACE_ASSIGN_OR_RETURN(record.num_test, document.RequireInteger(kWhere, "test_rows"));
  MILLRACE_ASSIGN_OR_RETURN(record.primary_metric,
                            document.RequireString(kWhere, "primary_metric"));
  for (const Json& item : document["metrics"].AsArray()) {
    record.metrics.push_back({item["name"].AsString(), IntervalFromJson(item["interval"])});
  }
  record.over_baseline = IntervalFromJson(document["over_baseline"]);
  for (const Json& item : document["gaps"].AsArray()) {
    record.gaps.push_back({item["column"].AsString(), item["name"].AsString(),
                           IntervalFromJson(item["interval"]), item["evidence"].AsString()});
  }
  MILLRACE_ASSIGN_OR_RETURN(record.card, document.RequireString(kWhere, "card"));
  MILLRACE_ASSIGN_OR_RETURN(record.section, report::SectionFromJson(document["section"]));
  return record;
}

}  // namespace millrace::evaluate
