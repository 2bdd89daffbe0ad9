#include "data/suggest_rules.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "base/format.h"
#include "base/text.h"

namespace millrace::data {
namespace {

using profile::ColumnProfile;

constexpr int64_t kLeastRows = 100;
constexpr double kFrequent = 0.1;
constexpr int64_t kMostCategories = 3;
constexpr size_t kLowerQuartile = 3;  // places in profile::kQuantileLevels
constexpr size_t kUpperQuartile = 5;
constexpr double kChanceOfAnyAlarm = 0.01;
constexpr double kLeastBroken = 0.05;
constexpr size_t kMostPairColumns = 40;
constexpr int64_t kLeastDates = 10;
constexpr double kDay = 86400.0;
constexpr double kHour = 3600.0;

// A condition whose share of the present values gets a band.
struct Band {
  spec::DataCheck check;
  std::string sql;
};

// The chance that a value of `a` is above an independent one of `b`, from histograms whose bins
// count as their middles.
double ChanceAbove(const ColumnProfile& a, const ColumnProfile& b) {
  double above = 0.0;
  double all = 0.0;
  for (size_t i = 0; i < a.histogram_counts.size(); ++i) {
    const double middle_a = (a.histogram_edges[i] + a.histogram_edges[i + 1]) / 2;
    for (size_t j = 0; j < b.histogram_counts.size(); ++j) {
      const double middle_b = (b.histogram_edges[j] + b.histogram_edges[j + 1]) / 2;
      const double pairs =
          static_cast<double>(a.histogram_counts[i]) * static_cast<double>(b.histogram_counts[j]);
      all += pairs;
      if (middle_a > middle_b) above += pairs;
    }
  }
  return all > 0.0 ? above / all : 0.0;
}

class RuleSuggester {
 public:
  RuleSuggester(engine::Engine& engine, std::string_view typed_table, const table::Schema& schema,
                const profile::SourceProfile& profile, const spec::Spec& spec)
      : engine_(engine),
        table_(engine::QuoteIdentifier(typed_table)),
        schema_(schema),
        profile_(profile),
        spec_(spec) {}

  Result<std::vector<SuggestedCheck>> Run(int64_t now_micros) {
    if (profile_.num_rows < kLeastRows) return std::move(rules_);
    MILLRACE_RETURN_IF_ERROR(AddBands());
    MILLRACE_RETURN_IF_ERROR(AddOrders());
    MILLRACE_RETURN_IF_ERROR(AddFreshness(now_micros));
    return std::move(rules_);
  }

 private:
  bool HasPlainValues(const ColumnProfile& column) const {
    return column.name != spec_.problem.target && spec_.data.id != column.name &&
           !column.is_sequence && !column.is_constant && schema_.Find(column.name).has_value();
  }

  static bool IsNumber(const ColumnProfile& column) {
    return column.type == table::ColumnType::kInteger || column.type == table::ColumnType::kNumber;
  }

  std::vector<Band> FindBands() const {
    std::vector<Band> bands;
    for (const ColumnProfile& column : profile_.columns) {
      if (!HasPlainValues(column) || column.num_rows - column.num_missing < kLeastRows) continue;
      const std::string name = engine::QuoteIdentifier(column.name);
      const auto add = [&](spec::DataCheck check, std::string sql) {
        check.column = column.name;
        bands.push_back({std::move(check), std::move(sql)});
      };
      if (column.type == table::ColumnType::kCategory) {
        int64_t added = 0;
        for (const profile::ValueCount& value : column.top_values) {
          if (added == kMostCategories || IsRare(value, column)) break;
          add({.values = {value.value}},
              Format("{} = {}", name, engine::QuoteLiteral(value.value)));
          ++added;
        }
      } else if (IsNumber(column) && column.quantiles.size() > kUpperQuartile) {
        const double lower = column.quantiles[kLowerQuartile];
        const double upper = column.quantiles[kUpperQuartile];
        add({.maximum = lower}, Format("{} <= {}", name, FormatDouble(lower)));
        if (upper == lower) continue;
        add({.maximum = upper}, Format("{} <= {}", name, FormatDouble(upper)));
      }
    }
    return bands;
  }

  static bool IsRare(const profile::ValueCount& value, const ColumnProfile& column) {
    return static_cast<double>(value.count) <
           kFrequent * static_cast<double>(column.num_rows - column.num_missing);
  }

