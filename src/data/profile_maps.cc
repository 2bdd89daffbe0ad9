#include "data/profile_maps.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/format.h"
#include "base/text.h"

namespace millrace::data {
namespace {

constexpr size_t kMostColumns = 16;
constexpr size_t kFewestColumns = 3;
constexpr size_t kMostGaps = 24;
constexpr int64_t kMostRuns = 32;

std::string RunName(int64_t run, int64_t num_runs, int64_t num_rows) {
  return Format("from row {}", FormatCount(1 + run * num_rows / num_runs));
}

// Columns with missing cells, most first, then the chosen ones in file order.
std::vector<std::string> ColumnsWithGaps(const DataRecord& record) {
  std::vector<const profile::ColumnProfile*> columns;
  for (const profile::ColumnProfile& column : record.profile.columns) {
    if (column.num_missing + column.num_invalid > 0) columns.push_back(&column);
  }
  std::stable_sort(columns.begin(), columns.end(), [](const auto* a, const auto* b) {
    return a->num_missing + a->num_invalid > b->num_missing + b->num_invalid;
  });
  if (columns.size() > kMostGaps) columns.resize(kMostGaps);
  std::sort(columns.begin(), columns.end());
  std::vector<std::string> names;
  for (const auto* column : columns) names.push_back(column->name);
  return names;
}

}  // namespace

std::optional<report::HeatMap> AssociationMap(const profile::SourceProfile& profile) {
  std::set<int64_t> chosen;
  for (const profile::Association& each : profile.associations) {
    std::set<int64_t> with = chosen;
    with.insert(each.first);
    with.insert(each.second);
    if (with.size() > kMostColumns) continue;
    chosen = std::move(with);
  }
  if (chosen.size() < kFewestColumns) return std::nullopt;
  const std::vector<int64_t> order(chosen.begin(), chosen.end());
  report::HeatMap map;
  map.title = "How strongly columns go together";
  map.axis = "pearson, cramers_v or eta";
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  for (size_t i = 0; i < order.size(); ++i) {
    map.values.emplace_back(order.size(), unknown);
    map.row_labels.push_back(profile.columns[static_cast<size_t>(order[i])].name);
    map.values[i][i] = 1.0;
  }
  map.column_labels = map.row_labels;
  for (const profile::Association& each : profile.associations) {
    const auto first = std::find(order.begin(), order.end(), each.first);
    const auto second = std::find(order.begin(), order.end(), each.second);
    if (first == order.end() || second == order.end()) continue;
    const auto i = static_cast<size_t>(first - order.begin());
    const auto j = static_cast<size_t>(second - order.begin());
    map.values[i][j] = map.values[j][i] = each.value;
    if (each.value < 0.0) map.low = -1.0;
  }
  return map;
}

Result<std::optional<report::HeatMap>> MissingMap(const DataRecord& record,
                                                  const store::ObjectStore& objects,
                                                  engine::Engine& engine) {
  const std::vector<std::string> names = ColumnsWithGaps(record);
  if (names.empty() || record.num_rows == 0) return std::optional<report::HeatMap>();
  const int64_t num_runs = std::min(kMostRuns, record.num_rows);
  std::string sums;
  for (const std::string& name : names) {
    sums += Format(", count(*) - count({})", engine::QuoteIdentifier(name));
  }
  MILLRACE_ASSIGN_OR_RETURN(
      const table::Table counts,
      engine::Query(engine, Format("SELECT (place * {}) // {} AS run, count(*){} FROM (SELECT *, "
                                   "row_number() OVER (ORDER BY __row) - 1 AS place FROM "
                                   "read_parquet({})) GROUP BY run ORDER BY run",
                                   num_runs, record.num_rows, sums,
                                   engine::QuoteLiteral(objects.PathOf(record.rows_object)))));
  report::HeatMap map;
  map.title = "Where cells are missing";
  map.axis = "share missing";
  map.row_labels = names;
  map.values.assign(names.size(), {});
  for (int64_t run = 0; run < counts.num_rows(); ++run) {
    map.column_labels.push_back(RunName(run, num_runs, record.num_rows));
    const double rows = counts.column(1).number(run);
    for (size_t c = 0; c < names.size(); ++c) {
      map.values[c].push_back(counts.column(static_cast<int64_t>(c) + 2).number(run) / rows);
    }
  }
  return std::optional<report::HeatMap>(std::move(map));
}

}  // namespace millrace::data
