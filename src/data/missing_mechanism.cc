#include "data/missing_mechanism.h"

#include <algorithm>
#include <map>

#include "base/format.h"
#include "base/text.h"
#include "sketch/drift.h"

namespace millrace::data {
namespace {

using table::Column;
using table::Table;

constexpr size_t kMostValues = 30;
constexpr double kRanges = 20.0;  // of a number's values

// Rows with (first) and without (second) a value, of one value or a range of values.
using Cell = std::pair<double, double>;

// The most frequent values, and all others as one.
std::vector<Cell> MostFrequent(std::vector<Cell> cells) {
  std::stable_sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return a.first + a.second > b.first + b.second;
  });
  for (size_t i = kMostValues; i < cells.size(); ++i) {
    cells[kMostValues - 1].first += cells[i].first;
    cells[kMostValues - 1].second += cells[i].second;
  }
  if (cells.size() > kMostValues) cells.resize(kMostValues);
  return cells;
}

// Neighbouring values joined into ranges of about equal rows, in order.
std::vector<Cell> Ranges(const std::vector<Cell>& cells, double num_rows) {
  std::vector<Cell> ranges;
  double filled = 0.0;  // rows of the range in hand
  for (const Cell& cell : cells) {
    if (filled >= num_rows / kRanges || ranges.empty()) {
      ranges.emplace_back(0.0, 0.0);
      filled = 0.0;
    }
    ranges.back().first += cell.first;
    ranges.back().second += cell.second;
    filled += cell.first + cell.second;
  }
  return ranges;
}

// The values of a column as numbers 0, 1, ... in their order.
struct ValueIndex {
  std::vector<int32_t> of_row;  // [rows]; -1: missing
  size_t num_values = 0;
  bool numbers = false;
};

template <typename Value, typename ValueOf>
ValueIndex IndexBy(const Column& column, ValueOf value_of) {
  std::map<Value, int32_t> places;
  for (int64_t r = 0; r < column.size(); ++r) {
    if (column.valid(r)) places.emplace(value_of(r), 0);
  }
  int32_t next = 0;
  for (auto& [value, place] : places) place = next++;
  ValueIndex index{.num_values = places.size(), .numbers = table::IsNumeric(column.type())};
  for (int64_t r = 0; r < column.size(); ++r) {
    index.of_row.push_back(column.valid(r) ? places.find(value_of(r))->second : -1);
  }
  return index;
}

ValueIndex IndexOf(const Column& column) {
  return table::IsNumeric(column.type())
             ? IndexBy<double>(column, [&column](int64_t r) { return column.number(r); })
             : IndexBy<std::string_view>(column, [&column](int64_t r) { return column.text(r); });
}

// Whether `by` differs between rows with and without a value of `gaps`; nothing when one side has
// too few rows with a value of `by`, or `by` has one value.
std::optional<double> PValue(const Column& gaps, const ValueIndex& by, bool as_classes) {
  std::vector<Cell> cells(by.num_values);
  int64_t num_present = 0;
  int64_t num_missing = 0;
  for (int64_t r = 0; r < gaps.size(); ++r) {
    const int32_t place = by.of_row[static_cast<size_t>(r)];
    if (place < 0) continue;
    const bool there = gaps.valid(r);
    ++(there ? num_present : num_missing);
    Cell& cell = cells[static_cast<size_t>(place)];
    (there ? cell.first : cell.second) += 1.0;
  }
  if (num_present < kMinMissingRows || num_missing < kMinMissingRows) return std::nullopt;
  if (cells.size() < 2) return std::nullopt;
  const bool ordered = by.numbers && !as_classes;
  cells = ordered ? Ranges(cells, static_cast<double>(num_present + num_missing))
                  : MostFrequent(std::move(cells));
  std::vector<double> present;
  std::vector<double> missing;
  for (const auto& [there, gone] : cells) {
    present.push_back(there);
    missing.push_back(gone);
  }
  const double differs = sketch::HomogeneityPValue(present, missing);
  if (!ordered) return differs;
  // Either shows it: a shift by rank, any other shape by its ranges.
  return std::min(1.0, 2.0 * std::min(differs, sketch::RankPValue(present, missing)));
}

