#include "data/suggest_checks.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "metric/share_interval.h"
#include "spec/yaml_text.h"

namespace millrace::data {
namespace {

constexpr int64_t kLeastRows = 100;
constexpr double kZ999 = 3.0902;  // one-sided 99.9 % of the normal distribution
constexpr double kRangeShare = 0.99;
constexpr int64_t kMostValues = 50;
constexpr double kMostUnseen = 0.005;

// Upper bound of a share after `count` of `n`, rounded up to a thousandth.
double UpperShare(int64_t count, int64_t n) {
  const double upper =
      metric::WilsonInterval(static_cast<double>(count), static_cast<double>(n), kZ999).high;
  return std::ceil(upper * 1000) / 1000;
}

class Suggester {
 public:
  Suggester(const profile::SourceProfile& profile, const spec::Spec& spec)
      : profile_(profile), spec_(spec) {}

  std::vector<SuggestedCheck> Run() {
    if (profile_.num_rows < kLeastRows) return {};
    for (const profile::ColumnProfile& column : profile_.columns) {
      if (column.num_distinct == 0) continue;
      AddMissing(column);
      if (column.name == spec_.problem.target) continue;
      const bool is_id = spec_.data.id == column.name;
      if (is_id && column.is_unique) AddUnique(column);
      if (is_id || column.is_sequence) continue;
      if (column.type == table::ColumnType::kInteger || column.type == table::ColumnType::kNumber) {
        AddRange(column);
      } else if (column.type == table::ColumnType::kCategory) {
        AddValues(column);
      }
    }
    return std::move(checks_);
  }

 private:
  void Add(const profile::ColumnProfile& column, spec::DataCheck check, std::string reason) {
    check.column = column.name;
    check.severity = spec::Severity::kWarn;
    checks_.push_back({std::move(check), std::move(reason)});
  }

  void AddMissing(const profile::ColumnProfile& column) {
    spec::DataCheck check;
    check.max_missing = UpperShare(column.num_missing, column.num_rows);
    if (*check.max_missing >= 1.0) return;
    Add(column, std::move(check),
        Format("{} of {} are missing", FormatCount(column.num_missing),
               FormatCount(column.num_rows)));
  }

  void AddUnique(const profile::ColumnProfile& column) {
    spec::DataCheck check;
    check.unique = true;
    Add(column, std::move(check), "the id, every value differs");
  }

  void AddRange(const profile::ColumnProfile& column) {
    if (!column.minimum || !column.maximum) return;
    spec::DataCheck check;
    check.minimum = column.minimum;
    check.maximum = column.maximum;
    check.at_least = kRangeShare;
    Add(column, std::move(check),
        Format("the range of {} values", FormatCount(column.num_rows - column.num_missing)));
  }

  void AddValues(const profile::ColumnProfile& column) {
    const auto present = static_cast<double>(column.num_rows - column.num_missing);
    if (column.num_distinct > kMostValues ||
        static_cast<int64_t>(column.top_values.size()) != column.num_distinct || present <= 0) {
      return;
    }
    const auto once =
        std::count_if(column.top_values.begin(), column.top_values.end(),
                      [](const profile::ValueCount& value) { return value.count == 1; });
    if (static_cast<double>(once) / present > kMostUnseen) return;
    spec::DataCheck check;
    for (const profile::ValueCount& value : column.top_values) check.values.push_back(value.value);
    check.at_least = kRangeShare;
    Add(column, std::move(check), Format("all {} values seen", column.num_distinct));
  }

  const profile::SourceProfile& profile_;
  const spec::Spec& spec_;
  std::vector<SuggestedCheck> checks_;
};

std::string CheckAsYaml(const spec::DataCheck& check) {
  std::vector<std::string> parts = {check.sql.empty() ? "column: " + spec::YamlText(check.column)
                                                      : "sql: " + spec::YamlText(check.sql)};
  if (check.minimum) parts.push_back("min: " + FormatDouble(*check.minimum));
  if (check.maximum) parts.push_back("max: " + FormatDouble(*check.maximum));
  if (check.max_missing) parts.push_back("max_missing: " + FormatDouble(*check.max_missing));
  if (!check.values.empty()) {
    std::vector<std::string> values;
    for (const std::string& value : check.values) values.push_back(spec::YamlText(value));
    parts.push_back(Format("values: [{}]", Join(values, ", ")));
  }
  if (check.unique) parts.push_back("unique: true");
  if (check.max_age_seconds) {
    parts.push_back(Format("max_age: {}s", FormatDouble(*check.max_age_seconds)));
  }
  if (check.at_least != 1.0) parts.push_back("at_least: " + FormatDouble(check.at_least));
  if (check.at_most) parts.push_back("at_most: " + FormatDouble(*check.at_most));
  parts.push_back(
      Format("severity: {}", check.severity == spec::Severity::kWarn ? "warn" : "block"));
  return Format("{{{}}}", Join(parts, ", "));
}

}  // namespace

std::vector<SuggestedCheck> SuggestChecks(const profile::SourceProfile& profile,
                                          const spec::Spec& spec) {
  return Suggester(profile, spec).Run();
}

std::string ChecksAsYaml(const std::vector<SuggestedCheck>& checks) {
  std::string out = "  checks:\n";
  for (const SuggestedCheck& suggested : checks) {
    out += Format("    - {}  # {}\n", CheckAsYaml(suggested.check), suggested.reason);
  }
  return out;
}

}  // namespace millrace::data