  Status AddBands() {
    std::vector<Band> bands = FindBands();
    if (bands.empty()) return {};
    std::vector<std::string> figures;
    for (const Band& band : bands) {
      figures.push_back(Format("count(*) FILTER (WHERE {}) AS f{}", band.sql, figures.size()));
      figures.push_back(
          Format("count({}) AS f{}", engine::QuoteIdentifier(band.check.column), figures.size()));
    }
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table counts,
        Query(engine_, Format("SELECT {} FROM {}", Join(figures, ", "), table_)));
    const double z =
        std::sqrt(2.0 * std::log(static_cast<double>(bands.size()) / kChanceOfAnyAlarm));
    for (size_t i = 0; i < bands.size(); ++i) {
      const double good = counts.column(static_cast<int64_t>(2 * i)).number(0);
      const double all = counts.column(static_cast<int64_t>(2 * i + 1)).number(0);
      if (all < static_cast<double>(kLeastRows)) continue;
      const double share = good / all;
      // A share that no row has, or every row, is known no better than one row allows.
      const double safe = std::clamp(share, 1.0 / (all + 2.0), 1.0 - 1.0 / (all + 2.0));
      const double batch = std::max(all / 10.0, static_cast<double>(kLeastRows));
      const double width = z * std::sqrt(safe * (1.0 - safe) * (1.0 / all + 1.0 / batch));
      spec::DataCheck& check = bands[i].check;
      check.at_least = std::max(0.0, std::floor((share - width) * 1000.0) / 1000.0);
      check.at_most = std::min(1.0, std::ceil((share + width) * 1000.0) / 1000.0);
      if (check.at_least == 0.0 && *check.at_most == 1.0) continue;
      Add(check, Format("{} of {} values today", FormatShare(good, all),
                        FormatCount(static_cast<int64_t>(all))));
    }
    return {};
  }

  Status AddOrders() {
    std::vector<const ColumnProfile*> columns;
    for (const ColumnProfile& column : profile_.columns) {
      const bool ordered = IsNumber(column) || column.type == table::ColumnType::kDate;
      if (ordered && HasPlainValues(column) && columns.size() < kMostPairColumns) {
        columns.push_back(&column);
      }
    }
    std::vector<std::pair<const ColumnProfile*, const ColumnProfile*>> pairs;
    std::vector<std::string> figures;
    for (const ColumnProfile* low : columns) {
      for (const ColumnProfile* high : columns) {
        const bool same_kind = IsNumber(*low) == IsNumber(*high);
        if (low == high || !same_kind || ChanceAbove(*low, *high) < kLeastBroken) continue;
        const std::string a = engine::QuoteIdentifier(low->name);
        const std::string b = engine::QuoteIdentifier(high->name);
        figures.push_back(Format("count(*) FILTER (WHERE {} > {}) AS f{}", a, b, figures.size()));
        figures.push_back(Format("count(*) FILTER (WHERE {} < {}) AS f{}", a, b, figures.size()));
        figures.push_back(Format("count({} + {}) AS f{}", a, b, figures.size()));
        pairs.emplace_back(low, high);
      }
    }
    if (pairs.empty()) return {};
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table counts,
        Query(engine_, Format("SELECT {} FROM {}", Join(figures, ", "), table_)));
    for (size_t i = 0; i < pairs.size(); ++i) {
      const auto first = static_cast<int64_t>(3 * i);
      const double above = counts.column(first).number(0);
      const double below = counts.column(first + 1).number(0);
      const double both = counts.column(first + 2).number(0);
      // Columns that are equal throughout have no order, whatever the direction.
      if (above > 0.0 || below == 0.0 || both < static_cast<double>(kLeastRows)) continue;
      spec::DataCheck check;
      check.sql = Format("{} <= {}", engine::QuoteIdentifier(pairs[i].first->name),
                         engine::QuoteIdentifier(pairs[i].second->name));
      check.at_least = 0.99;
      Add(check, Format("in all {} rows that have both", FormatCount(static_cast<int64_t>(both))));
    }
    return {};
  }

  Status AddFreshness(int64_t now_micros) {
    if (!spec_.data.time) return {};
    const ColumnProfile* column = profile_.Find(*spec_.data.time);
    if (column == nullptr || column->type != table::ColumnType::kDate) return {};
    const std::string name = engine::QuoteIdentifier(column->name);
    MILLRACE_ASSIGN_OR_RETURN(
        const table::Table gaps,
        Query(engine_, Format("SELECT max(t - before), max(t), count(*) FROM (SELECT t, lag(t) "
                              "OVER (ORDER BY t) AS before FROM (SELECT DISTINCT {0} AS t FROM "
                              "{1} WHERE {0} IS NOT NULL))",
                              name, table_)));
    if (gaps.column(2).number(0) < static_cast<double>(kLeastDates)) return {};
    const double gap = gaps.column(0).number(0);
    const double age = static_cast<double>(now_micros) * 1e-6 - gaps.column(1).number(0);
    const double unit = gap >= kDay ? kDay : kHour;
    const double allowed = std::ceil(2.0 * gap / unit) * unit;
    if (age > allowed) return {};  // rows of the past, not of a source that goes on
    spec::DataCheck check;
    check.column = column->name;
    check.max_age_seconds = allowed;
    Add(check, Format("no longer than {} between two dates", FormatDuration(gap)));
    return {};
  }

  void Add(spec::DataCheck check, std::string reason) {
    check.severity = spec::Severity::kWarn;
    rules_.push_back({std::move(check), std::move(reason)});
  }

  engine::Engine& engine_;
  const std::string table_;
  const table::Schema& schema_;
  const profile::SourceProfile& profile_;
  const spec::Spec& spec_;
  std::vector<SuggestedCheck> rules_;
};

}  // namespace

Result<std::vector<SuggestedCheck>> SuggestRules(engine::Engine& engine,
                                                 std::string_view typed_table,
                                                 const table::Schema& schema,
                                                 const profile::SourceProfile& profile,
                                                 const spec::Spec& spec, int64_t now_micros) {
  return RuleSuggester(engine, typed_table, schema, profile, spec).Run(now_micros);
}

}  // namespace millrace::data