// Multiplies each p-value by the number of tests.
void Correct(std::vector<MissingMechanism>& all, std::optional<double> MissingMechanism::*kind,
             int64_t num_tests) {
  for (MissingMechanism& each : all) {
    if (each.*kind) each.*kind = std::min(1.0, *(each.*kind) * static_cast<double>(num_tests));
  }
}

std::string VerdictOf(const MissingMechanism& each) {
  const auto found = [](const std::optional<double>& p) { return p && *p < kMissingAlpha; };
  std::vector<std::string> parts;
  if (found(each.by_target)) parts.push_back("says something of the target");
  if (found(each.by_other)) parts.push_back(Format("hangs on {}", each.other));
  if (found(each.by_time)) parts.push_back("changes over time");
  if (!parts.empty()) return Join(parts, ", ");
  const bool tested = each.by_target || each.by_other || each.by_time;
  return tested ? "at random, as far as a test can tell" : "too few rows to tell";
}

std::string PText(const std::optional<double>& p) {
  if (!p) return "-";
  return *p < 0.001 ? "< 0.001" : FormatFixed(*p, 3);
}

}  // namespace

std::vector<MissingMechanism> FindMissingMechanisms(const Table& rows,
                                                    const std::vector<std::string>& features,
                                                    const std::string& target, table::Task task,
                                                    const std::string& time) {
  const auto column_of = [&rows](const std::string& name) -> const Column* {
    const auto index = rows.schema().Find(name);
    return index ? &rows.column(*index) : nullptr;
  };
  std::map<std::string, ValueIndex> indexes;  // made when first asked for
  const auto index_of = [&](const std::string& name) -> const ValueIndex* {
    const Column* column = name.empty() ? nullptr : column_of(name);
    if (column == nullptr) return nullptr;
    const auto known = indexes.find(name);
    return known != indexes.end() ? &known->second
                                  : &indexes.emplace(name, IndexOf(*column)).first->second;
  };
  std::vector<MissingMechanism> all;
  int64_t target_tests = 0;
  int64_t other_tests = 0;
  int64_t time_tests = 0;
  for (const std::string& name : features) {
    const Column* gaps = column_of(name);
    if (gaps == nullptr) continue;
    int64_t num_missing = 0;
    for (int64_t r = 0; r < gaps->size(); ++r) num_missing += gaps->valid(r) ? 0 : 1;
    if (num_missing == 0) continue;
    MissingMechanism found;
    found.column = name;
    found.share = static_cast<double>(num_missing) / static_cast<double>(gaps->size());
    if (const ValueIndex* by = index_of(target)) {
      found.by_target = PValue(*gaps, *by, task != table::Task::kRegression);
      target_tests += found.by_target ? 1 : 0;
    }
    for (const std::string& other : features) {
      const Column* column = column_of(other);
      if (other == name || other == time || column == nullptr) continue;
      if (column->type() == table::ColumnType::kText) continue;  // every text differs
      const auto p = PValue(*gaps, *index_of(other), false);
      if (!p) continue;
      ++other_tests;
      if (found.by_other && *found.by_other <= *p) continue;
      found.by_other = p;
      found.other = other;
    }
    const ValueIndex* when = time == name ? nullptr : index_of(time);
    if (when != nullptr) {
      found.by_time = PValue(*gaps, *when, false);
      time_tests += found.by_time ? 1 : 0;
    }
    all.push_back(std::move(found));
  }
  Correct(all, &MissingMechanism::by_target, target_tests);
  Correct(all, &MissingMechanism::by_other, other_tests);
  Correct(all, &MissingMechanism::by_time, time_tests);
  for (MissingMechanism& each : all) each.verdict = VerdictOf(each);
  return all;
}

report::DataTable MissingTable(const std::vector<MissingMechanism>& mechanisms) {
  report::DataTable table;
  table.title = "What gaps hang on";
  table.columns = {"column", "missing", "verdict", "p by target", "p by columns", "p by time"};
  table.numeric = {false, true, false, true, true, true};
  table.folded = mechanisms.size() > 15;
  for (const MissingMechanism& each : mechanisms) {
    table.rows.push_back({each.column, FormatShare(each.share, 1.0), each.verdict,
                          PText(each.by_target), PText(each.by_other), PText(each.by_time)});
  }
  return table;
}

}  // namespace millrace::data
